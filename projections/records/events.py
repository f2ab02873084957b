"""The events of a case in full, as bytes: what the API answers and what a PDF carries inside."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.event import Event, Fact, type_name
from projections.records.seals import Seals


class FullEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event with its envelope, as the log view ``event_log`` names the columns. Times are UTC.

    Attributes:
        position: its place in the log.
        stream_id: what it happened to; ``version`` is its place in that stream.
        schema: of its type, as this release reads it.
        correlation_id: the service case.
        causation_id: the fact that caused it.
        data: what happened.
        leaf_hash: SHA-256 of everything recorded of it, in hexadecimal (docs/log-format.md).
    """

    position: int
    stream_id: UUID
    version: int
    type: str
    schema: int
    occurred_at: datetime
    recorded_at: datetime | None
    actor: str
    reason: str | None
    correlation_id: UUID
    causation_id: UUID | None
    leaf_hash: str
    data: Event


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """The events as a file: its name, how many events and bytes it has, and its SHA-256 in hexadecimal."""

    name: str
    events: int
    bytes: int
    sha256: str


def events_json(facts: Iterable[Fact], seals: Seals) -> bytes:
    """The facts as a JSON list, in the order they are given, indented for people, with a line break after."""
    listed = [_full(fact, seals) for fact in in_utc(facts)]
    return msgspec.json.format(msgspec.json.encode(listed), indent=1) + b"\n"


def attachment(name: str, events: int, content: bytes) -> Attachment:
    """What is told of a file of events."""
    return Attachment(name=name, events=events, bytes=len(content), sha256=sha256(content).hexdigest())


def in_utc(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The same facts with their times in UTC: the zone of a database session is in no record."""
    return tuple(
        replace(
            fact,
            act=replace(fact.act, occurred_at=fact.act.occurred_at.astimezone(UTC)),
            recorded_at=fact.recorded_at and fact.recorded_at.astimezone(UTC),
        )
        for fact in facts
    )


def _full(fact: Fact, seals: Seals) -> FullEvent:
    return FullEvent(
        position=fact.position,
        stream_id=fact.stream_id,
        version=fact.version,
        type=type_name(fact.event),
        schema=fact.event.SCHEMA,
        occurred_at=fact.act.occurred_at,
        recorded_at=fact.recorded_at,
        actor=fact.act.actor,
        reason=fact.act.reason,
        correlation_id=fact.correlation_id,
        causation_id=fact.causation_id,
        leaf_hash=seals[fact.position].leaf_hash.hex(),
        data=fact.event,
    )
