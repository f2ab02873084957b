"""A ticket and its clocks after some of its events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.clock import Clock
from domain.event import Fact
from domain.promises import Promises
from domain.ticket import internal
from domain.ticket.clocks import advance
from domain.ticket.events import TicketRegistered
from domain.ticket.evolution import begin, evolve
from domain.ticket.state import Ticket
from domain.ticket.watch import known_since
from projections.cases.tracing import Trace, Tracing, holder, own_holder


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
    clocks, own = (case.clocks, case.internal) if case else ((), ())
    since = case.known_since if case else None
    traces = Tracing(case.traces if case else ())
    own_traces = Tracing(case.internal_traces if case else ())
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
        if moved is not clocks:
            traces.move(clocks, moved, fact.position, holder(evolved))
        moved_own = internal.advance(own, ticket, evolved, fact.event, fact.act, promises)
        if moved_own is not own:
            # One of ours that ends as a ticket goes elsewhere is of those who had it before.
            own_traces.move(own, moved_own, fact.position, own_holder(ticket or evolved))
        ticket, clocks, own, last = evolved, moved, moved_own, fact
    if ticket is None or last is None:
        return case
    return Case(
        ticket=ticket,
        clocks=clocks,
        traces=traces.of(clocks, holder(ticket)),
        internal=own,
        internal_traces=own_traces.of(own, own_holder(ticket)),
        version=last.version,
        position=last.position,
        known_since=since,
    )
