"""Working time by windows, holidays and make-up days (SLA 7)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from domain.calendar import Calendar, CalendarGap, Year
from domain.errors import DomainError, InvalidValue
from domain.wall import Weekday, Window, union

MON_TO_FRI = list(Weekday)[:5]
SHANGHAI = "Asia/Shanghai"


def office(
    *hours: str, days: list[Weekday] = MON_TO_FRI, zone: str = "UTC", year: Year | None = None
) -> Calendar:
    """A calendar of 2026 with the same hours on each of the days."""
    return Calendar("office", 1, zone, dict.fromkeys(days, hours), {2026: year or Year()})


def utc(text: str) -> datetime:
    """A time of 2026: "03-02 09:00"."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def hm(hours: int, minutes: int = 0, seconds: int = 0) -> int:
    """A duration in seconds."""
    return hours * 3600 + minutes * 60 + seconds


SPLIT = office("09:00-12:00", "13:30-18:00")
NIGHTS = office("22:00-06:00", year=Year(off=frozenset({date(2026, 3, 5)})))


@pytest.mark.parametrize(
    ("calendar", "start", "end", "worked"),
    [
        pytest.param(SPLIT, "03-02 09:00", "03-02 10:00", hm(1), id="inside a window"),
        pytest.param(SPLIT, "03-02 08:00", "03-02 09:00", 0, id="before opening"),
        pytest.param(SPLIT, "03-02 11:00", "03-02 14:00", hm(1, 30), id="over lunch"),
        pytest.param(SPLIT, "03-02 12:00", "03-02 13:30", 0, id="lunch alone"),
        pytest.param(SPLIT, "03-02 00:00", "03-03 00:00", hm(7, 30), id="a working day"),
        pytest.param(SPLIT, "03-06 17:00", "03-09 10:00", hm(2), id="over a weekend"),
        pytest.param(SPLIT, "03-07 00:00", "03-09 00:00", 0, id="a weekend"),
        pytest.param(SPLIT, "03-02 00:00", "03-09 00:00", 5 * hm(7, 30), id="a week"),
        pytest.param(SPLIT, "03-02 10:00", "03-02 09:00", 0, id="the end comes first"),
        pytest.param(SPLIT, "03-02 10:00", "03-02 10:00", 0, id="no time at all"),
        pytest.param(NIGHTS, "03-02 00:00", "03-02 12:00", 0, id="Sunday night is off"),
        pytest.param(NIGHTS, "03-02 23:00", "03-03 05:00", hm(6), id="inside a night"),
        pytest.param(NIGHTS, "03-06 21:00", "03-07 12:00", hm(8), id="Friday night runs into Saturday"),
        pytest.param(
            NIGHTS, "03-04 12:00", "03-05 12:00", hm(8), id="the night before a holiday runs into it"
        ),
        pytest.param(NIGHTS, "03-05 12:00", "03-06 12:00", 0, id="no night opens on a holiday"),
        pytest.param(
            office("09:00-13:00", "12:00-17:00"),
            "03-02 00:00",
            "03-03 00:00",
            hm(8),
            id="overlap counts once",
        ),
        pytest.param(
            office("22:00-06:00", "05:00-08:00"),
            "03-02 12:00",
            "03-03 12:00",
            hm(10),
            id="a night that reaches into the next morning's hours counts once",
        ),
        pytest.param(office("00:00-24:00"), "03-02 00:00", "03-09 00:00", hm(5 * 24), id="whole weekdays"),
        pytest.param(
            office("09:00-17:00", zone=SHANGHAI), "03-02 00:00", "03-02 02:00", hm(1), id="in its own zone"
        ),
        pytest.param(Calendar("24x7", 1), "03-07 00:00", "03-09 00:00", hm(48), id="24×7"),
    ],
)
def test_elapsed(calendar: Calendar, start: str, end: str, worked: int) -> None:
    assert calendar.elapsed(utc(start), utc(end)) == worked


