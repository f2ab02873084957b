"""What a clock passes on its way: the thresholds at which somebody is warned, and the deadline (SLA 12).

It follows from what happened to the clock and from nothing else, so it does not matter when, how often and
by whom it is asked. A deadline is its own version: after a pause, another target or another plan it is
another moment, and its thresholds are passed anew, each where the clock then has used so much of its time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from domain.calendar import Calendar, CalendarGap
from domain.clock import Clock, Target
from domain.reading import Calendars, Cause
from domain.ticket.events import PlanPin
from domain.wall import union

Thresholds = Callable[[PlanPin], tuple[int, ...]]
"""The percentages at which the plan of a pin warns, rising."""

DEADLINE = 100
"""The percentage of the target at which the deadline is."""


class Passing(NamedTuple):
    """One threshold of one deadline.

    Attributes:
        percent: of the target; ``DEADLINE`` is the deadline itself, and to pass it is to miss it.
        due_at: the deadline, as it stood when the threshold was passed: with the percentage it says which.
        at: when it was passed; the deadline itself is still in time.
        certain_at: the first moment at which it has been passed, whatever happens from then on.
        target: the seconds that were promised.
        pin: by which plan and calendar.
        cause: how a deadline was missed.
    """

    percent: int
    due_at: datetime
    at: datetime
    certain_at: datetime
    target: int
    pin: PlanPin
    cause: Cause | None = None


def passings(clock: Clock, calendars: Calendars, thresholds: Thresholds) -> Iterator[Passing]:
    """Everything that a clock has passed or will pass if nothing more happens to it, as it becomes certain.

    Nothing for a cancelled clock. What lies beyond the years of the calendar is left out.

    Raises:
        CalendarGap: the calendar it goes by has no data for a year in which something happened to it (SLA 7):
            before anything is told.
        UnknownPlan: a plan or calendar is not to be found.
    """
    if clock.cancelled_at is not None:
        return
    spans = _in_force(clock, thresholds)
    if len(spans) == 1 and spans[0].is_short(clock.started_at):
        return
    last = calendars(spans[-1].pin)
    newest = _Way(clock, last)
    if len(spans) == 1:
        yield from newest.passed(spans[0])
        return
    told: set[tuple[int, datetime]] = set()
    for span in spans:
        own = calendars(span.pin)
        for passing in newest.passed(span) if own is last else _before(span, clock, own, newest):
            key = passing.percent, passing.due_at
            if key not in told:
                told.add(key)
                yield passing


class _Span(NamedTuple):
    """A target while it was in force."""

    target: Target
    pin: PlanPin
    warnings: tuple[int, ...]
    until: datetime | None

    def is_short(self, started_at: datetime) -> bool:
        """Whether it ended before anything can have been passed, by the wall: most do, without a calendar."""
        if self.until is None or self.target.seconds is None:
            return False
        percent = self.warnings[0] if self.warnings else DEADLINE
        return (self.until - started_at).total_seconds() * 100 < self.target.seconds * percent


def _in_force(clock: Clock, thresholds: Thresholds) -> list[_Span]:
    """Every target with its time; one that changes nothing goes on as the one before it."""
    end = clock.stopped_at or clock.waived_at
    if len(clock.targets) == 1:
        (only,) = clock.targets
        pin = clock.pin_of(only)
        return [_Span(only, pin, thresholds(pin), end)]
    kept: list[_Span] = []
    for target in clock.targets:
        if kept and end is not None and target.since >= end:
            continue
        pin = clock.pin_of(target)
        span = _Span(target, pin, thresholds(pin), end)
        if not kept or _terms(span) != _terms(kept[-1]):
            kept.append(span)
    ends = [*(span.target.since for span in kept[1:]), end]
    return [span._replace(until=until) for span, until in zip(kept, ends, strict=True)]


def _terms(span: _Span) -> tuple[object, ...]:
    """What decides when something is passed."""
    return span.target.seconds, span.pin.calendar, span.pin.calendar_version, span.warnings


def _before(span: _Span, clock: Clock, own: Calendar, newest: _Way) -> list[Passing]:
    """What was passed in another calendar than the clock goes by now: as it was judged then (SLA 8).

    Where that calendar has no data, another version of the same one tells; see ``domain.reading``.
    """
    try:
        found = [*_Way(clock, own).passed(span)]
        silent = own.ends is not None and (span.until is None or own.ends < span.until)
    except CalendarGap:
        found, silent = [], True
    if silent and own.name == newest.calendar.name:
        told = {each.percent for each in found}
        found += [each for each in newest.passed(span) if each.percent not in told]
    return sorted(found, key=lambda each: each.certain_at)


def _waits(clock: Clock, calendar: Calendar) -> list[tuple[int, int]]:
    """A clock's ended waits as spans of marks, in order."""
    spans = [(max(pause.since, clock.started_at), pause.until) for pause in clock.pauses]
    return union((calendar.mark(since), calendar.mark(until)) for since, until in spans)


