"""Tables as they were at a position, what lateness costs, and how long a reopened ticket took in all."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from openpyxl import load_workbook
from psycopg import AsyncConnection

from application.database.connect import Database
from domain.catalogue import EVENT_TYPES
from domain.clock import Milestone
from domain.event import Fact
from domain.money import Money
from domain.plan import Penalty
from domain.promises import Promises
from domain.reading import Verdict
from domain.ticket.evolution import evolve
from domain.ticket.words import Priority, TravelBand
from projections.sla_compliance import standing
from projections.sla_compliance.clocks import ClockPage, behind
from projections.sla_compliance.compliance import ComplianceTable, compliance
from projections.sla_compliance.files import clocks_csv, table_csv, workbook
from projections.sla_compliance.filters import GROUPS, ClockFilter
from projections.sla_compliance.fold import DESCRIBING
from projections.sla_compliance.question import question
from projections.sla_compliance.sheets import Wanted
from projections.sla_compliance.standing import TooLongAgo
from tests.golden.samples import sample
from tests.projections.histories import Story, act, answer, at, hours_of, random_facts
from tests.projections.views import PROMISES, ask, shown

STANDARD = replace(
    PROMISES.plan(PROMISES.pin("standard", at(0))),
    version=2,
    penalties=(
        Penalty(milestone=Milestone.FIRST_RESPONSE, per_hour=Money("50.00", "CNY")),
        Penalty(milestone=Milestone.RESOLVE, per_hour=Money("100.50", "CNY"), cap=Money("1000.00", "CNY")),
    ),
)
COSTLY = Promises([*PROMISES.plans, STANDARD], PROMISES.calendars)
HOW = Wanted("zh", ZoneInfo("Asia/Shanghai"))
MEASURES = ("met", "breached", "reclassified", "overdue", "pending", "cancelled", "none", "clocks")


def costly_history() -> list[Fact]:
    """A random history under a plan whose lateness costs something."""
    facts = random_facts(tickets=40, steps=8, seed=11)
    return [
        replace(fact, event=replace(fact.event, pin=COSTLY.pin("standard", at(0))))
        if fact.version == 1 and fact.event.pin.plan == "standard"  # type: ignore[attr-defined]
        else fact
        for fact in facts
    ]


HISTORY = costly_history()
HOURS = hours_of(HISTORY)


@pytest.fixture(scope="module")
def url(module_database: Database) -> str:
    """A database with that history in it."""
    shown(module_database.service_url, HISTORY, promises=COSTLY)
    return module_database.service_url


def table(url: str, *group_by: str, hours: float = HOURS, **asked: Any) -> ComplianceTable:
    """Compliance, so many hours after the start."""
    wanted = question(at(hours), asked.pop("which", ClockFilter()), group_by)
    return ask(url, lambda conn: compliance(conn, COSTLY, wanted, **asked))


def every_clock(url: str, which: ClockFilter, **asked: Any) -> ClockPage:
    """The clocks behind a figure."""
    return ask(url, lambda conn: behind(conn, COSTLY, question(at(HOURS), which), limit=1000, **asked))


def money(rows: Sequence[Any]) -> Decimal:
    """What rows cost in all."""
    return sum((Decimal(row.penalties.get("CNY", "0")) for row in rows), Decimal())


groupings = st.lists(st.sampled_from(GROUPS), min_size=1, max_size=2, unique=True)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(group_by=groupings, hours=st.floats(0, 2 * HOURS))
def test_any_grouping_at_any_moment_adds_up(url: str, group_by: list[str], hours: float) -> None:
    found = table(url, *group_by, hours=hours)
    for measure in MEASURES:
        assert sum(getattr(row, measure) for row in found.rows) == getattr(found.total, measure)
    for which in ("first_resolution", "total_resolution"):
        for measure in ("tickets", "met", "breached"):
            parts = [getattr(getattr(row, which), measure) for row in found.rows]
            assert sum(parts) == getattr(getattr(found.total, which), measure)
    assert money(found.rows) == money([found.total])
    assert found.total.overdue <= found.total.breached


def test_what_lateness_costs_is_the_sum_of_its_clocks(url: str) -> None:
    for row in table(url, "team", "priority").rows:
        items = every_clock(url, ClockFilter(**row.group)).items
        costs = [item.penalty for item in items if item.penalty]
        assert sum((cost.exact for cost in costs), Decimal()) == money([row])
        overdue = every_clock(url, ClockFilter(**row.group, overdue=True)).items
        assert len(overdue) == row.overdue
        assert all(
            item.clock.verdict is Verdict.BREACHED and item.clock.stopped_at is None for item in overdue
        )
    assert money([table(url).total]) > 0


def test_an_hour_begun_costs_a_whole_one_and_no_clock_more_than_its_cap(database: Database) -> None:
    pin = COSTLY.pin("standard", at(0))
    late = answer(Story(1, priority=Priority.P1, pin=pin), 2.5)  # an hour was promised
    never = Story(2, priority=Priority.P1, pin=pin)
    shown(database.service_url, [*late.facts, *never.facts], promises=COSTLY)
    rows = table(database.service_url, "milestone", hours=7 * 24).rows
    assert {row.group["milestone"]: row.penalties for row in rows} == {
        # Two hours begun; and 36 h 30 from Monday 10:00 to Friday 18:00, so 37.
        "first_response": {"CNY": "1950.00"},
        "resolve": {"CNY": "2000.00"},  # both at the cap
    }


def test_a_table_can_be_asked_for_again_at_its_position(url: str) -> None:
    """Every position gives what it gave when the view stood there."""
    half = len(HISTORY) // 2
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT max(position) FROM log.event").fetchone() == (len(HISTORY),)
    before = table(url, "team", "milestone", position=half)
    assert before.position == half
    assert table(url, position=len(HISTORY)) == table(url)
    assert 0 < before.total.clocks < table(url).total.clocks
    items = every_clock(url, ClockFilter(), position=half).items
    assert len(items) == before.total.clocks
    assert max(item.clock.last_position for item in items) <= half


def test_what_is_recorded_later_changes_no_byte_of_an_earlier_position(database: Database) -> None:
    first = random_facts(tickets=12, steps=5, seed=3)
    for cut in (len(first) // 3, len(first)):
        shown(database.service_url, first[:cut] if cut < len(first) else first[len(first) // 3 :])
        found = table(database.service_url, "team", "priority", hours=300)
        if cut < len(first):
            early, early_clocks = found, _csv_of_clocks(database.service_url, None)
    again = table(database.service_url, "team", "priority", hours=300, position=early.position)
    assert msgspec.json.encode(again) == msgspec.json.encode(early)
    assert found != early
    assert _csv_of_clocks(database.service_url, early.position) == early_clocks


def test_a_position_too_far_back_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "MOST_BACK", 10)
    with pytest.raises(TooLongAgo, match="can be taken back by 10"):
        table(url, position=5)


def test_a_reopened_ticket_is_told_first_and_in_all(database: Database) -> None:
    story = answer(Story(1), 0.5).then("resolve", 2, solution="更换").then("reject", 26, why="cold")
    shown(database.service_url, story.facts)
    found = table(database.service_url, hours=27).total
    assert (found.first_resolution.tickets, found.first_resolution.p50) == (1, "PT2H")
    assert (found.total_resolution.tickets, found.total_resolution.p50) == (0, None)
    story.then("resolve", 32, solution="再换")
    shown(database.service_url, story.facts[-1:])
    found = table(database.service_url, hours=40).total
    # Monday 9:00 to 18:00 and Tuesday 9:00 to 17:00, without the noon breaks: 7 h 30 and 6 h 30.
    assert (found.total_resolution.tickets, found.total_resolution.p50) == (1, "PT14H")
    assert (found.total_resolution.met, found.total_resolution.breached) == (1, 0)
    assert (found.first_resolution.tickets, found.first_resolution.p50) == (1, "PT2H")


def test_technician_contract_category_and_way_are_what_the_ticket_knows(database: Database) -> None:
    story = Story(1, plan="distance-bands", band=TravelBand.CITY).then("classify", 1, category="漏水")
    story.then("resolve", 2, solution="x").then("classify", 3, category="no heat")
    shown(database.service_url, story.facts[:-1])
    shown(database.service_url, story.facts[-1:])
    (row,) = table(database.service_url, "region", "category").rows
    assert row.group == {"region": "city", "category": "no heat"}


def test_whatever_describes_a_ticket_reaches_its_ended_clocks() -> None:
    ticket = Story(1).ticket
    for name, kind in EVENT_TYPES.items():
        if name.startswith("ticket.") and kind not in DESCRIBING:
            after = evolve(sample(kind), ticket, act(1))
            for field in ("customer", "contract", "product", "category", "band", "number"):
                assert getattr(after, field) == getattr(ticket, field), f"{name} changes {field}"


def _csv_of_clocks(url: str, position: int | None) -> bytes:
    file = io.BytesIO()
    wanted = question(at(300))
    ask(url, lambda conn: clocks_csv(file, conn, COSTLY, wanted, HOW, position=position, bom=False))
    return file.getvalue()


def test_the_files_say_what_the_table_says(url: str) -> None:
    found = table(url, "team", "milestone")
    file = io.BytesIO()
    table_csv(file, found, HOW, bom=True)
    head, *rows = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline=""))
    assert head[:4] == ["班组", "时效节点", "时限数", "达成"]
    assert len(rows) == len(found.rows) + 1
    assert sum(int(row[2]) for row in rows[:-1]) == int(rows[-1][2]) == found.total.clocks
    assert {row[head.index("日志序号")] for row in rows} == {str(found.position)}
    assert Decimal(rows[-1][head.index("违约金 CNY")]) == money([found.total])


def test_the_workbook_has_the_table_and_its_clocks_and_the_same_bytes_again(url: str) -> None:
    wanted = question(at(HOURS), ClockFilter(priority=Priority.P1), ("team",))

    async def write(conn: AsyncConnection[Any]) -> bytes:
        file = io.BytesIO()
        await workbook(file, conn, COSTLY, wanted, HOW, position=None, clocks=True)
        return file.getvalue()

    first = ask(url, write)
    assert asyncio.run(_written(url, write)) == first
    book = load_workbook(io.BytesIO(first))
    assert book.sheetnames == ["时效达成", "时限明细"]
    notes = {row[0].value: row[1].value for row in book["时效达成"].iter_rows(max_row=7)}
    assert notes["筛选条件"] == "优先级 = P1"
    assert notes["日志序号"] == str(len(HISTORY))
    assert "standard v2 (cn-office v1)" in notes["适用服务等级与日历"]
    total = table(url, "team", which=ClockFilter(priority=Priority.P1)).total
    *_, last = book["时效达成"].iter_rows(values_only=True)
    assert last[:3] == ("合计", total.clocks, total.met)
    clocks = list(book["时限明细"].iter_rows(min_row=9, values_only=True))
    assert len(clocks) - 1 == total.clocks
    column = clocks[0].index("违约金 CNY")
    costs = sum((Decimal(str(row[column])) for row in clocks[1:] if row[column] is not None), Decimal())
    assert costs == money([total])


async def _written(url: str, write: Any) -> bytes:
    async with await AsyncConnection.connect(url, autocommit=True) as conn:
        return await write(conn)
