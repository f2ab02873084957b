"""Our own times in tables: they add up, drill down, and never meet a promise to a customer (R07)."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from psycopg import AsyncConnection

from application.database.connect import Database
from domain.reading import Verdict
from domain.ticket.internal import INTERNAL
from domain.ticket.words import Counterpart, HoldReason, Tier
from projections.sla_compliance import own
from projections.sla_compliance.clocks import ClockPage, behind
from projections.sla_compliance.compliance import compliance
from projections.sla_compliance.files import clocks_csv, table_csv, workbook
from projections.sla_compliance.filters import OWN_GROUPS, OwnFilter
from projections.sla_compliance.own import OwnTable
from projections.sla_compliance.question import question
from projections.sla_compliance.sheets import Wanted
from projections.sla_compliance.sources import OWN
from tests.projections.histories import Story, at, hours_of, random_facts
from tests.projections.views import PROMISES, ask, shown

FIELD, CENTRE = "华东一组", "总部技术支持"
HOW = Wanted("en", ZoneInfo("Asia/Shanghai"))
COUNTS = ("met", "breached", "pending", "cancelled", "none")


def escalated(number: int, accepted: float) -> Story:
    """A case that the field gives on after two hours, accepted later, and resolved in its sixth hour."""
    story = Story(number, plan="hot-water")
    story.then("assign", 0.5, team=FIELD, person="李伟")
    story.then("escalate", 2, tier=Tier.L2, team=CENTRE).then("accept_handover", accepted, person="孙工")
    story.then("hold", 4, reason=HoldReason.WAITING_FOR_PART).then("resume", 5)
    asked = {"counterpart": Counterpart.SUPPLIER, "who": "宁波热能", "question": "?", "due_at": at(4.5)}
    story.then("liaise", 4, **asked).then("answer_liaison", 4.25, liaison=1, answer="!")
    return story.then("resolve", 6, solution="x")


TOLD = [fact for story in (escalated(901, 2.25), escalated(902, 3)) for fact in story.facts]
HISTORY = [*TOLD, *random_facts(tickets=60, steps=8, seed=5)]
HOURS = hours_of(HISTORY)


@pytest.fixture(scope="module")
def url(module_database: Database) -> str:
    """Two cases that are told, and many that are not."""
    shown(module_database.service_url, HISTORY)
    return module_database.service_url


def table(url: str, *by: str, hours: float = HOURS, position: int | None = None, **which: Any) -> OwnTable:
    wanted = question(at(hours), OwnFilter(**which), by, OWN_GROUPS)
    return ask(url, lambda conn: own.own_times(conn, PROMISES, wanted, position=position))


def test_each_clock_is_of_the_tier_and_the_team_that_had_it(url: str) -> None:
    at_the_time = len(TOLD)
    told = table(url, "milestone", "tier", "team", position=at_the_time)
    times = {
        (row.group["milestone"], row.group["tier"], row.group["team"]): (row.clocks, row.mean, row.p90)
        for row in told.rows
    }
    assert times == {
        ("handover", "L2", CENTRE): (2, "PT37M30S", "PT1H"),
        ("liaison", "L2", CENTRE): (2, "PT15M", "PT15M"),
        ("part_wait", "L2", CENTRE): (2, "PT1H", "PT1H"),
        ("tier_l1", "L1", FIELD): (2, "PT2H", "PT2H"),
        ("tier_l2", "L2", CENTRE): (2, "PT3H22M30S", "PT3H45M"),
    }
    assert table(url, position=at_the_time, milestone="liaison").total.met == 2


def test_rows_add_up_and_drill_down_to_the_clocks(url: str) -> None:
    found = table(url, "tier", "milestone")
    assert found.total.clocks > 100
    for row in (*found.rows, found.total):
        assert row.clocks == sum(getattr(row, name) for name in COUNTS)
    for name in ("clocks", "overdue", "ended", *COUNTS):
        assert sum(getattr(row, name) for row in found.rows) == getattr(found.total, name)
    for row in found.rows:
        which = OwnFilter(**row.group)  # type: ignore[arg-type]
        assert len(clocks(url, which)) == row.clocks
        late = clocks(url, OwnFilter(**row.group, verdict=Verdict.BREACHED))  # type: ignore[arg-type]
        assert len(late) == row.breached


def clocks(url: str, which: OwnFilter) -> list[str]:
    async def every(conn: Any) -> list[str]:
        found: list[str] = []
        page: ClockPage | None = None
        while page is None or page.next:
            cursor = page.next if page else None
            page = await behind(conn, PROMISES, question(at(HOURS), which), cursor=cursor, limit=40, of=OWN)
            assert all(item.penalty is None for item in page.items)
            found += [item.number for item in page.items]
        return found

    return ask(url, every)


def test_no_table_of_promises_has_them_and_they_have_no_promise(url: str) -> None:
    promised = ask(url, lambda conn: compliance(conn, PROMISES, question(at(HOURS), group_by=["milestone"])))
    ours = {str(milestone) for milestone in INTERNAL}
    assert not ours & {row.group["milestone"] for row in promised.rows}
    assert {row.group["milestone"] for row in table(url, "milestone").rows} <= ours


def test_an_earlier_position_has_the_table_that_it_had(url: str, database: Database) -> None:
    part = len(HISTORY) // 2
    shown(database.service_url, HISTORY[:part])
    groups = ("tier", "team", "milestone", "month")
    assert table(url, *groups, position=part) == table(database.service_url, *groups)


def test_files_say_what_the_table_says_in_the_same_bytes_again(url: str) -> None:
    wanted = question(at(HOURS), OwnFilter(), ("tier", "milestone"), OWN_GROUPS)

    async def write(conn: AsyncConnection[Any]) -> tuple[bytes, bytes]:
        book, listed = io.BytesIO(), io.BytesIO()
        await workbook(book, conn, PROMISES, wanted, HOW, position=None, clocks=True, of=OWN)
        await clocks_csv(listed, conn, PROMISES, wanted, HOW, position=None, bom=False, of=OWN)
        return book.getvalue(), listed.getvalue()

    first = ask(url, write)
    assert asyncio.run(_again(url, write)) == first
    total = table(url, "tier", "milestone").total
    *_, last = load_workbook(io.BytesIO(first[0]))["Our own times"].iter_rows(values_only=True)
    assert last[:4] == ("total", None, total.clocks, total.met)
    head, *rows = csv.reader(io.StringIO(first[1].decode(), newline=""))
    assert (head[:3], len(rows)) == (["tier", "ticket", "milestone"], total.clocks)
    file = io.BytesIO()
    table_csv(file, table(url, "tier"), HOW, bom=False)
    assert file.getvalue().decode().splitlines()[-1].startswith(f"total,{total.clocks},{total.met},")


async def _again(url: str, write: Any) -> Any:
    async with await AsyncConnection.connect(url, autocommit=True) as conn:
        return await write(conn)


def test_a_database_with_nothing_in_it_has_an_empty_table(database: Database) -> None:
    shown(database.service_url, [])
    empty = table(database.service_url, "tier")
    assert (empty.total.clocks, empty.total.mean, empty.rows) == (0, None, ())
