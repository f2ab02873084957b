"""Service plans and calendars over HTTP: publishing them, and what new tickets then pin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from application.access import Role
from tests.interfaces.http.client import Caller, Served, served

NOW = datetime.now(UTC)
HOURS = ["09:00-12:00", "13:30-18:00"]
WEEK = dict.fromkeys(["mon", "tue", "wed", "thu", "fri"], HOURS)


def body(hours: int = 4, **more: Any) -> dict[str, Any]:
    """A plan that promises P1 within so many hours."""
    return {
        "title": {"zh": "金牌服务", "en": "Gold"},
        "calendar": "24x7",
        "targets": {"resolve": {"P1": f"PT{hours}H"}},
        "reason": "agreed in the review",
    } | more


def pinned(caller: Caller, ticket: str) -> list[tuple[str, int, str]]:
    """Plan, version and target of a ticket's resolve clock."""
    clocks = caller.reads(f"/tickets/{ticket}/sla")
    return [(c["plan"], c["plan_version"], c["target"]) for c in clocks if c["milestone"] == "resolve"]


def test_a_new_ticket_pins_what_was_published_and_an_old_one_keeps_its_own(
    manager: Caller, agent: Caller
) -> None:
    first = manager.sends("/plans/gold/publish", **body(4))
    assert (first["number"], first["version"], first["published"]) == ("gold", 1, 1)
    old = agent.register(plan="gold", priority="P1")["number"]
    second = manager.sends("/plans/gold/publish", **body(2))
    assert (second["version"], second["published"]) == (2, 2)
    new = agent.register(plan="gold", priority="P1")["number"]
    assert pinned(agent, old) == [("gold", 1, "PT4H")]
    assert pinned(agent, new) == [("gold", 2, "PT2H")]


def test_sla_2_what_counts_is_when_the_customer_reported(manager: Caller, agent: Caller) -> None:
    since = NOW - timedelta(days=30)
    manager.sends("/plans/silver/publish", **body(8, effective_from=since.isoformat()))
    manager.sends("/plans/silver/publish", **body(6))
    late = {"occurred_at": (NOW - timedelta(days=2)).isoformat(), "reason": "taken on paper"}
    ticket = agent.register(plan="silver", priority="P1", **late)["number"]
    assert pinned(agent, ticket) == [("silver", 1, "PT8H")]
    early = {"occurred_at": (NOW - timedelta(days=31)).isoformat(), "reason": "taken on paper"}
    refused = agent.post("/tickets", {"subject": "x", "plan": "silver", **early})
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:aftersales:problem:plan-not-offered"
    assert refused.json()["errors"][0]["pointer"] == "#/plan"


def test_versions_count_on_from_those_that_come_with_the_product(manager: Caller, agent: Caller) -> None:
    before = manager.reads("/plans/hot-water")
    assert before["version"] == 0
    newest = before["items"][0]["version"]
    receipt = manager.sends("/plans/hot-water/publish", **body(3))
    assert receipt["published"] == newest + 1
    after = manager.reads("/plans/hot-water")
    assert [each["version"] for each in after["items"]] == list(range(newest + 1, 0, -1))
    one = manager.reads(f"/plans/hot-water/versions/{newest + 1}")
    assert one == after["items"][0]
    assert (one["published_by"], one["reason"]) == ("contract_manager:sun.yue", "agreed in the review")
    assert one["targets"] == {"resolve": {"P1": "PT3H"}}
    assert one["warnings"] == [50, 75, 90]


