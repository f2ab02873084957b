"""What a ticket is owed: clocks that start, targets that move, milestones that are reached."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from domain.clock import Clock, Milestone, Target, repin, retarget, start, stop, target_at
from domain.plan import FIELDWORK, MEASURED, ROUND_THE_CLOCK, ServicePlan
from domain.promises import Promises
from domain.ticket.events import PlanPin
from domain.ticket.pinning_events import Owed, TicketRepinned

Clocks = tuple[Clock, ...]
"""In the order in which they started; those of the report in the order of ``AT_REPORT``."""

AT_REPORT = (Milestone.ACKNOWLEDGE, Milestone.FIRST_RESPONSE, *FIELDWORK)
"""What the customer waits for from the report on (SLA 2)."""

NEEDED_UNTIL_RESOLVED = frozenset(
    {Milestone.DISPATCH, Milestone.ON_SITE, Milestone.WORKAROUND, Milestone.PART_DELIVERED}
)


def _owed(milestone: Milestone, plan: ServicePlan) -> bool:
    """Whether a ticket under a plan has a clock for a milestone."""
    return milestone in MEASURED or plan.promises(milestone)


def begun(milestone: Milestone, cycle: int, pin: PlanPin, ticket: Target, promises: Promises) -> Clock:
    """A clock that starts for a ticket as a target tells it."""
    return _begun(milestone, cycle, pin, ticket, promises.plan(pin))


def at_report(pin: PlanPin, ticket: Target, promises: Promises) -> Clocks:
    """The clocks that start with a report."""
    plan = promises.plan(pin)
    return tuple([_begun(owed, 1, pin, ticket, plan) for owed in AT_REPORT if _owed(owed, plan)])


def _begun(milestone: Milestone, cycle: int, pin: PlanPin, ticket: Target, plan: ServicePlan) -> Clock:
    target = _promised(milestone, plan, ticket)
    return start(milestone, cycle=cycle, pin=plan.pin(milestone, pin), target=target)


def promised(milestone: Milestone, pin: PlanPin, ticket: Target, promises: Promises) -> Target:
    """A ticket's target for a milestone; what the given one says of seconds is of no meaning."""
    return _promised(milestone, promises.plan(pin), ticket)


def _promised(milestone: Milestone, plan: ServicePlan, ticket: Target) -> Target:
    seconds = plan.target(milestone, ticket.priority, category=ticket.category, band=ticket.band)
    return ticket if seconds == ticket.seconds else replace(ticket, seconds=seconds)


def started(clocks: Clocks, milestone: Milestone, cycle: int, at: datetime, promises: Promises) -> Clocks:
    """The clocks with one more, if it is owed and not there yet."""
    first = clocks[0] if clocks else None
    if first is None or not _owed(milestone, promises.plan(first.pin)):
        return clocks
    if any(clock.milestone is milestone and clock.cycle == cycle for clock in clocks):
        return clocks
    ticket = replace(target_at(first, at), since=at, pin=None)
    return (*clocks, begun(milestone, cycle, _ticket_pin(clocks, promises), ticket, promises))


def _ticket_pin(clocks: Clocks, promises: Promises) -> PlanPin:
    """The ticket's own pin: that of a clock in working time, else what its plan says."""
    plan = promises.plan(clocks[0].pin)
    # A plan that measures even what every ticket has in clock time names the version, or is round the clock.
    version = plan.calendar_version or ROUND_THE_CLOCK[1]
    ours = replace(clocks[0].pin, calendar=plan.calendar, calendar_version=version)
    return next((clock.pin for clock in clocks if clock.milestone not in plan.clock_time), ours)


def changed(clocks: Clocks, at: datetime, promises: Promises, **change: Any) -> Clocks:
    """Start, elapsed time and pauses stay, the target moves (SLA 9).

    A change that is recorded late reaches later targets as far as those had what it changes from before it.
    """

    def moved(clock: Clock) -> Clock:
        before = target_at(clock, at)
        later = [
            target
            for target in (() if before is clock.targets[-1] and before.since <= at else clock.targets)
            if target.since > at and all(getattr(target, name) == getattr(before, name) for name in change)
        ]
        for target in (replace(before, since=at), *later):
            ticket = replace(target, **change)
            clock = retarget(clock, promised(clock.milestone, clock.pin_of(target), ticket, promises))
        return clock

    return tuple(map(moved, clocks))


def repinned(clocks: Clocks, at: datetime, event: TicketRepinned, promises: Promises) -> Clocks:
    """Start, elapsed time and pauses stay; plan and calendar change, and so the target does (SLA 8).

    A clock that has stopped keeps what it was judged by; what begins after it goes by the new pin. What only
    the new plan promises is owed since its cycle began, but promised from now on: like any other target that
    comes late.
    """
    plan = promises.plan(event.pin)

    def moved(clock: Clock) -> Clock:
        later = [target for target in clock.targets if target.since > at]
        own = plan.pin(clock.milestone, event.pin)
        clock = repin(clock, own)
        for target in (replace(target_at(clock, at), since=at, category=event.category), *later):
            ticket = promised(clock.milestone, own, target, promises)
            clock = retarget(clock, replace(ticket, pin=None))
        return clock

    there = {(clock.milestone, clock.cycle) for clock in clocks}
    owed_too = [owed for owed in event.begins if (owed.milestone, owed.cycle) not in there]
    return tuple(map(moved, (*clocks, *(_unpromised(owed, clocks) for owed in owed_too if clocks))))


def _unpromised(owed: Owed, clocks: Clocks) -> Clock:
    """A clock for what nothing was promised yet; it has waited as the work of its cycle has."""
    work = [clock for clock in clocks if clock.milestone is Milestone.RESOLVE and clock.cycle == owed.cycle]
    like = work[0] if work and owed.milestone in FIELDWORK else None
    ticket = target_at(clocks[0], owed.since)
    clock = start(
        owed.milestone,
        cycle=owed.cycle,
        pin=clocks[0].pin,
        target=replace(ticket, since=owed.since, seconds=None),
    )
    return replace(clock, pauses=like.pauses, paused_since=like.paused_since) if like else clock


def reached(clocks: Clocks, at: datetime, *milestones: Milestone, cycle: int | None = None) -> Clocks:
    """Stop the clocks of these milestones, or of one cycle of them, that had started by then."""
    return same_or(
        clocks,
        [
            stop(clock, at)
            if clock.milestone in milestones
            and clock.started_at <= at
            and (cycle is None or clock.cycle == cycle)
            else clock
            for clock in clocks
        ],
    )


def same_or(clocks: Clocks, moved: list[Clock]) -> Clocks:
    """The clocks as they are after a step; the very same where it has moved none of them."""
    for before, after in zip(clocks, moved, strict=False):
        if before is not after:
            return tuple(moved)
    return clocks if len(clocks) == len(moved) else tuple(moved)


def cycle_of(clocks: Clocks) -> int:
    """The ticket's cycle, as its resolve clocks count it."""
    return max((clock.cycle for clock in clocks if clock.milestone is Milestone.RESOLVE), default=1)
