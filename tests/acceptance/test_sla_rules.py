"""The fifteen rules of time limits, told over HTTP by people whose clock the test turns (SLA 1 to 15).

The application is the real one on a real database, with its worker; only the time that it is comes from the
test. Times are those of 2026 in Shanghai; 2 March is a Monday. Plans are those that ship: ``distance-bands``
counts every second, ``standard`` the office hours of mainland China, 09:00-12:00 and 13:30-18:00.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from application.access import Role
from application.database.connect import Database
from application.desks import open_desks
from application.log.event_log import open_log
from application.plans import shipped_promises
from application.policies.timers import Timers
from interfaces.cli.reacting import timers
from projections.sla_compliance.filters import GROUPS
from tests.interfaces.http.client import ZONE, Caller, Served, served, worker

HOME = ZoneInfo(ZONE)
PLAN = {
    "title": {"zh": "某一级", "en": "Of one level"},
    "calendar": "24x7",
    "targets": {"resolve": {"P3": "PT8H"}},
    "reason": "agreed",
}


class Wall:
    """The clock on the wall, which the test turns."""

    def __init__(self) -> None:
        self.now = local("03-02 09:00")

    def __call__(self) -> datetime:
        return self.now


class Case:
    """One ticket: what is done to it when, and what its clocks then show."""

    def __init__(self, agent: Caller, wall: Wall, when: str, **fields: Any) -> None:
        self.agent, self._wall = agent, wall
        wall.now = local(when)
        self.number = agent.register(plan=fields.pop("plan", "distance-bands"), **fields)["number"]

    def does(self, when: str, action: str, **fields: Any) -> Case:
        """Do something to the ticket at a time."""
        self._wall.now = local(when)
        self.agent.does(self.number, action, **fields)
        return self

    def answers(self, when: str, channel: str = "phone", **fields: Any) -> Case:
        """A person of ours contacts the customer."""
        return self.does(
            when, "contact", **{"channel": channel, "direction": "outbound", "party": "person"} | fields
        )

    def clocks(self, when: str) -> dict[tuple[str, int], dict[str, Any]]:
        """Every clock at a time, by milestone and cycle."""
        self._wall.now = local(when)
        shown = self.agent.reads(f"/tickets/{self.number}/sla")
        return {(clock["milestone"], clock["cycle"]): clock for clock in shown}

    def clock(self, when: str, milestone: str = "resolve", cycle: int = 1) -> dict[str, Any]:
        """One clock at a time."""
        return self.clocks(when)[milestone, cycle]


def local(when: str) -> datetime:
    """ "03-02 09:00" of 2026 in Shanghai, as UTC."""
    return datetime.fromisoformat(f"2026-{when}").replace(tzinfo=HOME).astimezone(UTC)


def moment(shown: str | None) -> datetime | None:
    """A time as the service tells it."""
    return datetime.fromisoformat(shown) if shown else None


@pytest.fixture(scope="module")
def wall() -> Wall:
    """The clock that everybody looks at."""
    return Wall()


@pytest.fixture(scope="module")
def service(module_database: Database, wall: Wall) -> Iterator[Served]:
    """A service whose clock the test turns."""
    with served(module_database, now=wall) as service, worker(module_database):
        yield service


@pytest.fixture(scope="module")
def agent(service: Served) -> Caller:
    """Li Wei."""
    return service.caller(Role.AGENT, "li.wei")


@pytest.fixture(scope="module")
def look(module_database: Database, wall: Wall) -> Callable[[], None]:
    """A worker looks at what time has brought, by the same clock."""

    async def looking() -> None:
        async with open_log(module_database.service_url) as log:
            book = shipped_promises()
            desks = open_desks(log, book, time_zone=ZONE, now=wall)
            await Timers(log, timers(log, desks, book), now=wall).look()

    return lambda: asyncio.run(looking())


def test_sla_1_milestones_start_and_stop_independently_and_all_are_shown(agent: Caller, wall: Wall) -> None:
    case = Case(agent, wall, "03-02 09:00", priority="P2", band="city")
    case.does("03-02 09:20", "acknowledge").answers("03-02 09:50").does(
        "03-02 10:30", "dispatch", technician="张伟"
    )
    shown = case.clocks("03-02 11:00")
    assert {milestone: clock["verdict"] for (milestone, _), clock in shown.items()} == {
        "acknowledge": "met",
        "first_response": "breached",
        "dispatch": "breached",
        "on_site": "pending",
        "resolve": "pending",
    }
    assert moment(shown["on_site", 1]["due_at"]) == local("03-02 12:00")


def test_sla_2_clocks_start_when_the_customer_reported_and_backdating_needs_a_reason(
    agent: Caller, wall: Wall
) -> None:
    wall.now = local("03-02 11:00")
    told = {"plan": "distance-bands", "priority": "P2", "occurred_at": local("03-02 08:00").isoformat()}
    refused = agent.post("/tickets", {"subject": "冷水", **told})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "#/reason"
    ticket = agent.register(**told, reason="the hotline was down")["number"]
    response = next(
        clock for clock in agent.reads(f"/tickets/{ticket}/sla") if clock["milestone"] == "first_response"
    )
    assert moment(response["started_at"]) == local("03-02 08:00")
    assert response["verdict"] == "breached"
    first = agent.reads(f"/tickets/{ticket}/history")["items"][0]
    assert moment(first["occurred_at"]) == local("03-02 08:00")
    assert first["recorded_at"] != first["occurred_at"]


@pytest.mark.parametrize(
    ("contact", "verdict"),
    [
        ({"direction": "outbound", "party": "person", "channel": "email"}, "met"),
        ({"direction": "outbound", "party": "automatic", "channel": "email"}, "breached"),
        ({"direction": "inbound", "party": "person", "channel": "email"}, "breached"),
        ({"direction": "inbound", "party": "person", "channel": "phone"}, "met"),
    ],
)
def test_sla_3_a_first_response_is_a_real_contact_by_a_person(
    agent: Caller, wall: Wall, contact: dict[str, str], verdict: str
) -> None:
    case = Case(agent, wall, "03-02 09:00", priority="P2").does("03-02 09:25", "contact", **contact)
    assert case.clock("03-02 09:31", "first_response")["verdict"] == verdict


@pytest.mark.parametrize(
    ("reason", "paused"),
    [
        ("waiting_for_customer", "PT2H"),
        ("access_refused", "PT2H"),
        ("customer_chose_later", "PT2H"),
        ("quote_consent", "PT2H"),
        ("waiting_for_part", "PT0S"),
        ("waiting_for_supplier", "PT0S"),
    ],
)
def test_sla_4_only_the_customers_own_waits_pause(
    agent: Caller, wall: Wall, reason: str, paused: str
) -> None:
    case = Case(agent, wall, "03-02 09:00", priority="P3")
    case.does("03-02 10:00", "hold", hold=reason, review_at=local("03-03 10:00").isoformat())
    case.does("03-02 12:00", "resume")
    shown = case.clocks("03-02 13:00")
    assert shown["resolve", 1]["paused"] == paused
    assert shown["first_response", 1]["paused"] == "PT0S"


def test_sla_4_the_customers_contact_ends_the_wait_by_itself(agent: Caller, wall: Wall) -> None:
    case = Case(agent, wall, "03-02 09:00", priority="P3")
    case.does("03-02 10:00", "hold", hold="waiting_for_customer")
    case.does("03-02 11:30", "contact", channel="email", direction="inbound", party="person")
    shown = case.clock("03-02 12:00")
    assert (shown["state"], shown["elapsed"], shown["paused"]) == ("running", "PT1H30M", "PT1H30M")


def test_sla_4_each_pause_has_reason_actor_and_review_date_and_is_found_when_that_has_come(
    agent: Caller, wall: Wall
) -> None:
    case = Case(agent, wall, "03-02 09:00", priority="P4")
    case.does("03-02 10:00", "hold", hold="access_refused", reason="机房锁着")
    hold = agent.reads(f"/tickets/{case.number}")["hold"]
    assert (hold["reason"], moment(hold["review_at"])) == ("access_refused", local("03-05 10:00"))
    held = agent.reads(f"/tickets/{case.number}/history")["items"][-1]
    assert (held["actor"], held["reason"]) == ("agent:li.wei", "机房锁着")
    assert "复核时间 2026-03-05 10:00" in held["text"]["zh"]

    def due(when: str) -> list[str]:
        wall.now = local(when)
        return [item["number"] for item in agent.reads("/queues/review-due", limit=500)["items"]]

    assert case.number not in due("03-05 09:59")
    assert case.number in due("03-05 10:00")
    case.does("03-05 10:30", "resume")
    assert case.number not in due("03-05 10:30")


def test_sla_5_working_time_minus_the_union_of_pauses_over_lunch_and_weekend(
    agent: Caller, wall: Wall
) -> None:
    case = Case(agent, wall, "03-06 11:00", priority="P2", plan="standard")
    case.does("03-06 11:30", "hold", hold="waiting_for_customer")
    case.does("03-09 09:30", "resume")
    shown = case.clock("03-09 14:00")
    assert (shown["elapsed"], shown["paused"]) == ("PT3H30M", "PT5H30M")
    assert moment(shown["due_at"]) == local(
        "03-10 18:00"
    )  # 15 h: half an hour, 7 h on Monday, 7.5 h on Tuesday


def test_sla_6_a_paused_clock_has_no_deadline_and_cannot_break(agent: Caller, wall: Wall) -> None:
    case = Case(agent, wall, "03-02 09:00", priority="P3").does("03-02 10:00", "hold", hold="access_refused")
    shown = case.clock("06-02 10:00")
    assert (shown["state"], shown["verdict"], shown["due_at"]) == ("paused", "pending", None)
    assert shown["remaining"] == "PT7H"


def test_sla_7_make_up_days_count_holidays_do_not_and_an_unknown_year_is_an_alert(
    agent: Caller, wall: Wall
) -> None:
    shown = Case(agent, wall, "02-13 17:00", priority="P1", plan="standard").clock("02-13 17:30")
    assert moment(shown["due_at"]) == local("02-14 17:00")  # a Saturday that is worked
    shown = Case(agent, wall, "02-14 17:00", priority="P1", plan="standard").clock("02-20 12:00")
    assert moment(shown["due_at"]) == local("02-24 17:00")  # the holidays end on Monday the 23rd


def test_sla_8_a_clock_tells_the_versions_that_it_pinned(agent: Caller, wall: Wall) -> None:
    shown = Case(agent, wall, "03-02 09:00", priority="P2", plan="standard").clock("03-02 10:00")
    assert (shown["plan"], shown["plan_version"]) == ("standard", 1)
    assert (shown["calendar"], shown["calendar_version"]) == ("cn-office", 1)


def test_sla_9_late_by_reclassification_is_told_apart_and_downgrading_erases_nothing(
    agent: Caller, wall: Wall
) -> None:
    case = Case(agent, wall, "03-02 09:00", priority="P2")  # general 8 h for P3, serious 72 h
    case.does("03-02 19:00", "prioritise", priority="P3")
    late = case.clock("03-02 19:00")
    assert (late["verdict"], late["cause"], late["elapsed"]) == ("breached", "reclassified", "PT10H")
    assert moment(late["breached_at"]) == local("03-02 19:00")
    case.does("03-02 20:00", "prioritise", priority="P2").does(
        "03-02 21:00", "resolve", solution="new element"
    )
    still = case.clock("03-02 22:00")
    assert (still["verdict"], still["cause"]) == ("breached", "reclassified")


def test_sla_10_reopening_keeps_the_first_cycle_and_its_verdict(agent: Caller, wall: Wall) -> None:
    case = Case(agent, wall, "03-02 09:00", priority="P3")
    case.does("03-02 18:00", "resolve", solution="new element").does("03-02 18:30", "close")
    case.does("03-04 09:00", "reopen", reason="cold again").does(
        "03-04 10:00", "resolve", solution="new board"
    )
    shown = case.clocks("03-04 12:00")
    assert [(shown["resolve", cycle]["verdict"], shown["resolve", cycle]["elapsed"]) for cycle in (1, 2)] == [
        ("breached", "PT9H"),
        ("met", "PT1H"),
    ]
    resolution = agent.reads(f"/tickets/{case.number}")["resolution"]
    assert (resolution["first"], resolution["total"]) == ("PT9H", "PT49H")


def test_sla_11_a_cancelled_tickets_clocks_are_neither_met_nor_missed(agent: Caller, wall: Wall) -> None:
    case = Case(agent, wall, "03-02 09:00", priority="P3")
    case.does("03-02 20:00", "cancel", reason="rung up by mistake")
    assert {clock["verdict"] for clock in case.clocks("03-03 09:00").values()} == {"cancelled"}


def test_sla_12_warnings_and_the_miss_once_each_also_after_the_worker_was_down(
    agent: Caller, wall: Wall, look: Callable[[], None]
) -> None:
    case = Case(agent, wall, "03-02 09:00", priority="P1")
    assert case.clock("03-02 09:08", "first_response")["warned"] == []
    look()
    [half] = case.clock("03-02 09:08", "first_response")["warned"]
    assert (half["percent"], moment(half["at"])) == (50, local("03-02 09:07:30"))
    case.clock("03-02 11:00")
    look()
    look()
    shown = case.clock("03-02 11:00", "first_response")
    assert [warning["percent"] for warning in shown["warned"]] == [50, 75, 90]
    [missed] = shown["missed"]
    assert moment(missed["at"]) == moment(missed["due_at"]) == local("03-02 09:15")
    assert moment(missed["detected_at"]) == local("03-02 11:00")
    case.answers("03-02 11:05", occurred_at=local("03-02 09:10").isoformat(), reason="no signal on site")
    shown = case.clock("03-02 11:05", "first_response")
    assert (shown["verdict"], shown["missed"][0]["corrected_by"]) == ("met", "ticket.contacted")


def test_sla_13_the_closest_level_gives_the_plan_and_the_losers_are_shown(
    service: Served, agent: Caller, wall: Wall
) -> None:
    """Serial, contract line, contract, product, class, default: each wins once those before are gone."""
    wall.now = local("03-02 09:00")
    manager = service.caller(Role.CONTRACT_MANAGER, "sun.yue")
    of = {"asset": "SN-13", "customer": "十三号酒店", "product": "HW-13", "customer_class": "gold"}
    levels = ("asset", "line", "contract", "product", "customer_class", "default")
    plans = dict(zip(levels, "abcdef", strict=True))
    for plan in plans.values():
        manager.sends(f"/plans/level-{plan}/publish", **PLAN)
    contracts = {
        "line": manager.contracts(plan="level-b", customer=of["customer"], assets=["SN-13"]),
        "contract": manager.contracts(plan="level-c", customer=of["customer"], scope="customer"),
    }
    for level in set(plans) - set(contracts):
        told = {"scope": level, "key": of.get(level), "plan": f"level-{plans[level]}", "reason": "agreed"}
        manager.sends("/plan-assignments", **{name: value for name, value in told.items() if value})
    gone: list[str] = []
    for minute, (level, plan) in enumerate(plans.items(), 1):
        wall.now = local(f"03-02 09:{minute:02}")
        ticket = agent.reads(f"/tickets/{agent.register(**of)['number']}")
        choice = ticket["choice"]
        assert (ticket["pin"]["plan"], choice["winner"]["level"]) == (f"level-{plan}", level)
        assert choice["winner"].get("contract") == contracts.get(level)
        assert [(lost["level"], lost["plan"], lost["why"]) for lost in choice["losers"]] == [
            (each, f"level-{name}", "withdrawn" if each in gone else "outranked")
            for each, name in plans.items()
            if each != level
        ]
        assert agent.reads("/plan-choice", **of)["choice"] == choice
        manager.sends(f"/plans/level-{plan}/withdraw", reason="to see who is next")
        gone.append(level)
    wall.now = local("03-02 09:30")
    last = agent.reads(f"/tickets/{agent.register(**of)['number']}")
    assert (last["pin"]["plan"], len(last["choice"]["losers"])) == ("standard", 6)
    named = agent.reads(f"/tickets/{agent.register(**of, plan='hot-water')['number']}")["choice"]
    assert (named["winner"]["level"], len(named["losers"])) == ("named", 6)


@pytest.mark.parametrize(("band", "hours"), [("city", 3), ("region", 6), ("remote", 12)])
def test_sla_14_on_site_depends_on_the_travel_band(agent: Caller, wall: Wall, band: str, hours: int) -> None:
    shown = Case(agent, wall, "03-02 09:00", priority="P2", band=band).clock("03-02 09:30", "on_site")
    assert shown["target"] == f"PT{hours}H"
    assert moment(shown["due_at"]) == local(f"03-02 {9 + hours:02}:00")


def test_sla_15_a_row_adds_up_and_leads_to_its_clocks_and_their_events(agent: Caller, wall: Wall) -> None:
    of = {"customer": "海风酒店"}
    Case(agent, wall, "03-02 09:00", priority="P3", **of).does("03-02 16:00", "resolve", solution="a")
    late = Case(agent, wall, "03-02 09:00", priority="P3", **of).does("03-02 20:00", "resolve", solution="b")
    wall.now = local("03-05 09:00")
    table = agent.reads("/sla/compliance", **of, milestone="resolve")
    counted = {name: table["total"][name] for name in ("clocks", "met", "breached")}
    assert counted == {"clocks": 2, "met": 1, "breached": 1}
    assert counted == {name: sum(row[name] for row in table["rows"]) for name in counted}
    [missed] = agent.reads("/sla/clocks", **of, milestone="resolve", verdict="breached")["items"]
    assert missed["number"] == late.number
    clock = missed["clock"]
    assert (clock["target"], clock["elapsed"], clock["cause"]) == ("PT8H", "PT11H", "late")
    history = agent.reads(f"/tickets/{late.number}/history")["items"]
    assert (clock["first_position"], clock["last_position"]) == (
        history[0]["position"],
        history[-1]["position"],
    )


COUNTED = ("clocks", "met", "breached", "reclassified", "overdue", "pending", "cancelled", "none")
OF_RESOLUTIONS = ("tickets", "met", "breached")


@pytest.fixture(scope="module")
def several(service: Served, agent: Caller, wall: Wall) -> list[str]:
    """Five tickets of many groups, in two quarters: met, missed, cancelled, reopened, late at a cost."""
    wall.now = local("03-02 08:00")
    manager = service.caller(Role.CONTRACT_MANAGER, "sun.yue")
    manager.contracts(plan="hot-water", customer="北山酒店", scope="customer")
    fined = [{"milestone": "resolve", "per_hour": {"amount": "100.00", "currency": "CNY"}}]
    manager.sends("/plans/fined/publish", **PLAN, penalties=fined)
    cases = [
        Case(agent, wall, "03-02 09:00", priority="P1", band="city", product="HW-1", category="heating"),
        Case(agent, wall, "03-31 23:00", priority="P2", band="remote", product="HW-2", customer="南山酒店"),
        Case(agent, wall, "04-01 09:00", priority="P3", plan="standard", customer="东山酒店"),
        Case(agent, wall, "04-02 09:00", priority="P2", plan=None, customer="北山酒店", category="leak"),
        Case(agent, wall, "04-02 09:00", priority="P3", plan="fined", customer="西山酒店"),
    ]
    first, second, third, fourth, _ = cases
    first.does("03-02 09:10", "assign", team="华东一组", person="王芳").answers("03-02 09:12")
    first.does("03-02 09:30", "dispatch", technician="张伟").does("03-02 11:00", "resolve", solution="a")
    second.does("04-01 00:00", "assign", team="华南二组").does("04-01 00:10", "hold", hold="access_refused")
    second.does("04-01 08:00", "resume").does("04-03 23:00", "prioritise", priority="P1")
    third.does("04-01 10:00", "cancel", reason="rung up by mistake")
    fourth.does("04-02 10:00", "dispatch", technician="李娜").does("04-03 09:00", "resolve", solution="b")
    fourth.does("04-03 10:00", "close").does("04-04 10:00", "reopen", reason="leaks again")
    wall.now = local("04-06 09:00")
    return [case.number for case in cases]


def counts(row: dict[str, Any]) -> Counter[str]:
    """Everything in a row of a table that can be added up."""
    found = Counter({name: row[name] for name in COUNTED})
    for kind in ("first_resolution", "total_resolution"):
        found.update({f"{kind}.{name}": row[kind][name] for name in OF_RESOLUTIONS})
    found.update({currency: Decimal(amount) for currency, amount in row["penalties"].items()})
    return found


def counts_of(entries: list[dict[str, Any]]) -> Counter[str]:
    """The same of the clocks behind it, one by one."""
    found: Counter[str] = Counter()
    for entry in entries:
        clock = entry["clock"]
        found.update({"clocks": 1, clock["verdict"]: 1})
        found["reclassified"] += clock["cause"] == "reclassified"
        found["overdue"] += clock["verdict"] == "breached" and clock["state"] in {"running", "paused"}
        if entry["penalty"]:
            found[entry["penalty"]["currency"]] += Decimal(entry["penalty"]["amount"])
        if (clock["milestone"], clock["cycle"], clock["state"]) == ("resolve", 1, "stopped"):
            found.update({"first_resolution.tickets": 1, f"first_resolution.{clock['verdict']}": 1})
    return found


@pytest.mark.parametrize("group", [*GROUPS, "month,quarter", "team,milestone,priority"])
def test_sla_15_every_grouping_adds_up_to_its_rows_and_to_the_clocks_behind_each(
    agent: Caller, several: list[str], group: str
) -> None:
    asked = {"as_of": local("04-06 09:00").isoformat()}
    table = agent.reads("/sla/compliance", **asked, group_by=group.split(","))
    rows = table["rows"]
    assert len(rows) > 1
    assert len({tuple(row["group"].items()) for row in rows}) == len(rows)
    assert sum(map(counts, rows), Counter()) == +counts(table["total"])
    behind: list[dict[str, Any]] = []
    for row in rows:
        of = {name: "none" if value is None else value for name, value in row["group"].items()}
        entries = [entry for page in agent.pages("/sla/clocks", **asked, **of, limit=500) for entry in page]
        told = {name: n for name, n in counts(row).items() if not name.startswith("total_resolution")}
        assert +counts_of(entries) == +Counter(told), of
        behind += entries
    assert len(
        {(each["number"], each["clock"]["milestone"], each["clock"]["cycle"]) for each in behind}
    ) == len(behind)
    assert {each["number"] for each in behind} >= {*several}
    assert table["total"]["clocks"] == len(behind)
    assert table["total"]["penalties"] == {"CNY": "8800.00"}  # 96 hours on the wall, less 8


def test_sla_15_a_row_gives_all_that_its_figure_came_from(agent: Caller, several: list[str]) -> None:
    as_of = local("04-06 09:00").isoformat()
    entries = [
        entry
        for page in agent.pages("/sla/clocks", as_of=as_of, limit=500)
        for entry in page
        if entry["number"] in several
    ]
    shown = {
        (each["number"], each["clock"]["milestone"], each["clock"]["cycle"]): each["clock"]
        for each in entries
    }
    late = shown[several[1], "resolve", 1]
    assert (late["verdict"], late["cause"], late["target"]) == ("breached", "late", "PT72H")
    assert (late["elapsed"], late["paused"]) == ("PT122H10M", "PT7H50M")
    assert (late["plan"], late["plan_version"]) == ("distance-bands", 1)
    assert (late["calendar"], late["calendar_version"]) == ("24x7", 1)
    history = agent.reads(f"/tickets/{several[1]}/history", limit=100)["items"]
    places = {item["type"]: item["position"] for item in history}
    assert late["first_position"] == places["ticket.registered"]
    assert late["last_position"] == places["ticket.prioritised"]
    for number in several:
        for clock in agent.reads(f"/tickets/{number}/sla"):
            row = shown[number, clock["milestone"], clock["cycle"]]
            assert row == {name: clock[name] for name in row}