def test_a_withdrawn_plan_takes_no_new_ticket(manager: Caller, agent: Caller) -> None:
    manager.sends("/plans/bronze/publish", **body())
    old = agent.register(plan="bronze", priority="P1")["number"]
    manager.sends("/plans/bronze/withdraw", reason="nobody sells it")
    refused = agent.post("/tickets", {"subject": "x", "plan": "bronze"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/plan")
    assert pinned(agent, old) == [("bronze", 1, "PT4H")]
    again = manager.post("/plans/bronze/withdraw", {"reason": "again"})
    assert (again.status_code, again.json()["state"], again.json()["allowed"]) == (
        409,
        "withdrawn",
        ["publish"],
    )
    drafted = {"customer": "A", "title": "B", "plan": "bronze", "starts_on": "2026-01-01"}
    drafted |= {"ends_on": "2026-12-31", "price": {"amount": "1", "currency": "CNY"}}
    assert manager.post("/contracts", drafted).status_code == 422
    manager.sends("/plans/bronze/publish", **body(5))
    assert pinned(agent, agent.register(plan="bronze", priority="P1")["number"]) == [("bronze", 2, "PT5H")]


def test_the_plan_that_everybody_needs_cannot_be_withdrawn(manager: Caller) -> None:
    assert manager.post("/plans/standard/withdraw", {"reason": "x"}).status_code == 409
    assert manager.post("/plans/nothing/withdraw", {"reason": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"targets": {"resolve": {"P1": "PT0S"}}}, "#/targets/resolve/P1"),
        ({"targets": {"resolve": {"P1": "PT4H", "P2": "soon"}}}, "#/targets/resolve/P2"),
        ({"targets": {"resolve": {"P1": "PT4H"}, "on_site": {"P9": "PT4H"}}}, "#/targets/on_site"),
        ({"calendar": "mars"}, "#/calendar"),
        ({"calendar_version": 9}, "#/calendar_version"),
        ({"version": 9}, "#/version"),
        ({"warnings": [75, 50]}, "#/warnings"),
        ({"warnings_of": {"resolve": [0]}}, "#/warnings_of/resolve/0"),
        ({"reason": None}, "#/reason"),
        (
            {"penalties": [{"milestone": "callback", "per_hour": {"amount": "1", "currency": "CNY"}}]},
            "#/penalties/0/milestone",
        ),
        ({"special": [{"milestone": "on_site", "within": "PT0S", "band": "city"}]}, "#/special/0/within"),
        ({"title": {"zh": "金牌"}}, "#/title/en"),
    ],
)
def test_what_is_wrong_with_a_plan_is_pointed_at(
    manager: Caller, service: Served, change: dict[str, Any], pointer: str
) -> None:
    head = service.head()
    answer = manager.post("/plans/wrong/publish", body() | change)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text
    assert service.head() == head


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"zone": "Mars/North"}, "#/zone"),
        ({"week": {"mon": ["09:00-12:00", "9-12"]}}, "#/week/mon/1"),
        ({"years": {"2026": {"off": ["2026-02-30"]}}}, "#/years/2026/off/0"),
        ({"years": {"2026": {"off": ["2027-01-01"]}}}, "#/years/2026"),
        ({"years": {"2024": {}}}, "#/years"),
        ({"years": {"0": {}}}, "#/years"),
        ({"years": {"10000": {}}}, "#/years"),
        ({"effective_from": "9999-12-31T23:59:59-12:00"}, "#/effective_from"),
        ({"effective_from": "9999-12-31T23:59:59Z"}, "#/effective_from"),
        ({"drawn": [{"source": "chinesecalendar", "years": [2026, 2099]}]}, "#/drawn/0/years"),
        ({"drawn": [{"source": "holidays", "country": "XX", "years": [2026]}]}, "#/drawn/0/country"),
        ({"reason": None}, "#/reason"),
    ],
)
def test_what_is_wrong_with_a_calendar_is_pointed_at(
    manager: Caller, service: Served, change: dict[str, Any], pointer: str
) -> None:
    head = service.head()
    usual = {"zone": "Asia/Shanghai", "week": WEEK, "years": {"2026": {}}, "reason": "x"}
    usual |= {"effective_from": "2026-03-01T00:00:00+08:00"}
    answer = manager.post("/calendars/wrong/publish", usual | change)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text
    assert service.head() == head


def test_a_calendar_is_drawn_and_written_out_and_counted_by(manager: Caller, agent: Caller) -> None:
    receipt = manager.sends(
        "/calendars/site/publish",
        zone="Asia/Shanghai",
        week=WEEK | {"sat": ["22:00-06:00"]},
        drawn=[{"source": "chinesecalendar", "years": [2026]}],
        years={"2026": {"off": ["2026-02-14"], "make_up": {"2026-02-16": "mon"}}},
        effective_from="2026-01-01T00:00:00+08:00",
        reason="the site works on a holiday",
    )
    assert receipt["published"] == 1
    found = manager.reads("/calendars/site/versions/1")
    year = found["years"]["2026"]
    assert "2026-02-17" in year["off"]
    assert "2026-02-14" in year["off"]
    assert "2026-02-16" not in year["off"]
    assert year["make_up"]["2026-02-16"] == "mon"
    assert "2026-02-14" not in year["make_up"]
    assert found["sources"] == ["chinesecalendar 1.11.0 (2026)"]
    assert found["covered_until"] == "2026-12-31"
    span = {"from": "2026-02-14T00:00:00+08:00", "to": "2026-02-18T00:00:00+08:00"}
    counted = manager.reads("/calendars/site/working-time", **span)
    assert (counted["seconds"], counted["duration"]) == (27_000, "PT7H30M")
    assert [(each["day"], each["windows"], each["seconds"]) for each in counted["days"]] == [
        ("2026-02-14", [], 0),
        ("2026-02-15", [], 0),
        ("2026-02-16", HOURS, 27_000),
        ("2026-02-17", [], 0),
        ("2026-02-18", [], 0),
    ]
    night = {"from": "2026-03-07T23:00:00+08:00", "to": "2026-03-08T12:00:00+08:00"}
    assert manager.reads("/calendars/site/working-time", **night)["seconds"] == 7 * 3600


