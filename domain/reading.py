"""What a clock shows at a moment: elapsed, paused and remaining time, deadline and verdict.

All measures are whole working seconds of the clock's own calendar (SLA 5):
- elapsed is [start, stop) minus the union of the pauses;
- met is stopped with elapsed ≤ target: a stop on the deadline itself is in time;
- breached is elapsed > target, from the first working second after the deadline on, stopped or not.

A clock that was re-pinned is measured from its start in the calendar it has by then. Each target is judged in
the calendar that it was promised in, for the time that it was in force: so no verdict changes (SLA 8).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec

from domain.calendar import Calendar, CalendarGap
from domain.clock import Clock, Target
from domain.ticket.events import PlanPin
from domain.ticket.words import Priority
from domain.wall import union

Calendars = Callable[[PlanPin], Calendar]
"""Finds the calendar that a pin names, as a book of promises does."""


class State(StrEnum):
    """What a clock is doing."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    """It measures nothing any more: the ticket was cancelled, or nobody needs the milestone."""


class Verdict(StrEnum):
    """Whether the promise was kept."""

    PENDING = "pending"
    """Neither reached nor broken yet."""
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"
    """Neither met nor missed (SLA 11)."""
    NONE = "none"
    """Nothing was promised, so nothing is judged."""


class Cause(StrEnum):
    """How a promise was broken."""

    LATE = "late"
    """The time ran out."""
    RECLASSIFIED = "reclassified"
    """A new target made it late at once: late by reclassification, reported apart (SLA 9)."""


class Breach(NamedTuple):
    """How a promise was broken, and when: at the deadline that was missed, or by the reclassification.

    ``worked`` is the time that had counted by then.
    """

    cause: Cause
    at: datetime
    worked: int


class Reading(msgspec.Struct, frozen=True):
    """A clock at one moment. Times are UTC, durations working seconds.

    Attributes:
        pin: the plan and calendar that it went by at that moment, or at its stop.
        priority: the ticket's priority as the clock knew it then.
        target: what was promised then; ``None`` for nothing.
        elapsed: time that counts.
        paused: working time that pauses took out.
        remaining: target minus elapsed, negative when late; ``None`` without target or when cancelled.
        due_at: the deadline, or the one that was missed, of a running clock. A paused clock has none (SLA 6).
        due_mark: the calendar's mark at which nothing remains, for a running clock: ``remaining`` is always
            ``due_mark - calendar.mark(now)`` until something happens to it.
        breached_at: when the promise was broken.
        late: time that has counted since then; 0 while it is not broken.
        gap: the year without holiday data that the deadline falls into, an alert: ``due_at`` is not known
            then, while everything else is exact (SLA 7).
    """

    state: State
    verdict: Verdict
    pin: PlanPin
    priority: Priority
    target: int | None
    elapsed: int
    paused: int
    cause: Cause | None = None
    remaining: int | None = None
    due_at: datetime | None = None
    due_mark: int | None = None
    breached_at: datetime | None = None
    late: int = 0
    gap: int | None = None


def reading(clock: Clock, calendar: Calendar, now: datetime) -> Reading:
    """Read a clock at ``now`` in one calendar, whatever it pins; see ``read``.

    Raises:
        CalendarGap: the calendar has no data for a year in which the clock ran (SLA 7).
    """
    return read(clock, lambda _: calendar, now)


def read(clock: Clock, calendars: Calendars, now: datetime) -> Reading:
    """Read a clock at ``now``; what is known to have happened to it later does not show yet.

    Raises:
        CalendarGap: the calendar it goes by has no data for a year in which the clock ran (SLA 7).
        UnknownPlan: a calendar is not to be found.
    """
    state, end = _state(clock, now)
    targets = _in_force(clock, state, end)
    promised = targets[-1]
    pin = clock.pin_of(promised)
    course = _Course(clock, calendars(pin), end)
    target, elapsed = promised.seconds, course.elapsed
    broken = None if _is_cancelled(clock, now) else _first_breach(clock, targets, calendars, course)
    running = target if state is State.RUNNING else None
    due_at, gap = (None, None) if running is None else course.moment(running)
    remaining = None if target is None or state is State.CANCELLED else target - elapsed
    # By place, in the order of its attributes: naming them takes as long as reading the clock.
    return Reading(
        state,
        _verdict(state, target, broken),
        pin,
        promised.priority,
        target,
        elapsed,
        course.here - course.begins - elapsed,
        broken.cause if broken else None,
        remaining,
        due_at,
        None if running is None else course.here + running - elapsed,
        broken.at if broken else None,
        elapsed - broken.worked if broken else 0,
        gap,
    )


class Deadline(NamedTuple):
    """Where the deadline of a clock stands: what a reading says of it, without a verdict.

    Attributes:
        state: what the clock does.
        target: what is promised, in seconds; ``None`` for nothing.
        due_at: the deadline; only a running clock has one (SLA 6).
        remaining: what remains of the target, negative when it is late; ``None`` of one that was cancelled.
        gap: the year without holiday data that keeps it from being known (SLA 7).
        pin: the plan and calendar it goes by.
    """

    state: State
    target: int | None
    due_at: datetime | None
    remaining: int | None
    gap: int | None
    pin: PlanPin


def deadline(clock: Clock, calendars: Calendars, now: datetime) -> Deadline:
    """Where a clock's deadline stands at ``now``.

    Raises:
        UnknownPlan: its calendar is not to be found.
    """
    state, end = _state(clock, now)
    promised = _in_force(clock, state, end)[-1]
    target, pin = promised.seconds, clock.pin_of(promised)
    if target is None or state is State.CANCELLED:
        return Deadline(state, target, None, None, None, pin)
    try:
        course = _Course(clock, calendars(pin), end)
    except CalendarGap as missing:
        return Deadline(state, target, None, None, missing.year, pin)
    due_at, gap = course.moment(target) if state is State.RUNNING else (None, None)
    return Deadline(state, target, due_at, target - course.elapsed, gap, pin)


class _Course:
    """A clock's way through the working time of a calendar, up to a moment.

    Attributes:
        end: that moment.
        begins: the mark it began at.
        here: the mark of that moment.
        elapsed: what had been worked by then.

    Raises:
        CalendarGap: the calendar has no data for a year of it.
    """

    def __init__(self, clock: Clock, calendar: Calendar, end: datetime) -> None:
        self.calendar = calendar
        self._started, self.end = clock.started_at, end
        self._waits = _waits(clock, calendar, end) if clock.pauses or clock.paused_since else []
        self.begins = calendar.mark(clock.started_at)
        self.here = calendar.mark(end)
        self.elapsed = self._worked(self.here)

    def worked(self, at: datetime) -> int:
        """What had been worked at a moment."""
        if at == self.end:
            return self.elapsed
        return self._worked(self.calendar.mark(at)) if at > self._started else 0

    def _worked(self, mark: int) -> int:
        elapsed = mark - self.begins
        for since, ends in self._waits:
            if since >= mark:
                break
            elapsed -= min(ends, mark) - since
        return elapsed

    def due(self, seconds: int) -> int:
        """The first mark at which ``seconds`` have been worked."""
        mark = self.begins + seconds
        for since, ends in self._waits:
            if since >= mark:
                break
            mark += ends - since
        return mark

    def moment(self, seconds: int) -> tuple[datetime | None, int | None]:
        """When ``seconds`` have been worked, or the year that the calendar does not know."""
        try:
            return self.calendar.moment(self.due(seconds)), None
        except CalendarGap as missing:
            return None, missing.year


def _waits(clock: Clock, calendar: Calendar, end: datetime) -> list[tuple[int, int]]:
    """A clock's waits as spans of marks, in order."""
    waits = [(pause.since, pause.until) for pause in clock.pauses]
    if clock.paused_since is not None:
        waits.append((clock.paused_since, end))
    clipped = [(max(since, clock.started_at), min(until, end)) for since, until in waits]
    return union((calendar.mark(since), calendar.mark(until)) for since, until in clipped if since < until)


