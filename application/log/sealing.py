"""What an event's hashes are taken over: docs/log-format.md in code. Standard library only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from struct import Struct
from uuid import UUID

FORMAT = b"aftersales event 1"
"""Begins every sealed event, so that it is nothing else and no other form of itself."""

LEAF, LINK = b"\x00", b"\x02"
"""What is hashed says what it is; 0x01 is left to the inner nodes of a Merkle tree (RFC 9162, 2.1.1)."""

HASH_BYTES = 32
ORIGIN = bytes(HASH_BYTES)
"""The chain hash before the first event."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ABSENT = b"\xff\xff\xff\xff"
_NUMBER = Struct(">Iq")
_LENGTH = Struct(">I")
_START = Struct(">IqI16sIqI")
_TIMES = Struct(">IqIqI")
_UUID = Struct(">I16s")


def sealed_bytes(
    position: int,
    stream_id: UUID,
    version: int,
    type_name: str,
    schema: int,
    data: bytes,
    occurred_at: datetime,
    recorded_at: datetime,
    actor: str,
    reason: str | None,
    correlation_id: UUID,
    causation_id: UUID | None,
    idempotency_key: str | None,
) -> bytes:
    """All that is recorded of an event, in the order of its columns; no two events give the same bytes."""
    name, who = type_name.encode(), actor.encode()
    return b"".join((
        FORMAT,
        _START.pack(8, position, 16, stream_id.bytes, 8, version, len(name)), name,
        _NUMBER.pack(8, schema),
        _LENGTH.pack(len(data)), data,
        _TIMES.pack(8, _microseconds(occurred_at), 8, _microseconds(recorded_at), len(who)), who,
        _text(reason),
        _UUID.pack(16, correlation_id.bytes),
        _ABSENT if causation_id is None else _UUID.pack(16, causation_id.bytes),
        _text(idempotency_key),
    ))  # fmt: skip


def leaf_hash(sealed: bytes) -> bytes:
    """The hash of one event, as a Merkle tree takes it for a leaf (RFC 9162, 2.1.1)."""
    return sha256(LEAF + sealed).digest()


def chain_hash(before: bytes, leaf: bytes) -> bytes:
    """The hash of the log up to an event: of the chain hash before it and its leaf hash."""
    return sha256(LINK + before + leaf).digest()


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _text(text: str | None) -> bytes:
    if text is None:
        return _ABSENT
    encoded = text.encode()
    return _LENGTH.pack(len(encoded)) + encoded