def test_a_new_calendar_version_is_for_new_tickets(manager: Caller, agent: Caller) -> None:
    usual = {"zone": "Asia/Shanghai", "week": WEEK, "reason": "x"}
    years = {str(year): {} for year in range(NOW.year - 1, NOW.year + 3)}
    manager.sends("/calendars/yard/publish", **usual, years=years)
    manager.sends("/plans/yard/publish", **body(4, calendar="yard"))
    old = agent.register(plan="yard", priority="P1")["number"]
    manager.sends("/calendars/yard/publish", **usual | {"week": WEEK | {"sat": HOURS}}, years=years)
    new = agent.register(plan="yard", priority="P1")["number"]
    versions = [
        {clock["calendar_version"] for clock in agent.reads(f"/tickets/{ticket}/sla")}
        for ticket in (old, new)
    ]
    assert versions == [{1}, {2}]


def test_a_withdrawn_calendar_takes_the_plans_that_name_it_out_of_the_choice_and_clocks_keep_it(
    manager: Caller, agent: Caller
) -> None:
    usual = {"zone": "UTC", "week": WEEK, "years": {str(NOW.year + each): {} for each in range(3)}}
    manager.sends("/calendars/depot/publish", **usual, reason="a new depot")
    manager.sends("/plans/depot/publish", **body(4, calendar="depot"))
    manager.sends("/plan-assignments", scope="product", key="D-1", plan="depot", reason="agreed")
    old = agent.register(product="D-1", priority="P1")["number"]
    manager.sends("/calendars/depot/withdraw", reason="the depot is closed")
    choice = agent.reads(f"/tickets/{agent.register(product='D-1')['number']}")["choice"]
    assert (choice["winner"]["plan"], choice["losers"][0]["why"]) == ("standard", "calendar_withdrawn")
    assert pinned(agent, old) == [("depot", 1, "PT4H")]
    refused = agent.post("/tickets", {"subject": "x", "plan": "depot"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/plan")
    assert "goes by calendar depot, which is withdrawn from" in refused.json()["detail"]
    said = manager.post("/plans/depot/publish", body(3, calendar="depot"))
    assert (said.status_code, said.json()["errors"][0]["pointer"]) == (422, "#/calendar")
    promised = {"scope": "product", "key": "D-2", "plan": "depot", "reason": "x"}
    assert manager.post("/plan-assignments", promised).status_code == 422
    line = next(each for each in manager.reads("/calendars")["items"] if each["name"] == "depot")
    assert (line["counting"], line["withdrawn_from"] is None) == (None, False)
    assert next(e for e in manager.reads("/plans")["items"] if e["name"] == "depot")["counting"] is None
    manager.sends("/calendars/depot/publish", **usual, reason="it opens again")
    new = agent.register(product="D-1", priority="P1")["number"]
    assert {each["calendar_version"] for each in agent.reads(f"/tickets/{new}/sla")} == {2}


@pytest.mark.parametrize(("calendar", "status"), [("cn-office", 409), ("24x7", 409), ("nothing", 404)])
def test_a_calendar_that_everybody_needs_cannot_be_withdrawn(
    manager: Caller, service: Served, calendar: str, status: int
) -> None:
    head = service.head()
    assert manager.post(f"/calendars/{calendar}/withdraw", {"reason": "x"}).status_code == status
    assert service.head() == head


def test_a_year_without_holidays_is_an_alert_and_a_deadline_in_it_is_refused(
    manager: Caller, agent: Caller
) -> None:
    year = NOW.year
    manager.sends(
        "/calendars/short/publish", zone="UTC", week=WEEK, years={str(year): {}}, reason="only this year"
    )
    manager.sends("/plans/short/publish", **body(9000, calendar="short"))
    alerts = {each["calendar"]: each for each in manager.reads("/calendars")["alerts"]}
    left = (datetime(year, 12, 31, tzinfo=UTC).date() - datetime.now(UTC).date()).days
    assert ("short" in alerts) == (left < 90)
    if left < 90:
        assert alerts["short"]["plans"] == ["short"]
        assert str(year + 1) in alerts["short"]["zh"]
        assert manager.reads("/plans")["alerts"] == manager.reads("/calendars")["alerts"]
        assert "short" in {each["calendar"] for each in agent.get("/readyz").json()["alerts"]}
    figures = agent.get("/metrics").text
    assert f'aftersales_calendar_days_left{{calendar="short",version="1"}} {left}.0' in figures
    ticket = agent.register(plan="short", priority="P1")["number"]
    [clock] = [each for each in agent.reads(f"/tickets/{ticket}/sla") if each["milestone"] == "resolve"]
    assert (clock["due_at"], clock["gap"], clock["target"]) == (None, year + 1, "PT9000H")
    span = {"from": f"{year}-12-30T00:00:00Z", "to": f"{year + 1}-02-01T00:00:00Z"}
    refused = manager.get("/calendars/short/working-time", span)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:aftersales:problem:calendar-gap")
    assert str(year + 1) in refused.json()["detail"]


def test_versions_and_keys_are_looked_at_like_those_of_every_command(manager: Caller) -> None:
    manager.sends("/plans/tagged/publish", **body(1))
    stale = manager.post("/plans/tagged/publish", body(2), if_match='"0"')
    assert (stale.status_code, stale.headers["ETag"]) == (412, '"1"')
    answers = [
        manager.post("/plans/tagged/publish", body(2), if_match='"1"', idempotency_key="once")
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["published"] == 2
    same = manager.post("/plans/tagged/publish", body(2))
    assert (same.status_code, same.json()["detail"]) == (422, "that is what tagged v2 says")
    tag = manager.get("/plans/tagged").headers["ETag"]
    assert manager.get("/plans/tagged", if_none_match=tag).status_code == 304


def test_lists_say_what_counts_now(manager: Caller) -> None:
    soon = (NOW + timedelta(days=10)).isoformat()
    manager.sends("/plans/later/publish", **body(1, effective_from=soon))
    lines = {each["name"]: each for each in manager.reads("/plans")["items"]}
    assert (lines["later"]["version"], lines["later"]["counting"]) == (1, None)
    assert lines["standard"]["effective_from"] is None
    assert lines["standard"]["counting"] == lines["standard"]["version"]
    calendars = {each["name"]: each for each in manager.reads("/calendars")["items"]}
    assert calendars["24x7"]["covered_until"] is None
    assert calendars["cn-office"]["first_year"] == 2004


def test_the_audit_log_has_who_published_what_and_why(manager: Caller, admin: Caller) -> None:
    manager.sends("/plans/told/publish", **body(1))
    manager.sends("/plans/told/withdraw", reason="a slip")
    found = [each for each in admin.reads("/audit/events", limit=500)["items"] if each["number"] == "told"]
    assert [(each["type"], each["actor"], each["reason"]) for each in found] == [
        ("plan.withdrawn", "contract_manager:sun.yue", "a slip"),
        ("plan.published", "contract_manager:sun.yue", "agreed in the review"),
    ]
    assert found[1]["data"]["plan"]["targets"] == {"resolve": {"P1": 3600}}


def test_what_one_server_publishes_the_next_ticket_of_another_pins(service: Served) -> None:
    """Two applications on one database; neither is told of the other, and each has a book of its own."""
    manager = service.caller(Role.CONTRACT_MANAGER)
    with served(service.database) as there:
        agent = there.caller(Role.AGENT)
        for version, hours in enumerate((4, 3, 2), 1):
            manager.sends("/plans/shared/publish", **body(hours))
            number = agent.register(plan="shared", priority="P1")["number"]
            assert pinned(agent, number) == [("shared", version, f"PT{hours}H")]
            assert pinned(service.caller(Role.AGENT), number) == [("shared", version, f"PT{hours}H")]
