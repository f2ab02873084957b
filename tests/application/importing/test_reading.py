"""What one row means: case, time and words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from application.importing.mapping import Mapping
from application.importing.reading import BadValue, Reading, SourceEvent
from application.importing.rows import Row
from tests.application.importing.written import DESK, NOW, mapping

BASE = 'source = "desk"\nformat = "csv"\nplan = "standard"\ndefaults = { activity = "Open" }\n'


def reading(toml: str) -> Reading:
    return Reading(mapping(toml), NOW)


def time_of(text: str, **times: object) -> datetime:
    keys = "\n".join(f"{key} = {value!r}" for key, value in times.items())
    under = reading(f'{BASE}[columns]\ncase = "c"\ntime = "t"\n[time]\n{keys}')
    return under.time(Row(2, {"t": text}))


def event(toml: str, **values: str) -> SourceEvent:
    row = Row(2, {"Case": "C1", "When": "2025-01-01", "What": "Open", **values})
    return reading(toml).event("C1", NOW, row)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "times", "moment"),
    [
        ("2012-10-09T14:50:17+02:00", {}, utc(2012, 10, 9, 12, 50, 17)),
        ("2012-10-09T14:50:17.250Z", {}, utc(2012, 10, 9, 14, 50, 17, 250_000)),
        ("2012-10-09 14:50:17", {"zone": "Europe/Rome"}, utc(2012, 10, 9, 12, 50, 17)),
        ("2012-12-09 14:50", {"zone": "Europe/Rome"}, utc(2012, 12, 9, 13, 50)),
        ("2012-10-09T14:50:17-05:00", {"zone": "Europe/Rome"}, utc(2012, 10, 9, 19, 50, 17)),
        ("29/2/2016 01:16", {"zone": "UTC", "formats": ["%d/%m/%Y %H:%M"]}, utc(2016, 2, 29, 1, 16)),
        ("2.1.2016", {"zone": "UTC", "formats": ["%d/%m/%Y", "%d.%m.%Y"]}, utc(2016, 1, 2)),
        ("1356998400", {"formats": ["unix"]}, utc(2013, 1, 1)),
        ("1356998400123", {"formats": ["unix_ms"]}, utc(2013, 1, 1, 0, 0, 0, 123_000)),
        (" 2012-10-09 ", {"zone": "Asia/Shanghai"}, utc(2012, 10, 8, 16)),
        ("2012-10-28 02:30", {"zone": "Europe/Rome"}, utc(2012, 10, 28, 0, 30)),
    ],
)
def test_times(text: str, times: dict[str, object], moment: datetime):
    assert time_of(text, **times) == moment


@pytest.mark.parametrize(
    ("text", "times", "says"),
    [
        ("2012-10-09 14:50:17", {}, "gives no time.zone"),
        ("09/10/2012", {"zone": "UTC"}, "is not written as iso"),
        ("31/02/2012", {"zone": "UTC", "formats": ["%d/%m/%Y"]}, "is not written as %d/%m/%Y"),
        ("0001-01-01", {"zone": "Europe/Rome"}, "lies before 1900"),
        ("1899-12-30T00:00Z", {}, "lies before 1900"),
        ("2026-01-01T00:00:01Z", {}, "lies in the future"),
        ("9999-12-31T23:59:59-12:00", {}, "is not written as|lies in the future"),
        ("inf", {"formats": ["unix"]}, "is not written as unix"),
        ("nan", {"formats": ["unix"]}, "is not written as unix"),
        ("1" * 40, {"formats": ["unix"]}, "is not written as unix"),
        ("", {}, "no time in column t"),
    ],
)
def test_times_that_are_none(text: str, times: dict[str, object], says: str):
    with pytest.raises(BadValue, match=says):
        time_of(text, **times)


def test_date_and_time_may_stand_in_two_columns():
    under = reading(f'{BASE}[columns]\ncase = "c"\ntime = ["day", "hour"]\n[time]\nzone = "UTC"')
    assert under.time(Row(2, {"day": "2012-10-09", "hour": "14:50"})) == utc(2012, 10, 9, 14, 50)


def test_a_case_from_several_columns_needs_all_of_them():
    under = reading(f'{BASE}[columns]\ncase = ["order", "item"]\ntime = "t"')
    assert under.case(Row(2, {"order": "7", "item": "1"})) == "7 1"
    with pytest.raises(BadValue, match=r"no case in column order \+ item"):
        under.case(Row(2, {"order": "7", "item": " "}))


def test_a_case_may_be_the_line_of_the_file():
    assert reading(f'{BASE}[columns]\ncase = "@line"\ntime = "t"').case(Row(17, {})) == "17"


def test_a_case_with_an_endless_name_is_none():
    with pytest.raises(BadValue, match="case: 201 characters, the most is 200"):
        reading(DESK).case(Row(2, {"Case": "x" * 201}))


def test_an_activity_may_stand_in_two_columns():
    toml = DESK.replace('activity = "What"', 'activity = ["What", "Team"]')
    assert event(toml, Team="Queued").activity == "Open Queued"


def test_words_for_missing_values_count_as_missing():
    toml = DESK.replace('plan = "standard"', 'plan = "standard"\nmissing = ["?", "NULL"]')
    seen = event(toml, Team="?", Who=" NULL ", Customer="", Severity="high", Level="x")
    assert (seen.fields, seen.person) == ({"priority": "P1"}, None)
    assert "Team" not in seen.values


def test_the_tables_of_values_give_our_words():
    assert event(DESK, Severity="low").fields["priority"] == "P4"
    assert event(DESK, Severity="P2").fields["priority"] == "P2"
    with pytest.raises(BadValue, match=r"priority 'medium' has no meaning; add it to \[values.priority\]"):
        event(DESK, Severity="medium")
    assert event(DESK.replace("low =", '"*" = "P3"\nlow ='), Severity="medium").fields["priority"] == "P3"


def test_a_table_may_rename_what_has_no_closed_list():
    toml = DESK.replace("[values.priority]", '[values.team]\nA1 = "Field"\n[values.priority]')
    assert event(toml, Team="A1").fields["team"] == "Field"
    assert event(toml, Team="B1").fields["team"] == "B1"


@pytest.mark.parametrize(
    ("team", "tier"), [("G97", None), ("V5 3rd", "L3"), ("V13 2nd 3rd", "L3"), ("G140 2nd", "L2")]
)
def test_a_tier_is_read_from_the_teams_name_by_the_first_pattern_that_fits(team: str, tier: str | None):
    assert event(DESK, Team=team).fields.get("tier") == tier


def test_a_tier_column_goes_before_the_teams_name():
    toml = DESK.replace('team = "Team"', 'team = "Team"\ntier = "Customer"')
    assert event(toml, Team="V5 3rd", Customer="L2").fields["tier"] == "L2"
    assert event(toml, Team="V5 3rd").fields["tier"] == "L3"


def test_arguments_come_from_constants_and_columns():
    toml = DESK.replace(
        'do = "resolve"', 'do = "resolve"\nwith = { cause = "wear" }\nfrom = { solution = "Level" }'
    )
    assert event(toml, What="Solve", Level="new valve").arguments == {
        "cause": "wear",
        "solution": "new valve",
    }
    assert event(toml, What="Solve").arguments == {"cause": "wear"}


def test_a_row_without_activity_or_with_an_endless_name_is_bad():
    with pytest.raises(BadValue, match="no activity in column What"):
        event(DESK, What="")
    with pytest.raises(BadValue, match="team: 201 characters"):
        event(DESK, Team="x" * 201)


def test_one_row_per_ticket_needs_no_activity_column():
    row = Row(2, {"c": "1", "t": "2025-01-01Z"})
    seen = reading(f'{BASE}[columns]\ncase = "c"\ntime = "t"').event("1", NOW, row)
    assert (seen.activity, seen.line) == ("Open", 2)


def test_a_mapping_keeps_its_hands_off_the_sources_own_columns():
    under: Mapping = mapping(DESK)
    seen = event(DESK, Severity="high", Extra="kept")
    assert seen.values == {
        "Case": "C1",
        "When": "2025-01-01",
        "What": "Open",
        "Severity": "high",
        "Extra": "kept",
    }
    assert sorted(under.used_columns()) == ["Case", "Customer", "Severity", "Team", "What", "When", "Who"]
