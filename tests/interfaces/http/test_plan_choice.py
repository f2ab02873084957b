"""Which plan a ticket goes by, another one once it has begun, and where its deadlines moved."""

from __future__ import annotations

from typing import Any

import pytest

from application.access import Role
from tests.interfaces.http.client import Caller, Served

PLAN = {
    "title": {"zh": "金牌服务", "en": "Gold"},
    "calendar": "24x7",
    "targets": {"resolve": {"P1": "PT4H"}},
    "reason": "agreed",
}


def problem(answer: Any) -> tuple[int, str]:
    """How it was refused."""
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def assigned(manager: Caller, scope: str, key: str | None, plan: str) -> str:
    """A plan is promised without a contract; its number."""
    return manager.sends("/plan-assignments", scope=scope, key=key, plan=plan, reason="agreed")["number"]


class TestChoosing:
    def test_an_assignment_counts_in_the_next_registration_and_no_more_once_it_ends(
        self, agent: Caller, manager: Caller
    ) -> None:
        assert agent.reads(f"/tickets/{agent.register(product='X-1')['number']}")["pin"]["plan"] == "standard"
        number = assigned(manager, "product", "X-1", "distance-bands")
        told = agent.reads(f"/tickets/{agent.register(product='X-1')['number']}")
        assert told["pin"]["plan"] == "distance-bands"
        assert told["choice"] == {
            "winner": {"level": "product", "plan": "distance-bands", "assignment": int(number)},
            "losers": [],
        }
        manager.sends(f"/plan-assignments/{number}/unassign", reason="over")
        after = agent.reads(f"/tickets/{agent.register(product='X-1')['number']}")["choice"]
        assert (after["winner"]["plan"], after["losers"][0]["why"]) == ("standard", "not_in_effect")

    def test_a_contract_goes_before_product_and_class_and_a_serial_before_the_contract(
        self, agent: Caller, manager: Caller
    ) -> None:
        contract = manager.contracts(assets=["SN-77"], customer="远洋")
        gold = assigned(manager, "customer_class", "gold", "business-hours-it")
        asked = {"asset": "SN-77", "customer": "远洋", "customer_class": "gold"}
        found = agent.reads("/plan-choice", **asked)
        assert found["choice"]["winner"] == {"level": "line", "plan": "hot-water", "contract": contract}
        assert found["choice"]["losers"] == [
            {
                "level": "customer_class",
                "plan": "business-hours-it",
                "why": "outranked",
                "assignment": int(gold),
            }
        ]
        assigned(manager, "asset", "SN-77", "distance-bands")
        ticket = agent.reads(f"/tickets/{agent.register(**asked)['number']}")
        assert (ticket["pin"]["plan"], ticket["contract"]["winner"]["number"]) == ("distance-bands", contract)
        named = agent.reads(f"/tickets/{agent.register(**asked, plan='standard')['number']}")
        assert (named["pin"]["plan"], named["choice"]["winner"]["level"]) == ("standard", "named")
        assert [lost["level"] for lost in named["choice"]["losers"]] == ["asset", "line", "customer_class"]

    def test_a_plan_that_was_withdrawn_under_a_contract_loses_to_the_next_and_says_so(
        self, agent: Caller, manager: Caller
    ) -> None:
        manager.sends("/plans/promised/publish", **PLAN)
        contract = manager.contracts(assets=["SN-90"], plan="promised")
        number = assigned(manager, "product", "X-90", "distance-bands")
        manager.sends("/plans/promised/withdraw", reason="nobody is left who can keep it")
        ticket = agent.reads(f"/tickets/{agent.register(asset='SN-90', product='X-90')['number']}")
        assert (ticket["pin"]["plan"], ticket["contract"]["winner"]["number"]) == ("distance-bands", contract)
        assert ticket["choice"] == {
            "winner": {"level": "product", "plan": "distance-bands", "assignment": int(number)},
            "losers": [{"level": "line", "plan": "promised", "why": "withdrawn", "contract": contract}],
        }
        assert agent.reads("/plan-choice", asset="SN-90", product="X-90")["choice"] == ticket["choice"]
        named = agent.post("/tickets", {"subject": "x", "asset": "SN-90", "plan": "promised"})
        assert problem(named) == (422, "plan-not-offered")

    def test_what_is_assigned_can_be_read(self, agent: Caller, manager: Caller) -> None:
        number = assigned(manager, "product", "X-2", "hot-water")
        one = agent.reads(f"/plan-assignments/{number}")
        assert (one["plan"], one["by"], one["reason"]) == ("hot-water", "contract_manager:sun.yue", "agreed")
        assert agent.reads("/plan-assignments", scope="product", key="X-2")["items"] == [one]
        assert problem(agent.get("/plan-assignments/9999")) == (404, "not-found")

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"scope": "asset", "plan": "standard", "reason": "x"}, (422, "invalid-value")),
            ({"scope": "default", "key": "x", "plan": "standard", "reason": "x"}, (422, "invalid-value")),
            ({"scope": "default", "plan": "no-such", "reason": "x"}, (422, "unknown-plan")),
            ({"scope": "default", "plan": "standard"}, (422, "invalid-value")),
        ],
    )
    def test_what_cannot_be_assigned_is_refused(
        self, manager: Caller, service: Served, body: dict[str, str], expected: tuple[int, str]
    ) -> None:
        head = service.head()
        assert problem(manager.post("/plan-assignments", body)) == expected
        assert service.head() == head


