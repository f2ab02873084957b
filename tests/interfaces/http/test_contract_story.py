"""The life of maintenance contracts, told over HTTP: what they promise, include and have left (R13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.interfaces.http.client import Caller


def day(after: int) -> str:
    """A day so many days after today, on the wall of Shanghai."""
    return (datetime.now(UTC) + timedelta(hours=8, days=after)).date().isoformat()


YEAR = int(day(0)[:4])


def hours_ago(hours: float) -> str:
    """A time before now."""
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


def left(contract: dict[str, Any]) -> dict[str, Any]:
    """What remains, by kind or part number."""
    return {each["part"] or each["kind"]: each["remaining"] for each in contract["balances"]}


def test_a_contract_from_the_draft_to_its_end(agent: Caller, manager: Caller) -> None:
    draft = manager.sends(
        "/contracts",
        customer="海风酒店",
        title="热水系统维保",
        plan="hot-water",
        starts_on=f"{YEAR - 1}-01-01",
        ends_on=f"{YEAR}-12-31",
        price={"amount": "18600.00", "currency": "CNY"},
        allowances={"visits": 2, "hours": 5400, "parts": 3, "by_part": {"HE-200": 1}},
        assets=["SN-1"],
    )
    path = f"/contracts/{draft['number']}"

    def shown() -> dict[str, Any]:
        return agent.reads(path)

    assert (shown()["status"], shown()["why"], shown()["actions"]) == (
        "draft",
        "not_activated",
        ["amend", "sign"],
    )
    manager.sends(f"{path}/sign", signed_by="陈经理", signed_on=f"{YEAR - 1}-01-02")
    manager.sends(f"{path}/activate")
    assert (shown()["status"], shown()["in_force"], shown()["why"]) == ("active", True, None)
    assert left(shown()) == {"visit": 2, "hours": "PT1H30M", "part": 3, "HE-200": 1}

    manager.sends(
        f"{path}/amend", effective_on=day(0), added=["SN-2"], price={"amount": "20000", "currency": "CNY"}
    )
    assert (shown()["assets"], shown()["price"]["amount"]) == (["SN-1", "SN-2"], "20000")

    ticket = agent.register(asset="SN-2", occurred_at=hours_ago(0.02), reason="x")["number"]
    use = agent.sends(f"{path}/consume", ticket=ticket, kind="hours", amount=3600)["made"]
    assert left(shown())["hours"] == "PT30M"
    agent.sends(f"{path}/restore", entry=use, amount=1800)
    (entry,) = shown()["entries"]
    assert left(shown())["hours"] == "PT1H"
    assert (entry["id"], entry["ticket_number"], entry["amount"], entry["standing"]) == (
        use,
        ticket,
        "PT1H",
        "PT30M",
    )

    manager.sends(f"{path}/renew", ends_on=f"{YEAR + 1}-12-31", allowances={"visits": 4}, carries=True)
    assert shown()["ends_on"] == f"{YEAR + 1}-12-31"
    assert [period["carries"] for period in shown()["periods"]] == [False, True]

    manager.sends(f"{path}/terminate", effective_on=day(0), reason="the hotel was sold")
    ended = shown()
    assert (ended["status"], ended["in_force"], ended["why"]) == ("terminated", False, "terminated")
    assert ended["actions"] == ["consume", "restore"]


def test_a_ticket_falls_under_the_contract_that_names_its_asset(agent: Caller, manager: Caller) -> None:
    named = manager.contracts(customer="滨江医院", assets=["SN-10"], plan="hot-water")
    general = manager.contracts(customer="滨江医院", scope="customer", plan="standard")
    ticket = agent.reads(f"/tickets/{agent.register(asset='SN-10', customer='滨江医院')['number']}")
    assert (ticket["contract"]["winner"]["number"], ticket["pin"]["plan"]) == (named, "hot-water")
    assert [(loser["number"], loser["why"]) for loser in ticket["contract"]["losers"]] == [
        (general, "less_specific")
    ]
    other = agent.reads(f"/tickets/{agent.register(asset='SN-11', customer='滨江医院')['number']}")
    assert (other["contract"]["winner"]["number"], other["pin"]["plan"]) == (general, "standard")
    nobody = agent.reads(f"/tickets/{agent.register(asset='SN-12', customer='nobody')['number']}")
    assert nobody["contract"] is None


@pytest.fixture(scope="module")
def entitled(agent: Caller, manager: Caller) -> str:
    """Two visits and one heating element a term, for SN-20; one visit is used."""
    allowances = {"visits": 2, "by_part": {"HE-200": 1}}
    number = manager.contracts(customer="云岭学校", assets=["SN-20"], allowances=allowances)
    ticket = agent.register(asset="SN-20")["number"]
    agent.sends(f"/contracts/{number}/consume", ticket=ticket, kind="visit", amount=1)
    return number


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({}, (True, None, 1)),
        ({"amount": 2}, (False, "exhausted", 1)),
        ({"kind": "part", "part": "HE-200"}, (True, None, 1)),
        ({"kind": "part", "part": "HE-9"}, (False, "not_included", 0)),
        ({"kind": "hours", "amount": 60}, (False, "not_included", "PT0S")),
        ({"at": hours_ago(1)}, (True, None, 2)),
        ({"reported_at": "2010-01-01T00:00:00Z"}, (False, None, None)),
    ],
)
def test_an_entitlement_is_answered_with_what_is_left_and_why_not(
    agent: Caller, entitled: str, asked: dict[str, Any], answer: tuple[bool, str | None, Any]
) -> None:
    told = agent.reads("/entitlements", asset="SN-20", **asked)
    assert (told["covered"], told["why"], told["remaining"]) == answer
    assert told["winner"] is None or told["winner"]["number"] == entitled
    assert [loser["why"] for loser in told["losers"]] == ([] if told["winner"] else ["not_yet"])


def test_nobody_is_entitled_without_a_contract(agent: Caller) -> None:
    told = agent.reads("/entitlements", customer="nobody", asset="SN-99")
    assert (told["covered"], told["winner"], told["losers"]) == (False, None, [])


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({}, "asset"),
        ({"asset": "SN-20", "kind": "part"}, "part"),
        ({"asset": "SN-20", "part": "HE-200"}, "part"),
        ({"asset": "SN-20", "amount": 0}, "amount"),
        ({"asset": "SN-20", "amount": 10**9 + 1}, "amount"),
        ({"asset": "SN-20", "kind": "trip"}, "kind"),
        ({"asset": "SN-20", "at": "yesterday"}, "at"),
        ({"asset": "SN-20", "reported_at": "2026-01-01"}, "reported_at"),
    ],
)
def test_an_unanswerable_question_names_the_parameter(agent: Caller, asked: Any, where: str) -> None:
    answer = agent.get("/entitlements", asked)
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, where)


def test_the_farthest_moments_are_answered(agent: Caller, entitled: str) -> None:
    for moment in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        for name in ("at", "reported_at"):
            assert agent.get("/entitlements", {"asset": "SN-20", name: moment}).status_code == 200
    assert agent.get(f"/contracts/{entitled}", {"as_of": "9999-12-31T23:59:59Z"}).status_code == 200
    assert agent.get("/contracts", {"expiring_within": 36_500}).status_code == 200


def test_contracts_are_found_by_what_is_said_of_them(agent: Caller, manager: Caller) -> None:
    ending = {"customer": "青山工厂", "ends_on": day(20), "plan": "standard"}
    soon = manager.contracts(**ending, assets=["SN-30"])
    later = manager.contracts(**{**ending, "ends_on": day(60)}, assets=["SN-31"], title="Kessel")
    draft = manager.sends(
        "/contracts",
        **ending,
        starts_on=day(-1),
        title="x",
        price={"amount": "1", "currency": "CNY"},
        assets=["SN-32"],
    )["number"]

    def found(**asked: Any) -> set[str]:
        return {line["number"] for line in agent.reads("/contracts", customer="青山工厂", **asked)["items"]}

    assert found() == {soon, later, draft}
    assert found(status="draft") == found(in_force=False) == found(asset="SN-32") == {draft}
    assert found(expiring_within=20) == {soon}
    assert found(expiring_within=19) == set()
    assert found(expiring_within=60) == found(in_force=True) == {soon, later}
    assert found(text="kess") == {later}
    assert found(plan="hot-water") == set()


def test_every_contract_comes_once_in_pages(agent: Caller, manager: Caller) -> None:
    made = [manager.contracts(customer="长河", assets=[f"SN-5{step}"]) for step in range(5)]
    for limit in (1, 2, 500):
        pages = list(agent.pages("/contracts", customer="长河", limit=limit))
        assert all(len(page) == limit for page in pages[:-1])
        assert [line["number"] for page in pages for line in page] == made[::-1]


def test_a_contract_as_it_was(agent: Caller, manager: Caller) -> None:
    number = manager.sends(
        "/contracts",
        customer="东港",
        title="x",
        plan="standard",
        starts_on=day(-30),
        ends_on=day(30),
        price={"amount": "1", "currency": "CNY"},
        assets=["SN-40"],
        occurred_at=hours_ago(48),
        reason="from the cabinet",
    )["number"]
    path = f"/contracts/{number}"
    late = {"reason": "from the cabinet"}
    manager.sends(f"{path}/sign", signed_by="x", signed_on=day(-9), occurred_at=hours_ago(36), **late)
    manager.sends(f"{path}/activate", occurred_at=hours_ago(24), **late)

    def status(**asked: Any) -> tuple[str, bool]:
        contract = agent.reads(path, **asked)
        return contract["status"], contract["in_force"]

    assert [status(version=version) for version in (1, 2, 3)] == [
        ("draft", False),
        ("signed", False),
        ("active", True),
    ]
    assert [status(as_of=hours_ago(hours)) for hours in (40, 30, 1)] == [
        ("draft", False),
        ("signed", False),
        ("active", True),
    ]
    assert agent.get(path, {"as_of": hours_ago(50)}).status_code == 404
    assert agent.get(path, {"as_of": hours_ago(1), "basis": "recorded"}).status_code == 404
    assert agent.get(path, {"version": 4}).status_code == 404
    assert agent.get(path, {"version": 1, "as_of": hours_ago(1)}).status_code == 422
