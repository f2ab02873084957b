"""Whatever is changed in a bundle, the verifier says where it shows first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from application.log.tree import notes
from interfaces.offline import verify
from tests.interfaces.offline.invented import (
    CASE,
    KEY,
    MORNING,
    NOTE,
    OTHER,
    PHOTO,
    PHOTOS,
    SIZE,
    TOLD,
    WITNESS,
    bundled,
    carrying,
    columns,
    files,
    note,
    private,
    refusal,
    sealed,
)

NINTH = verify.event_name(9, verify.SEALED)
CHANGES = {
    "stream_id": OTHER, "version": 4, "type_name": "ticket.closed", "schema": 2, "data": b"{}",
    "occurred_at": MORNING, "recorded_at": MORNING, "actor": "agent:x", "reason": None, "causation_id": CASE,
    "correlation_id": OTHER, "idempotency_key": "",
}  # fmt: skip


@pytest.mark.parametrize("field", CHANGES)
def test_an_altered_field_is_found(field: str) -> None:
    assert columns(9)[field] != CHANGES[field]
    told = refusal(files() | {NINTH: sealed(9, **{field: CHANGES[field]})})
    assert told == "position 9: it does not lead to the checkpoint: it was changed, or its proof"


def test_every_byte_of_an_event_counts() -> None:
    found = files()
    for at in range(len(found[NINTH])):
        altered = bytearray(found[NINTH])
        altered[at] ^= 1
        assert refusal(found | {NINTH: bytes(altered)}).startswith("position 9: ")


def other_position(found: verify.Files) -> None:
    found[NINTH] = sealed(10)


def swapped_proof(found: verify.Files) -> None:
    fifth, eighth = (verify.event_name(at, verify.PROOF) for at in (5, 8))
    found[fifth], found[eighth] = found[eighth], found[fifth]


def swapped_hashes(found: verify.Files) -> None:
    fifth, eighth = (verify.event_name(at, verify.PROOF) for at in (5, 8))
    found[fifth] = found[eighth].replace(b"index 7", b"index 4")


def shorter_proof(found: verify.Files) -> None:
    name = verify.event_name(5, verify.PROOF)
    lines = found[name].split(b"\n")
    found[name] = b"\n".join(lines[:2] + lines[3:])


def removed_event(found: verify.Files) -> None:
    del found[verify.event_name(5, verify.SEALED)], found[verify.event_name(5, verify.PROOF)]


def removed_proof(found: verify.Files) -> None:
    del found[verify.event_name(14, verify.PROOF)]


def added_event(found: verify.Files) -> None:
    found[verify.event_name(10, verify.SEALED)] = sealed(10, correlation_id=CASE)
    found[verify.event_name(10, verify.PROOF)] = found[verify.event_name(9, verify.PROOF)].replace(
        b"index 8", b"index 9"
    )


def other_checkpoint(found: verify.Files) -> None:
    found["checkpoint"] = note([b"\0" * 32] * SIZE).encode()


def other_checkpoint_everywhere(found: verify.Files) -> None:
    was, now = found["checkpoint"], note([b"\0" * 32] * SIZE).encode()
    found |= {name: content.replace(was, now) for name, content in found.items()}


def smaller_checkpoint(found: verify.Files) -> None:
    found |= {name: content.replace(b"\n20\n", b"\n19\n") for name, content in found.items()}


def other_key(found: verify.Files) -> None:
    key = notes.verifier_key(KEY.name, private(7))
    found[verify.KEYS] = f"{key}\nsha256:{key.fingerprint}\n".encode()


def other_name(found: verify.Files) -> None:
    key = notes.VerifierKey("other.example", KEY.public)
    found[verify.KEYS] = f"{key}\nsha256:{key.fingerprint}\n".encode()


def other_fingerprint(found: verify.Files) -> None:
    found[verify.KEYS] = found[verify.KEYS].replace(b"sha256:", b"sha256:0")


def other_case(found: verify.Files) -> None:
    found[verify.MANIFEST] = found[verify.MANIFEST].replace(str(CASE).encode(), str(OTHER).encode())


def other_page(found: verify.Files) -> None:
    found[verify.INDEX] = found[verify.INDEX].replace("换加热管".encode(), "换温控器".encode())


def other_offset(found: verify.Files) -> None:
    found[verify.MANIFEST] = found[verify.MANIFEST].replace(b"+08:00", b"+09:00")


TAMPERED: dict[Callable[[verify.Files], None], str] = {
    other_position: "position 9: the event here says that it stands at 10",
    swapped_proof: "position 5: the proof here is of position 8",
    swapped_hashes: "position 5: it does not lead to the checkpoint",
    shorter_proof: "position 5: it does not lead to the checkpoint",
    removed_event: "position 9: version 2 of its stream is not there before it",
    removed_proof: "position 14: its proof is missing",
    added_event: "position 10: it does not lead to the checkpoint",
    other_checkpoint: "position 3: its proof is for another checkpoint",
    other_checkpoint_everywhere: "position 3: it does not lead to the checkpoint",
    smaller_checkpoint: "checkpoint: the key did not sign it",
    other_key: "checkpoint: the key did not sign it",
    other_name: "checkpoint: it is of aftersales.example/log, the key of other.example",
    other_fingerprint: "keys cannot be read: below the key is not its fingerprint",
    other_case: "position 3: it does not belong to this case",
    other_page: "every event is proven, but index.html is not the page of them",
    other_offset: "every event is proven, but index.html is not the page of them",
}


@pytest.mark.parametrize("tampering", TAMPERED, ids=lambda tampering: tampering.__name__)
def test_tampering_is_told_where_it_shows_first(tampering: Callable[[verify.Files], None]) -> None:
    found = files()
    tampering(found)
    assert refusal(found).startswith(TAMPERED[tampering])


def test_a_log_that_was_rewritten_and_signed_anew_shows_to_who_kept_its_key_or_a_checkpoint() -> None:
    kept = files()["checkpoint"]

    def altered(position: int) -> bytes:
        return sealed(position, actor="agent:nobody") if position == 9 else sealed(position)

    by_another_key = verify.unpack(bundled(seal=altered, keys=[private(7)]))
    assert refusal(by_another_key) == ""
    assert refusal(by_another_key, key=str(KEY)).startswith("the key is not the one you expect")
    by_the_logs_key = verify.unpack(bundled(seal=altered))
    assert refusal(by_the_logs_key, key=str(KEY)) == ""
    assert refusal(by_the_logs_key, kept=kept) == "checkpoint: it is not the one that was kept"


def test_what_a_witness_did_not_sign_is_no_cosignature() -> None:
    found = files()
    stranger = notes.VerifierKey("witness.example/w2", WITNESS.public, notes.COSIGNATURE)
    assert refusal(found, witnesses=[str(stranger)]).endswith("witness.example/w2 did not cosign it")
    lines = found["checkpoint"].decode().splitlines(keepends=True)
    other = note([b"\0" * 32]).splitlines(keepends=True)
    forged = "".join([*lines[:-1], other[-1]]).encode()
    found = {name: content.replace(found["checkpoint"], forged) for name, content in found.items()}
    assert refusal(found) == ""
    assert refusal(found, witnesses=[str(WITNESS)]).endswith("witness.example/w1 cosigned another one")


def test_a_page_with_events_of_a_later_release_is_not_compared_by_an_earlier_one() -> None:
    later = verify.unpack(
        bundled(seal=lambda at: sealed(at, **({"type_name": "ticket.teleported"} if at == 9 else {})))
    )
    assert refusal(later) == ""
    later[verify.INDEX] = later[verify.INDEX].replace(b"ticket.teleported</span>", b"Teleported</span>")
    told = refusal(later)
    assert "cannot be compared: a newer verifier knows ticket.teleported" in told


def test_an_exporter_does_not_write_what_it_cannot_prove() -> None:
    with pytest.raises(verify.NotProven, match="position 4: it does not belong to this case"):
        bundled([*TOLD, 4])


FIRST, SECOND = map(verify.file_name, PHOTOS)


def test_files_are_carried_and_are_what_their_events_name() -> None:
    proven = verify.prove(verify.unpack(carrying()))
    assert [(file.position, file.size, file.absent) for file in proven.files] == [
        (5, len(PHOTO), None),
        (9, len(NOTE), None),
    ]
    assert "  files       2 named, 2 here, byte for byte as their events say" in verify.told(proven)
    assert [file["name"] for file in verify.plain(proven)["files"]] == ["照片 5.jpg", "照片 9.jpg"]


def test_every_byte_of_a_file_counts() -> None:
    found = verify.unpack(carrying())
    for at in range(len(PHOTO)):
        altered = bytearray(PHOTO)
        altered[at] ^= 1
        told = refusal(found | {FIRST: bytes(altered)})
        assert told == f"{FIRST}: it was altered: it is not the file that the event at 5 names"
    assert refusal(found | {FIRST: PHOTO[:-1]}).startswith(f"{FIRST}: it was altered")
    assert refusal(found | {FIRST: NOTE, SECOND: PHOTO}).startswith(f"{FIRST}: it was altered")


def test_a_file_that_is_not_here_is_told_and_nothing_else_suffers() -> None:
    found = verify.unpack(carrying())
    del found[SECOND]
    assert refusal(found) == ""
    lines = verify.told(verify.prove(found))
    assert "  files       2 named, 1 here, byte for byte as their events say" in lines
    assert "  absent      照片 9.jpg (event 9): the bundle does not say why" in lines
    digest = SECOND.removeprefix("files/sha256-").encode()
    said = b'{"left_out":{"' + digest + b'":"erased in maintenance 57\\u202e"},'
    found[verify.MANIFEST] = found[verify.MANIFEST].replace(b"{", said, 1)
    assert refusal(found) == ""
    lines = verify.told(verify.prove(found))
    assert "  absent      照片 9.jpg (event 9): erased in maintenance 57[U+202E]" in lines


def test_a_file_that_no_event_names_has_no_place() -> None:
    stray = verify.file_name("0" * 64)
    assert refusal(verify.unpack(carrying()) | {stray: b"x"}) == f"{stray}: no event here names this file"
    assert refusal(files() | {FIRST: PHOTO}) == f"{FIRST}: no event here names this file"


@pytest.mark.parametrize(
    "data", [b"[]", b"{}", b'{"sha256":7,"size":7}', b'{"sha256":"../x","size":1}', b"\xff"]
)
def test_an_event_that_names_no_file_as_files_are_named_is_no_reason_to_fail(data: bytes) -> None:
    odd = bundled(
        seal=lambda at: sealed(at, **({"type_name": "ticket.file_attached", "data": data} if at == 9 else {}))
    )
    proven = verify.prove(verify.unpack(odd))
    assert proven.files == ()
    assert not any("files" in line for line in verify.told(proven))
