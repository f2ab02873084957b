"""Two times on every fact, and travelling in both (B01, B02, SLA 2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from tests.interfaces.http.client import Caller, Served


def hours_ago(hours: float) -> str:
    """A time so many hours before now, in Shanghai's offset."""
    moment = datetime.now(UTC) - timedelta(hours=hours)
    return moment.astimezone(timezone(timedelta(hours=8))).isoformat()


def moment(text: str) -> datetime:
    """A time of an answer."""
    return datetime.fromisoformat(text)


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, type and pointer of a refusal of one field."""
    (error,) = answer.json()["errors"]
    return answer.status_code, answer.json()["type"].rpartition(":")[2], error["pointer"]


def test_what_happened_earlier_keeps_both_times(agent: Caller) -> None:
    reported = hours_ago(30)
    receipt = agent.register(occurred_at=reported, reason="taken on paper")
    ticket = agent.reads(f"/tickets/{receipt['number']}")
    assert moment(ticket["reported_at"]) == moment(reported)
    (entry,) = agent.reads(f"/tickets/{receipt['number']}/history")["items"]
    assert moment(entry["occurred_at"]) == moment(reported)
    assert entry["recorded_at"] == receipt["recorded_at"]
    assert entry["reason"] == "taken on paper"
    assert {moment(clock["started_at"]) for clock in ticket["clocks"]} == {moment(reported)}


def test_the_future_has_not_happened_yet(agent: Caller, service: Served) -> None:
    head = service.head()
    answer = agent.post("/tickets", {"subject": "x", "occurred_at": hours_ago(-1), "reason": "x"})
    assert refusal(answer) == (422, "invalid-value", "#/occurred_at")
    assert service.head() == head


@pytest.mark.parametrize("reason", [{}, {"reason": None}, {"reason": "  "}])
def test_recording_late_needs_a_reason(agent: Caller, service: Served, reason: dict[str, Any]) -> None:
    head = service.head()
    answer = agent.post("/tickets", {"subject": "x", "occurred_at": hours_ago(1), **reason})
    assert refusal(answer) == (422, "invalid-value", "#/reason")
    assert service.head() == head


def test_the_way_of_the_wire_needs_no_reason(agent: Caller) -> None:
    assert agent.post("/tickets", {"subject": "x", "occurred_at": hours_ago(30 / 3600)}).status_code == 201


def test_nothing_happens_to_a_ticket_before_it_was_reported(agent: Caller) -> None:
    ticket = agent.register(occurred_at=hours_ago(5), reason="taken on paper")["number"]
    before = {"team": "A", "occurred_at": hours_ago(6), "reason": "on paper, too"}
    assert refusal(agent.post(f"/tickets/{ticket}/assign", before)) == (422, "invalid-value", "#/occurred_at")
    assert agent.post(f"/tickets/{ticket}/assign", {**before, "occurred_at": hours_ago(4)}).status_code == 200


@pytest.fixture(scope="module")
def travelled(agent: Caller) -> str:
    """Reported 10 hours ago, resolved 8 hours ago, and typed in now in another order."""
    ticket = agent.register(occurred_at=hours_ago(10), reason="paper", priority="P2")["number"]
    agent.does(ticket, "assign", team="A")
    agent.does(ticket, "resolve", solution="new element", occurred_at=hours_ago(8), reason="paper")
    return ticket


def test_as_of_a_time_shows_what_had_happened_by_then(agent: Caller, travelled: str) -> None:
    def status(hours: float) -> str:
        return agent.reads(f"/tickets/{travelled}", as_of=hours_ago(hours))["status"]

    assert [status(9), status(7), status(0)] == ["new", "resolved", "resolved"]
    before = agent.get(f"/tickets/{travelled}", {"as_of": hours_ago(11)})
    assert (before.status_code, before.json()["type"]) == (404, "urn:aftersales:problem:not-found")


def test_as_of_a_time_by_what_the_log_knew(agent: Caller, travelled: str) -> None:
    entries = agent.reads(f"/tickets/{travelled}/history")["items"]
    known = {"as_of": entries[1]["recorded_at"], "basis": "recorded"}
    assert agent.reads(f"/tickets/{travelled}", **known)["status"] == "assigned"
    early = agent.get(f"/tickets/{travelled}", {"as_of": hours_ago(7), "basis": "recorded"})
    assert early.status_code == 404


def test_clocks_of_the_past_show_what_they_showed_then(agent: Caller, travelled: str) -> None:
    def resolve(**asked: Any) -> dict[str, Any]:
        return agent.reads(f"/tickets/{travelled}", **asked)["clocks"][1]

    assert resolve(as_of=hours_ago(9))["state"] == "running"
    assert resolve(as_of=hours_ago(7))["verdict"] == "met"


def test_every_version_is_still_there(agent: Caller, travelled: str) -> None:
    def at(version: int) -> tuple[str, int]:
        ticket = agent.reads(f"/tickets/{travelled}", version=version)
        return ticket["status"], ticket["version"]

    assert [at(1), at(2), at(3)] == [("new", 1), ("assigned", 2), ("resolved", 3)]
    assert agent.reads(f"/tickets/{travelled}", version=3, basis="recorded")["status"] == "resolved"
    later = agent.get(f"/tickets/{travelled}", {"version": 4})
    assert (later.status_code, later.json()["detail"]) == (
        404,
        f"{travelled} has no version 4; it is at version 3",
    )


def test_a_time_and_a_version_are_two_questions(agent: Caller, travelled: str) -> None:
    both = agent.get(f"/tickets/{travelled}", {"version": 1, "as_of": hours_ago(1)})
    assert (both.status_code, both.json()["errors"][0]["parameter"]) == (422, "version")
