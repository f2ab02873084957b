"""What may be asked of the log's writer, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
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


class Basis(msgspec.Struct, frozen=True):
    """What a decision looked at beside its own stream, and what must still stand when it is recorded.

    Attributes:
        streams: the version that each of these streams was at.
        cases: the position of the last event of each of these service cases.
        mentions: the streams that mention each of these; see ``Event.mentions``.
    """

    streams: dict[UUID, int] = {}
    cases: dict[UUID, int] = {}
    mentions: dict[str, frozenset[UUID]] = {}


class Numbered(msgspec.Struct, frozen=True):
    """Events that need the next number of a series, such as T-2026-000123, before they can be written.

    Numbers are given out in the appending transaction: unique, rising and without gaps, since a number
    whose append is refused goes to the next one.

    Attributes:
        series: for example ``T-2026``.
        events: makes the events once the number is known. The number names the first event's stream.
    """

    series: str
    events: Callable[[str], tuple[LogEvent, ...]]


class Append(msgspec.Struct, frozen=True):
    """Events that are recorded together or not at all.

    Attributes:
        events: in order; versions continue their streams without gaps.
        number: makes the events in place of ``events``, for a stream that does not exist yet.
        names: names that must belong to the first event's stream and to no other.
        request: remembered in the same transaction, so that a repeated command changes nothing.
        progress: recorded in the same transaction, so that a reaction acts once.
        basis: refused when any of this has moved on.
    """

    events: tuple[LogEvent, ...]
    names: tuple[str, ...] = ()
    request: Request | None = None
    progress: Progress | None = None
    number: Numbered | None = None
    basis: Basis | None = None


class Recorded(msgspec.Struct, frozen=True):
    """What the log took.

    Attributes:
        stream_id: the stream of the last event.
        version: its version after it.
        position: the position of the last event.
        recorded_at: when the log took it.
        repeated: the same command was recorded before; nothing new was.
        positions: of every event, in order; empty when repeated.
        number: the number that was given out, if one was.
    """

    stream_id: UUID
    version: int
    position: int
    recorded_at: datetime
    repeated: bool = False
    positions: tuple[int, ...] = ()
    number: str | None = None
