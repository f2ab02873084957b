"""Facts to bytes and back."""

from __future__ import annotations

from functools import cache
from typing import Any, cast
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent

from application.log.errors import UnreadableEvent
from application.log.stored import LogEvent, Row
from domain.catalogue import EVENT_TYPES
from domain.event import Act, Event, Fact, type_name
from domain.upcasters import upcast

_ENCODER = msgspec.json.Encoder(order="deterministic")
"""So the same event is the same bytes: a set has no order of its own."""


@cache
def _decoder(cls: type[Event]) -> msgspec.json.Decoder[Event]:
    return msgspec.json.Decoder(cls)


def store(fact: Fact, idempotency_key: str | None = None) -> LogEvent:
    """The bytes and columns of a fact. The act stands in columns, not in the bytes."""
    return LogEvent(
        id=fact.position,
        originator_id=fact.stream_id,
        originator_version=fact.version,
        topic=type_name(fact.event),
        schema=fact.event.SCHEMA,
        state=_ENCODER.encode(fact.event),
        occurred_at=fact.act.occurred_at,
        recorded_at=fact.recorded_at,
        actor=fact.act.actor,
        reason=fact.act.reason,
        correlation_id=fact.correlation_id,
        causation_id=fact.causation_id,
        idempotency_key=idempotency_key,
        mentions=fact.event.mentions,
    )


def read_event(name: str, schema: int, data: bytes) -> Event:
    """The event in stored bytes, brought to today's schema.

    Raises:
        UnreadableEvent: unknown type, newer schema, missing upcaster, or bytes that do not fit the type.
    """
    try:
        cls = EVENT_TYPES[name]
        if schema == cls.SCHEMA:
            return _decoder(cls).decode(data)
        if schema > cls.SCHEMA:
            raise UnreadableEvent(f"{name} schema {schema}: this release knows up to {cls.SCHEMA}")
        return msgspec.convert(upcast(name, schema, msgspec.json.decode(data, type=dict[str, Any])), cls)
    except (KeyError, UnicodeDecodeError, msgspec.MsgspecError) as error:
        raise UnreadableEvent(f"{name} schema {schema}: {error}") from error


def fact_of(row: Row) -> Fact:
    """The fact in a row of ``stored.COLUMNS``; the same as ``read``, without a stored event in between.

    Raises:
        UnreadableEvent: see ``read_event``.
    """
    (
        position,
        stream_id,
        version,
        name,
        schema,
        data,
        occurred_at,
        recorded_at,
        actor,
        reason,
        case,
        cause,
        _,
    ) = row
    event, act = read_event(name, schema, data), Act(actor, occurred_at, reason)
    # By place: every event of the log goes through here, and names would take as long as all the rest of it.
    return Fact(stream_id, version, event, act, case, cause, position, recorded_at)


def read(stored: LogEvent) -> Fact:
    """The fact that a stored event holds.

    Raises:
        UnreadableEvent: see ``read_event``.
    """
    stream_id = stored.stream_id
    if stored.occurred_at is None:
        raise UnreadableEvent(f"{stored.topic} at {stored.id} has no time")
    return Fact(
        stream_id=stream_id,
        version=stored.originator_version,
        event=read_event(stored.topic, stored.schema, stored.state),
        act=Act(actor=stored.actor, occurred_at=stored.occurred_at, reason=stored.reason),
        correlation_id=stored.correlation_id or stream_id,
        causation_id=stored.causation_id,
        position=stored.id,
        recorded_at=stored.recorded_at,
    )


class LogMapper(Mapper[UUID]):
    """The library's mapper for facts; its own classes go the library's way, upcasting included."""

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """Store a fact as JSON with its envelope."""
        if isinstance(domain_event, Fact):
            return store(domain_event)
        return super().to_stored_event(domain_event)

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[Any]:
        """Read a fact, in today's schema."""
        if isinstance(stored_event, LogEvent) and stored_event.topic in EVENT_TYPES:
            return cast(DomainEventProtocol[Any], read(stored_event))
        return super().to_domain_event(stored_event)
