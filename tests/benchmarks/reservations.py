"""Reservations by many callers at once, at the desks of one process: how many a second, and none oversold."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from random import Random

import uvloop
from psycopg_pool import AsyncConnectionPool

from application.access import Caller, Role
from application.desks import Desks, open_desks
from application.ids import uuid7
from application.log.event_log import EventLog, open_log
from application.part_commands import CataloguePart, PartTitle, ReceivePart, ReservePart
from application.plans import shipped_promises
from application.ticket_commands.intake import RegisterTicket
from domain.part.errors import NotEnoughStock
from domain.part.events import PartReceived, PartReserved
from tests.benchmarks.bare import BYTES

CALLERS = 32
PARTS = tuple(f"HE-{n:04d}" for n in range(1000))
HOT, SCARCE = "HE-HOT", "HE-SCARCE"
PLENTY, FEW = 1_000_000, 100
SHELF = "SH-MAIN"
UNTIL = datetime.now(UTC) + timedelta(days=1)
ADMIN = Caller("bench", Role.ADMIN, uuid7())
INSERTS = """
    CREATE TABLE view.bare_insert (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, data text NOT NULL)
"""

Work = Callable[[int, Random], Awaitable[object]]


async def rate(work: Work, seconds: float) -> float:
    """How often a second the callers get it done, each asking again when it is answered."""
    done = 0
    started = time.perf_counter()

    async def caller(mine: int) -> None:
        nonlocal done
        draw = Random(mine)  # noqa: S311
        while time.perf_counter() - started < seconds:
            await work(mine, draw)
            done += 1

    await asyncio.gather(*(caller(mine) for mine in range(CALLERS)))
    return done / (time.perf_counter() - started)


async def stock(desks: Desks, number: str, quantity: int) -> None:
    """A part in the catalogue and on the shelf."""
    entry = CataloguePart(number=number, revision="A", name=PartTitle("换热器", "Exchanger"), unit="pcs")
    await desks.parts.catalogue(entry, ADMIN)
    delivery = ReceivePart(location=SHELF, supplier="S", document="D", quantity=quantity)
    await desks.parts.send(number, delivery, ADMIN)


async def sell_out(reserve: Work) -> int:
    """How many of the scarce part the callers got, with three times as many asked for."""

    async def caller(mine: int) -> int:
        got = 0
        for _ in range(3 * FEW // CALLERS + 1):
            try:
                await reserve(mine, Random(mine))  # noqa: S311
                got += 1
            except NotEnoughStock:
                pass
        return got

    return sum(await asyncio.gather(*(caller(mine) for mine in range(CALLERS))))


async def oversold(log: EventLog) -> list[str]:
    """The parts of which more was reserved than received, from the log alone."""
    left: Counter[str] = Counter()
    position = 0
    while facts := await log.after(position, 5000):
        position = facts[-1].position
        for event in (fact.event for fact in facts):
            if isinstance(event, PartReceived):
                left[event.number] += event.goods.quantity
            elif isinstance(event, PartReserved):
                left[event.number] -= event.goods.quantity
    return [number for number, quantity in left.items() if quantity < 0]


async def main(url: str, seconds: float, rounds: int) -> None:
    """Measure in turns, and print the medians as one JSON line."""
    pool = AsyncConnectionPool(
        url, min_size=CALLERS, max_size=CALLERS, open=False, kwargs={"autocommit": True}
    )
    async with open_log(url) as log, pool:
        desks = open_desks(log, shipped_promises(), time_zone="Asia/Shanghai")
        tickets = [
            (await desks.tickets.register(RegisterTicket(subject="冷水"), ADMIN)).number
            for _ in range(CALLERS)
        ]
        for at in range(0, len(PARTS), 50):
            await asyncio.gather(*(stock(desks, number, PLENTY) for number in PARTS[at : at + 50]))
        await stock(desks, HOT, PLENTY)
        await stock(desks, SCARCE, FEW)
        async with pool.connection() as conn:
            await conn.execute(INSERTS)

        def reserve(pick: Callable[[Random], str]) -> Work:
            def one(mine: int, draw: Random) -> Awaitable[object]:
                wanted = ReservePart(location=SHELF, ticket=tickets[mine], quantity=1, expires_at=UNTIL)
                return desks.parts.send(pick(draw), wanted, ADMIN)

            return one

        async def insert(mine: int, draw: Random) -> None:
            async with pool.connection() as conn:
                query = "INSERT INTO view.bare_insert (data) VALUES (%s) RETURNING id"
                await (await conn.execute(query, (BYTES,), prepare=True)).fetchall()

        works: dict[str, Work] = {
            "reservations_per_second_spread": reserve(lambda draw: draw.choice(PARTS)),
            "reservations_per_second_one_part": reserve(lambda draw: HOT),
            "bare_inserts_per_second": insert,
        }
        rates: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(rounds):
            for name, work in works.items():
                rates[name].append(await rate(work, seconds))
        if await sell_out(reserve(lambda draw: SCARCE)) != FEW or await oversold(log):
            raise SystemExit(f"oversold: {await oversold(log)}")
    json.dump({name: statistics.median(each) for name, each in rates.items()}, sys.stdout)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3])))
