"""A clock as a reader sees it: what happened to it, and what it shows at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import asdict

from domain.calendar import CalendarGap
from domain.clock import Clock, Milestone, Pause
from domain.promises import Promises
from domain.reading import Cause, State, Verdict, read
from domain.thresholds import DEADLINE
from domain.ticket.state import Noted
from domain.ticket.words import Priority
from projections.cases.duration import iso, iso_or_none
from projections.cases.settled import settle
from projections.cases.tracing import Trace


class ShownWarning(msgspec.Struct, frozen=True, kw_only=True):
    """A threshold that was passed (SLA 12).

    Attributes:
        percent: of the target.
        due_at: the deadline as it stood then.
        at: when that was.
        detected_at: when it was noticed and recorded.
    """

    percent: int
    due_at: datetime
    at: datetime
    detected_at: datetime


class ShownMiss(msgspec.Struct, frozen=True, kw_only=True):
    """A deadline that was recorded as missed (SLA 12).

    Attributes:
        due_at: the deadline.
        at: when it was missed: then, or when another target made it late.
        detected_at: when it was noticed and recorded.
        corrected_by: the type of the fact that was recorded later and shows that it was none, or another.
    """

    due_at: datetime
    at: datetime
    detected_at: datetime
    corrected_by: str | None


class ShownClock(msgspec.Struct, frozen=True, kw_only=True):
    """One clock at one moment. Durations are working time in ISO 8601.

    Attributes:
        target: what is promised; ``None`` for nothing.
        elapsed: working time that counts (SLA 5).
        paused: working time that pauses took out.
        remaining: target minus elapsed, negative when late.
        due_at: the deadline of a running clock; a paused one has none (SLA 6).
        verdict: met, breached, pending, cancelled, or none when nothing was promised.
        cause: how a promise was broken.
        gap: the year without holiday data that keeps something from being known (SLA 7).
        first_position: where its story begins in the log.
        last_position: where it last changed.
        warned: the thresholds that were recorded as passed; of every deadline that it has had.
        missed: the deadlines that were recorded as missed. The verdict does not depend on them.
    """

    milestone: Milestone
    cycle: int
    priority: Priority
    plan: str
    plan_version: int
    calendar: str
    calendar_version: int
    state: State
    verdict: Verdict
    cause: Cause | None
    started_at: datetime
    stopped_at: datetime | None
    cancelled_at: datetime | None
    paused_since: datetime | None
    pauses: tuple[Pause, ...]
    target: str | None
    elapsed: str | None
    paused: str | None
    remaining: str | None
    due_at: datetime | None
    breached_at: datetime | None
    gap: int | None
    first_position: int
    last_position: int
    warned: tuple[ShownWarning, ...]
    missed: tuple[ShownMiss, ...]


def show(clock: Clock, trace: Trace, promises: Promises, now: datetime, noted: Iterable[Noted]) -> ShownClock:
    """Read a clock at ``now``; what a gap in the calendar hides is absent, and the gap is named.

    Args:
        noted: what was noted of the ticket's deadlines.

    Raises:
        UnknownPlan: the book does not hold its calendar.
    """
    fixed: dict[str, Any] = {
        "milestone": clock.milestone,
        "cycle": clock.cycle,
        "started_at": clock.started_at,
        "stopped_at": clock.stopped_at,
        "cancelled_at": clock.cancelled_at or clock.waived_at,
        "paused_since": clock.paused_since,
        "pauses": clock.pauses,
        "first_position": trace.first,
        "last_position": trace.last,
        **_noted(clock, noted),
    }
    try:
        shows = read(clock, promises.calendar, now)
    except CalendarGap as missing:
        return ShownClock(**fixed, **asdict(clock.pin), **_certain(clock, promises, now), gap=missing.year)
    return ShownClock(
        **fixed,
        **asdict(shows.pin),
        priority=shows.priority,
        state=shows.state,
        verdict=shows.verdict,
        cause=shows.cause,
        target=iso_or_none(shows.target),
        elapsed=iso(shows.elapsed),
        paused=iso(shows.paused),
        remaining=iso_or_none(shows.remaining),
        due_at=shows.due_at,
        breached_at=shows.breached_at,
        gap=shows.gap,
    )


def _certain(clock: Clock, promises: Promises, now: datetime) -> dict[str, Any]:
    """What is known of a clock although the calendar does not reach ``now``."""
    settled = settle(clock, promises)
    last = settled.reading
    broken = settled.breaks_now(now)
    still = last if settled.state is State.PAUSED else None
    return {
        "priority": clock.targets[-1].priority,
        "state": settled.state,
        "verdict": Verdict.BREACHED if broken else settled.verdict,
        "cause": Cause.LATE if broken else last and last.cause,
        "target": iso_or_none(clock.targets[-1].seconds),
        "elapsed": iso_or_none(still and still.elapsed),
        "paused": None,
        "remaining": iso_or_none(still and still.remaining),
        "due_at": last and last.due_at,
        "breached_at": last and (last.due_at if broken else last.breached_at),
    }


def _noted(clock: Clock, noted: Iterable[Noted]) -> dict[str, Any]:
    own = [each for each in noted if (each.milestone, each.cycle) == (clock.milestone, clock.cycle)]
    return {
        "warned": tuple(
            ShownWarning(percent=each.percent, due_at=each.due_at, at=each.at, detected_at=each.detected_at)
            for each in own
            if each.percent < DEADLINE
        ),
        "missed": tuple(
            ShownMiss(
                due_at=each.due_at, at=each.at, detected_at=each.detected_at, corrected_by=each.corrected_by
            )
            for each in own
            if each.percent == DEADLINE
        ),
    }
