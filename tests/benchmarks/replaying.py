"""The past: how long a case as of any moment takes, and a stream of ten thousand events that is met first.

Measured in a process of its own with the server's own settings, through the handler that answers: query, fold
and encoding.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import uvloop
from litestar.datastructures import State

from application import forms
from application.desk import wall_clock
from application.files.kinds import FileRules
from application.ids import uuid7
from application.log.committer import KEEP
from application.log.event_log import EventLog
from application.log.snapshots import Until
from application.streams import Streams
from domain.event import Act, Event, Fact
from domain.part.events import (
    PartCatalogued,
    PartIssued,
    PartName,
    PartReceived,
    PartReserved,
    ReservationReleased,
)
from domain.part.goods import Goods
from domain.part.state import replay
from domain.part.words import Release, Tracking
from domain.ticket.decisions import REVIEW_WITHIN
from interfaces.http.as_it_was import get_case
from interfaces.http.service import open_service
from projections.engine.garbage import collected_seldom
from tests.benchmarks.history import BEGAN, EVENTS, NUMBER, ZONE, seed

LONG = 10_000
NAME = "PCB-10000"
MOMENTS = 100
ROUNDS = 3
"""How often each moment is asked for; its time is the median."""


def replaying(url: str) -> dict[str, float]:
    """Seed a case of two hundred events and a part of ten thousand, and travel through both.

    Returns:
        ``replay_ms`` and ``replay_10000_ms``, medians over all moments, and the worst moment of each.
    """
    measured = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.replaying", url], check=True, capture_output=True, text=True
    )
    return json.loads(measured.stdout)


async def _measured(url: str) -> dict[str, float]:
    async with open_service(
        url,
        time_zone=str(ZONE),
        mailboxes=(),
        pool_size=2,
        keep=KEEP,
        rules=FileRules(),
        review_within=REVIEW_WITHIN,
        now=wall_clock,
    ) as known:
        case, part = uuid7(), uuid7()
        await seed(known.log, case)
        await _long(known.log, part)
        encode = msgspec.json.Encoder().encode
        state = State({"service": known})

        async def whole(moment: int) -> None:
            as_of = (BEGAN + timedelta(minutes=moment)).isoformat()
            answer = await get_case.fn(state, ticket=str(case), as_of=as_of)
            encode(answer.content)

        async def cold(version: int) -> None:
            """The newest state of a process that has none at hand, and one of the past."""
            if version == LONG:
                found = await Streams(known.log, replay, forms.PART).read(part)
            else:
                until = Until(version=version)
                found = await known.log.snapshots.replayed(forms.PART, replay, part, until)
            if found is None or found.version != version:
                raise SystemExit(f"{part} is not found at version {version}")

        await cold(LONG)
        await known.log.snapshots.settled()
        collected_seldom()
        chance = random.Random(1)  # noqa: S311
        versions = [LONG, *(chance.randrange(1, LONG) for _ in range(MOMENTS // 2))]
        moments = [1, EVENTS, *(chance.randrange(1, EVENTS) for _ in range(MOMENTS))]
        return {
            **await _times("replay_ms", whole, moments),
            **await _times("replay_10000_ms", cold, versions),
        }


async def _times(name: str, ask: Callable[[int], Awaitable[Any]], points: list[int]) -> dict[str, float]:
    """The median over all points, and the worst of them."""
    took: list[float] = []
    for point in points:
        each: list[float] = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            await ask(point)
            each.append(time.perf_counter() - began)
        took.append(statistics.median(each) * 1000)
    return {name: statistics.median(took), f"{name}_worst": max(took)}


async def _long(log: EventLog, part: UUID) -> None:
    facts = [
        Fact(
            stream_id=part,
            version=version,
            event=event,
            act=Act(actor="storekeeper:sun", occurred_at=BEGAN + timedelta(minutes=version)),
            correlation_id=event.case or part,
        )
        for version, event in enumerate(_movements(), 1)
    ]
    for first in range(0, LONG, 1000):
        await log.append(facts[first : first + 1000])


def _movements() -> Iterator[Event]:
    """A serial number after another: delivered, promised, promised to another, issued."""
    yield PartCatalogued(
        number=NAME, revision="A", name=PartName("主板", "Board"), unit="pc", tracking=Tracking.SERIAL
    )
    for serial in range(LONG // 4):
        goods = Goods(1, serials=(f"SN-{serial:06d}",))
        ticket = {"number": NAME, "for_ticket": uuid7(), "ticket_number": NUMBER, "location": "MAIN"}
        promise = uuid7()
        yield PartReceived(number=NAME, goods=goods, location="MAIN", supplier="S", document="D")
        yield PartReserved(goods=goods, reservation=promise, expires_at=BEGAN, **ticket)
        yield ReservationReleased(goods=goods, reservation=promise, why=Release.USED, **ticket)
        if serial < LONG // 4 - 1:
            yield PartIssued(goods=goods, reservation=promise, **ticket)


if __name__ == "__main__":
    json.dump(uvloop.run(_measured(sys.argv[1])), sys.stdout)
