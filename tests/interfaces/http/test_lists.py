"""Queues, lists, service levels and the audit log over a desk with a few dozen tickets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from application.access import Role
from tests.interfaces.http.client import Caller, Served

TEAMS = ("华东一组", "华南二组")
MEASURES = ("met", "breached", "reclassified", "pending", "cancelled", "none", "clocks")


def ago(**time: float) -> str:
    """A time before now."""
    return (datetime.now(UTC) - timedelta(**time)).isoformat()


@pytest.fixture(scope="module", autouse=True)
def tickets(service: Served) -> list[str]:
    """Forty tickets: some assigned, answered, paused, resolved, late or cancelled."""
    agent = service.caller(Role.AGENT, "li.wei")
    numbers = []
    for step in range(40):
        late = {"occurred_at": ago(days=40), "reason": "imported by hand"} if step % 7 == 0 else {}
        customer = {"customer": "海风酒店"} if step % 4 == 0 else {}
        number = agent.register(
            subject=f"故障 {step}", priority=f"P{step % 4 + 1}", product=f"H-{step % 3}00", **customer, **late
        )["number"]
        numbers.append(number)
        if step % 3:
            agent.does(number, "assign", team=TEAMS[step % 2], person="王芳" if step % 5 else None)
        if step % 8 == 1:
            agent.does(number, "contact", channel="phone", direction="outbound", party="person")
            agent.does(number, "hold", hold="waiting_for_customer")
        if step % 8 == 2:
            agent.does(number, "resolve", solution="done")
        if step % 8 == 3:
            agent.does(number, "cancel", reason="reported twice")
    return numbers


def gathered(caller: Caller, path: str, **params: Any) -> list[dict[str, Any]]:
    """Every item of a list, read in pages."""
    pages = list(caller.pages(path, **params))
    assert all(len(page) == params["limit"] for page in pages[:-1])
    assert 0 < len(pages[-1]) <= params["limit"]
    return [item for page in pages for item in page]


class TestTickets:
    def test_every_ticket_comes_once_the_newest_first(self, agent: Caller, tickets: list[str]) -> None:
        assert [item["number"] for item in gathered(agent, "/tickets", limit=7)] == sorted(
            tickets, reverse=True
        )

    @pytest.mark.parametrize(
        ("asked", "fits"),
        [
            ({"status": "resolved"}, lambda item: item["status"] == "resolved"),
            ({"priority": "P2"}, lambda item: item["priority"] == "P2"),
            ({"team": TEAMS[0]}, lambda item: item["team"] == TEAMS[0]),
            ({"person": "王芳"}, lambda item: item["person"] == "王芳"),
            ({"customer": "海风酒店"}, lambda item: item["customer"] == "海风酒店"),
            ({"product": "H-200"}, lambda item: item["product"] == "H-200"),
            ({"text": "故障 1"}, lambda item: "故障 1" in item["subject"]),
            ({"team": TEAMS[0], "priority": "P1"}, lambda i: (i["team"], i["priority"]) == (TEAMS[0], "P1")),
        ],
    )
    def test_filters_add_up(self, agent: Caller, asked: Any, fits: Callable[[Any], bool]) -> None:
        every = agent.reads("/tickets", limit=500)["items"]
        expected = [item["number"] for item in every if fits(item)]
        assert 0 < len(expected) < len(every)
        assert [item["number"] for item in agent.reads("/tickets", limit=500, **asked)["items"]] == expected

    def test_a_percent_sign_is_only_a_percent_sign(self, agent: Caller) -> None:
        assert agent.reads("/tickets", text="%")["items"] == []
        assert agent.reads("/tickets", text="_障")["items"] == []


class TestQueues:
    def test_every_open_ticket_comes_once(self, agent: Caller, tickets: list[str]) -> None:
        is_open = {"new", "assigned", "on_hold"}
        expected = [
            item["number"]
            for item in agent.reads("/tickets", limit=500)["items"]
            if item["status"] in is_open
        ]
        for limit in (1, 4, 100):
            queue = gathered(agent, "/queues/all", limit=limit)
            assert sorted(item["number"] for item in queue) == sorted(expected)

    def test_the_nearest_deadline_comes_first_and_paused_ones_last(self, agent: Caller) -> None:
        queue = gathered(agent, "/queues/all", limit=6)
        paused = [item["paused"] for item in queue]
        assert any(paused)
        assert paused == sorted(paused)
        due = [item["due_at"] for item in queue if not item["paused"]]
        assert due == sorted(due)
        assert len(set(due)) > 3
        assert {item["late"] for item in queue} == {True, False}
        assert all(item["remaining"].startswith("-PT") == item["late"] for item in queue)

    def test_the_counts_are_those_of_the_queues(self, agent: Caller) -> None:
        counts = agent.reads("/queues")
        assert [each["queue"] for each in counts[:2]] == ["all", "unassigned"]
        assert {each["queue"] for each in counts[2:]} == set(TEAMS)
        for each in counts:
            items = gathered(agent, f"/queues/{each['queue']}", limit=500)
            assert each["open"] == len(items)
            assert each["late"] == sum(item["late"] for item in items)
            assert each["paused"] == sum(item["paused"] for item in items)
            by_priority = Counter(item["priority"] for item in items)
            assert {
                name: row["open"] for name, row in each["priorities"].items() if row["open"]
            } == by_priority

    def test_filters(self, agent: Caller) -> None:
        for asked in ({"priority": "P1"}, {"status": "on_hold"}, {"person": "王芳"}):
            ((name, value),) = asked.items()
            found = agent.reads("/queues/all", limit=500, **asked)["items"]
            assert found
            assert {item[name] for item in found} == {value}

    def test_a_queue_that_nobody_works_in_is_empty(self, agent: Caller) -> None:
        assert agent.reads("/queues/no such team")["items"] == []


class TestServiceLevels:
    @pytest.mark.parametrize(
        "group_by",
        [["month"], ["team"], ["plan", "priority"], ["month", "team", "priority", "milestone"], ["customer"]],
    )
    def test_the_table_adds_up(self, agent: Caller, group_by: list[str]) -> None:
        table = agent.reads("/sla/compliance", group_by=group_by)
        for measure in MEASURES:
            assert sum(row[measure] for row in table["rows"]) == table["total"][measure]
        assert table["total"]["clocks"] == 80  # every ticket answers once and is resolved once
        assert all(set(row["group"]) == set(group_by) for row in table["rows"])
        verdicts = ("met", "breached", "pending", "cancelled", "none")
        for row in [*table["rows"], table["total"]]:
            assert sum(row[verdict] for verdict in verdicts) == row["clocks"]
            judged = row["met"] + row["breached"]
            assert row["met_percent"] == (
                pytest.approx(100 * row["met"] / judged, abs=0.005) if judged else None
            )

    def test_without_saying_so_it_is_by_month_priority_team_and_plan(self, agent: Caller) -> None:
        table = agent.reads("/sla/compliance")
        assert set(table["group_by"]) == {"month", "priority", "team", "plan"}

    def test_every_figure_drills_down_to_its_clocks(self, agent: Caller) -> None:
        table = agent.reads("/sla/compliance", group_by=["team", "priority"])
        for row in table["rows"]:
            team, priority = row["group"]["team"], row["group"]["priority"]
            for verdict in ("met", "breached", "pending", "cancelled"):
                clocks = agent.reads(
                    "/sla/clocks", team=team or "none", priority=priority, verdict=verdict, limit=500
                )
                assert len(clocks["items"]) == row[verdict]
                assert {clock["clock"]["verdict"] for clock in clocks["items"]} <= {verdict}

    def test_clocks_come_in_pages(self, agent: Caller) -> None:
        clocks = gathered(agent, "/sla/clocks", limit=9)
        keys = {(each["number"], each["clock"]["milestone"], each["clock"]["cycle"]) for each in clocks}
        assert len(clocks) == len(keys) == 80


class TestAuditLog:
    def test_every_event_comes_once_from_either_end(self, auditor: Caller, service: Served) -> None:
        newest = [item["position"] for item in gathered(auditor, "/audit/events", limit=30)]
        oldest = [item["position"] for item in gathered(auditor, "/audit/events", limit=30, order="oldest")]
        assert oldest == newest[::-1] == list(range(1, service.head() + 1))

    def test_an_event_says_who_what_when_when_recorded_on_what_and_why(
        self, auditor: Caller, agent: Caller
    ) -> None:
        happened = ago(hours=2)
        receipt = agent.register(subject="漏水", occurred_at=happened, reason="paper")
        agent.post(f"/tickets/{receipt['id']}/cancel", {"reason": "a toy"}, idempotency_key="audit-1")
        cancelled, registered = auditor.reads(
            "/audit/events", stream_id=receipt["id"], limit=2, order="newest"
        )["items"]
        assert (registered["actor"], registered["type"]) == ("agent:li.wei", "ticket.registered")
        assert datetime.fromisoformat(registered["occurred_at"]) == datetime.fromisoformat(happened)
        assert registered["recorded_at"] == receipt["recorded_at"]
        assert (registered["number"], registered["reason"]) == (receipt["number"], "paper")
        assert registered["correlation_id"] == receipt["id"]
        assert registered["data"]["subject"] == "漏水"
        assert (cancelled["version"], cancelled["reason"]) == (2, "a toy")
        assert cancelled["idempotency_key"] == "audit-1"

    @pytest.mark.parametrize(
        "name",
        ["actor", "type", "number", "stream_id", "correlation_id", "reason", "idempotency_key"],
    )
    def test_filters_by_what_events_have_in_common(
        self, auditor: Caller, agent: Caller, service: Served, name: str
    ) -> None:
        other = service.caller(Role.AGENT, f"other.{uuid4().hex}")
        number = agent.register(occurred_at=ago(hours=2), reason=f"why {name}")["number"]
        key = uuid4().hex
        assert other.post(f"/tickets/{number}/remark", {"text": "x"}, idempotency_key=key).status_code == 200
        every = gathered(auditor, "/audit/events", limit=500)
        newest = every[0] if name in {"actor", "idempotency_key"} else every[1]
        found = gathered(auditor, "/audit/events", limit=500, **{name: newest[name]})
        assert found == [event for event in every if event[name] == newest[name]]
        assert 0 < len(found) < len(every)

    def test_filters_by_when(self, auditor: Caller) -> None:
        every = gathered(auditor, "/audit/events", limit=500, order="oldest")
        for time in ("occurred", "recorded"):
            since, until = sorted(
                (every[20][f"{time}_at"], every[60][f"{time}_at"]), key=datetime.fromisoformat
            )
            between = {f"{time}_from": since, f"{time}_to": until}
            found = gathered(auditor, "/audit/events", limit=500, order="oldest", **between)
            low, high = datetime.fromisoformat(since), datetime.fromisoformat(until)
            fits = [e for e in every if low <= datetime.fromisoformat(e[f"{time}_at"]) < high]
            assert found == fits
            assert 0 < len(found) < len(every)

    def test_filters_by_part_of_the_reason(self, auditor: Caller) -> None:
        found = gathered(auditor, "/audit/events", limit=500, reason_contains="TWICE")
        assert {event["reason"] for event in found} == {"reported twice"}
        assert gathered(auditor, "/audit/events", limit=500, reason="reported twice") == found

    def test_counts_are_exact(self, auditor: Caller) -> None:
        every = gathered(auditor, "/audit/events", limit=500)
        for by in ("type", "actor", "reason"):
            counts = auditor.reads("/audit/counts", by=by)
            assert counts["total"] == len(every)
            expected = Counter(event[by] for event in every)
            assert {item["value"]: item["events"] for item in counts["items"]} == expected
        cancelled = auditor.reads("/audit/counts", by="actor", type="ticket.cancelled")
        assert cancelled["total"] == sum(event["type"] == "ticket.cancelled" for event in every)


READ = [
    *("/parts", "/stock", "/reservations", "/contracts", "/tickets", "/audit/counts"),
    *("/plans", "/calendars", "/plan-assignments", "/saved-views", "/reports/flow", "/traces/serials/x"),
]


@pytest.mark.parametrize("path", READ)
def test_whoever_has_a_list_is_told_that_it_is_the_same(admin: Caller, path: str) -> None:
    first = admin.get(path)
    tag = first.headers["etag"]
    again = admin.get(path, if_none_match=f'"other", {tag}')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert "content-type" not in again.headers
    other = admin.get(path, if_none_match='"other"')
    assert (other.status_code, other.json()) == (200, first.json())


def test_what_has_changed_has_another_tag(admin: Caller) -> None:
    paths = ("/parts", "/contracts", "/traces/serials/TAGGED")
    before = [admin.get(path).headers["etag"] for path in paths]
    admin.catalogues("TAGGED", tracking="serial")
    admin.sends("/parts/TAGGED/receive", location="SH", serials=["TAGGED"], supplier="x", document="y")
    admin.contracts(assets=["TAGGED"])
    for path, tag in zip(paths, before, strict=True):
        assert admin.get(path, if_none_match=tag).status_code == 200
