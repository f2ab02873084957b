"""Working time: which seconds of the world count, by a versioned calendar (SLA 7).

A calendar is one growing number, ``mark(t)``: the working seconds from its first day to ``t``. Elapsed time
is the difference of two marks, so it adds up over adjacent intervals by construction, and a deadline is the
inverse of a mark.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from domain.errors import DomainError, InvalidValue
from domain.wall import DAY, EPOCH, Weekday, Window, first_showing, union

WEEKDAYS = tuple(Weekday)
FIRST, LAST = 1900, 2200
"""The years that a calendar can cover."""


class CalendarGap(DomainError):
    """A time outside the years a calendar has data for: an alert, never a guess (SLA 7).

    Attributes:
        calendar: its name.
        version: its version.
        year: the local year that has no data.
    """

    code = "calendar-gap"

    def __init__(self, calendar: str, version: int, year: int) -> None:
        super().__init__(
            f"calendar {calendar} v{version} has no holiday data for {year}: "
            f"publish a new version of it that covers {year}, and re-pin the clocks that reach into it"
        )
        self.calendar = calendar
        self.version = version
        self.year = year


class Year(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is special in one year. A year that is not stated is not covered, whatever its weeks look like.

    Attributes:
        off: holidays: no window opens on these days.
        make_up: days worked although the week says otherwise (调休), with the weekday whose hours they keep.
    """

    off: frozenset[date] = frozenset()
    make_up: dict[date, Weekday] = {}


class Calendar(msgspec.Struct, frozen=True, dict=True, forbid_unknown_fields=True):
    """Working time, never changed once published: other days or hours are another version (SLA 8).

    A window belongs to the day it opens on: one that opens on the evening before a holiday runs on into it,
    and none opens on the evening of a holiday. Windows that overlap count once. What the hours mean when
    the clocks change is said in ``domain.wall``.

    Without a week and years it is round the clock: every second of every year counts.

    Attributes:
        name: what plans call it.
        version: from 1.
        zone: IANA time zone of the wall the hours are read from.
        week: for each weekday the hours worked, written "09:00-12:00"; a weekday left out is off.
        years: the covered years, without a gap between first and last.

    Raises:
        InvalidValue: zone, hours or days contradict themselves.
    """

    name: str
    version: int
    zone: str = "UTC"
    week: dict[Weekday, tuple[str, ...]] = {}
    years: dict[int, Year] = {}

    def __post_init__(self) -> None:
        for field, problem in self._problems():
            raise InvalidValue(f"calendar {self.name} v{self.version}: {problem}", field=field)

    def mark(self, at: datetime) -> int:
        """Whole working seconds from the calendar's first day to ``at``; a second begun does not count.

        Raises:
            CalendarGap: ``at`` lies outside the covered years.
        """
        since = at - EPOCH
        second = since.days * DAY + since.seconds
        if not self.years:
            return second
        line = self._line
        if not line.begins <= second <= line.ends:
            raise CalendarGap(self.name, self.version, at.astimezone(ZoneInfo(self.zone)).year)
        span = bisect_right(line.opens, second) - 1
        return min(line.marks[span] + second - line.opens[span], line.marks[span + 1])

    def moment(self, mark: int) -> datetime:
        """The earliest instant (UTC) that has this mark: the inverse of ``mark``.

        Raises:
            CalendarGap: that much working time lies outside the covered years.
        """
        if not self.years:
            return EPOCH + timedelta(seconds=mark)
        line = self._line
        if mark == 0:
            return EPOCH + timedelta(seconds=line.begins)
        if not 0 < mark <= line.marks[-1]:
            missing = min(self.years) - 1 if mark < 0 else max(self.years) + 1
            raise CalendarGap(self.name, self.version, missing)
        span = bisect_left(line.marks, mark) - 1
        return EPOCH + timedelta(seconds=line.opens[span] + mark - line.marks[span])

    def elapsed(self, start: datetime, end: datetime) -> int:
        """Working seconds in [start, end); 0 when the end comes first.

        Raises:
            CalendarGap: an end of it lies outside the covered years.
        """
        return max(self.mark(end) - self.mark(start), 0)

    def deadline(self, start: datetime, seconds: int) -> datetime:
        """The earliest instant with ``seconds`` of working time since ``start``; for none, ``start`` itself.

        Raises:
            CalendarGap: it lies outside the covered years.
        """
        return self.moment(self.mark(start) + seconds) if seconds else start

    def hours_of(self, day: date) -> tuple[Window, ...]:
        """The windows that open on a local day, as written; none on a holiday.

        Raises:
            CalendarGap: the day lies outside the covered years.
        """
        if not self.years:
            return (Window(0, DAY),)
        if day.year not in self.years:
            raise CalendarGap(self.name, self.version, day.year)
        year = self.years[day.year]
        weekday = year.make_up.get(day, WEEKDAYS[day.weekday()])
        return () if day in year.off else tuple(map(Window.parse, self.week.get(weekday, ())))

    @property
    def ends(self) -> datetime | None:
        """The first instant (UTC) that it has no data for; ``None`` where there is none."""
        return EPOCH + timedelta(seconds=self._line.ends) if self.years else None

    @cached_property
    def _line(self) -> _Line:
        zone = ZoneInfo(self.zone)
        begins = first_showing(datetime(min(self.years), 1, 1), zone)  # noqa: DTZ001 - a wall has no zone
        ends = first_showing(datetime(max(self.years) + 1, 1, 1), zone)  # noqa: DTZ001
        opens, marks = [begins], [0, 0]
        for opened, closed in union(self._spans(zone)):
            opens.append(opened)
            marks.append(marks[-1] + min(closed, ends) - opened)
        return _Line(begins, ends, opens, marks)

    def _spans(self, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
        midnight = datetime(min(self.years), 1, 1)  # noqa: DTZ001
        while midnight.year in self.years:
            for window in self.hours_of(midnight.date()):
                opened, closed = (first_showing(midnight + timedelta(seconds=at), zone) for at in window)
                yield opened, closed
            midnight += timedelta(days=1)

    def _problems(self) -> Iterator[tuple[str, str]]:
        try:
            ZoneInfo(self.zone)
        except (OSError, ValueError, KeyError):
            yield "/zone", f"there is no time zone {self.zone!r}"
        for weekday, texts in self.week.items():
            for place, text in enumerate(texts):
                try:
                    Window.parse(text)
                except InvalidValue as wrong:
                    yield f"/week/{weekday.value}/{place}", wrong.message
        if any(self.week.values()) != bool(self.years):
            yield "/years", "hours need covered years, and covered years need hours; leave out both for 24×7"
        if stray_year := next((year for year in self.years if not FIRST <= year <= LAST), None):
            yield "/years", f"{stray_year} is not a year between {FIRST} and {LAST}"
        if self.years and len(self.years) <= max(self.years) - min(self.years):
            yield "/years", f"the covered years {sorted(self.years)} have a gap"
        for number, year in self.years.items():
            if stray := [day for day in (*year.off, *year.make_up) if day.year != number]:
                yield f"/years/{number}", f"{min(stray)} is listed under {number}"
            if both := year.off & year.make_up.keys():
                yield f"/years/{number}", f"{min(both)} is both off and worked"


class _Line(NamedTuple):
    """All working spans of a calendar in a row, in seconds since the epoch.

    ``marks[i]`` is the working time before ``opens[i]``, and ``marks[i + 1]`` that at its close. The first
    span is empty and opens with the first covered year, so that every covered second is in or after one.
    """

    begins: int
    ends: int
    opens: list[int]
    marks: list[int]
