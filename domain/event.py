"""What a recorded fact is: an event, the act that caused it, and its place in the log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple, TypeVar
from uuid import UUID, uuid5

import msgspec

LATE = timedelta(seconds=60)
"""A fact recorded longer than this after it happened is a late one (SLA 2); less is the way of the wire."""


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Something that happened to one stream, in the past tense.

    A subclass gives its stable type name as ``tag`` ("ticket.held") and, once its fields have changed,
    its ``SCHEMA`` number; older bytes are brought forward by the functions of ``domain.upcasters``.
    Who did it, when and why is not repeated in every event: it stands in the ``Act`` beside it.
    """

    SCHEMA: ClassVar[int] = 1
    IS_NOTE: ClassVar[bool] = False
    """Whether the service merely notes what follows from the rest: nobody need have seen it to go on."""

    @property
    def mentions(self) -> tuple[str, ...]:
        """What the stream can be found by once this happened, such as ``asset/SN-00127``; not unique."""
        return ()

    @property
    def case(self) -> UUID | None:
        """The service case it belongs to; ``None`` for that of its own stream."""
        return None


class Act(msgspec.Struct, frozen=True):
    """Who did something, when it happened and why (B02: the time it was recorded is the log's own).

    Attributes:
        actor: the person or process, for example ``agent:li.wei`` or ``system:import``.
        occurred_at: when it happened, in UTC, to the microsecond.
        reason: why, in the actor's words; required when the fact is recorded late.
    """

    actor: str
    occurred_at: datetime
    reason: str | None = None


class Told(NamedTuple):
    """An event and the act behind it, before they have a place in a stream."""

    event: Event
    act: Act


def id_of(stream_id: UUID, version: int) -> UUID:
    """What a fact is called as a cause: the UUIDv5 of its version in the namespace of its stream."""
    return uuid5(stream_id, str(version))


class Fact(msgspec.Struct, frozen=True):
    """An event with its envelope, as the log keeps it.

    Attributes:
        stream_id: the aggregate the event belongs to (UUIDv7).
        version: its place in that stream, from 1 without gaps.
        event: what happened.
        act: who, when, why.
        correlation_id: the service case: the ticket that all of it was done for.
        causation_id: the ``id`` of the fact that caused this one, where a reaction recorded it.
        position: its place in the whole log, from 1 without gaps in commit order; 0 before it is recorded.
        recorded_at: when the log took it, UTC; ``None`` before.
    """

    stream_id: UUID
    version: int
    event: Event
    act: Act
    correlation_id: UUID
    causation_id: UUID | None = None
    position: int = 0
    recorded_at: datetime | None = None

    @property
    def id(self) -> UUID:
        """What it is called as a cause."""
        return id_of(self.stream_id, self.version)

    @property
    def originator_id(self) -> UUID:
        """The stream, under the name the ``eventsourcing`` library asks for."""
        return self.stream_id

    @property
    def originator_version(self) -> int:
        """The version, under the name the ``eventsourcing`` library asks for."""
        return self.version


EVENT_TYPES: dict[str, type[Event]] = {}
"""Every event class by its stable type name."""

E = TypeVar("E", bound=type[Event])


def recorded(cls: E) -> E:
    """Put an event class into the registry, so that the log can write and read it.

    Raises:
        ValueError: another class already has this type name.
    """
    name = type_name(cls)
    if name in EVENT_TYPES:
        raise ValueError(f"two event classes are called {name}")
    EVENT_TYPES[name] = cls
    return cls


def type_name(event: type[Event] | Event) -> str:
    """The stable name of an event's type, for example ``ticket.held``."""
    return str(event.__struct_config__.tag)


Payload = dict[str, Any]
Upcaster = Callable[[Payload], Payload]