class _Way:
    """A clock's way through working time: the mark it began at, its ended waits, and one that is open."""

    def __init__(self, clock: Clock, calendar: Calendar) -> None:
        self.calendar = calendar
        self._clock = clock
        self._begins = calendar.mark(clock.started_at)
        self._waits = _waits(clock, calendar) if clock.pauses else []
        open_since = clock.paused_since
        self._open = None if open_since is None else calendar.mark(max(open_since, clock.started_at))

    def passed(self, span: _Span) -> Iterator[Passing]:
        """What is passed while a target is in force, as it becomes certain, so far as the calendar goes."""
        since, seconds, until = span.target.since, span.target.seconds, span.until
        if seconds is None:
            return
        missed = None
        if since > self._clock.started_at:
            missed = self._missed(since, seconds, span.pin)
            if missed is not None and missed.cause is Cause.RECLASSIFIED:
                yield missed
                return
        for percent in span.warnings:
            warned = self._warned(since, seconds, percent, span.pin)
            if warned is not None:
                # What comes later is certain later still.
                if until is not None and warned.certain_at > until:
                    return
                yield warned
        missed = missed or self._missed(since, seconds, span.pin)
        if missed is not None and (until is None or missed.certain_at <= until):
            yield missed

    def _missed(self, since: datetime, seconds: int, pin: PlanPin) -> Passing | None:
        """The deadline, missed with the first second after it, or by coming into force too late for it."""
        last, late = self._worked(seconds), self._worked(seconds + 1)
        due_at, certain_at = self._moment(last), self._moment(late)
        if due_at is None or certain_at is None:
            return None
        if certain_at <= since:
            return Passing(DEADLINE, due_at, since, since, seconds, pin, Cause.RECLASSIFIED)
        return Passing(DEADLINE, due_at, due_at, certain_at, seconds, pin, Cause.LATE)

    def _warned(self, since: datetime, seconds: int, percent: int, pin: PlanPin) -> Passing | None:
        """A threshold, passed in its time; or by a change of target, once the clock runs."""
        wanted = -(-seconds * percent // 100)
        mark = self._worked(wanted)
        at = self._moment(mark)
        if mark is None or at is None:
            return None
        if at < since:
            running = self._running_from(since)
            ran = running and self._mark(running)
            if running is None or ran is None:
                return None
            at, mark, wanted = running, ran, self._elapsed(ran)
        due_at = self._moment(mark + seconds - wanted)
        return Passing(percent, due_at, at, at, seconds, pin) if due_at is not None else None

    def _worked(self, seconds: int) -> int | None:
        """The first mark at which so much has been worked; ``None`` while a wait stands before it."""
        mark = self._begins + seconds
        for since, until in self._waits:
            if since >= mark:
                break
            mark += until - since
        return None if self._open is not None and self._open < mark else mark

    def _elapsed(self, mark: int) -> int:
        """What has been worked at a mark outside all waits."""
        return mark - self._begins - sum(until - since for since, until in self._waits if since < mark)

    def _running_from(self, at: datetime) -> datetime | None:
        """The first moment from then on at which the clock runs."""
        for pause in sorted(self._clock.pauses, key=lambda each: each.since):
            if pause.since <= at < pause.until:
                at = pause.until
        open_since = self._clock.paused_since
        return None if open_since is not None and open_since <= at else at

    def _mark(self, at: datetime) -> int | None:
        try:
            return self.calendar.mark(at)
        except CalendarGap:
            return None

    def _moment(self, mark: int | None) -> datetime | None:
        try:
            return None if mark is None else self.calendar.moment(mark)
        except CalendarGap:
            return None
