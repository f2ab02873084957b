"""Who worked on a case, and which streams of the log it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from domain.event import Fact, type_name


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Someone, or some process, that acted in the case.

    Attributes:
        actor: for example ``agent:li.wei`` or ``system:import``.
        did: how often they did what, by event type.
        first_at: when they first acted; ``last_at`` when they last did.
        positions: of what they did.
    """

    actor: str
    did: dict[str, int]
    first_at: datetime
    last_at: datetime
    positions: tuple[int, ...]


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """A stream that worked for the case.

    Attributes:
        kind: ticket, part or contract.
        number: what people call it.
        events: how many of its events are of this case.
        first_version: of those; the stream's other events are of other cases.
        positions: of those.
    """

    id: UUID
    kind: str
    number: str | None
    events: int
    first_version: int
    last_version: int
    positions: tuple[int, ...]


def people(facts: Sequence[Fact]) -> tuple[Person, ...]:
    """Everyone who acted, in the order of their first act."""
    acts: dict[str, list[Fact]] = {}
    for fact in facts:
        acts.setdefault(fact.act.actor, []).append(fact)
    return tuple(_person(actor, did) for actor, did in acts.items())


def streams(facts: Sequence[Fact], ticket_number: str) -> tuple[Stream, ...]:
    """The ticket's stream first, the others as they first appear."""
    kept: dict[UUID, list[Fact]] = {}
    for fact in sorted(facts, key=lambda fact: (fact.stream_id != fact.correlation_id, fact.position)):
        kept.setdefault(fact.stream_id, []).append(fact)
    return tuple(_stream(stream_id, its, ticket_number) for stream_id, its in kept.items())


def _person(actor: str, facts: Sequence[Fact]) -> Person:
    types = [type_name(fact.event) for fact in facts]
    moments = [fact.act.occurred_at for fact in facts]
    return Person(
        actor=actor,
        did={name: types.count(name) for name in dict.fromkeys(types)},
        first_at=min(moments),
        last_at=max(moments),
        positions=tuple(fact.position for fact in facts),
    )


def _stream(stream_id: UUID, facts: Sequence[Fact], ticket_number: str) -> Stream:
    own = stream_id == facts[0].correlation_id
    return Stream(
        id=stream_id,
        kind=type_name(facts[0].event).partition(".")[0],
        number=ticket_number if own else getattr(facts[0].event, "number", None),
        events=len(facts),
        first_version=min(fact.version for fact in facts),
        last_version=max(fact.version for fact in facts),
        positions=tuple(fact.position for fact in facts),
    )