@pytest.mark.parametrize(
    ("calendar", "start", "seconds", "due"),
    [
        pytest.param(SPLIT, "03-02 09:00", hm(1), "03-02 10:00", id="inside a window"),
        pytest.param(SPLIT, "03-02 08:00", hm(1), "03-02 10:00", id="from before opening"),
        pytest.param(
            SPLIT, "03-02 11:00", hm(1), "03-02 12:00", id="the end of a window, not the next opening"
        ),
        pytest.param(SPLIT, "03-02 11:00", hm(1, 0, 1), "03-02 13:30:01", id="a second after lunch"),
        pytest.param(SPLIT, "03-06 17:00", hm(2), "03-09 10:00", id="over a weekend"),
        pytest.param(SPLIT, "03-07 15:00", 0, "03-07 15:00", id="no time at all is the start itself"),
        pytest.param(SPLIT, "03-02 09:00:00.7", hm(1), "03-02 10:00", id="in whole seconds"),
        pytest.param(NIGHTS, "03-04 23:00", hm(8), "03-06 23:00", id="over a holiday without a night"),
        pytest.param(Calendar("24x7", 1), "03-06 20:00", hm(12), "03-07 08:00", id="24×7"),
    ],
)
def test_deadline(calendar: Calendar, start: str, seconds: int, due: str) -> None:
    assert calendar.deadline(utc(start), seconds) == utc(due)


def test_a_second_that_has_begun_does_not_count() -> None:
    assert SPLIT.elapsed(utc("03-02 09:00"), utc("03-02 09:00:01.999999")) == 1


def test_a_time_means_the_same_in_every_zone() -> None:
    noon = utc("03-02 12:00")
    assert SPLIT.mark(noon) == SPLIT.mark(noon.astimezone(ZoneInfo(SHANGHAI))) > 0


SPRING_FESTIVAL = Year(
    off=frozenset(date(2026, 2, 15) + timedelta(days=day) for day in range(9)),
    make_up={date(2026, 2, 14): Weekday.MON, date(2026, 2, 28): Weekday.FRI},
)


def test_make_up_days_are_worked_with_the_hours_of_the_weekday_they_stand_for() -> None:
    calendar = Calendar(
        "factory",
        1,
        SHANGHAI,
        {**dict.fromkeys(MON_TO_FRI, ("09:00-17:00",)), Weekday.FRI: ("09:00-15:00",)},
        {2026: SPRING_FESTIVAL},
    )

    def day(month: int, number: int) -> int:
        midnight = datetime(2026, month, number, tzinfo=ZoneInfo(SHANGHAI))
        return calendar.elapsed(midnight, midnight + timedelta(days=1))

    assert day(2, 14) == hm(8)  # a Saturday worked like a Monday
    assert day(2, 28) == hm(6)  # a Saturday worked like a Friday
    assert day(2, 7) == day(2, 21) == 0  # Saturdays that are just Saturdays
    assert day(2, 16) == day(2, 23) == 0  # Mondays of the festival
    assert day(2, 24) == hm(8)


@pytest.mark.parametrize(
    ("at", "year"),
    [
        (datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC), 2025),
        (datetime(2026, 12, 31, 16, 0, 1, tzinfo=UTC), 2027),
        (datetime(2031, 6, 1, tzinfo=UTC), 2031),
    ],
)
def test_a_year_without_holiday_data_raises_an_alert(at: datetime, year: int) -> None:
    calendar = office("09:00-17:00", zone=SHANGHAI)
    with pytest.raises(CalendarGap, match=f"office v1 has no holiday data for {year}: publish") as gap:
        calendar.mark(at)
    assert isinstance(gap.value, DomainError)
    assert (gap.value.code, gap.value.calendar, gap.value.version, gap.value.year) == (
        "calendar-gap",
        "office",
        1,
        year,
    )


def test_the_covered_years_begin_and_end_at_local_midnight() -> None:
    calendar = office("09:00-17:00", zone=SHANGHAI)
    first, last = datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert calendar.mark(first) == 0
    assert calendar.moment(0) == first
    assert calendar.mark(last) == 261 * hm(8)


def test_a_deadline_in_a_year_without_holiday_data_raises_an_alert() -> None:
    calendar = office("09:00-17:00")
    assert calendar.deadline(utc("12-31 16:00"), hm(1)) == utc("12-31 17:00")
    with pytest.raises(CalendarGap, match="2027"):
        calendar.deadline(utc("12-31 16:00"), hm(1, 0, 1))
    with pytest.raises(CalendarGap, match="2025"):
        calendar.moment(-1)


