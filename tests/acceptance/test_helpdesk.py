"""A real service desk is imported while everything around it is killed, and its figures are all there.

The figures are those that the data's own description gives.
"""

from __future__ import annotations

import itertools
import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.installation import Installation, installed, until
from tests.application.importing.written import shared_file

DAY = 86_400
BY_THE_IMPORT = "system:import"
Case = list[dict[str, Any]]


@pytest.fixture(scope="module")
def desk() -> Iterator[Installation]:
    """An installation into which the file was imported, with a kill -9 for everybody on the way."""
    file = shared_file("helpdesk.xes.gz")
    with installed() as installation:
        installation.token = installation.run("token", "create", "auditor", "--role", "auditor").strip()
        server, worker = installation.start("serve"), installation.start("worker")
        until(installation.caught_up)
        rejects = installation.data_dir / "rejects.csv"
        _import_among_kills(installation, server, worker, file, rejects)
        until(installation.caught_up)
        yield installation


def _import_among_kills(desk: Installation, server: Any, worker: Any, file: Path, rejects: Path) -> None:
    order = ("import", "--mapping", "helpdesk", "--rejects", str(rejects), "--json", str(file))
    first = desk.start(*order)
    until(lambda: (desk.ready() or {"head": 0})["head"] > 3000)
    for victim in (worker, server, first):
        desk.kill(victim)
    desk.start("serve")
    second = desk.start("worker")
    interrupted = until(desk.ready)["head"]
    assert 3000 < interrupted < 20_000, "the kill came too late to interrupt anything"
    report = json.loads(desk.run(*order))
    assert 0 < report["already_there_cases"] < 4580
    assert report["already_there_cases"] + report["cases"] == 4580
    desk.kill(second)
    desk.start("worker")


@pytest.fixture(scope="module")
def log(desk: Installation) -> Case:
    """The whole log, read from the audit log over HTTP."""
    return list(desk.pages("/api/v1/audit/events", order="oldest", limit=500))


@pytest.fixture(scope="module")
def cases(log: Case) -> list[Case]:
    """The source's own events, case by case."""
    found: dict[str, Case] = defaultdict(list)
    for event in log:
        if event["actor"] != BY_THE_IMPORT:
            found[event["correlation_id"]].append(event)
    return list(found.values())


def _days(first: dict[str, Any], last: dict[str, Any]) -> float:
    told = (datetime.fromisoformat(each["occurred_at"]) for each in (last, first))
    return (next(told) - next(told)).total_seconds() / DAY


def test_every_ticket_and_every_source_event_is_there_once(desk: Installation, cases: list[Case]) -> None:
    assert len(cases) == 4580
    assert sum(map(len, cases)) == 21_348
    tickets = [ticket["source"] for ticket in desk.pages("/api/v1/tickets", limit=500)]
    assert len(tickets) == len(set(tickets)) == 4580


def test_positions_have_no_gap_and_no_repetition(desk: Installation, log: Case) -> None:
    assert [event["position"] for event in log] == list(range(1, desk.get("/readyz")["head"] + 1))


def test_importing_again_adds_nothing(desk: Installation, tmp_path: Path) -> None:
    head = desk.get("/readyz")["head"]
    file = str(shared_file("helpdesk.xes.gz"))
    rejects = str(tmp_path / "rejects.csv")
    report = json.loads(desk.run("import", "--mapping", "helpdesk", "--rejects", rejects, "--json", file))
    assert (report["cases"], report["already_there_cases"]) == (0, 4580)
    assert desk.get("/readyz")["head"] == head


@pytest.mark.parametrize(
    ("activity", "events"),
    [
        ("Take in charge ticket", 5060),
        ("Resolve ticket", 4983),
        ("Assign seriousness", 4938),
        ("Closed", 4574),
        ("Wait", 1463),
    ],
)
def test_each_activity_is_there_as_often_as_in_the_file(
    desk: Installation, activity: str, events: int
) -> None:
    counts = {
        each["value"]: each["events"] for each in desk.get("/api/v1/audit/counts", by="reason")["items"]
    }
    assert counts[activity] == events


def test_first_to_last_event_of_a_case(cases: list[Case]) -> None:
    days = [_days(case[0], case[-1]) for case in cases]
    assert round(statistics.mean(days), 3) == 40.858
    assert round(statistics.median(days), 3) == 39.859


def test_first_event_to_the_last_resolution(cases: list[Case]) -> None:
    resolved = [(case[0], [each for each in case if each["reason"] == "Resolve ticket"]) for case in cases]
    days = [_days(first, resolutions[-1]) for first, resolutions in resolved if resolutions]
    assert len(days) == 4569
    assert round(statistics.mean(days), 2) == 11.54
    assert round(statistics.median(days), 2) == 6.66


def test_variants(cases: list[Case]) -> None:
    variants = [tuple(each["reason"] for each in case) for case in cases]
    assert len(set(variants)) == 226
    kept = Counter(
        each
        for each in variants
        if each[0] in {"Assign seriousness", "Insert ticket"} and each[-1] == "Closed"
    )
    assert (kept.total(), len(kept)) == (4479, 193)
    assert [count for _, count in kept.most_common(3)] == [2366, 552, 228]


def test_compliance_adds_up_and_drills_down(desk: Installation) -> None:
    table = desk.get("/api/v1/sla/compliance", group_by=["month", "priority", "team", "plan"])
    counted = ("met", "breached", "pending", "cancelled", "none", "clocks")
    for figure in counted:
        assert sum(row[figure] for row in table["rows"]) == table["total"][figure]
    row = max(table["rows"], key=lambda each: each["breached"])
    behind = desk.pages("/api/v1/sla/clocks", verdict="breached", limit=500, **row["group"])
    assert len(list(behind)) == row["breached"]


def test_a_case_reads_as_one_story_in_both_languages(desk: Installation) -> None:
    (ticket,) = desk.get("/api/v1/tickets", source="helpdesk/Case 1")["items"]
    history = desk.get(f"/api/v1/tickets/{ticket['number']}/history")["items"]
    told = [each["type"] for each in history if each["actor"] != BY_THE_IMPORT]
    assert told[0] == "ticket.registered"
    assert told[-1] == "ticket.closed"
    assert all(each["text"]["zh"] and each["text"]["en"] for each in history)
    assert history[0]["occurred_at"] == "2012-10-09T14:50:17Z"
    times = [each["occurred_at"] for each in history]
    assert all(earlier <= later for earlier, later in itertools.pairwise(times))
