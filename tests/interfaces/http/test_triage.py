"""What tickets are sorted by, over HTTP: published by versions, which what was judged by them names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from application.access import Role
from application.triage import shipped_triages
from tests.interfaces.http.client import Caller, Served, served
from tests.interfaces.http.test_permissions import is_problem

NOW = datetime.now(UTC)
MATRIX: dict[str, dict[str, str]] = {
    impact.value: {urgency.value: priority.value for urgency, priority in row.items()}
    for impact, row in shipped_triages()[0].matrix.items()
}
HEATING = {"code": "heating", "title": {"zh": "不加热", "en": "no heat"}}
NOISE = {"code": "noise", "title": {"zh": "异响", "en": "noise"}}
E_07 = {"code": "E-07", "title": {"zh": "加热管断路", "en": "heating element open"}, "parent": "heating"}


def body(**more: Any) -> dict[str, Any]:
    """A triage that lists its codes."""
    listed = {"matrix": MATRIX, "categories": [HEATING, NOISE], "fault_codes": [E_07]}
    return {**listed, "reason": "agreed in the review"} | more


@pytest.fixture(scope="module", autouse=True)
def _listed(service: Served) -> None:
    """An installation that has published a triage of its own, from a week ago on."""
    manager = service.caller(Role.CONTRACT_MANAGER, "sun.yue")
    since = (NOW - timedelta(days=7)).isoformat()
    receipt = manager.sends("/triage/publish", **body(effective_from=since))
    assert (receipt["number"], receipt["version"], receipt["published"]) == ("standard", 1, 2)


def test_what_counts_now_is_listed_with_its_titles(agent: Caller) -> None:
    categories, codes = agent.reads("/categories"), agent.reads("/fault-codes")
    assert categories["version"] == codes["version"] >= 2
    assert categories["items"][0] | HEATING == categories["items"][0]
    assert [each["parent"] for each in codes["items"]] == ["heating"]
    assert agent.reads("/priority-matrix")["matrix"]["high"]["critical"] == "P1"


def test_every_version_is_read_with_who_published_it(agent: Caller) -> None:
    answer = agent.get("/triage")
    [*_, own, shipped] = answer.json()["items"]
    assert (shipped["version"], shipped["effective_from"], shipped["categories"]) == (1, None, [])
    assert (own["version"], own["published_by"], own["reason"]) == (
        2,
        "contract_manager:sun.yue",
        "agreed in the review",
    )
    assert agent.reads("/triage/versions/2") == own
    assert agent.get("/triage", if_none_match=answer.headers["ETag"]).status_code == 304
    is_problem(agent.get("/triage/versions/99"), 404, "not-found")


def test_a_report_is_judged_and_says_by_which_version(agent: Caller) -> None:
    number = agent.register(category="heating", impact="high", urgency="medium")["number"]
    ticket = agent.reads(f"/tickets/{number}")
    version = agent.reads("/priority-matrix")["version"]
    assert (ticket["priority"], ticket["urgency"]) == ("P2", "medium")
    assert ticket["matrix"] == {"version": version, "impact": "high", "urgency": "medium"}
    assert ticket["triage"] == {"version": version, "category": HEATING["title"], "fault_code": None}
    agent.does(number, "classify", category="heating", fault_code="E-07", urgency="critical")
    ticket = agent.reads(f"/tickets/{number}")
    assert (ticket["priority"], ticket["triage"]["fault_code"]) == ("P1", E_07["title"])
    is_problem(agent.post(f"/tickets/{number}/prioritise", {"priority": "P3"}), 422, "invalid-value")
    agent.does(number, "prioritise", priority="P3", reason="the annex is empty")
    assert agent.reads(f"/tickets/{number}")["matrix"] is None
    texts = [each["text"] for each in agent.reads(f"/tickets/{number}/history")["items"]]
    judged = f"(matrix v{version}: high impact, critical urgency)"
    assert any("P1" in text["en"] and judged in text["en"] for text in texts)
    assert any("heating (no heat), fault code E-07 (heating element open)" in text["en"] for text in texts)
    assert any("故障分类：heating（不加热），故障代码 E-07（加热管断路）" in text["zh"] for text in texts)


def test_a_queue_says_what_codes_are_called(agent: Caller) -> None:
    number = agent.register(category="heating", impact="low", urgency="low")["number"]
    assert titles(agent, number) == {"category": HEATING["title"]}
    agent.does(number, "classify", category="heating", fault_code="E-07")
    agent.does(number, "hold", hold="waiting_for_part", review_at="2099-03-02T09:00:00Z")
    waits = {"zh": "等待备件", "en": "waiting for a part"}
    assert titles(agent, number) == {
        "category": HEATING["title"],
        "fault_code": E_07["title"],
        "hold": waits,
    }
    agent.does(number, "classify", category="noise")
    assert titles(agent, number) == {"category": NOISE["title"], "hold": waits}
    assert titles(agent, agent.register()["number"]) == {}


def test_files_of_tables_have_categories_with_their_titles_as_at_their_position(
    agent: Caller, manager: Caller
) -> None:
    agent.register(category="heating", impact="low", urgency="low")
    asked = {"group_by": "category", "category": "heating", "language": "en", "as_of": NOW.isoformat()}
    table = agent.reads("/sla/compliance", **asked)
    assert table["rows"][0]["group"] == {"category": "heating"}
    fixed = asked | {"position": table["position"]}
    before = [agent.get(path, fixed | {"format": "csv"}) for path in ("/sla/compliance", "/sla/clocks")]
    assert all("heating (no heat)" in each.text for each in before)
    book = agent.get("/sla/compliance", fixed | {"format": "xlsx", "clocks": "true"})
    table_sheet, clock_sheet = load_workbook(BytesIO(book.content)).worksheets
    for sheet in (table_sheet, clock_sheet):
        assert "heating (no heat)" in {cell.value for row in sheet.iter_rows() for cell in row}
    cold = HEATING | {"title": {"zh": "不热", "en": "cold"}}
    manager.sends("/triage/publish", **body(categories=[cold, NOISE]))
    again = [agent.get(path, fixed | {"format": "csv"}) for path in ("/sla/compliance", "/sla/clocks")]
    assert [each.content for each in again] == [each.content for each in before]
    assert "heating (cold)" in agent.get("/sla/compliance", asked | {"format": "csv"}).text
    manager.sends("/triage/publish", **body())


def titles(agent: Caller, number: str) -> Any:
    """What a queue calls the codes of a ticket."""
    [item] = agent.reads("/queues/all", text=number)["items"]
    return item["titles"]


def test_a_priority_that_is_given_stands_and_nothing_told_is_p3(agent: Caller) -> None:
    given = agent.register(priority="P4", impact="high", urgency="critical")["number"]
    plain = agent.register()["number"]
    shown = [agent.reads(f"/tickets/{each}") for each in (given, plain)]
    assert [(each["priority"], each["matrix"], each["triage"]) for each in shown] == [
        ("P4", None, None),
        ("P3", None, None),
    ]


def test_unknown_codes_are_refused_with_the_nearest(agent: Caller, service: Served) -> None:
    number = agent.register()["number"]
    head = service.head()
    answer = agent.post(f"/tickets/{number}/classify", {"category": "heatng"})
    is_problem(answer, 422, "invalid-value")
    assert "heating" in answer.json()["detail"]
    assert answer.json()["errors"][0]["pointer"] == "#/category"
    answer = agent.post(f"/tickets/{number}/classify", {"category": "noise", "fault_code": "E-07"})
    assert answer.json()["errors"][0]["pointer"] == "#/fault_code"
    is_problem(agent.post("/tickets", {"subject": "x", "category": "none such"}), 422, "invalid-value")
    assert service.head() == head


def test_what_is_judged_late_goes_by_the_version_of_its_time(agent: Caller) -> None:
    late = {"occurred_at": (NOW - timedelta(days=9)).isoformat(), "reason": "taken on paper"}
    before = agent.register(category="whatever", **late)["number"]
    assert agent.reads(f"/tickets/{before}")["triage"] == {
        "version": 1,
        "category": None,
        "fault_code": None,
    }


def test_a_new_version_is_for_what_comes_and_nothing_that_was(manager: Caller, agent: Caller) -> None:
    old = agent.register(category="noise", impact="low", urgency="critical")["number"]
    before = agent.reads(f"/tickets/{old}")
    swapped = MATRIX | {"low": MATRIX["low"] | {"critical": "P1"}}
    at = agent.reads("/priority-matrix")["version"]
    published = manager.sends("/triage/publish", **body(matrix=swapped, categories=[HEATING]))["published"]
    assert published == at + 1
    after, kept = agent.reads(f"/tickets/{old}"), ("version", "category", "priority", "matrix", "triage")
    assert [after[name] for name in kept] == [before[name] for name in kept]
    assert (before["priority"], before["matrix"]["version"], before["category"]) == ("P2", at, "noise")
    new = agent.reads(f"/tickets/{agent.register(impact='low', urgency='critical')['number']}")
    assert (new["priority"], new["matrix"]["version"]) == ("P1", published)
    is_problem(agent.post("/tickets", {"subject": "x", "category": "noise"}), 422, "invalid-value")
    manager.sends("/triage/publish", **body())


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"matrix": {"high": MATRIX["high"]}}, "#/matrix"),
        ({"matrix": MATRIX | {"low": {"low": "P4"}}}, "#/matrix/low"),
        ({"matrix": MATRIX | {"low": MATRIX["low"] | {"low": "P9"}}}, "#/matrix/low"),
        ({"categories": [HEATING, HEATING]}, "#/categories/1/code"),
        ({"categories": [HEATING, {"code": "x", "title": {"zh": "", "en": "x"}}]}, "#/categories/1/title/zh"),
        ({"categories": [{"code": "x\u0000", "title": HEATING["title"]}]}, "#/categories/0/code"),
        ({"fault_codes": [E_07 | {"parent": "none"}]}, "#/fault_codes/0/parent"),
        ({"version": 99}, "#/version"),
        ({"reason": None}, "#/reason"),
    ],
)
def test_what_is_wrong_with_a_triage_is_pointed_at(
    manager: Caller, service: Served, change: dict[str, Any], pointer: str
) -> None:
    head = service.head()
    answer = manager.post("/triage/publish", body() | change)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith(pointer), answer.text
    assert service.head() == head


def test_versions_and_keys_are_looked_at_like_those_of_every_command(manager: Caller, agent: Caller) -> None:
    version = manager.reads("/triage")["version"]
    stale = manager.post("/triage/publish", body(categories=[]), if_match='"0"')
    assert (stale.status_code, stale.headers["ETag"]) == (412, f'"{version}"')
    answers = [
        manager.post("/triage/publish", body(fault_codes=[]), if_match=f'"{version}"', idempotency_key="once")
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    is_problem(agent.post("/triage/publish", body()), 403, "forbidden")
    manager.sends("/triage/publish", **body())


def test_the_audit_log_has_who_published_which_matrix_and_why(manager: Caller, admin: Caller) -> None:
    manager.sends("/triage/publish", **body(categories=[HEATING]))
    manager.sends("/triage/publish", **body())
    events = admin.reads("/audit/events", limit=500)["items"]
    found = [each for each in events if each["type"] == "triage.published"]
    assert {each["actor"] for each in found} == {"contract_manager:sun.yue"}
    assert found[0]["data"]["triage"]["matrix"] == MATRIX


def test_what_one_server_publishes_another_judges_by_at_once(service: Served) -> None:
    """Two applications on one database; neither is told of the other, and each has a book of its own."""
    manager = service.caller(Role.CONTRACT_MANAGER)
    with served(service.database) as there:
        agent = there.caller(Role.AGENT)
        ticket = agent.register(category="heating")["number"]
        for name in ("甲", "乙"):
            code = {"code": f"new-{name}", "title": {"zh": name, "en": name}}
            published = manager.sends("/triage/publish", **body(categories=[HEATING, code]))["published"]
            agent.does(ticket, "classify", category=code["code"])
            judged = agent.reads(f"/tickets/{ticket}")["triage"]
            assert (judged["version"], judged["category"]) == (published, code["title"])
            begun = agent.register(category=code["code"])["number"]
            assert agent.reads(f"/tickets/{begun}")["triage"]["version"] == published
    manager.sends("/triage/publish", **body())