class TestRepinning:
    def test_the_preview_shows_every_clock_and_records_nothing(self, agent: Caller, service: Served) -> None:
        ticket = agent.register(priority="P2")["number"]
        head = service.head()
        found = agent.reads(f"/tickets/{ticket}/repin/preview", plan="distance-bands")
        clocks = {clock["milestone"]: clock for clock in found["clocks"]}
        assert (found["before"]["plan"], found["after"]["plan"], found["version"]) == (
            "standard",
            "distance-bands",
            1,
        )
        assert clocks["resolve"]["before"]["target"] == "PT15H"
        assert (clocks["resolve"]["after"]["target"], clocks["resolve"]["moves"]) == ("PT72H", True)
        assert clocks["dispatch"]["before"] is None
        assert service.head() == head

    def test_one_asks_and_another_approves_and_the_moves_say_so(
        self, agent: Caller, manager: Caller, service: Served
    ) -> None:
        ticket = agent.register(priority="P2")["number"]
        agent.does(ticket, "repin", plan="hot-water", reason="the contract came late")
        own = service.caller(Role.ADMIN)  # the agent's name, in another role
        assert problem(own.post(f"/tickets/{ticket}/approve-repin", {"request": 1})) == (409, "same-person")
        assert problem(agent.post(f"/tickets/{ticket}/approve-repin", {"request": 1})) == (403, "forbidden")
        other = service.caller(Role.CONTRACT_MANAGER, "sun.li")
        assert agent.reads(f"/tickets/{ticket}/repin/preview")["after"]["plan"] == "hot-water"
        late = {"request": 1, "occurred_at": "2026-01-01T00:00:00Z", "reason": "x"}
        assert problem(other.post(f"/tickets/{ticket}/approve-repin", late)) == (422, "invalid-value")
        other.does(ticket, "approve-repin", request=1)
        shown = agent.reads(f"/tickets/{ticket}")
        assert (shown["pin"]["plan"], shown["choice"]["winner"]["plan"]) == ("hot-water", "standard")
        repinned = shown["repinned"]
        assert (repinned["before"]["plan"], repinned["approved_by"]) == (
            "standard",
            "contract_manager:sun.li",
        )
        assert (repinned["requested_by"], repinned["wanted"]) == ("agent:li.wei", "the contract came late")
        page = agent.get(f"/records/iso9001/cases/{ticket}", {"format": "html", "language": "en"}).text
        assert "agent:li.wei: the contract came late; approved by contract_manager:sun.li" in page
        clocks = {clock["milestone"]: clock for clock in agent.reads(f"/tickets/{ticket}/sla")}
        begun, moved = clocks["resolve"]["moves"]
        assert (begun["cause"], begun["before"], moved["cause"]) == ("started", None, "repinned")
        assert (moved["actor"], moved["after"]["plan"]) == ("contract_manager:sun.li", "hot-water")
        assert moved["after"]["due_at"] == clocks["resolve"]["due_at"]
        told = agent.reads(f"/tickets/{ticket}/history")["items"][-1]
        assert moved["text"] in told["moves"]
        assert moved["position"] == told["position"]

    @pytest.mark.parametrize(
        ("action", "body", "expected"),
        [
            ("repin", {"plan": "standard", "reason": "x"}, (422, "invalid-value")),
            ("repin", {"plan": "no-such", "reason": "x"}, (422, "unknown-plan")),
            ("repin", {"plan": "hot-water"}, (422, "invalid-value")),
            ("decline-repin", {"request": 1, "reason": "x"}, (422, "invalid-value")),
        ],
    )
    def test_what_cannot_be_asked_is_refused(
        self, agent: Caller, action: str, body: dict[str, Any], expected: tuple[int, str]
    ) -> None:
        ticket = agent.register()["number"]
        assert problem(agent.post(f"/tickets/{ticket}/{action}", body)) == expected

    def test_a_preview_of_nothing_is_refused(self, agent: Caller) -> None:
        ticket = agent.register()["number"]
        assert agent.get(f"/tickets/{ticket}/repin/preview").status_code == 422


def test_null_is_no_scope(manager: Caller) -> None:
    refused = manager.get("/plan-assignments", {"scope": "null"})
    assert refused.status_code == 422
