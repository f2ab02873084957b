"""A log of twenty events, signed and cosigned, and the bundle of the case in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.log.sealing import leaf_hash, sealed_bytes
from application.log.tree import merkle, notes
from interfaces.bundles.contents import About, Sealed, bundle, packed
from interfaces.offline import verify

CASE = UUID("019c2f0e-8a00-7000-8000-000000000001")
PART = UUID("019c2f0e-8a00-7000-8000-000000000002")
OTHER = UUID("019c2f0e-8a00-7000-8000-000000000003")
MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ORIGIN, SIZE = "aftersales.example/log", 20
TOLD: dict[int, tuple[UUID, int, str, str, str]] = {
    3: (CASE, 1, "ticket.registered", "agent:李伟",
        '{"type":"ticket.registered","number":"T-2026-000123","subject":"热水器不出热水",'
        '"priority":"P2","pin":{"plan":"hot-water","plan_version":1},"customer":"海风酒店","asset":null}'),
    5: (CASE, 2, "ticket.assigned", "agent:李伟",
        '{"type":"ticket.assigned","team":"热水组","person":"王芳"}'),
    8: (PART, 7, "part.issued", "storekeeper:赵磊",
        '{"type":"part.issued","number":"HE-200","location":"SH-MAIN","reservation":null,'
        '"goods":{"quantity":1,"lots":{},"serials":["S1"]}}'),
    9: (CASE, 3, "ticket.resolved", "agent:王芳",
        '{"type":"ticket.resolved","solution":"换加热管","cause":null}'),
    14: (CASE, 4, "ticket.closed", "agent:李伟", '{"type":"ticket.closed"}'),
}  # fmt: skip
"""Where the case's events stand; all others are of another one."""


def private(number: int) -> Ed25519PrivateKey:
    """A key that is the same in every run."""
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


LOG = private(1)
KEY = notes.verifier_key(ORIGIN, LOG)
WATCHING = private(2)
WITNESS = notes.VerifierKey("witness.example/w1", WATCHING.public_key().public_bytes_raw(), notes.COSIGNATURE)
COSIGNED_AT = 1772413200


def columns(position: int) -> dict[str, Any]:
    """An event of the log."""
    stream, version, kind, actor, data = TOLD.get(
        position, (OTHER, position, "ticket.remarked", "agent:x", "{}")
    )
    at = MORNING + timedelta(minutes=position)
    return {
        "position": position, "stream_id": stream, "version": version, "type_name": kind, "schema": 1,
        "data": data.encode(), "occurred_at": at, "recorded_at": at + timedelta(seconds=2), "actor": actor,
        "reason": "补录" if position == 9 else None, "correlation_id": CASE if position in TOLD else OTHER,
        "causation_id": PART if position == 14 else None,
        "idempotency_key": "key-1" if position == 5 else None,
    }  # fmt: skip


def sealed(position: int, **changed: Any) -> bytes:
    """Its bytes."""
    return sealed_bytes(**{**columns(position), **changed})


def note(leaves: list[bytes], *keys: Ed25519PrivateKey) -> str:
    """A checkpoint over leaf hashes, signed and cosigned."""
    text = str(notes.Checkpoint(ORIGIN, len(leaves), merkle.root(leaves)))
    signature = WATCHING.sign(notes.cosigned(text, COSIGNED_AT))
    cosignature = notes.Signature(WITNESS.name, WITNESS.id, COSIGNED_AT.to_bytes(8, "big") + signature)
    return str(notes.Note(text, (*(notes.signed(text, ORIGIN, key) for key in keys or [LOG]), cosignature)))


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """An inclusion proof."""
    return [merkle.root(leaves[span.begin : span.end]) for span in merkle.inclusion_path(index, len(leaves))]


def bundled(
    positions: Iterable[int] = TOLD,
    *,
    keys: Sequence[Ed25519PrivateKey] = (LOG,),
    seal: Callable[[int], bytes] = sealed,
    about: About | None = None,
    attached: Mapping[str, bytes] | None = None,
) -> bytes:
    """The bundle of the case in a log that is sealed so and signed with these keys, with these files."""
    everything = [seal(position) for position in range(1, SIZE + 1)]
    leaves = [leaf_hash(each) for each in everything]
    events = [Sealed(at, everything[at - 1], path(at - 1, leaves)) for at in positions]
    about = about or About(about="case", id=CASE, signed_at=MORNING + timedelta(hours=1), utc_offset="+08:00")
    known = [notes.verifier_key(ORIGIN, key) for key in keys]
    return bundle(about, events, note(leaves, *keys), known, attached)[0]


def files() -> verify.Files:
    """What the bundle of the case holds."""
    return verify.unpack(bundled())


PHOTO, NOTE = b"\xff\xd8\xff the burst pipe", "E-07，9 点".encode()
PHOTOS = {sha256(content).hexdigest(): content for content in (PHOTO, NOTE)}
"""What was attached at positions 5 and 9 of another log, by SHA-256."""


def with_files(position: int) -> bytes:
    """An event of the log in which two files were attached."""
    if position not in {5, 9}:
        return sealed(position)
    digest, content = list(PHOTOS.items())[position == 9]
    data = f'{{"type":"ticket.file_attached","sha256":"{digest}","size":{len(content)},'
    data += f'"media_type":"image/jpeg","name":"照片 {position}.jpg","kind":"fault","caption":null}}'
    return sealed(position, type_name="ticket.file_attached", data=data.encode())


def carrying(attached: Mapping[str, bytes] = PHOTOS, **more: Any) -> bytes:
    """The bundle of the case in that log, with these files."""
    return bundled(seal=with_files, attached=attached, **more)


def refusal(files: verify.Files, **asked: Any) -> str:
    """Why a bundle with these files is not proven; empty when it is."""
    try:
        found = verify.unpack(packed(files))
        verify.prove_page(found, verify.prove(found, **asked))
    except verify.NotProven as error:
        return str(error)
    return ""
