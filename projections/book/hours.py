"""The working time between two moments, day by day: so that a calendar can be checked."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from domain.calendar import FIRST, LAST, Calendar
from domain.wall import DAY, Window
from projections.cases.duration import iso

MOST_DAYS = 400


class WorkingDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day as the calendar has it.

    Attributes:
        windows: the hours that open on it, as written; none on a day off.
        seconds: the working time of the span that lies on it, hours of the night before included.
    """

    day: date
    windows: tuple[str, ...]
    seconds: int


class WorkingTime(msgspec.Struct, frozen=True, kw_only=True):
    """The working time from one moment until another, the latter not included.

    Attributes:
        seconds: in all.
        duration: the same in ISO 8601.
        days: every day of the calendar's zone that the span touches.
    """

    calendar: str
    version: int
    zone: str
    seconds: int
    duration: str
    days: tuple[WorkingDay, ...]


def working_time(calendar: Calendar, start: datetime, end: datetime) -> WorkingTime:
    """The working time in [start, end).

    Raises:
        CalendarGap: an end of it lies outside the covered years.
        ValueError: it has more than ``MOST_DAYS`` days, or lies at the end of time.
    """
    zone = ZoneInfo(calendar.zone)
    if not FIRST <= start.year <= end.year <= LAST:
        raise ValueError(f"not between {FIRST} and {LAST}")
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    if (last - first).days >= MOST_DAYS:
        raise ValueError(f"more than {MOST_DAYS} days")
    seconds = calendar.elapsed(start, end)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return WorkingTime(
        calendar=calendar.name,
        version=calendar.version,
        zone=calendar.zone,
        seconds=seconds,
        duration=iso(seconds),
        days=tuple(_day(calendar, day, zone, start, end) for day in days),
    )


def _day(calendar: Calendar, day: date, zone: ZoneInfo, start: datetime, end: datetime) -> WorkingDay:
    begins = max(_midnight(day, zone), start)
    ends = min(_midnight(day + timedelta(days=1), zone), end)
    return WorkingDay(
        day=day,
        windows=tuple(map(_written, calendar.hours_of(day))),
        seconds=calendar.elapsed(begins, ends),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _written(window: Window) -> str:
    opens, closes = (f"{at // 3600:02}:{at % 3600 // 60:02}" for at in (window.opens, window.closes))
    return f"{opens}-{closes if window.closes <= DAY else _over_midnight(window.closes)}"


def _over_midnight(closes: int) -> str:
    return f"{(closes - DAY) // 3600:02}:{(closes - DAY) % 3600 // 60:02}"
