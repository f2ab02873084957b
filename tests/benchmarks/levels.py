"""The service levels of a ticket with every move of its deadlines: how long they take to read and encode."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import uvloop
from psycopg import AsyncConnection

from application.ids import uuid7
from application.log.event_log import open_log
from application.plans import shipped_promises
from domain.event import Act, Event, Fact
from domain.ticket.events import (
    TicketAssigned,
    TicketContacted,
    TicketHeld,
    TicketPrioritised,
    TicketRegistered,
    TicketReopened,
    TicketResolved,
    TicketResumed,
)
from domain.ticket.field_events import PartDelivered, PartOrdered, TechnicianDispatched
from domain.ticket.words import Channel, Direction, HoldReason, Party, Priority, TravelBand
from projections.engine.runner import Runner
from projections.sla_compliance.clocks import stories
from projections.ticket.fold import TicketProjection

ZONE = ZoneInfo("Asia/Shanghai")
BEGAN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
NOW = datetime(2026, 3, 6, tzinfo=UTC)
REVIEW = datetime(2026, 3, 9, tzinfo=UTC)
EVENTS = 30
CALLS = 200


def sla_ms(url: str) -> float:
    """Seed a ticket of thirty events under a plan of nine milestones, and ask for its clocks many times.

    Returns:
        The median time of one answer, encoding included, in milliseconds.
    """
    ticket = uuid7()
    uvloop.run(_seeded(url, ticket))
    with Runner(url, (TicketProjection(shipped_promises()),)) as runner:
        runner.run_once()
    return uvloop.run(_read(url, ticket))


async def _read(url: str, ticket: UUID) -> float:
    encode = msgspec.json.Encoder().encode
    took: list[float] = []
    async with await AsyncConnection.connect(url, autocommit=True) as conn:
        for _ in range(CALLS):
            began = time.perf_counter()
            found = await stories(conn, shipped_promises(), ticket, NOW, ZONE)
            encode(found)
            took.append(time.perf_counter() - began)
            if not found or sum(len(clock.moves) for clock in found) < EVENTS:
                raise SystemExit(f"the ticket has {found}")
    return statistics.median(took) * 1000


async def _seeded(url: str, ticket: UUID) -> None:
    facts = [
        Fact(
            stream_id=ticket,
            version=version,
            event=event,
            act=Act(actor="agent:li.wei", occurred_at=BEGAN + timedelta(minutes=30 * version), reason="补录"),
            correlation_id=ticket,
        )
        for version, event in enumerate(islice(_happening(), EVENTS), 1)
    ]
    async with open_log(url) as log:
        await log.append(facts)


def _happening() -> Iterator[Event]:
    yield TicketRegistered(
        number="T-2026-900002",
        subject="热水器不出热水 No hot water",
        priority=Priority.P2,
        pin=shipped_promises().pin("distance-bands", BEGAN),
        customer="杭州西湖宾馆",
    )
    yield TicketAssigned(team="华东一组", person="王芳")
    yield TicketContacted(channel=Channel.PHONE, direction=Direction.OUTBOUND, party=Party.PERSON)
    yield TechnicianDispatched(technician="张伟", band=TravelBand.REGION)
    yield PartOrdered(order=1, part="HE-200")
    for turn in range(5):
        yield TicketHeld(hold=HoldReason.WAITING_FOR_CUSTOMER, review_at=REVIEW)
        yield TicketResumed()
        yield TicketPrioritised(priority=Priority.P1 if turn % 2 else Priority.P3)
    yield PartDelivered(order=1)
    yield TicketResolved(solution="更换加热管")
    yield TicketReopened(cycle=2)
    while True:
        yield TicketHeld(hold=HoldReason.ACCESS_REFUSED, review_at=REVIEW)
        yield TicketResumed()
