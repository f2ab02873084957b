"""What a clock's events settle about it, whatever the time is: the part of a reading that tables can hold."""

from __future__ import annotations

from datetime import datetime

import msgspec

from domain.calendar import CalendarGap
from domain.clock import Clock, last_moment
from domain.promises import Promises
from domain.reading import Reading, State, Verdict, read


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A clock as its last event left it.

    Attributes:
        state: running, paused, stopped or cancelled.
        verdict: ``pending`` until it ends; a running clock turns ``breached`` at ``breaks_at`` by itself.
        reading: the clock at its last event; ``None`` when the calendar has a gap there.
        breaks_at: the first moment at which a running clock is late; ``None`` when it cannot become so.
        gap: the year without holiday data that keeps something from being known (SLA 7).
    """

    state: State
    verdict: Verdict
    reading: Reading | None
    breaks_at: datetime | None
    gap: int | None

    def breaks_now(self, now: datetime) -> bool:
        """Whether a promise that nothing had broken before is broken at ``now``, by time alone."""
        return self.verdict is Verdict.PENDING and self.breaks_at is not None and self.breaks_at <= now


def settle(clock: Clock, promises: Promises) -> Settled:
    """What is certain about a clock after its events.

    Raises:
        UnknownPlan: the book does not hold its calendar.
    """
    try:
        now = read(clock, promises.calendar, last_moment(clock))
    except CalendarGap as missing:
        return Settled(
            state=_state(clock), verdict=_verdict(clock), reading=None, breaks_at=None, gap=missing.year
        )
    return Settled(
        state=now.state,
        verdict=now.verdict,
        reading=now,
        breaks_at=_breaks_at(now, promises),
        gap=now.gap,
    )


def _breaks_at(now: Reading, promises: Promises) -> datetime | None:
    """The deadline itself is still in time: late is the first working second after it."""
    if now.due_mark is None:
        return None
    try:
        return promises.calendar(now.pin).moment(now.due_mark + 1)
    except CalendarGap:
        return None


def _state(clock: Clock) -> State:
    if clock.cancelled_at is not None or clock.waived_at is not None:
        return State.CANCELLED
    if clock.stopped_at is not None:
        return State.STOPPED
    return State.PAUSED if clock.paused_since is not None else State.RUNNING


def _verdict(clock: Clock) -> Verdict:
    if clock.cancelled_at is not None or clock.waived_at is not None:
        return Verdict.CANCELLED
    return Verdict.NONE if clock.targets[-1].seconds is None else Verdict.PENDING
