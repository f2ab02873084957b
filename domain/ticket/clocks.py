"""The clocks of a ticket: how its events start, pause, stop and retarget them (SLA 1 to 11).

A clock follows the times at which things happened, not those at which they were recorded. No order of
events makes it fail: what does not fit (a resumption without a hold, a second resolution) changes nothing.

Two things the rules leave open are settled here:
- Resolving or closing is not a response: a first response that nobody gave stays owed.
- A cancelled ticket's clocks are all cancelled, those that had stopped too; only the cycles before the
  last reopening keep their verdicts, because SLA 10 says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from domain.calendar import Calendar
from domain.clock import Clock, Milestone, Target, cancel, pause, resume, retarget, start, stop
from domain.event import Act, Event, Fact
from domain.plan import Promises
from domain.reading import reading
from domain.ticket.events import (
    ResolutionRejected,
    TicketCancelled,
    TicketClosed,
    TicketContacted,
    TicketHeld,
    TicketPrioritised,
    TicketRegistered,
    TicketReopened,
    TicketResolved,
    TicketResumed,
)
from domain.ticket.words import Channel, Direction, Party

Clocks = tuple[Clock, ...]
"""First response, then one resolve clock a cycle."""

LIVE = frozenset({Channel.PHONE, Channel.CHAT, Channel.ON_SITE})
"""Channels on which a customer who reaches us is answered by a person there and then (SLA 3)."""


def fold(facts: Iterable[Fact], promises: Promises) -> Clocks:
    """The clocks of a ticket after its facts, in version order."""
    clocks: Clocks = ()
    for fact in facts:
        clocks = advance(clocks, fact.event, fact.act, promises)
    return clocks


def advance(clocks: Clocks, event: Event, act: Act, promises: Promises) -> Clocks:
    """The clocks after one more event.

    Raises:
        UnknownPlan: the book does not hold the plan that the ticket pins. Nothing else, in no order.
    """
    rule = RULES.get(type(event))
    return rule(clocks, event, act, promises) if rule else clocks


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """How long a ticket took, first and in all (SLA 10), in working seconds without pauses.

    Attributes:
        started_at: when the customer reported.
        first_at: when it was resolved for the first time.
        first: working seconds until then.
        last_at: when it was resolved for the last time; ``None`` while a later cycle is still open.
        total: working seconds from the first start to the last stop, the time between cycles included.
    """

    started_at: datetime
    first_at: datetime
    first: int
    last_at: datetime | None
    total: int | None


def resolution(clocks: Clocks, calendar: Calendar) -> Resolution | None:
    """First and total resolution; ``None`` before the first.

    Raises:
        CalendarGap: the calendar has no data for a year in which they fall.
    """
    cycles = [clock for clock in clocks if clock.milestone is Milestone.RESOLVE]
    if not cycles or cycles[0].stopped_at is None:
        return None
    first, first_at, last_at = cycles[0], cycles[0].stopped_at, cycles[-1].stopped_at
    pauses = tuple(wait for clock in cycles for wait in clock.pauses)
    whole = replace(first, pauses=pauses, stopped_at=last_at)
    return Resolution(
        started_at=first.started_at,
        first_at=first_at,
        first=reading(first, calendar, first_at).elapsed,
        last_at=last_at,
        total=reading(whole, calendar, last_at).elapsed if last_at else None,
    )


def _registered(clocks: Clocks, event: TicketRegistered, act: Act, promises: Promises) -> Clocks:
    """Both milestones start when the customer reported (SLA 2)."""
    if clocks:
        return clocks
    plan = promises.plan(event.pin)
    return tuple(
        start(
            milestone,
            pin=event.pin,
            target=Target(act.occurred_at, event.priority, plan.target(milestone, event.priority)),
        )
        for milestone in Milestone
    )


def _prioritised(clocks: Clocks, event: TicketPrioritised, act: Act, promises: Promises) -> Clocks:
    """Start, elapsed time and pauses stay, the target moves (SLA 9)."""

    def moved(clock: Clock) -> Clock:
        seconds = promises.plan(clock.pin).target(clock.milestone, event.priority)
        return retarget(clock, Target(act.occurred_at, event.priority, seconds))

    return tuple(map(moved, clocks))


def _contacted(clocks: Clocks, event: TicketContacted, act: Act, promises: Promises) -> Clocks:  # noqa: ARG001
    """A person's answer is a first response, the earliest one counts; a machine's never is (SLA 3)."""
    answered = event.direction is Direction.OUTBOUND or event.channel in LIVE
    if event.party is not Party.PERSON or not answered:
        return clocks
    return tuple(
        stop(clock, act.occurred_at) if clock.milestone is Milestone.FIRST_RESPONSE else clock
        for clock in clocks
    )


def _held(clocks: Clocks, event: TicketHeld, act: Act, promises: Promises) -> Clocks:
    """The plan says which clocks pause. A wait that is not the customer's ends one that was (SLA 4)."""

    def moved(clock: Clock) -> Clock:
        pauses = promises.plan(clock.pin).pauses(clock.milestone, event.hold)
        return (pause if pauses else resume)(clock, act.occurred_at)

    return tuple(map(moved, clocks))


def _resumed(clocks: Clocks, event: TicketResumed, act: Act, promises: Promises) -> Clocks:  # noqa: ARG001
    """The wait is over (SLA 4)."""
    return tuple(resume(clock, act.occurred_at) for clock in clocks)


def _ended(clocks: Clocks, event: Event, act: Act, promises: Promises) -> Clocks:  # noqa: ARG001
    """The resolve clock that runs stops, and every wait is over; until a reopening nothing runs."""

    def moved(clock: Clock) -> Clock:
        resolves = clock.milestone is Milestone.RESOLVE and clock.unstopped
        return (stop if resolves else resume)(clock, act.occurred_at)

    return tuple(map(moved, clocks))


def _reopened(
    clocks: Clocks,
    event: ResolutionRejected | TicketReopened,
    act: Act,
    promises: Promises,
) -> Clocks:
    """The next cycle starts; the ones before keep their verdicts (SLA 10)."""
    cycles = [clock for clock in clocks if clock.milestone is Milestone.RESOLVE]
    if not cycles or event.cycle <= cycles[-1].cycle:
        return clocks
    last = cycles[-1]
    priority = last.targets[-1].priority
    target = Target(act.occurred_at, priority, promises.plan(last.pin).target(last.milestone, priority))
    begun = start(last.milestone, cycle=event.cycle, pin=last.pin, target=target)
    return (*_ended(clocks, event, act, promises), begun)


def _cancelled(clocks: Clocks, event: TicketCancelled, act: Act, promises: Promises) -> Clocks:  # noqa: ARG001
    """Neither met nor missed (SLA 11)."""
    current = max((clock.cycle for clock in clocks), default=1)
    return tuple(
        cancel(clock, act.occurred_at) if clock.unstopped or clock.cycle == current else clock
        for clock in clocks
    )


RULES: dict[type[Event], Callable[[Clocks, Any, Act, Promises], Clocks]] = {
    TicketRegistered: _registered,
    TicketPrioritised: _prioritised,
    TicketContacted: _contacted,
    TicketHeld: _held,
    TicketResumed: _resumed,
    TicketResolved: _ended,
    TicketClosed: _ended,
    ResolutionRejected: _reopened,
    TicketReopened: _reopened,
    TicketCancelled: _cancelled,
}
"""What each event does to the clocks; the others do nothing."""
