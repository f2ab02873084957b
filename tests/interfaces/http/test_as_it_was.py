"""Whole cases as they were, and what changed, over HTTP (B01, B02)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.interfaces.http.client import Caller, Served
from tests.interfaces.http.test_times import hours_ago, moment

PART = "AS-IT-WAS"


@pytest.fixture(scope="module")
def case(agent: Caller, keeper: Caller, manager: Caller) -> str:
    """Two days of work on a ticket under a contract, the site visit typed in when the van was back."""
    manager.contracts(customer="海风酒店", assets=["SN-1"], allowances={"visits": 4})
    part = keeper.catalogues(PART)
    keeper.sends(
        f"/parts/{part}/receive",
        location="MAIN",
        quantity=5,
        supplier="S",
        document="D",
        occurred_at=hours_ago(60),
        reason="paper",
    )
    ticket = agent.register(customer="海风酒店", asset="SN-1", occurred_at=hours_ago(48), reason="paper")[
        "number"
    ]
    agent.does(ticket, "assign", team="A", occurred_at=hours_ago(40), reason="paper")
    agent.sends(
        f"/parts/{part}/issue",
        location="MAIN",
        quantity=2,
        ticket=ticket,
        occurred_at=hours_ago(30),
        reason="paper",
    )
    agent.does(ticket, "resolve", solution="new element", occurred_at=hours_ago(10), reason="paper")
    agent.sends(
        f"/parts/{part}/install",
        asset="SN-1",
        quantity=2,
        ticket=ticket,
        occurred_at=hours_ago(20),
        reason="the van was offline",
    )
    return ticket


def positions(agent: Caller, ticket: str) -> list[int]:
    """Of the case's events."""
    return [entry["position"] for entry in agent.reads(f"/tickets/{ticket}/history")["items"]]


def goods(found: dict[str, Any]) -> dict[str, int]:
    """How much is in which kind of place."""
    return {line["at"]["stop"]: line["quantity"] for part in found["parts"] for line in part["goods"]}


def refused(agent: Caller, path: str, **asked: Any) -> tuple[int, str]:
    """Status and parameter of a refusal."""
    answer = agent.get(path, asked)
    (error,) = answer.json()["errors"]
    return answer.status_code, error["parameter"]


class TestCases:
    def test_everything_in_a_case_now(self, agent: Caller, case: str) -> None:
        answer = agent.get(f"/tickets/{case}/case")
        found = answer.json()
        assert found["ticket"]["status"] == "resolved"
        assert found["ticket"]["contract"]["winner"]["level"] == "line"
        assert goods(found) == {"installed": 2}
        assert found["position"] == positions(agent, case)[-1]
        assert found["events"] == 5
        assert answer.headers["ETag"] == f'"{found["position"]}"'
        assert agent.get(f"/tickets/{case}/case", if_none_match=answer.headers["ETag"]).status_code == 304

    def test_as_of_a_time(self, agent: Caller, case: str) -> None:
        def then(hours: float, basis: str = "occurred") -> tuple[str, dict[str, int]]:
            found = agent.reads(f"/tickets/{case}/case", as_of=hours_ago(hours), basis=basis)
            return found["ticket"]["status"], goods(found)

        assert [then(47), then(35), then(25), then(15), then(5)] == [
            ("new", {}),
            ("assigned", {}),
            ("assigned", {"issued": 2}),
            ("assigned", {"installed": 2}),
            ("resolved", {"installed": 2}),
        ]
        assert then(0, "recorded") == ("resolved", {"installed": 2})

    def test_as_of_every_position(self, agent: Caller, case: str) -> None:
        def then(position: int) -> tuple[str, dict[str, int], int]:
            found = agent.reads(f"/tickets/{case}/case", position=position)
            return found["ticket"]["status"], goods(found), found["position"]

        first, second, third, fourth, fifth = positions(agent, case)
        assert [then(each) for each in (first, second, third, fourth, fifth)] == [
            ("new", {}, first),
            ("assigned", {}, second),
            ("assigned", {"issued": 2}, third),
            ("resolved", {"issued": 2}, fourth),
            ("resolved", {"installed": 2}, fifth),
        ]

    def test_what_there_is_not(self, agent: Caller, case: str, service: Served) -> None:
        path = f"/tickets/{case}/case"
        assert agent.get("/tickets/T-2000-000001/case").status_code == 404
        assert agent.get(f"/tickets/{agent.reads(f'/parts/{PART}')['id']}/case").status_code == 404
        before = agent.get(path, {"as_of": hours_ago(49)})
        assert (before.status_code, before.json()["detail"]) == (
            404,
            f"there was no ticket {case} at that moment",
        )
        assert refused(agent, path, position=service.head() + 1) == (422, "position")
        assert refused(agent, path, position=0) == (422, "position")
        assert refused(agent, path, as_of="yesterday") == (422, "as_of")
        assert refused(agent, path, as_of=hours_ago(1), basis="told") == (422, "basis")


