"""The course a ticket takes: chosen so that it ends, or stands today, as its fate says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import msgspec

from application.demo.year import Fate, Report
from domain.calendar import Calendar, CalendarGap
from domain.plan import CUSTOMERS_WAITS
from domain.ticket.words import HoldReason

WAITS = {
    HoldReason.WAITING_FOR_CUSTOMER: 34,
    HoldReason.CUSTOMER_CHOSE_LATER: 28,
    HoldReason.QUOTE_CONSENT: 20,
    HoldReason.WAITING_FOR_PART: 12,
    HoldReason.ACCESS_REFUSED: 6,
}
LONG = timedelta(days=60)

STANDING: dict[Fate, Callable[[Random, int], float]] = {
    Fate.ACTIVE: lambda rng, _: rng.uniform(0.03, 0.85),
    Fate.LATE: lambda rng, target: 1 + min(rng.uniform(900, 90_000) / target, 1.5),
    Fate.BREAKING: lambda rng, target: 1 - rng.uniform(200, 3400) / target,
    Fate.NEW: lambda rng, target: rng.uniform(60, 1500) / target,
}
"""How much of its target a ticket that is in work now has used up."""


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """How the work on one ticket goes.

    Attributes:
        begins: when the customer reported.
        pace: working time until resolved, in parts of the plan's target: above 1 is late.
        hold: why work waits once on the way, if it does.
        hold_at: where on the way, from 0 to 1.
        hold_for: how long.
        upwards: how many tiers it is escalated.
    """

    begins: datetime
    pace: float
    hold: HoldReason | None
    hold_at: float
    hold_for: timedelta
    upwards: int


class Hours:
    """Working time as far as its calendar knows it, and the clock on the wall beyond (SLA 7)."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    def after(self, start: datetime, seconds: float) -> datetime:
        """When so much working time will have passed."""
        try:
            return self._calendar.deadline(start, int(seconds))
        except CalendarGap:
            return start + timedelta(seconds=int(seconds))

    def before(self, end: datetime, seconds: float) -> datetime:
        """When so much working time was still to come."""
        try:
            return self._calendar.moment(self._calendar.mark(end) - int(seconds))
        except CalendarGap:
            return end - timedelta(seconds=int(seconds))


def choose(report: Report, rng: Random, *, now: datetime, hours: Hours, target: int) -> Course:
    """The course of a report.

    Args:
        target: the working seconds its plan promises for the resolution.
    """
    fate, begins = report.fate, report.at
    pace = rng.betavariate(2.2, 2.8) if rng.random() < 0.93 else rng.uniform(1.02, 2.2)
    hold = rng.choices(list(WAITS), list(WAITS.values()))[0] if rng.random() < 0.2 else None
    hold_for = timedelta(hours=rng.uniform(4, 60))
    if fate is Fate.CUSTOMER_WAITS:
        begins = now - timedelta(days=rng.uniform(0.5, 21))
        hold, hold_for = rng.choice(sorted(CUSTOMERS_WAITS)), LONG
    elif fate is Fate.PART_WAITS:
        begins = now - timedelta(days=rng.uniform(0.5, 6))
        hold, hold_for = HoldReason.WAITING_FOR_PART, LONG
    elif fate in STANDING:
        used = STANDING[fate](rng, target)
        begins = hours.before(now, used * target) - timedelta(seconds=rng.randint(0, 40))
        hold = HoldReason.WAITING_FOR_PART if fate is Fate.LATE and rng.random() < 0.5 else None
        hold_for = LONG
        pace = used / rng.uniform(0.45, 0.95)
    return Course(
        begins=begins.replace(microsecond=0),
        pace=pace,
        hold=hold,
        hold_at=rng.uniform(0.3, 0.55),
        hold_for=hold_for,
        upwards=rng.choices((0, 1, 2), (86, 11, 3))[0],
    )
