"""Clocks: one per ticket, milestone and cycle (SLA 1).

A clock keeps what happened: when it started, paused and stopped, and which target it had from when on. What
follows from that (elapsed, remaining, due, verdict) is read off with a calendar (``domain.reading``) and
never stored in it. So a fact recorded late simply takes its place, and moving a clock needs no calendar and
cannot fail.
"""

from __future__ import annotations

from bisect import bisect
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from domain.ticket.events import PlanPin
from domain.ticket.words import Priority, TravelBand


class Milestone(StrEnum):
    """What is promised by a time (R09)."""

    ACKNOWLEDGE = "acknowledge"
    """Somebody of ours has taken notice."""
    FIRST_RESPONSE = "first_response"
    """A person has answered the customer (SLA 3)."""
    DISPATCH = "dispatch"
    """A technician was sent."""
    ON_SITE = "on_site"
    """Somebody is there."""
    WORKAROUND = "workaround"
    """The customer can work again."""
    RESOLVE = "resolve"
    """The fault is dealt with."""
    PART_DELIVERED = "part_delivered"
    """A part that was ordered for the ticket is there."""
    CALLBACK = "callback"
    """The customer was asked, after closing."""
    COMPLAINT_ANSWER = "complaint_answer"
    """A complaint was answered."""
    HANDOVER = "handover"
    """A tier has accepted or refused what was handed to it. This and those that follow are our own (R07)."""
    TIER_L1 = "tier_l1"
    """The field team has done its part."""
    TIER_L2 = "tier_l2"
    """The professional service centre has."""
    TIER_L3 = "tier_l3"
    """R&D has."""
    TIER_L4 = "tier_l4"
    """The vendor has."""
    PART_WAIT = "part_wait"
    """What was waited for, a part, is there."""
    SUPPLIER_WAIT = "supplier_wait"
    """The supplier has answered."""
    LIAISON = "liaison"
    """A department of ours or a supplier has answered what it was asked (R06)."""


class Pause(msgspec.Struct, frozen=True):
    """A wait that does not count, [since, until)."""

    since: datetime
    until: datetime


