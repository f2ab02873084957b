"""Plans and calendars at the command line: shown as files, drawn, and published."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from application.calendars import read_calendar, shipped_calendars
from application.database.connect import Database
from application.plans import read_plan, shipped_plans
from application.triage import read_triage, shipped_triages
from tests.interfaces.cli.conftest import Answer

Command = Callable[..., Answer]


@pytest.fixture
def command(command: Command, on_database: Database) -> Command:
    """Does what the arguments say, on a database of the test's own."""
    return command


def test_what_is_shown_of_a_plan_is_a_file_that_says_the_same(command: Command) -> None:
    for plan in shipped_plans():
        shown = command("plans", "show", plan.name)
        assert read_plan(tomllib.loads(shown.out)) == plan
    for calendar in shipped_calendars():
        shown = command("calendars", "show", calendar.name)
        assert read_calendar(tomllib.loads(shown.out)) == calendar


def test_a_plan_is_shown_changed_and_published(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "hot-water-2.toml"
    shown = command("plans", "show", "hot-water").out
    file.write_text(shown.replace("version = 1", "version = 2").replace('P1 = "PT12H"', 'P1 = "PT10H"'))
    told = command("plans", "publish", str(file), "--reason", "the review of June", "--by", "sun.yue")
    assert (told.code, told.err) == (0, "hot-water v2 is published, at position 1\n")
    newest = json.loads(command("plans", "show", "hot-water", "--json").out)
    assert (newest["version"], newest["targets"]["resolve"]["P1"]) == (2, "PT10H")
    assert (newest["published_by"], newest["reason"]) == ("admin:sun.yue", "the review of June")
    again = command("plans", "publish", str(file), "--reason", "again")
    assert again.code == 1
    assert again.err == f"aftersales: {file}: the next version of hot-water is 3 (at /version)\n"
    assert "hot-water\t2\t2\t24x7" in command("plans", "list").out


def test_a_plan_is_withdrawn_and_what_cannot_be_is_told_in_one_line(command: Command) -> None:
    asked = ("plans", "withdraw", "hot-water", "--reason", "nobody renewed it")
    told = command(*asked, "--from", "2026-07-01T00:00+08:00", "--by", "sun.yue")
    assert (told.code, told.err) == (0, "hot-water is withdrawn, at position 1\n")
    newest = json.loads(command("plans", "show", "hot-water", "--json").out)
    assert newest["withdrawn_from"] == "2026-06-30T16:00:00Z"
    for wrong, why in (
        (asked, "hot-water: plan hot-water is withdrawn"),
        (("plans", "withdraw", "no-such", "--reason", "x"), "there is no plan no-such"),
        (("plans", "withdraw", "standard", "--reason", "x"), "go by plan standard"),
        ((*asked, "--from", "soon"), "--from: a time with offset"),
    ):
        refused = command(*wrong)
        assert refused.code in {1, 2}
        assert (why in refused.err, refused.err.count("\n")) == (True, 1), refused.err


def test_a_calendar_is_withdrawn_and_the_plans_that_this_stops_are_told(command: Command) -> None:
    asked = ("calendars", "withdraw", "it-office", "--reason", "the office is closed")
    told = command(*asked, "--from", "2026-07-01T00:00+02:00", "--by", "sun.yue")
    assert (told.code, told.err) == (
        0,
        "it-office is withdrawn, at position 1\n"
        "no new ticket can go by business-hours-it: publish them with another calendar\n",
    )
    newest = json.loads(command("calendars", "show", "it-office", "--json").out)
    assert newest["withdrawn_from"] == "2026-06-30T22:00:00Z"
    for wrong, why in (
        (asked, "it-office: calendar it-office is withdrawn"),
        (("calendars", "withdraw", "no-such", "--reason", "x"), "there is no calendar no-such"),
        (
            ("calendars", "withdraw", "cn-office", "--reason", "x"),
            "go by plan standard, and that by calendar",
        ),
    ):
        refused = command(*wrong)
        assert refused.code in {1, 2}
        assert (why in refused.err, refused.err.count("\n")) == (True, 1), refused.err


@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [
        ('P1 = "PT12H"', 'P1 = "soon"', "Invalid ISO8601 duration - at `$.targets.resolve.P1`"),
        ('P1 = "PT12H"', 'P1 = "PT0S"', "promises resolve P1 in 0 s; a target is longer than nothing"),
        ("version = 1", "version = [", "Invalid value"),
        ('calendar = "24x7"', 'calendar = "mars"', "there is no calendar 'mars'"),
    ],
)
def test_a_file_that_is_wrong_is_told_in_one_line(
    command: Command, tmp_path: Path, right: str, wrong: str, why: str
) -> None:
    file = tmp_path / "hot-water-2.toml"
    shown = command("plans", "show", "hot-water").out
    assert right in shown
    changed = shown.replace(right, wrong)
    file.write_text(changed.replace("version = 1", "version = 2"))
    told = command("plans", "publish", str(file), "--reason", "x")
    assert told.code in {1, 2}
    assert why in told.err
    assert told.err.count("\n") == 1