class TestDiffs:
    def changes(self, agent: Caller, path: str, **asked: Any) -> dict[str, tuple[Any, Any]]:
        """What changed, by path."""
        found = agent.reads(path, **asked)
        known = {event["position"] for event in found["events"]}
        assert all(set(change["events"]) <= known for change in found["changes"])
        return {change["path"]: (change["before"], change["after"]) for change in found["changes"]}

    def test_from_version_to_version(self, agent: Caller, case: str) -> None:
        found = agent.reads(f"/tickets/{case}/diff", **{"from": 1, "to": 2})
        assert (found["from"]["version"], found["to"]["version"]) == (1, 2)
        (event,) = found["events"]
        assert (event["type"], event["actor"], event["reason"]) == (
            "ticket.assigned",
            "agent:li.wei",
            "paper",
        )
        assert moment(event["occurred_at"]) < moment(event["recorded_at"])
        assert found["changes"] == [
            {
                "path": path,
                "name": {"zh": zh, "en": en},
                "before": before,
                "after": after,
                "events": [event["position"]],
            }
            for path, zh, en, before, after in (
                ("/status", "状态", "status", "new", "assigned"),
                ("/team", "团队", "team", None, "A"),
            )
        ]

    def test_before_it_began_everything_is_added(self, agent: Caller, case: str) -> None:
        path = f"/tickets/{case}/diff"
        begun = self.changes(agent, path, to=1)
        assert begun == self.changes(agent, path, **{"from": 0, "to": 1})
        assert begun == self.changes(agent, path, **{"from": hours_ago(49), "to": hours_ago(47)})
        assert begun["/number"] == (None, case)
        assert {before for before, _ in begun.values()} == {None}
        assert "/clocks/resolve/1/started_at" in begun

    def test_a_late_fact_counts_when_it_happened_or_when_it_was_known(self, agent: Caller, case: str) -> None:
        """The installation happened before the resolution and was recorded after it."""
        path = f"/tickets/{case}/case/diff"
        entries = agent.reads(f"/tickets/{case}/history")["items"]
        resolved, installed = entries[3]["recorded_at"], entries[4]["recorded_at"]
        on_the_way = {"from": hours_ago(25), "to": hours_ago(15)}
        happened = self.changes(agent, path, **on_the_way)
        assert happened[f"/parts/{PART}/goods/issued/{case}/total"] == (2, None)
        assert happened[f"/parts/{PART}/goods/installed/SN-1/total"] == (None, 2)
        assert self.changes(agent, path, **on_the_way, basis="recorded") == {}
        known = {"from": resolved, "to": installed, "basis": "recorded"}
        assert self.changes(agent, path, **known) == happened
        assert self.changes(agent, path, **{**known, "basis": "occurred"}) == {}
        late = agent.reads(path, **{"from": entries[3]["position"], "to": entries[4]["position"]})
        assert [(event["type"], event["reason"]) for event in late["events"]] == [
            ("part.installed", "the van was offline")
        ]

    def test_from_a_point_to_itself_nothing_changed(self, agent: Caller, case: str) -> None:
        for path in (f"/tickets/{case}", f"/tickets/{case}/case", f"/parts/{PART}"):
            now = hours_ago(0)
            for point in ("2", now):
                found = agent.reads(f"{path}/diff", **{"from": point, "to": point})
                assert (found["changes"], found["events"]) == ([], [])
                assert found["from"] == found["to"]

    def test_of_a_part(self, agent: Caller, case: str) -> None:
        changed = self.changes(agent, f"/parts/{PART}/diff", **{"from": 1, "to": 3})
        ticket = agent.reads(f"/tickets/{case}")["id"]
        assert changed == {
            "/stocks/good/MAIN/total": (None, 3),
            f"/stocks/issued/{ticket}/total": (None, 2),
        }

    def test_of_a_contract(self, agent: Caller, manager: Caller) -> None:
        number = manager.contracts(customer="林登酒店", assets=["SN-2"])
        changed = self.changes(agent, f"/contracts/{number}/diff", **{"from": 1})
        assert changed["/status"] == ("draft", "active")
        assert changed["/activated"] == (False, True)
        first = self.changes(agent, f"/contracts/{number}/diff", to=1)
        assert first["/drafted_terms/price"] == (None, {"amount": "18600.00", "currency": "CNY"})

    @pytest.mark.parametrize("of", ["/tickets/{}", "/parts/AS-IT-WAS", "/tickets/{}/case"])
    def test_points_that_cannot_be_meant(self, agent: Caller, case: str, of: str) -> None:
        path = of.format(case) + "/diff"
        for wrong in ("yesterday", "2026-03-02", "2026-03-02T09:00:00", "-1", "1.0", "٣", "", "9" * 16):
            assert refused(agent, path, **{"from": wrong}) == (422, "from")
            assert refused(agent, path, to=wrong) == (422, "to")
        assert refused(agent, path, **{"from": 3, "to": 2}) == (422, "from")
        assert refused(agent, path, **{"from": hours_ago(1), "to": hours_ago(2)}) == (422, "from")
        assert refused(agent, path, to=10**9) == (422, "to")
        assert refused(agent, path, **{"from": 10**9}) == (422, "from")
        assert refused(agent, path, **{"from": hours_ago(0), "to": 0}) == (422, "from")

    def test_what_there_is_not(self, agent: Caller, case: str) -> None:
        ticket = agent.reads(f"/tickets/{case}")["id"]
        for path in (
            "/tickets/T-2000-000001/diff",
            "/tickets/T-2000-000001/case/diff",
            f"/parts/{ticket}/diff",
            f"/contracts/{ticket}/diff",
            f"/tickets/{agent.reads(f'/parts/{PART}')['id']}/diff",
        ):
            assert agent.get(path).status_code == 404

    def test_an_offset_may_be_written_with_a_sign(self, agent: Caller, case: str) -> None:
        shanghai = hours_ago(25)
        assert "+" in shanghai
        answer = agent.get(f"/tickets/{case}/diff?to={quote(shanghai)}")
        assert answer.json()["to"]["version"] == 2


def test_nobody_without_a_token_sees_the_past(nobody: Caller, case: str) -> None:
    for path in ("case", "case/diff", "diff"):
        assert nobody.get(f"/tickets/{case}/{path}").status_code == 401


def test_a_case_of_the_past_never_changes(agent: Caller, case: str) -> None:
    """What happens afterwards does not touch what was recorded by a moment."""
    just_now = (moment(hours_ago(0)) - timedelta(seconds=1)).isoformat()
    last = {"position": positions(agent, case)[-1]}
    asked = (last, {**last, "as_of": just_now, "basis": "occurred"})
    before = [agent.get(f"/tickets/{case}/case", each).content for each in asked]
    agent.does(case, "remark", text="afterwards")
    assert [agent.get(f"/tickets/{case}/case", each).content for each in asked] == before
