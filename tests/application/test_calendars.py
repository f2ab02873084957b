"""The calendars that come with the product: what they say, and that they say what their sources say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest
from chinese_calendar import constants as china

from application.calendars import published, read_calendar, shipped_calendars
from domain.calendar import Calendar, CalendarGap, Year
from domain.errors import InvalidValue
from domain.wall import Weekday

SHANGHAI = ZoneInfo("Asia/Shanghai")
BY_NAME = {(each.name, each.version): each for each in shipped_calendars()}
OFFICE = BY_NAME["cn-office", 1]


def shanghai(text: str) -> datetime:
    """A time in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def chinese_year(year: int) -> Year:
    """What chinesecalendar says about a year."""
    return Year(
        off=frozenset(day for day in china.holidays if day.year == year),
        make_up={day: Weekday.MON for day in china.workdays if day.year == year},
    )


def country_year(country: type[holidays.HolidayBase]) -> Callable[[int], Year]:
    """What the holidays package says about a year of a country."""
    return lambda year: Year(
        off=frozenset(day for day in country(years=[year, year + 1]) if day.year == year)
    )


@pytest.mark.parametrize(
    ("name", "first", "last", "source"),
    [
        ("cn-office", 2004, 2026, chinese_year),
        ("it-office", 2009, 2030, country_year(holidays.Italy)),
        ("us-office", 2009, 2030, country_year(holidays.US)),
    ],
)
def test_the_published_dates_are_those_of_their_source(
    name: str, first: int, last: int, source: Callable[[int], Year]
) -> None:
    """When a newer package says otherwise, publish a new version of the calendar beside this one."""
    calendar = BY_NAME[name, 1]
    assert sorted(calendar.years) == list(range(first, last + 1))
    for year, stated in calendar.years.items():
        assert stated == source(year), f"{name} {year}"


def test_every_year_that_the_chinese_source_announces_is_published() -> None:
    newest = max(version for name, version in BY_NAME if name == "cn-office")
    assert max(BY_NAME["cn-office", newest].years) == max(china.holidays).year


def test_spring_festival_2026_has_nine_days_off_and_two_saturdays_worked() -> None:
    worked = {
        day.isoformat(): OFFICE.elapsed(
            shanghai(f"{day} 00:00"), shanghai(f"{day + timedelta(days=1)} 00:00")
        )
        for day in (date(2026, 2, 12) + timedelta(days=number) for number in range(19))
    }
    day = 7.5 * 3600
    assert [each for each, seconds in worked.items() if seconds == day] == [
        "2026-02-12",
        "2026-02-13",
        "2026-02-14",  # a Saturday, worked
        "2026-02-24",
        "2026-02-25",
        "2026-02-26",
        "2026-02-27",
        "2026-02-28",  # a Saturday, worked
        "2026-03-02",
    ]
    assert set(worked.values()) == {0, day}


def test_a_deadline_over_spring_festival_2026() -> None:
    """An hour is left on the worked Saturday; the other two are on the Tuesday ten days later."""
    reported = shanghai("2026-02-14 17:00")
    assert OFFICE.deadline(reported, 3 * 3600) == shanghai("2026-02-24 11:00")
    assert OFFICE.elapsed(reported, shanghai("2026-03-01 00:00")) == 3600 + 5 * 27_000


def test_the_sunday_before_national_day_2026_is_worked() -> None:
    assert OFFICE.elapsed(shanghai("2026-09-20 00:00"), shanghai("2026-09-21 00:00")) == 27_000
    assert OFFICE.elapsed(shanghai("2026-10-01 00:00"), shanghai("2026-10-08 00:00")) == 0


def test_a_year_that_china_has_not_announced_raises_an_alert() -> None:
    with pytest.raises(CalendarGap, match="cn-office v1 has no holiday data for 2027"):
        OFFICE.elapsed(shanghai("2026-12-31 09:00"), shanghai("2027-01-04 09:00"))
    with pytest.raises(CalendarGap, match="2003"):
        OFFICE.mark(shanghai("2003-12-31 23:59"))


def test_an_italian_week_with_liberation_day() -> None:
    rome = ZoneInfo("Europe/Rome")
    monday = datetime(2012, 4, 23, tzinfo=rome)
    assert BY_NAME["it-office", 1].elapsed(monday, monday + timedelta(days=7)) == 4 * 8 * 3600


def test_an_american_holiday_is_observed_on_the_friday_before() -> None:
    """New Year's Day 2011 was a Saturday: Friday the 31st was off, in the year before."""
    new_york = ZoneInfo("America/New_York")
    monday = datetime(2010, 12, 27, tzinfo=new_york)
    assert BY_NAME["us-office", 1].elapsed(monday, monday + timedelta(days=7)) == 4 * 8 * 3600


def test_round_the_clock() -> None:
    always = BY_NAME["24x7", 1]
    assert always == Calendar("24x7", 1)
    assert always.deadline(datetime(2027, 1, 1, tzinfo=UTC), 60) == datetime(2027, 1, 1, 0, 1, tzinfo=UTC)


HALF_DAY = """
name = "half-day"
version = 2
zone = "Europe/Rome"
week = { sat = ["09:00-12:00"] }

[years.2026]
off = [2026-01-03]
make_up = { 2026-01-05 = "sat" }
"""


def test_a_calendar_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "half-day-2.toml").write_text(HALF_DAY)
    assert published(tmp_path, read_calendar) == (
        Calendar(
            "half-day",
            2,
            "Europe/Rome",
            {Weekday.SAT: ("09:00-12:00",)},
            {2026: Year(frozenset({date(2026, 1, 3)}), {date(2026, 1, 5): Weekday.SAT})},
        ),
    )


@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [
        ('name = "half-day"', "name = half-day", r"half-day-2\.toml: Invalid value"),
        ('name = "half-day"', "", r"half-day-2\.toml: .*missing required field `name`"),
        ("version = 2", 'version = "two"', r"half-day-2\.toml: Expected `int`, got `str` - at `\$\.version`"),
        ("version = 2", "version = 3", "must be called half-day-3.toml"),
        ("zone =", "time_zone =", r"half-day-2\.toml: .*unknown field `time_zone`"),
        ("sat = [", "saturday = [", r"half-day-2\.toml: Invalid enum value 'saturday'"),
        ("09:00-12:00", "9-12", r"half-day-2\.toml: .*'9-12' is not working hours"),
        ("off = [2026-01-03]", "off = [2027-01-03]", r"half-day-2\.toml: .*2027-01-03 is listed under 2026"),
        ("off = [2026-01-03]", "off = [2026-02-30]", r"half-day-2\.toml: "),
    ],
)
def test_a_file_that_states_something_wrong_is_named_with_the_reason(
    tmp_path: Path, right: str, wrong: str, why: str
) -> None:
    (tmp_path / "half-day-2.toml").write_text(HALF_DAY.replace(right, wrong))
    with pytest.raises(InvalidValue, match=why):
        published(tmp_path, read_calendar)
