"""What is to be noted of a ticket's deadlines at a moment: warnings, misses, and what corrects them (SLA 12).

Whether something is to be noted follows from the ticket's own facts: what its clocks have passed
(``domain.thresholds``) less what is noted already. So looking often, late or twice makes no difference:

- each threshold of each deadline is noted once, as of the moment at which it was passed;
- what a clock passed while it ran is noted even if it has stopped since;
- a miss that the clocks no longer show, because a fact was recorded late, is corrected, not removed; where
  the deadline was missed all the same, but at another time or otherwise, the correction says how;
- a warning was given: it is neither taken back nor given again for the same deadline;
- what a department or a supplier was asked is missed like a promise, and warned of at no percentage (R06).

Of a ticket that was imported only what is passed after the import is noted: nobody could have seen the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from domain.calendar import CalendarGap
from domain.clock import Clock, Milestone
from domain.event import Act, Event, Fact, Told, type_name
from domain.promises import Promises
from domain.reading import Cause, read
from domain.thresholds import DEADLINE, Passing, passings
from domain.ticket.clocks import advance
from domain.ticket.events import PlanPin, TicketRegistered
from domain.ticket.evolution import replay
from domain.ticket.internal import liaised
from domain.ticket.liaison_events import OthersAsked
from domain.ticket.promised import Clocks
from domain.ticket.state import Noted, Ticket
from domain.ticket.watch_events import DeadlineMissed, DeadlineWarned, MissCorrected

ACTOR = "system:timer"


def notes(facts: Sequence[Fact], now: datetime, promises: Promises) -> list[Told]:
    """What is to be noted of a ticket at a moment; nothing, mostly.

    Args:
        facts: all of the ticket's, in version order.

    Raises:
        UnknownPlan: the book does not hold what the ticket pins.
    """
    ticket = replay(facts)
    if ticket is None:
        return []
    history = [*_history(facts, promises)]
    found = _corrections(facts, ticket, history, promises)
    for clock in history[-1]:
        for passing in unnoted(ticket, clock, promises, known_since(facts[0])):
            if passing.certain_at <= now:
                found.append(Told(note(clock, passing, now, promises), _act(passing.at)))
    return found


def corrections(facts: Sequence[Fact], ticket: Ticket, promises: Promises) -> list[Told]:
    """The misses that were noted and that the facts do not show any more.

    Args:
        facts: all of the ticket's, in version order, with those that are about to be recorded.
        ticket: as they make it.
    """
    return _corrections(facts, ticket, [*_history(facts, promises)], promises) if ticket.misses else []


def next_note(ticket: Ticket, clocks: Clocks, promises: Promises, since: datetime | None) -> datetime | None:
    """When something is to be noted next if nothing happens: in the past where it is overdue.

    Args:
        clocks: those of the ticket's that may have passed anything; of our own, what others were asked.
        since: see ``known_since``.
    """
    # Of each clock the first: what is unnoted comes as it becomes certain.
    first = (next(unnoted(ticket, clock, promises, since), None) for clock in clocks)
    moments = [passing.certain_at for passing in first if passing is not None]
    moments += [miss.at for miss in ticket.misses if not stands(miss, clocks, promises)]
    return min(moments, default=None)


def stands(miss: Noted, clocks: Clocks, promises: Promises) -> bool:
    """Whether the clocks show a miss that was noted. Where the calendar has a gap it is not doubted."""
    for clock in clocks:
        if (clock.milestone, clock.cycle) == (miss.milestone, miss.cycle):
            try:
                passing = _missed(clock, miss.due_at, promises)
            except CalendarGap:
                return True
            return passing is not None and passing.at == miss.at
    return False


def _missed(clock: Clock, due_at: datetime, promises: Promises) -> Passing | None:
    """How a clock missed a deadline, if it did; at the deadline, or as another target made it late."""
    passed = _passings(clock, promises)
    return next((each for each in passed if (each.percent, each.due_at) == (DEADLINE, due_at)), None)


def unnoted(ticket: Ticket, clock: Clock, promises: Promises, since: datetime | None) -> Iterator[Passing]:
    """What a clock has passed, or is going to pass if nothing happens, and is not noted, the first one first.

    Where the calendar has a gap nothing is guessed (SLA 7).

    Args:
        since: what was certain by then is not to be noted; see ``known_since``.
    """
    noted = {
        (each.percent, each.due_at)
        for each in ticket.noted
        if (each.milestone, each.cycle) == (clock.milestone, clock.cycle) and each.corrected_by is None
    }
    try:
        for passing in _passings(clock, promises):
            known = since is not None and passing.certain_at <= since
            if not known and (passing.percent, passing.due_at) not in noted:
                yield passing
    except CalendarGap:
        return


def known_since(fact: Fact) -> datetime | None:
    """Since when an imported ticket is known here, by the fact that registered it; ``None`` for any other."""
    imported = isinstance(fact.event, TicketRegistered) and fact.event.source is not None
    return fact.recorded_at if imported else None


def _passings(clock: Clock, promises: Promises) -> Iterator[Passing]:
    def thresholds(pin: PlanPin) -> tuple[int, ...]:
        return () if clock.milestone is Milestone.LIAISON else promises.plan(pin).warned_at(clock.milestone)

    return passings(clock, promises.calendar, thresholds)


def _history(facts: Sequence[Fact], promises: Promises) -> Iterator[Clocks]:
    """The clocks after each of the facts."""
    clocks: Clocks = ()
    others = _others(facts)
    for fact, waited in zip(facts, others, strict=True):
        clocks = advance(clocks, fact.event, fact.act, promises)
        yield (*clocks, *waited)


def _others(facts: Sequence[Fact]) -> Iterator[Clocks]:
    """Those of what others were asked, likewise; most tickets have none."""
    if not any(isinstance(fact.event, OthersAsked) for fact in facts):
        yield from [()] * len(facts)
        return
    clocks: Clocks = ()
    ticket: Ticket | None = None
    for fact in facts:
        before, ticket = ticket, replay((fact,), ticket)
        if ticket is not None and (before is None or before.liaisons is not ticket.liaisons):
            clocks = liaised(clocks, ticket, fact.act.occurred_at)
        yield clocks


def _corrections(
    facts: Sequence[Fact], ticket: Ticket, history: Sequence[Clocks], promises: Promises
) -> list[Told]:
    wrong = [miss for miss in ticket.misses if not stands(miss, history[-1], promises)]
    return [Told(_correction(miss, facts, history, promises), _act(miss.at)) for miss in wrong]


def _correction(
    miss: Noted, facts: Sequence[Fact], history: Sequence[Clocks], promises: Promises
) -> MissCorrected:
    """It names the last fact that turned the miss into none; the miss itself where it never was one."""
    missed = next(fact.version for fact in reversed(facts) if _notes(fact, miss))
    shown = [stands(miss, clocks, promises) for clocks in history]
    turned = [
        fact for fact, (before, after) in zip(facts[1:], pairwise(shown), strict=True) if before > after
    ]
    by = turned[-1] if turned else facts[missed - 1]
    clock = [each for each in history[-1] if (each.milestone, each.cycle) == (miss.milestone, miss.cycle)]
    instead = _missed(clock[0], miss.due_at, promises) if clock else None
    return MissCorrected(
        milestone=miss.milestone,
        cycle=miss.cycle,
        due_at=miss.due_at,
        missed=missed,
        shown_by=by.version,
        fact=type_name(by.event),
        cause=instead and instead.cause,
        missed_at=instead and instead.at,
    )


def _notes(fact: Fact, miss: Noted) -> bool:
    """Whether it recorded that miss: as one, or as what it was in truth."""
    match event := fact.event:
        case DeadlineMissed():
            at = fact.act.occurred_at
        case MissCorrected():
            at = event.missed_at
        case _:
            return False
    noted = event.milestone, event.cycle, event.due_at, at
    return noted == (miss.milestone, miss.cycle, miss.due_at, miss.at)


def _act(at: datetime) -> Act:
    return Act(actor=ACTOR, occurred_at=at)


def note(clock: Clock, passing: Passing, now: datetime, promises: Promises) -> Event:
    """What is recorded of a passing that is noticed now."""
    if passing.percent < DEADLINE:
        return DeadlineWarned(
            milestone=clock.milestone,
            cycle=clock.cycle,
            percent=passing.percent,
            due_at=passing.due_at,
            target=passing.target,
            pin=passing.pin,
            detected_at=now,
        )
    return DeadlineMissed(
        milestone=clock.milestone,
        cycle=clock.cycle,
        due_at=passing.due_at,
        cause=passing.cause or Cause.LATE,
        target=passing.target,
        elapsed=_elapsed(clock, now, promises),
        pin=passing.pin,
        detected_at=now,
    )


def _elapsed(clock: Clock, now: datetime, promises: Promises) -> int | None:
    try:
        return read(clock, promises.calendar, now).elapsed
    except CalendarGap:
        return None
