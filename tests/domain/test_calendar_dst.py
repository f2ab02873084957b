"""Working time when the clocks change. The expected seconds are worked out by hand from the wall.

Europe/Rome 2026: on 29 March 02:00 CET (01:00Z) becomes 03:00 CEST; on 25 October 03:00 CEST (01:00Z) becomes
02:00 CET. America/New_York 2026: on 8 March 02:00 EST (07:00Z) becomes 03:00 EDT; on 1 November 02:00 EDT
(06:00Z) becomes 01:00 EST.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.calendar import Calendar, Year
from domain.wall import Weekday, first_showing

ROME, NEW_YORK = "Europe/Rome", "America/New_York"


def daily(zone: str, *hours: str) -> Calendar:
    """The same hours every day of 2026."""
    return Calendar("daily", 1, zone, dict.fromkeys(Weekday, hours), {2026: Year()})


def wall(zone: str, text: str, *, fold: int = 0) -> datetime:
    """A time of 2026 on the wall: "03-29 06:00"."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo(zone), fold=fold)


CHANGES = [
    # zone, evening before, morning after, hours by which the night is longer
    pytest.param(ROME, "03-28", "03-29", -1, id="Rome spring"),
    pytest.param(ROME, "10-24", "10-25", +1, id="Rome autumn"),
    pytest.param(NEW_YORK, "03-07", "03-08", -1, id="New York spring"),
    pytest.param(NEW_YORK, "10-31", "11-01", +1, id="New York autumn"),
]


@pytest.mark.parametrize(("zone", "evening", "morning", "longer"), CHANGES)
def test_a_night_shift_is_as_long_as_the_night_really_was(
    zone: str, evening: str, morning: str, longer: int
) -> None:
    nights = daily(zone, "22:00-06:00")
    start, end = wall(zone, f"{evening} 12:00"), wall(zone, f"{morning} 12:00")
    assert nights.elapsed(start, end) == (8 + longer) * 3600  # 25,200 s in spring, 32,400 s in autumn


@pytest.mark.parametrize(("zone", "evening", "morning", "longer"), CHANGES)
def test_office_hours_do_not_notice(zone: str, evening: str, morning: str, longer: int) -> None:
    office = daily(zone, "09:00-17:00")
    assert office.elapsed(wall(zone, f"{evening} 16:00"), wall(zone, f"{morning} 10:00")) == 2 * 3600
    assert office.deadline(wall(zone, f"{evening} 16:00"), 2 * 3600) == wall(zone, f"{morning} 10:00")


@pytest.mark.parametrize(("zone", "evening", "morning", "longer"), CHANGES)
def test_round_the_clock_counts_real_seconds(zone: str, evening: str, morning: str, longer: int) -> None:
    noon, next_noon = wall(zone, f"{evening} 12:00"), wall(zone, f"{morning} 12:00")
    for always in (Calendar("24x7", 1), daily(zone, "00:00-24:00")):
        assert always.elapsed(noon, next_noon) == (24 + longer) * 3600
        assert always.deadline(noon, (24 + longer) * 3600) == next_noon


@pytest.mark.parametrize(
    ("zone", "day", "hours", "worked"),
    [
        # Spring: 02:00-03:00 does not exist; a skipped hour means the jump itself.
        (ROME, "03-29", "02:30-06:00", 3 * 3600),  # 03:00 CEST to 06:00 CEST
        (ROME, "03-29", "01:00-02:30", 1 * 3600),  # 01:00 CET to the jump
        (ROME, "03-29", "02:15-02:45", 0),
        (ROME, "03-29", "01:00-03:00", 1 * 3600),
        (NEW_YORK, "03-08", "02:30-06:00", 3 * 3600),
        (NEW_YORK, "03-08", "01:00-02:30", 1 * 3600),
        (NEW_YORK, "03-08", "02:15-02:45", 0),
        # Autumn: Rome has 02:00-03:00 twice, New York 01:00-02:00; the first coming counts.
        (ROME, "10-25", "02:30-06:00", 16_200),  # 02:30 CEST to 06:00 CET: half an hour, an hour, three
        (ROME, "10-25", "00:00-02:30", 9_000),
        (ROME, "10-25", "02:00-03:00", 2 * 3600),  # both of them
        (ROME, "10-25", "02:15-02:45", 1_800),  # once
        (NEW_YORK, "11-01", "01:30-06:00", 19_800),  # 01:30 EDT to 06:00 EST: half an hour, an hour, four
        (NEW_YORK, "11-01", "00:00-01:30", 5_400),
        (NEW_YORK, "11-01", "01:00-02:00", 2 * 3600),
    ],
)
def test_hours_that_begin_or_end_in_the_change(zone: str, day: str, hours: str, worked: int) -> None:
    noon = wall(zone, f"{day} 12:00")
    assert daily(zone, hours).elapsed(noon - timedelta(hours=13), noon) == worked


@pytest.mark.parametrize(
    ("zone", "day"), [(ROME, "03-29"), (ROME, "10-25"), (NEW_YORK, "03-08"), (NEW_YORK, "11-01")]
)
@pytest.mark.parametrize("border", ["01:00", "01:30", "02:00", "02:30", "03:00"])
def test_hours_that_touch_on_paper_touch_in_the_world(zone: str, day: str, border: str) -> None:
    parted, whole = daily(zone, f"00:00-{border}", f"{border}-06:00"), daily(zone, "00:00-06:00")
    noon = wall(zone, f"{day} 12:00")
    assert parted.elapsed(noon - timedelta(hours=24), noon) == whole.elapsed(noon - timedelta(hours=24), noon)


def test_a_deadline_inside_the_night_of_the_change() -> None:
    assert daily(ROME, "22:00-06:00").deadline(wall(ROME, "03-28 22:00"), 6 * 3600) == wall(
        ROME, "03-29 05:00"
    )
    assert daily(ROME, "22:00-06:00").deadline(wall(ROME, "10-24 22:00"), 6 * 3600) == wall(
        ROME, "10-25 03:00"
    )
    assert daily(ROME, "22:00-06:00").deadline(wall(ROME, "10-24 22:00"), 18_000) == datetime(
        2026, 10, 25, 1, tzinfo=UTC
    )  # the second 02:00


def test_a_day_that_a_zone_left_out_has_no_hours() -> None:
    """Samoa crossed the date line: its wall went from 29 December 2011 to the 31st."""
    samoa = Calendar("daily", 1, "Pacific/Apia", dict.fromkeys(Weekday, ("09:00-17:00",)), {2011: Year()})
    assert (
        samoa.elapsed(datetime(2011, 12, 29, 10, tzinfo=UTC), datetime(2011, 12, 31, 10, tzinfo=UTC))
        == 16 * 3600
    )
    jump = datetime(2011, 12, 30, 10, tzinfo=UTC).timestamp()
    assert first_showing(datetime(2011, 12, 30, 9), ZoneInfo("Pacific/Apia")) == jump  # noqa: DTZ001
