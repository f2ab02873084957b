"""What the log's own routes are sent and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from application.log.entries import Entry
from application.log.tree.checkpoints import Signed


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One event as it is sealed, and what the bytes say.

    Attributes:
        position: its place in the log.
        leaf_hash: SHA-256 of the byte 00 and the sealed bytes, in hexadecimal, as it is stored.
        sealed: the bytes, in base64 (docs/log-format.md).
        stream_id: what it happened to; ``version`` is its place in that stream.
        schema: of its type.
        data: what happened, as text.
        correlation_id: the service case.
        causation_id: the fact that caused it.
        idempotency_key: of the command.
    """

    position: int
    leaf_hash: str
    sealed: bytes
    stream_id: UUID
    version: int
    type: str
    schema: int
    data: str
    occurred_at: datetime | None
    recorded_at: datetime | None
    actor: str
    reason: str | None
    correlation_id: UUID | None
    causation_id: UUID | None
    idempotency_key: str | None


class LogEntryPage(msgspec.Struct, frozen=True):
    """Some events of the log, in its order.

    Attributes:
        next: where to go on; null when the last that was asked for is here.
        head: where the log ends.
    """

    items: list[LogEntry]
    next: int | None
    head: int


class InclusionProof(msgspec.Struct, frozen=True):
    """That an event is in the tree of a size (RFC 9162, 2.1.3). Hashes are in hexadecimal.

    Attributes:
        index: of its leaf, counted from 0: one below its position.
        root: of the tree; it stands in the checkpoint of this size, in base64.
        hashes: from the leaf's sibling up.
    """

    position: int
    index: int
    size: int
    leaf_hash: str
    root: str
    hashes: list[str]


class ConsistencyProof(msgspec.Struct, frozen=True):
    """That a newer tree begins with all of an older one (RFC 9162, 2.1.4). Hashes are in hexadecimal.

    Attributes:
        first: the size of the older tree.
        second: and of the newer.
        hashes: none where the two are the same.
    """

    first: int
    second: int
    first_root: str
    second_root: str
    hashes: list[str]


class AddCosignatures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What witnesses signed.

    Attributes:
        checkpoint: one that this log signed, word for word, with the signature lines of witnesses.
    """

    checkpoint: Annotated[str, msgspec.Meta(max_length=100_000)]


class CosignaturesAdded(msgspec.Struct, frozen=True):
    """What became of them.

    Attributes:
        added: how many were not known yet.
    """

    added: int


class CheckpointLine(msgspec.Struct, frozen=True):
    """A checkpoint that was signed.

    Attributes:
        size: the position of the last event it covers.
        root: of the tree, in hexadecimal.
        signed_at: when, by the signer's clock; the note itself does not say it.
        note: the signed note with all its cosignatures, as everybody is given it.
    """

    size: int
    root: str
    signed_at: datetime
    note: str


class CheckpointPage(msgspec.Struct, frozen=True):
    """Checkpoints, the newest first.

    Attributes:
        next: the size below which the following page begins, for ``below``; null on the last.
    """

    items: list[CheckpointLine]
    next: int | None


def entry_told(entry: Entry) -> LogEntry:
    """An entry for whoever reads it."""
    event = entry.event
    return LogEntry(
        position=entry.position,
        leaf_hash=entry.leaf_hash.hex(),
        sealed=entry.sealed,
        stream_id=event.stream_id,
        version=event.originator_version,
        type=event.topic,
        schema=event.schema,
        data=event.state.decode("utf-8", "backslashreplace"),
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        actor=event.actor,
        reason=event.reason,
        correlation_id=event.correlation_id,
        causation_id=event.causation_id,
        idempotency_key=event.idempotency_key,
    )


def checkpoint_told(signed: Signed) -> CheckpointLine:
    """A checkpoint in a list."""
    return CheckpointLine(signed.size, signed.root.hex(), signed.signed_at, signed.text)
