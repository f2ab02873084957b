"""The two real files, read and told whole, without a database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from statistics import mean, median

import pytest

from application.importing.cases import translate
from application.importing.csv import read_csv
from application.importing.mapping import load_mapping
from application.importing.report import Report
from application.importing.rows import opened
from application.importing.spill import Case
from application.importing.xes import read_xes
from tests.application.importing.written import PIN, TICKET, shared_file, sorted_out

DAY = timedelta(days=1)


def cases_of(source: str, file: str) -> list[Case]:
    mapping = load_mapping(Path(source))
    with opened(shared_file(file)) as opened_file:
        is_csv = mapping.format == "csv"
        rows = read_csv(opened_file.stream, mapping.csv) if is_csv else read_xes(opened_file.stream)
        cases, rejects = sorted_out(rows, mapping)
    assert rejects == []
    return cases


def account(source: str, cases: list[Case]) -> Report:
    mapping = load_mapping(Path(source))
    report = Report(source=source)
    for case in cases:
        report.add_case(translate(case, mapping, ticket_id=TICKET, number="T-2010-000001", pin=PIN))
    return report


@pytest.fixture(scope="module")
def helpdesk() -> list[Case]:
    return cases_of("helpdesk", "helpdesk.xes.gz")


def test_the_help_desks_check_figures(helpdesk: list[Case]):
    report = account("helpdesk", helpdesk)
    assert (report.cases, report.source_events) == (4580, 21348)
    figures = {"Take in charge ticket": 5060, "Resolve ticket": 4983, "Assign seriousness": 4938}
    figures |= {"Closed": 4574, "Wait": 1463}
    assert {activity: report.activities[activity] for activity in figures} == figures
    assert len(report.activities) == 14


def test_the_help_desks_times(helpdesk: list[Case]):
    whole = [(case.events[-1].time - case.events[0].time) / DAY for case in helpdesk]
    assert (round(mean(whole), 3), round(median(whole), 3)) == (40.858, 39.859)
    resolved = [
        (max(ends) - case.events[0].time) / DAY
        for case in helpdesk
        if (ends := [event.time for event in case.events if event.activity == "Resolve ticket"])
    ]
    assert len(resolved) == 4569
    assert (round(mean(resolved), 2), round(median(resolved), 2)) == (11.54, 6.66)


def test_the_help_desks_moves_between_teams_are_kept(helpdesk: list[Case]):
    moves = sum(
        before.fields["team"] != after.fields["team"]
        for case in helpdesk
        for before, after in zip(case.events, case.events[1:], strict=False)
    )
    assert moves == 11


def test_every_row_of_the_excavators_is_a_ticket():
    cases = cases_of("excavators", "excavators.csv")
    report = account("excavators", cases)
    assert (report.cases, report.source_events, report.commands) == (5485, 5485, {"register": 5485})
    assert cases[0].events[0].line == 2
    assert cases[-1].events[0].line == 5486
    assert {case.events[0].fields["asset"] for case in cases} == set("ABCDE")