def _state(clock: Clock, now: datetime) -> tuple[State, datetime]:
    """What the clock does at ``now``, and the moment up to which it has counted."""
    stopped = clock.stopped_at is not None and clock.stopped_at <= now
    until = clock.stopped_at if stopped and clock.stopped_at else now
    ended = clock.cancelled_at or clock.waived_at
    if clock.cancelled_at is not None and clock.waived_at is not None:
        ended = min(clock.cancelled_at, clock.waived_at)
    if ended is not None and ended <= now:
        state, until = State.CANCELLED, min(until, ended)
    elif stopped:
        state = State.STOPPED
    elif clock.paused_since is not None and clock.paused_since <= now:
        state = State.PAUSED
    else:
        waiting = clock.pauses and any(pause.since <= now < pause.until for pause in clock.pauses)
        state = State.PAUSED if waiting else State.RUNNING
    return state, max(until, clock.started_at)


def _is_cancelled(clock: Clock, now: datetime) -> bool:
    """Whether nothing is judged: a milestone that was merely no longer needed may have been missed before."""
    return clock.cancelled_at is not None and clock.cancelled_at <= now


def _in_force(clock: Clock, state: State, end: datetime) -> list[Target]:
    """The targets that had come into force; one that came at the end itself measures nothing."""
    first, *later = clock.targets
    if not later:
        return [first]
    if state in {State.STOPPED, State.CANCELLED}:
        return [first, *(target for target in later if target.since < end)]
    return [first, *(target for target in later if target.since <= end)]


