"""A witness looks whether the log only grew, cosigns what it saw, and brings it back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.access import Role
from application.database.connect import Database
from application.log.tree import merkle, notes
from interfaces.offline import verify
from tests.interfaces.http.client import Caller, Served, served
from tests.interfaces.http.signing import KEY, WATCHING, WITNESS


class Witness:
    """Remembers the last checkpoint that it cosigned, and believes nothing that does not follow from it."""

    def __init__(
        self, caller: Caller, private: Ed25519PrivateKey = WATCHING, key: notes.VerifierKey = WITNESS.key
    ) -> None:
        self._caller = caller
        self._private = private
        self._key = key
        self._seen = notes.Checkpoint(KEY.name, 0, merkle.EMPTY)

    def cosign(self) -> str:
        """The newest checkpoint with its cosignature, after it was proven that the log only grew."""
        note = notes.Note.of(self._caller.get("/log/checkpoint").text)
        note.signed_by([KEY])
        now = notes.Checkpoint.of(note.text)
        if self._seen.size:
            proof = self._caller.reads("/log/proof/consistency", first=self._seen.size, second=now.size)
            hashes = [bytes.fromhex(each) for each in proof["hashes"]]
            assert merkle.verify_consistency(self._seen.size, now.size, hashes, self._seen.root, now.root)
        self._seen = now
        at = int(time.time())
        made = self._private.sign(notes.cosigned(note.text, at))
        line = notes.Signature(self._key.name, self._key.id, at.to_bytes(8, "big") + made)
        return str(notes.Note(note.text, (note.signatures[0], line)))

    def bring(self, checkpoint: str) -> httpx.Response:
        """Hand in what was cosigned."""
        return self._caller.post("/log/cosignatures", {"checkpoint": checkpoint})


@pytest.fixture(scope="module")
def log(module_database: Database) -> Iterator[Served]:
    """A log of three tickets that is signed."""
    with served(module_database) as service:
        agent = service.caller(Role.AGENT)
        for _ in range(3):
            agent.register()
        service.sign()
        yield service


def test_a_cosignature_is_handed_out_from_then_on_and_proves_a_bundle(log: Served, tmp_path: Path) -> None:
    auditor, agent = log.caller(Role.AUDITOR), log.caller(Role.AGENT)
    witness = Witness(auditor)
    first = witness.cosign()
    assert witness.bring(first).json() == {"added": 1}
    assert auditor.get("/log/checkpoint").text == first
    assert witness.bring(first).json() == {"added": 0}

    ticket = agent.register()["number"]
    log.sign()
    assert witness.bring(witness.cosign()).json() == {"added": 1}
    notes.Note.of(auditor.get("/log/checkpoint").text).signed_by([WITNESS.key])
    bundle = tmp_path / "case.zip"
    bundle.write_bytes(agent.get(f"/tickets/{ticket}/bundle").content)
    proven = verify.verify(bundle, str(KEY), [str(WITNESS.key)])
    assert [name for name, _ in proven.witnesses] == [WITNESS.key.name]


def test_what_no_witness_of_ours_signed_is_refused(log: Served) -> None:
    auditor = log.caller(Role.AUDITOR)
    witness = Witness(auditor)
    right = witness.cosign()
    unsigned = "".join(right.splitlines(keepends=True)[:-1])
    stranger = Ed25519PrivateKey.from_private_bytes(b"\3" * 32)
    unknown = notes.VerifierKey("witness.example/w2", stranger.public_key().public_bytes_raw(), 4)
    wrong = [
        "",
        "nothing",
        unsigned,
        right.replace(WITNESS.key.name, "witness.example/w9"),
        Witness(auditor, stranger, unknown).cosign(),
        Witness(auditor, stranger).cosign(),  # under the name of one that is known
        right.replace(KEY.name, "other.example"),
    ]
    for checkpoint in wrong:
        answer = witness.bring(checkpoint)
        assert answer.status_code == 422, checkpoint
        assert answer.json()["errors"][0]["pointer"] == "#/checkpoint"


def test_a_checkpoint_that_this_log_never_signed_is_refused(log: Served) -> None:
    auditor = log.caller(Role.AUDITOR)
    size = notes.Checkpoint.of(notes.Note.of(auditor.get("/log/checkpoint").text).text).size
    for forged in (notes.Checkpoint(KEY.name, size, b"\0" * 32), notes.Checkpoint(KEY.name, 1, b"\0" * 32)):
        text = str(forged)
        made = notes.Signature(
            WITNESS.key.name, WITNESS.key.id, (1).to_bytes(8, "big") + WATCHING.sign(notes.cosigned(text, 1))
        )
        answer = Witness(auditor).bring(str(notes.Note(text, (made,))))
        assert answer.status_code == 422
        assert "has not signed such a checkpoint" in answer.json()["detail"]


def test_only_auditors_bring_cosignatures(log: Served) -> None:
    right = Witness(log.caller(Role.AUDITOR)).cosign()
    for role in (Role.AGENT, Role.STOREKEEPER, Role.CONTRACT_MANAGER):
        assert Witness(log.caller(role)).bring(right).status_code == 403
    assert Witness(Caller(log, None)).bring(right).status_code == 401
    assert Witness(log.caller(Role.ADMIN)).bring(right).status_code == 200
