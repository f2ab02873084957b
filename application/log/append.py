"""What may be asked of the log's writer, and what it answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from application.log.stored import LogEvent


class Request(msgspec.Struct, frozen=True):
    """A command that came with an Idempotency-Key.

    Attributes:
        caller: who may repeat it: the token it came with.
        key: the key.
        digest: SHA-256 of the request, so that another request under the same key is noticed.
    """

    caller: str
    key: str
    digest: bytes


class Progress(msgspec.Struct, frozen=True):
    """How far a reaction has read: recorded with what it recorded, so that it acts once.

    Attributes:
        reader: the reaction's name.
        log: the log it reads.
        position: must be greater than the one before.
    """

    reader: str
    log: str
    position: int


class Append(msgspec.Struct, frozen=True):
    """Events that are recorded together or not at all.

    Attributes:
        events: in order; versions continue their streams without gaps.
        names: names that must belong to the first event's stream and to no other.
        request: remembered in the same transaction, so that a repeated command changes nothing.
        progress: recorded in the same transaction, so that a reaction acts once.
    """

    events: tuple[LogEvent, ...]
    names: tuple[str, ...] = ()
    request: Request | None = None
    progress: Progress | None = None


class Recorded(msgspec.Struct, frozen=True):
    """What the log took.

    Attributes:
        stream_id: the stream of the last event.
        version: its version after it.
        position: the position of the last event.
        recorded_at: when the log took it.
        repeated: the same command was recorded before; nothing new was.
        positions: of every event, in order; empty when repeated.
    """

    stream_id: UUID
    version: int
    position: int
    recorded_at: datetime
    repeated: bool = False
    positions: tuple[int, ...] = ()