class Target(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was promised from a time on (SLA 9).

    Attributes:
        since: when it came into force.
        priority: the ticket's priority then.
        seconds: the seconds the plan promises for it; ``None`` when it promises nothing.
        category: the ticket's category then.
        band: how far it was to the customer, as far as that was known.
        pin: the plan and calendar that promised it, of a clock re-pinned later; ``None`` for its own.
    """

    since: datetime
    priority: Priority
    seconds: int | None
    category: str | None = None
    band: TravelBand | None = None
    pin: PlanPin | None = None


class Clock(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One milestone of one cycle of a ticket.

    Attributes:
        milestone: what it measures.
        cycle: 1, and one more for every rejected resolution and reopening (SLA 10).
        pin: the plan and calendar it keeps for its whole life, unless it is re-pinned (SLA 8).
        started_at: when the customer reported, or the cycle began (SLA 2).
        targets: every target it had, in the order in which they came into force; never empty.
        pauses: ended pauses; they may overlap, and count once (SLA 5).
        paused_since: start of the pause that is still open.
        stopped_at: when the milestone was reached.
        cancelled_at: when the ticket turned out not to be one (SLA 11).
        waived_at: when nobody needed the milestone any more, such as a visit once the fault was dealt with.
    """

    milestone: Milestone
    cycle: int = 1
    pin: PlanPin
    started_at: datetime
    targets: tuple[Target, ...]
    pauses: tuple[Pause, ...] = ()
    paused_since: datetime | None = None
    stopped_at: datetime | None = None
    cancelled_at: datetime | None = None
    waived_at: datetime | None = None

    @property
    def unstopped(self) -> bool:
        """Whether it still waits for its milestone, paused or not."""
        return self.stopped_at is None and self.cancelled_at is None and self.waived_at is None

    def pin_of(self, target: Target) -> PlanPin:
        """The plan and calendar that promised one of its targets."""
        return target.pin or self.pin


def start(milestone: Milestone, *, cycle: int = 1, pin: PlanPin, target: Target) -> Clock:
    """A new clock that starts with its first target."""
    return Clock(milestone=milestone, cycle=cycle, pin=pin, started_at=target.since, targets=(target,))


def pause(clock: Clock, at: datetime) -> Clock:
    """Stop counting from ``at`` on (SLA 4); a clock that is paused already stays so from the earlier time."""
    if not clock.unstopped:
        return clock
    return replace(clock, paused_since=min(at, clock.paused_since or at))


def resume(clock: Clock, at: datetime) -> Clock:
    """Count again from ``at`` on; nothing changes for a clock that is not paused."""
    if clock.paused_since is None:
        return clock
    ended = (Pause(clock.paused_since, at),) if at > clock.paused_since else ()
    return replace(clock, paused_since=None, pauses=clock.pauses + ended)


def stop(clock: Clock, at: datetime) -> Clock:
    """The milestone was reached; of several times the earliest counts, in any order of recording."""
    if clock.cancelled_at is not None or (clock.waived_at is not None and clock.waived_at < at):
        return clock
    if clock.stopped_at is not None and clock.stopped_at <= at and clock.paused_since is None:
        return clock
    return replace(resume(clock, at), stopped_at=min(at, clock.stopped_at or at), waived_at=None)


def target_at(clock: Clock, at: datetime) -> Target:
    """The target in force at a time; before the clock started, its first."""
    for target in reversed(clock.targets):
        if target.since <= at:
            return target
    return clock.targets[0]


def retarget(clock: Clock, target: Target) -> Clock:
    """Swap the target; start, elapsed time and pauses stay (SLA 9).

    Targets stand in the order in which they came into force: one recorded late does not undo a later one,
    and of two at the same instant the one recorded last holds. Where another plan promised the one before it,
    that was in force first and has been judged (SLA 8), and both stand. A clock that has stopped keeps its
    verdict: for it the target comes into force at the stop, where there is nothing left to measure.
    """
    if clock.cancelled_at is not None:
        return clock
    since = max(target.since, clock.started_at, clock.stopped_at or target.since)
    if since > clock.targets[-1].since:
        return replace(clock, targets=(*clock.targets, replace(target, since=since)))
    judged = clock.targets[:1] if clock.stopped_at is not None else ()
    others = clock.targets[len(judged) :]
    both = clock.started_at < since != clock.stopped_at
    gone = [
        place
        for place, other in enumerate(others)
        if other.since == since and not (both and clock.pin_of(other) != clock.pin_of(target))
    ]
    kept = [other for place, other in enumerate(others) if place not in gone]
    kept.insert(gone[0] if gone else bisect(kept, since, key=_since), replace(target, since=since))
    return replace(clock, targets=(*judged, *kept))


def _since(target: Target) -> datetime:
    return target.since


def repin(clock: Clock, pin: PlanPin) -> Clock:
    """Go by another plan and calendar; the targets it had keep theirs, and so the verdicts by them (SLA 8).

    What is promised from then on is said by ``retarget``. A cancelled clock stays as it is.
    """
    if clock.cancelled_at is not None:
        return clock
    before = tuple(replace(target, pin=clock.pin_of(target)) for target in clock.targets)
    return replace(clock, pin=pin, targets=before)


def cancel(clock: Clock, at: datetime) -> Clock:
    """It measures nothing any more: neither met nor missed (SLA 11)."""
    return replace(resume(clock, at), cancelled_at=clock.cancelled_at or at)


def waive(clock: Clock, at: datetime) -> Clock:
    """Nobody needs the milestone any more: neither met nor missed, unless it was missed by then.

    Of reaching it and not needing it the earlier one counts, in any order of recording.
    """
    if clock.cancelled_at is not None or (clock.stopped_at is not None and clock.stopped_at <= at):
        return clock
    if clock.waived_at is not None and clock.waived_at <= at and clock.paused_since is None:
        return clock
    return replace(resume(clock, at), stopped_at=None, waived_at=min(at, clock.waived_at or at))


def last_moment(clock: Clock) -> datetime:
    """The latest time at which anything is known to have happened to a clock."""
    latest = max(clock.started_at, clock.targets[-1].since)
    if clock.pauses:
        latest = max(latest, *(pause.until for pause in clock.pauses))
    for moment in (clock.paused_since, clock.stopped_at, clock.cancelled_at, clock.waived_at):
        if moment is not None and moment > latest:
            latest = moment
    return latest