def _first_breach(clock: Clock, targets: list[Target], calendars: Calendars, now: _Course) -> Breach | None:
    """The first target that was broken while it was in force; no later one undoes it (SLA 9)."""
    if len(targets) == 1:
        return _breach(targets[0], now.end, now)
    ends = [*(target.since for target in targets[1:]), now.end]
    for target, until in zip(targets, ends, strict=True):
        own = now.calendar if target is targets[-1] else calendars(clock.pin_of(target))
        if own is now.calendar:
            broken = _breach(target, until, now)
        else:
            broken = _breach_before(clock, target, until, own, now)
            broken = broken and broken._replace(worked=now.worked(broken.at))
        if broken:
            return broken
    return None


def _breach(target: Target, until: datetime, by: _Course) -> Breach | None:
    """How a target was broken that was in force until then."""
    seconds = target.seconds
    if seconds is None:
        return None
    before = by.worked(target.since)
    if before > seconds:
        return Breach(Cause.RECLASSIFIED, target.since, before)
    if by.worked(until) > seconds:
        return Breach(Cause.LATE, by.calendar.moment(by.due(seconds)), seconds)
    return None


def _breach_before(
    clock: Clock, target: Target, until: datetime, own: Calendar, now: _Course
) -> Breach | None:
    """The same, of a target that was promised in another calendar than the clock goes by now.

    Where that calendar has no data no verdict was given. Only another version of the same one can tell then.
    """
    told = min(until, own.ends or until)
    try:
        broken = _breach(target, told, _Course(clock, own, told))
        silent = told < until
    except CalendarGap:
        broken, silent = None, True
    if broken is None and silent and own.name == now.calendar.name:
        return _breach(target, until, now)
    return broken


def _verdict(state: State, target: int | None, broken: Breach | None) -> Verdict:
    if broken:
        return Verdict.BREACHED
    if state is State.CANCELLED:
        return Verdict.CANCELLED
    if target is None:
        return Verdict.NONE
    return Verdict.MET if state is State.STOPPED else Verdict.PENDING
