"""The history of one large service case: how long it takes to read and encode it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import uvloop
from psycopg import AsyncConnection

from application.ids import uuid7
from application.log.event_log import EventLog, open_log
from application.plans import shipped_promises
from domain.contract.events import Allowances, ContractDrafted, EntitlementConsumed
from domain.contract.words import Kind
from domain.event import Act, Event, Fact
from domain.money import Money
from domain.part.events import PartCatalogued, PartIssued, PartName
from domain.part.goods import Goods
from domain.ticket.events import TicketContacted, TicketRegistered
from domain.ticket.words import Channel, Direction, Party, Priority
from projections.travel.history import history

ZONE = ZoneInfo("Asia/Shanghai")
BEGAN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PARTS = ("HE-200", "HE-210", "PCB-7")
EVENTS = 200
CALLS = 200
NUMBER = "T-2026-900001"


def case_history_ms(url: str) -> float:
    """Seed a case of two hundred events across five streams, and read it two hundred times.

    Returns:
        The median time of one reading, encoding included, in milliseconds.
    """
    case = uuid7()
    uvloop.run(_seeded(url, case))
    return uvloop.run(_read(url, case))


async def _read(url: str, case: UUID) -> float:
    encode = msgspec.json.Encoder().encode
    took: list[float] = []
    async with await AsyncConnection.connect(url, autocommit=True) as conn:
        for _ in range(CALLS):
            began = time.perf_counter()
            page = await history(conn, case, promises=shipped_promises(), zone=ZONE, limit=EVENTS)
            encode(page)
            took.append(time.perf_counter() - began)
            if len(page.items) != EVENTS or len({entry.stream_id for entry in page.items}) != 5:
                raise SystemExit(f"the case has {len(page.items)} events")
    return statistics.median(took) * 1000


async def _seeded(url: str, case: UUID) -> None:
    async with open_log(url) as log:
        await seed(log, case)


async def seed(log: EventLog, case: UUID) -> None:
    """Parts and a contract with a stream of their own, then the case, its streams in turn."""
    contract, parts = uuid7(), {number: uuid7() for number in PARTS}
    own: list[tuple[UUID, Event]] = [(contract, _drafted()), *((parts[each], _part(each)) for each in PARTS)]
    versions = {stream: 1 for stream, _ in own}
    await log.append([_fact(stream, 1, event, stream) for stream, event in own])
    facts = []
    for stream, event in _happening(case, contract, parts):
        versions[stream] = versions.get(stream, 0) + 1
        facts.append(_fact(stream, versions[stream], event, case))
    await log.append(facts)


def _happening(case: UUID, contract: UUID, parts: dict[str, UUID]) -> Iterator[tuple[UUID, Event]]:
    yield case, _registered()
    for turn in range(EVENTS - 1):
        match turn % 5:
            case 0 | 1:
                yield case, _contacted(turn)
            case 2:
                yield contract, _consumed(case)
            case _:
                number = PARTS[turn % 3]
                yield parts[number], _issued(number, case)


def _fact(stream: UUID, version: int, event: Event, case: UUID) -> Fact:
    act = Act(actor="technician:zhao", occurred_at=BEGAN + timedelta(minutes=version), reason="补录")
    return Fact(stream_id=stream, version=version, event=event, act=act, correlation_id=case)


def _registered() -> Event:
    return TicketRegistered(
        number=NUMBER,
        subject="热水器不出热水 No hot water",
        priority=Priority.P2,
        pin=shipped_promises().pin("standard", datetime(2026, 3, 2, tzinfo=UTC)),
        customer="杭州西湖宾馆",
        asset="SN-2024-00117",
    )


def _contacted(turn: int) -> Event:
    return TicketContacted(
        channel=Channel.PHONE,
        direction=Direction.OUTBOUND,
        party=Party.PERSON,
        summary=f"第 {turn} 次回电：客户同意周三上午上门 The customer agrees to Wednesday morning",
    )


def _part(number: str) -> Event:
    return PartCatalogued(number=number, revision="A", name=PartName("加热管", "Heating element"), unit="pc")


def _issued(number: str, case: UUID) -> Event:
    return PartIssued(number=number, goods=Goods(1), for_ticket=case, ticket_number=NUMBER, location="VAN-3")


def _drafted() -> Event:
    return ContractDrafted(
        number="C-2026-900001",
        customer="杭州西湖宾馆",
        title="热水系统维保",
        plan="standard",
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        zone=ZONE.key,
        price=Money("18600.00", "CNY"),
        allowances=Allowances(visits=100),
        assets=("SN-2024-00117",),
    )


def _consumed(case: UUID) -> Event:
    return EntitlementConsumed(
        number="C-2026-900001",
        entry=uuid7(),
        ticket=case,
        ticket_number=NUMBER,
        kind=Kind.VISIT,
        amount=1,
        reported_at=BEGAN,
    )
