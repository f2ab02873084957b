"""Our own clocks: until a tier accepts a case, how long it has it, how long we wait for others (R07, SLA 4).

A service plan may set their targets like those of promises to the customer. They are kept apart from the
customer's clocks: nothing here moves one of those, and no table of promises has them.

They follow what a ticket is and not which event made it so: a clock runs for as long as its state lasts.
What a department or a supplier was asked has the due time that was asked for in place of a plan's target, in
clock time (R06).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from domain.clock import Clock, Milestone, Target, cancel, pause, resume, retarget, start, stop, waive
from domain.event import Act, Event
from domain.plan import ROUND_THE_CLOCK
from domain.promises import Promises
from domain.ticket.allowed import OPEN
from domain.ticket.promised import Clocks, begun, changed, same_or
from domain.ticket.state import Liaison, Ticket
from domain.ticket.tier_events import HandoverAccepted, HandoverRefused
from domain.ticket.words import HoldReason, Status, Tier

WITH_TIER = {
    Tier.L1: Milestone.TIER_L1,
    Tier.L2: Milestone.TIER_L2,
    Tier.L3: Milestone.TIER_L3,
    Tier.L4: Milestone.TIER_L4,
}
"""How long a tier has had a case since it accepted it."""

WAITING = {
    HoldReason.WAITING_FOR_PART: Milestone.PART_WAIT,
    HoldReason.WAITING_FOR_SUPPLIER: Milestone.SUPPLIER_WAIT,
}
"""What does not pause the customer's clocks, and starts one of ours."""

BY_STATE = (Milestone.HANDOVER, *WITH_TIER.values(), *WAITING.values())
"""What a plan may set targets for."""
INTERNAL = frozenset({*BY_STATE, Milestone.LIAISON})

Running = tuple[tuple[Milestone, datetime | None], ...]
"""What runs, and of what begins again and again, since when."""


def advance(
    internal: Clocks, before: Ticket | None, after: Ticket, event: Event, act: Act, promises: Promises
) -> Clocks:
    """The clocks after one more event, which made one ticket of another.

    Raises:
        UnknownPlan: the book does not hold the plan that the ticket pins.
    """
    if before is not None and before.liaisons is not after.liaisons:
        internal = liaised(internal, after, act.occurred_at)
    if before is not None and (before is after or _looks_alike(before, after)):
        return internal
    ran, runs = _running(before) if before else (), _running(after)
    moved = _moved_on(internal, before, after, act, promises) if before else internal
    if ran == runs:
        return moved
    clocks = [*moved]
    for key in ran:
        if key not in runs:
            place = max(place for place, clock in enumerate(clocks) if clock.milestone is key[0])
            clocks[place] = _ended(clocks[place], after, event, act)
    for key in runs:
        if key not in ran:
            cycle = 1 + sum(clock.milestone is key[0] for clock in clocks)
            target = Target(act.occurred_at, after.priority, None, after.category, after.band)
            clocks.append(begun(key[0], cycle, after.pin, target, promises))
    return tuple(clocks)


def liaised(internal: Clocks, ticket: Ticket, at: datetime) -> Clocks:
    """The clocks with those of what others were asked, after something happened to one of these.

    Args:
        internal: as they were before.
        ticket: as it stands.
        at: when that was.
    """
    clocks = list(internal)
    known = {clock.cycle: place for place, clock in enumerate(clocks) if clock.milestone is Milestone.LIAISON}
    for each in ticket.liaisons:
        place = known.get(each.liaison)
        if place is None:
            clocks.append(_asked(each, ticket))
        elif clocks[place].unstopped:
            clocks[place] = _gone_on(clocks[place], each, ticket, at)
    return tuple(clocks)


def of_others(internal: Clocks) -> Clocks:
    """Those of what others were asked: it is noted when one of them is late."""
    return tuple(clock for clock in internal if clock.milestone is Milestone.LIAISON)


def _asked(liaison: Liaison, ticket: Ticket) -> Clock:
    calendar, version = ROUND_THE_CLOCK
    pin = replace(ticket.pin, calendar=calendar, calendar_version=version)
    since = liaison.asked_at
    target = Target(since, ticket.priority, _until(liaison, since), ticket.category, ticket.band)
    return start(Milestone.LIAISON, cycle=liaison.liaison, pin=pin, target=target)


def _gone_on(clock: Clock, liaison: Liaison, ticket: Ticket, at: datetime) -> Clock:
    if ticket.status is Status.CANCELLED:
        return cancel(clock, at)
    if liaison.answered_at is not None:
        return stop(clock, max(liaison.answered_at, clock.started_at))
    if liaison.ended_at is not None:
        return waive(clock, max(liaison.ended_at, clock.started_at))
    seconds = _until(liaison, clock.started_at)
    if seconds == clock.targets[-1].seconds:
        return clock
    return retarget(clock, replace(clock.targets[-1], since=max(at, clock.started_at), seconds=seconds))


def _until(liaison: Liaison, since: datetime) -> int:
    """Whole seconds, as every clock counts (SLA 5)."""
    return max(int(liaison.due_at.timestamp()) - int(since.timestamp()), 0)


def _looks_alike(before: Ticket, after: Ticket) -> bool:
    return (
        before.status is after.status
        and before.tier is after.tier
        and before.handover is after.handover
        and before.hold is after.hold
        and before.priority is after.priority
        and before.category == after.category
        and before.band is after.band
    )


def _running(ticket: Ticket) -> Running:
    if ticket.status not in OPEN:
        return ()
    handover, hold = ticket.handover, ticket.hold
    at = (Milestone.HANDOVER, handover.since) if handover else (WITH_TIER[ticket.tier], None)
    wait = WAITING.get(hold.reason) if hold else None
    return (at, (wait, hold.since)) if wait and hold else (at,)


def _moved_on(internal: Clocks, before: Ticket, after: Ticket, act: Act, promises: Promises) -> Clocks:
    """The running clocks with the target that the ticket now has, paused where the plan says so."""
    changes: dict[str, Any] = {}
    if before.priority is not after.priority:
        changes["priority"] = after.priority
    if before.category != after.category and promises.plan(after.pin).tells_categories_apart:
        changes["category"] = after.category
    if before.band is not after.band:
        changes["band"] = after.band
    if not changes and before.hold is after.hold:
        return internal

    def moved(clock: Clock) -> Clock:
        if not clock.unstopped or clock.milestone is Milestone.LIAISON:
            return clock
        at = max(act.occurred_at, clock.started_at)
        if changes:
            (clock,) = changed((clock,), at, promises, **changes)
        if before.hold is not after.hold:
            pauses = after.hold and promises.plan(clock.pin).pauses(clock.milestone, after.hold.reason)
            clock = pause(clock, at) if pauses else resume(clock, at)
        return clock

    return same_or(internal, [moved(clock) for clock in internal])


def _ended(clock: Clock, after: Ticket, event: Event, act: Act) -> Clock:
    at = max(act.occurred_at, clock.started_at)
    if after.status is Status.CANCELLED:
        return cancel(clock, at)
    answered = isinstance(event, HandoverAccepted | HandoverRefused)
    if clock.milestone is Milestone.HANDOVER and not answered:
        return waive(clock, at)
    return stop(clock, at)