def test_holidays_are_drawn_looked_at_and_published(command: Command, tmp_path: Path) -> None:
    drawn = command(
        *("calendars", "draw", "be-office", "--source", "holidays", "--country", "DE-BE"),
        *("--years", "2026-2027", "--zone", "Europe/Berlin", "--hours", "08:00-12:00,13:00-17:00"),
    )
    assert drawn.out.startswith("# holidays 0.")
    file = tmp_path / "be-office-1.toml"
    file.write_text(drawn.out)
    told = command(
        *("calendars", "publish", str(file), "--reason", "a new office"),
        *("--from", "2026-01-01T00:00+01:00"),
    )
    assert (told.code, told.err) == (0, "be-office v1 is published, at position 1\n")
    found = json.loads(command("calendars", "show", "be-office", "--json").out)
    assert "2027-03-08" in found["years"]["2027"]["off"]  # Women's Day, a holiday in Berlin
    assert found["covered_until"] == "2027-12-31"
    more = command(
        "calendars", "draw", "be-office", "--source", "holidays", "--country", "DE-BE", "--years", "2028"
    )
    stated = tomllib.loads(more.out)
    assert (stated["version"], sorted(stated["years"])) == (2, ["2026", "2027", "2028"])
    assert stated["years"]["2027"] == msgspec.to_builtins(found["years"]["2027"])


def test_a_year_that_no_library_knows_is_written_by_hand(command: Command, tmp_path: Path) -> None:
    drawn = command("calendars", "draw", "cn-office", "--source", "by-hand", "--years", "2027")
    assert drawn.out.startswith("# write down the days off and the make-up days of 2027\n")
    file = tmp_path / "cn-office-2.toml"
    file.write_text(drawn.out)
    empty = command("calendars", "publish", str(file), "--reason", "the notice of November 2026")
    assert (empty.code, empty.err.count("\n")) == (1, 1)
    assert "2027 has no day off, and other years have" in empty.err
    days = 'off = ["2027-01-01", "2027-02-08"]\nmake_up = { "2027-02-20" = "mon" }\n'
    before, bare, after = drawn.out.rpartition("off = []\nmake_up = {}\n")
    assert bare, drawn.out[-200:]
    file.write_text(before + days + after)
    told = command("calendars", "publish", str(file), "--reason", "the notice of November 2026")
    assert (told.code, told.err) == (0, "cn-office v2 is published, at position 1\n")
    listed = command("calendars", "list")
    assert "cn-office\t2\t2\tAsia/Shanghai\t2004\t2027-12-31" in listed.out
    assert "2027" not in listed.err
    found = json.loads(command("calendars", "show", "cn-office", "--json").out)
    assert found["years"]["2027"] == {"off": ["2027-01-01", "2027-02-08"], "make_up": {"2027-02-20": "mon"}}


def test_a_year_that_china_has_not_announced_is_refused_in_one_line(command: Command) -> None:
    told = command("calendars", "draw", "cn-office", "--source", "chinesecalendar", "--years", "2099")
    assert (told.code, told.out) == (1, "")
    assert "knows 2004 to " in told.err
    assert told.err.count("\n") == 1
    assert command("calendars", "draw", "new", "--source", "holidays", "--years", "2027").code in {1, 2}
    assert command("calendars", "draw", "new", "--source", "holidays", "--years", "soon").code == 2


def test_a_list_says_how_far_every_calendar_goes(command: Command) -> None:
    told = command("calendars", "list")
    assert "cn-office\t1\t1\tAsia/Shanghai\t2004\t2026-12-31" in told.out
    assert "24x7\t1\t1\tUTC\t\twithout end" in told.out


def test_the_triage_is_shown_changed_and_published(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "triage.toml"
    shown = command("triage", "show").out
    assert read_triage(tomllib.loads(shown)) == shipped_triages()[0]
    listed = 'categories = [{ code = "heating", title = { zh = "不加热", en = "no heat" } }]\n'
    file.write_text(
        shown.replace("version = 1", "version = 2").replace("categories = []\n", listed), encoding="utf-8"
    )
    told = command("triage", "publish", str(file), "--reason", "the review of June", "--by", "sun.yue")
    assert (told.code, told.err) == (0, "standard v2 is published, at position 1\n")
    again = command("triage", "show")
    stated = read_triage(tomllib.loads(again.out))
    assert (stated.version, stated.categories[0].title.zh) == (2, "不加热")
    newest, first = command("triage", "list").out.splitlines()[-2:]
    assert newest.startswith("2\tnow\t")
    assert newest.endswith("\t1\t0\tadmin:sun.yue\tthe review of June")
    assert first.startswith("1\t\t")
    assert json.loads(command("triage", "list", "--json").out)["version"] == 1


@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [
        ('critical = "P1"', 'critical = "P9"', "Invalid enum value 'P9'"),
        ('name = "standard"', 'name = "other"', 'there is one triage: name = "standard"'),
        ("version = 1", "version = 7", "the next version of standard is 2 (at /version)"),
        ("fault_codes = []", 'fault_codes = [{ code = "E" }]', "missing required field `title`"),
    ],
)
def test_a_triage_that_is_wrong_is_told_in_one_line(
    command: Command, tmp_path: Path, right: str, wrong: str, why: str
) -> None:
    file = tmp_path / "triage.toml"
    shown = command("triage", "show").out
    assert right in shown
    file.write_text(shown.replace(right, wrong, 1), encoding="utf-8")
    told = command("triage", "publish", str(file), "--reason", "x")
    assert (told.code in {1, 2}, told.err.count("\n")) == (True, 1)
    assert why in told.err
