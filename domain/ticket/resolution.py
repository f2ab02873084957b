"""How long a ticket took (SLA 10)."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec.structs import replace

from domain.calendar import Calendar
from domain.clock import Milestone
from domain.reading import reading
from domain.ticket.promised import Clocks


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