def test_the_night_of_the_last_covered_day_counts_until_midnight() -> None:
    calendar = office("22:00-06:00")
    assert calendar.elapsed(utc("12-31 12:00"), datetime(2027, 1, 1, tzinfo=UTC)) == hm(2)
    with pytest.raises(CalendarGap, match="2027"):
        calendar.mark(datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC))


def test_several_years_run_on() -> None:
    calendar = Calendar(
        "o", 1, week={Weekday.THU: ("22:00-06:00",)}, years={2025: Year(), 2026: Year(), 2027: Year()}
    )
    assert calendar.elapsed(utc("12-31 12:00"), datetime(2027, 1, 1, 12, tzinfo=UTC)) == hm(8)
    with pytest.raises(CalendarGap, match="2028"):
        calendar.mark(datetime(2028, 1, 1, 12, tzinfo=UTC))


def test_round_the_clock_covers_every_year() -> None:
    calendar = Calendar("24x7", 1)
    assert calendar.elapsed(
        datetime(1969, 12, 31, 23, tzinfo=UTC), datetime(1970, 1, 1, 1, tzinfo=UTC)
    ) == hm(2)
    assert calendar.elapsed(datetime(2999, 1, 1, tzinfo=UTC), datetime(2999, 1, 2, tzinfo=UTC)) == hm(24)
    assert calendar.moment(calendar.mark(utc("03-02 09:00"))) == utc("03-02 09:00")


def test_the_hours_of_a_day() -> None:
    assert SPLIT.hours_of(date(2026, 3, 2)) == (Window(hm(9), hm(12)), Window(hm(13, 30), hm(18)))
    assert SPLIT.hours_of(date(2026, 3, 7)) == ()
    assert Calendar("24x7", 1).hours_of(date(1999, 3, 7)) == (Window(0, hm(24)),)
    with pytest.raises(CalendarGap, match="2027"):
        SPLIT.hours_of(date(2027, 3, 2))


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("09:00-12:00", Window(hm(9), hm(12))),
        ("00:00-24:00", Window(0, hm(24))),
        ("22:00-06:00", Window(hm(22), hm(30))),
        ("18:00-00:00", Window(hm(18), hm(24))),
        ("18:00-24:00", Window(hm(18), hm(24))),
    ],
)
def test_hours_are_read(text: str, window: Window) -> None:
    assert Window.parse(text) == window


@pytest.mark.parametrize(
    "text", ["", "9-12", "09:00", "09:00-09:00", "24:00-06:00", "09:60-10:00", "9:00-12:00", "09:00-25:00"]
)
def test_what_is_not_hours_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match=r"hours|whole day"):
        Window.parse(text)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"zone": "Europe/Roma"}, "no time zone 'Europe/Roma'"),
        ({"zone": "../etc/passwd"}, "no time zone"),
        ({"zone": "Europe"}, "no time zone"),
        ({"week": {}}, "covered years need hours"),
        ({"years": {}}, "hours need covered years"),
        ({"years": {2024: Year(), 2026: Year()}}, r"\[2024, 2026\] have a gap"),
        ({"years": {2026: Year(off=frozenset({date(2025, 1, 1)}))}}, "2025-01-01 is listed under 2026"),
        (
            {"years": {2026: Year(frozenset({date(2026, 1, 1)}), {date(2026, 1, 1): Weekday.MON})}},
            "2026-01-01 is both off and worked",
        ),
        ({"week": {Weekday.MON: ("nine to five",)}}, "'nine to five' is not working hours"),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(wrong: dict[str, object], why: str) -> None:
    right = {"week": {Weekday.MON: ("09:00-12:00",)}, "years": {2026: Year()}}
    with pytest.raises(InvalidValue, match=why):
        Calendar("office", 1, **{**right, **wrong})


def test_a_calendar_survives_being_written_down() -> None:
    calendar = office("09:00-12:00", zone=SHANGHAI, year=SPRING_FESTIVAL)
    calendar.mark(utc("03-02 09:00"))
    assert msgspec.json.decode(msgspec.json.encode(calendar), type=Calendar) == calendar


def test_union_counts_every_second_once() -> None:
    assert union([(5, 7), (1, 3), (2, 4), (4, 5), (9, 9), (12, 11), (20, 30), (22, 25)]) == [(1, 7), (20, 30)]
