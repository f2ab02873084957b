"""docs/log-format.md is enough to verify a checkpoint: its vectors hold."""

from __future__ import annotations

import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from application.log.sealing import leaf_hash
from application.log.tree.merkle import root, verify_consistency, verify_inclusion
from application.log.tree.notes import COSIGNATURE, Checkpoint, Note, VerifierKey, signed, verifier_key

PAGE = (Path(__file__).parents[4] / "docs" / "log-format.md").read_text(encoding="utf-8")
SAID = {
    name: re.findall(r"`([^`]+)`", said)
    for name, said in re.findall(r"^\| ([a-z0-9 ]+) \| (`.*`) \|$", PAGE, re.M)
}
(NOTE,) = re.findall(r"```text\n(log\.example.*?)```", PAGE, re.DOTALL)


def hashes(name: str) -> list[bytes]:
    return [bytes.fromhex(said) for said in SAID[name]]


def test_the_checkpoint_is_of_the_two_events_and_signed_as_said() -> None:
    leaves = [bytes.fromhex(leaf) for leaf in re.findall(r"^leaf_hash +(\w+)$", PAGE, re.M)]
    note = Note.of(NOTE)
    ours, theirs = VerifierKey.of(*SAID["key of the log"]), VerifierKey.of(*SAID["key of the witness"])
    assert Checkpoint.of(note.text) == Checkpoint(ours.name, len(leaves), root(leaves))
    assert hashes("root") == [root(leaves)]
    assert [ours.fingerprint] == SAID["its fingerprint"]
    (_, by_log), (_, by_witness) = note.signed_by([ours, theirs])
    assert SAID["cosigned at"] == [str(by_witness.time)]
    private, witness = (Ed25519PrivateKey.from_private_bytes(bytes(range(at, at + 32))) for at in (0, 32))
    assert signed(note.text, ours.name, private) == by_log
    assert replace(verifier_key(theirs.name, witness), algorithm=COSIGNATURE) == theirs


def test_the_bigger_trees_have_the_roots_and_proofs_as_said() -> None:
    (told,) = re.findall(r"tested with: \(empty\), ([0-9a-f,\s]+)\.", PAGE)
    leaves = [leaf_hash(bytes.fromhex(entry)) for entry in ("", *re.split(r",\s+", told))]
    six, eight = root(leaves[:6]), root(leaves)
    assert [root(leaves[:3]), six, eight] == [
        *hashes("root of 3"),
        *hashes("root of 6"),
        *hashes("root of 8"),
    ]
    assert verify_inclusion(leaves[5], 5, 8, hashes("leaf 5 in 8"), eight)
    assert verify_consistency(6, 8, hashes("from 6 to 8"), six, eight)
