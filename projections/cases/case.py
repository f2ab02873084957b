"""A ticket and its clocks after some of its events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from domain.clock import Clock
from domain.event import Fact
from domain.promises import Promises
from domain.ticket import internal
from domain.ticket.clocks import advance
from domain.ticket.events import TicketRegistered
from domain.ticket.evolution import begin, evolve
from domain.ticket.state import Ticket
from domain.ticket.watch import known_since
from domain.ticket.words import Tier


class Trace(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a clock's story stands in the log, and who had the ticket while it ran (SLA 15).

    Attributes:
        first: position of the event that started it.
        last: position of the last event that changed it.
        team: the team that had the ticket, at the end of the clock once it has ended.
        person: the person in it.
        technician: who was sent to the customer last, likewise.
        tier: of a clock of our own, the tier that had the ticket, likewise.
    """

    first: int
    last: int
    team: str | None
    person: str | None
    technician: str | None = None
    tier: Tier | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket with its clocks.

    Attributes:
        ticket: as it stands.
        clocks: first response first, then one resolve clock a cycle.
        traces: one for each clock.
        internal: our own clocks, which no customer was promised (R07, SLA 4), as they started.
        internal_traces: one for each of these.
        version: of the ticket's stream.
        position: of the last event in it.
        known_since: when it came here, if it was imported.
    """

    ticket: Ticket
    clocks: tuple[Clock, ...]
    traces: tuple[Trace, ...]
    internal: tuple[Clock, ...]
    internal_traces: tuple[Trace, ...]
    version: int
    position: int
    known_since: datetime | None = None


def after(case: Case | None, fact: Fact, promises: Promises) -> Case | None:
    """The case after one more fact; ``None`` while nothing was registered.

    Raises:
        UnknownPlan: the ticket pins a plan that the book does not hold.
    """
    return replay((fact,), promises, case)


def replay(facts: Iterable[Fact], promises: Promises, case: Case | None = None) -> Case | None:
    """Fold facts, in version order, into the case they make; ``None`` when there are none.

    Raises:
        UnknownPlan: the ticket pins a plan that the book does not hold.
    """
    ticket = case.ticket if case else None
    clocks, traces = (case.clocks, case.traces) if case else ((), ())
    own, own_traces = (case.internal, case.internal_traces) if case else ((), ())
    since = case.known_since if case else None
    last: Fact | None = None
    for fact in facts:
        if ticket is not None:
            evolved = evolve(fact.event, ticket, fact.act)
        elif isinstance(fact.event, TicketRegistered):
            evolved = begin(fact.stream_id, fact.event, fact.act)
            since = known_since(fact)
        else:
            continue
        moved = advance(clocks, fact.event, fact.act, promises)
        moved_own = internal.advance(own, ticket, evolved, fact.event, fact.act, promises)
        passed_on = evolved is not ticket and (ticket is None or _passed_on(ticket, evolved))
        if moved is not clocks or passed_on:
            here = Trace(fact.position, fact.position, evolved.team, evolved.person, evolved.technician)
            traces = _traced(clocks, moved, traces, here, passed_on=passed_on, also_ending=True)
        passed_on = passed_on or (ticket is not None and evolved.tier is not ticket.tier)
        if moved_own is not own or passed_on:
            who = evolved.team, evolved.person, evolved.technician, evolved.tier
            here = Trace(fact.position, fact.position, *who)
            # One of ours that ends as a ticket goes elsewhere is of those who had it before.
            own_traces = _traced(own, moved_own, own_traces, here, passed_on=passed_on, also_ending=False)
        ticket, clocks, own, last = evolved, moved, moved_own, fact
    if ticket is None or last is None:
        return case
    return Case(
        ticket=ticket,
        clocks=clocks,
        traces=traces,
        internal=own,
        internal_traces=own_traces,
        version=last.version,
        position=last.position,
        known_since=since,
    )


def _passed_on(before: Ticket, after: Ticket) -> bool:
    return before.team != after.team or before.person != after.person or before.technician != after.technician


def _traced(
    before: tuple[Clock, ...],
    clocks: tuple[Clock, ...],
    traces: tuple[Trace, ...],
    here: Trace,
    *,
    passed_on: bool,
    also_ending: bool,
) -> tuple[Trace, ...]:
    """The traces after an event.

    Args:
        here: of a clock that starts with it: its position, and who has the ticket from then on.
        passed_on: whether others had it before.
        also_ending: whether a clock that ends with it is theirs, too, and not of those who had it before.
    """
    moved = []
    for old, new, trace in zip(before, clocks, traces, strict=False):
        if new is old and not passed_on:
            moved.append(trace)
            continue
        last = here.last if new is not old and new != old else trace.last
        if (old if also_ending else new).unstopped:
            moved.append(replace(here, first=trace.first, last=last))
        elif last != trace.last:
            moved.append(replace(trace, last=last))
        else:
            moved.append(trace)
    return (*moved, *[here] * (len(clocks) - len(moved)))
