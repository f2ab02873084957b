"""What holds for every calendar and every two moments (SLA 5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import Calendar, Year
from domain.wall import DAY, Weekday, Window

ZONES = ("UTC", "Asia/Shanghai", "Europe/Rome", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
CHANGES = (datetime(2026, 3, 8), datetime(2026, 3, 29), datetime(2026, 10, 25), datetime(2026, 11, 1))  # noqa: DTZ001
HALF_HOUR = timedelta(minutes=30)

days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
times = st.sampled_from([0, *range(4, 24)]).map("{:02}:00".format)
"""Full hours at which no wall changes, so that counting by the wall below is exact."""
windows = st.tuples(times, times).filter(lambda pair: pair[0] != pair[1]).map("-".join)
weeks = st.dictionaries(
    st.sampled_from(Weekday), st.lists(windows, min_size=1, max_size=3).map(tuple), min_size=1
)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """One year in some zone, with holidays and make-up days."""
    special = draw(st.dictionaries(days, st.none() | st.sampled_from(Weekday), max_size=12))
    off = frozenset(day for day, weekday in special.items() if weekday is None)
    make_up = {day: weekday for day, weekday in special.items() if weekday}
    return Calendar("any", 1, draw(st.sampled_from(ZONES)), draw(weeks), {2026: Year(off, make_up)})


every_calendar = calendars() | st.just(Calendar("24x7", 1))
moments = (
    st.datetimes(datetime(2026, 1, 2), datetime(2026, 12, 30))  # noqa: DTZ001
    | st.sampled_from(CHANGES).flatmap(lambda day: st.datetimes(day, day + timedelta(days=1)))
).map(lambda at: at.replace(tzinfo=UTC))


@given(every_calendar, moments, moments)
def test_elapsed_is_never_negative_nor_more_than_the_time_that_passed(
    calendar: Calendar, start: datetime, end: datetime
) -> None:
    passed = max((end - start).total_seconds(), 0)
    assert 0 <= calendar.elapsed(start, end) < passed + 1


@given(every_calendar, st.tuples(moments, moments, moments).map(sorted))
def test_elapsed_adds_up_over_adjacent_intervals(calendar: Calendar, three: list[datetime]) -> None:
    start, middle, end = three
    assert calendar.elapsed(start, middle) + calendar.elapsed(middle, end) == calendar.elapsed(start, end)


@given(every_calendar, st.tuples(moments, moments).map(sorted))
def test_marks_never_go_back(calendar: Calendar, two: list[datetime]) -> None:
    assert calendar.mark(two[0]) <= calendar.mark(two[1])


@given(every_calendar, st.tuples(moments, moments).map(sorted), st.data())
def test_deadline_is_the_inverse_of_elapsed(
    calendar: Calendar, two: list[datetime], data: st.DataObject
) -> None:
    start, end = two
    seconds = data.draw(st.integers(0, calendar.elapsed(start, end)))
    due = calendar.deadline(start, seconds)
    assert calendar.elapsed(start, due) == seconds
    assert start <= due <= end
    if seconds:
        assert calendar.elapsed(start, due - timedelta(microseconds=1)) == seconds - 1


@given(calendars(), moments, st.integers(0, 6 * 48))
def test_elapsed_is_what_one_counts_on_the_wall(calendar: Calendar, start: datetime, halves: int) -> None:
    start = start.replace(minute=0, second=0, microsecond=0)
    steps = [start + HALF_HOUR * step for step in range(halves) if start.year == 2026]
    steps = [step for step in steps if step < datetime(2026, 12, 31, tzinfo=UTC)]
    end = steps[-1] + HALF_HOUR if steps else start
    counted = sum(_open(calendar, step.astimezone(ZoneInfo(calendar.zone))) for step in steps)
    assert calendar.elapsed(start, end) == counted * 1800


def _open(calendar: Calendar, local: datetime) -> bool:
    """Whether the wall shows a time in the day's windows, or in those of the night that began yesterday."""
    second = local.hour * 3600 + local.minute * 60
    return any(
        window.opens <= second + days_ago * DAY < window.closes
        for days_ago in (0, 1)
        for window in _written(calendar, local.date() - timedelta(days=days_ago))
    )


def _written(calendar: Calendar, day: date) -> list[Window]:
    year = calendar.years.get(day.year)
    if year is None or day in year.off:
        return []
    weekday = year.make_up.get(day) or tuple(Weekday)[day.weekday()]
    return [Window.parse(text) for text in calendar.week.get(weekday, ())]
