"""Single-event appends by many callers: beside bare INSERTs, beside the library's recorder, in a long log."""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import uvloop
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from application.database.connect import Database
from application.ids import uuid7
from application.log.event_log import EventLog, open_log
from application.log.mapper import store
from domain.event import Act, Fact
from domain.ticket.events import TicketContacted
from domain.ticket.words import Channel, Direction, Party
from tests.benchmarks.making import make_log

CALLERS = 64
THREADS = (1, 4, 8, 16)
SHORT = 10_000
"""Events in a log that is short."""
EVENT = TicketContacted(
    channel=Channel.PHONE,
    direction=Direction.OUTBOUND,
    party=Party.PERSON,
    person="杭州西湖宾馆工程部 王建国",
    summary="客户同意周三上午上门 The customer agrees to Wednesday morning; the display shows error E5.",
)
TABLE = """
    CREATE TABLE view.bare_event (
        position bigint PRIMARY KEY, stream_id uuid, version bigint, type text, schema smallint, data bytea,
        occurred_at timestamptz, recorded_at timestamptz, actor text, reason text, correlation_id uuid,
        causation_id uuid, idempotency_key text, leaf_hash bytea, chain_hash bytea)
"""
INSERT = f"INSERT INTO view.bare_event VALUES ({', '.join(['%s'] * 15)})".encode()
SPREAD = """
    SELECT stream_id, max(version) + 1 FROM log.event
    WHERE stream_id IN (
        SELECT stream_id FROM log.event WHERE position IN (SELECT generate_series(1, %(head)s, %(step)s)))
    GROUP BY stream_id ORDER BY hashtext(stream_id::text) LIMIT %(most)s
"""

Work = Callable[[], object]
Place = tuple[UUID, int]
"""A stream, and the version that comes next in it."""


def fact(stream: UUID, version: int) -> Fact:
    """One more event of a ticket."""
    act = Act(actor="agent:li.wei", occurred_at=datetime.now(UTC))
    return Fact(stream_id=stream, version=version, event=EVENT, act=act, correlation_id=stream)


async def appends(log: EventLog, seconds: float, places: list[Place]) -> float:
    """Appends a second: each caller goes on with a stream of its own as soon as it is answered."""
    done = 0
    began = time.perf_counter()

    async def caller(stream: UUID, version: int) -> None:
        nonlocal done
        while time.perf_counter() < began + seconds:
            await log.append([fact(stream, version)])
            version += 1
            done += 1

    await asyncio.gather(*(caller(*place) for place in places))
    return done / (time.perf_counter() - began)


def new_streams() -> list[Place]:
    """A stream for each caller that nobody has written to."""
    return [(uuid7(), 1) for _ in range(CALLERS)]


def in_threads(works: list[Work], seconds: float) -> float:
    """How often a second the threads get their work done."""
    began = time.perf_counter()

    def thread(work: Work) -> int:
        done = 0
        while time.perf_counter() < began + seconds:
            work()
            done += 1
        return done

    with ThreadPoolExecutor(len(works)) as pool:
        done = sum(pool.map(thread, works))
    return done / (time.perf_counter() - began)


class Bare:
    """Autocommit INSERTs of one row: the same columns and bytes, ready made, a table with a primary key."""

    def __init__(self, url: str) -> None:
        self._connections = [psycopg.connect(url, autocommit=True) for _ in range(max(THREADS))]
        self._connections[0].execute(TABLE)
        self._positions = itertools.count(1)
        event, now = store(fact(uuid7(), 1)), datetime.now(UTC)
        told = (event.topic, event.schema, event.state, now, now, event.actor, None, event.stream_id)
        self._rest = (event.stream_id, 1, *told, None, None, bytes(range(32)), bytes(range(32)))

    def rate(self, threads: int, seconds: float) -> float:
        """INSERTs a second."""

        def work(conn: psycopg.Connection[Any]) -> Work:
            return lambda: conn.execute(INSERT, (next(self._positions), *self._rest), prepare=True)

        return in_threads([work(conn) for conn in self._connections[:threads]], seconds)


class Stock:
    """The ``eventsourcing`` library's recorder as it comes, with as many connections as threads."""

    def __init__(self, url: str) -> None:
        at = conninfo_to_dict(url)
        place = (at["dbname"], at["host"], at.get("port") or 5432, at["user"], "")
        pool = PostgresDatastore(*map(str, place), schema="view", pool_size=max(THREADS), max_overflow=0)
        self._recorder = PostgresApplicationRecorder(pool, events_table_name="stock_event")
        self._recorder.create_table()
        self._state = store(fact(uuid7(), 1)).state

    def rate(self, threads: int, seconds: float) -> float:
        """Events a second."""

        def work(stream: UUID, versions: Iterator[int]) -> Work:
            def one() -> object:
                event = StoredEvent(stream, next(versions), "ticket.contacted", self._state)
                return self._recorder.insert_events([event])

            return one

        return in_threads([work(uuid7(), itertools.count(1)) for _ in range(threads)], seconds)


async def beside(url: str, seconds: float, rounds: int) -> dict[str, float]:
    """The log, bare INSERTs and the recorder in turns; of these the number of threads that is best."""
    rivals = {"bare": Bare(url), "stock": Stock(url)}
    best = {
        name: max(THREADS, key=lambda threads, rival=rival: rival.rate(threads, seconds / 3))
        for name, rival in rivals.items()
    }
    rates: dict[str, list[float]] = {"ours": [], "bare": [], "stock": []}
    async with open_log(url) as log:
        await appends(log, seconds / 3, new_streams())
        for _ in range(rounds):
            rates["ours"].append(await appends(log, seconds, new_streams()))
            for name, rival in rivals.items():
                rates[name].append(rival.rate(best[name], seconds))
    rate = {name: statistics.median(each) for name, each in rates.items()}
    return {
        "append_vs_insert": rate["ours"] / rate["bare"],
        "append_vs_stock": rate["ours"] / rate["stock"],
        "appends_per_second": rate["ours"],
        "bare_insert_threads": best["bare"],
        "stock_threads": best["stock"],
    }


async def flat(short: Database, long: Database, events: int, seconds: float, rounds: int) -> float:
    """The rate in a log of so many events over that in a short one, on streams that were there before."""
    for database, length in ((short, SHORT), (long, events)):
        make_log(database.service_url, length)
        with psycopg.connect(database.owner_url, autocommit=True) as conn:
            conn.execute("VACUUM (ANALYZE) log.event")
    rates: dict[str, list[float]] = {short.service_url: [], long.service_url: []}
    async with open_log(short.service_url) as first, open_log(long.service_url) as second:
        for turn in range(rounds + 1):
            for url, log in zip(rates, (first, second), strict=True):
                rate = await appends(log, seconds if turn else seconds / 3, spread(url))
                rates[url] += [rate] if turn else []
    brief, lengthy = map(statistics.median, rates.values())
    return lengthy / brief


def spread(url: str) -> list[Place]:
    """A stream for each caller, from all over the log."""
    with psycopg.connect(url, autocommit=True) as conn:
        ((head,),) = conn.execute("SELECT position FROM log.head").fetchall()
        return conn.execute(SPREAD, {"head": head, "step": head // (3 * CALLERS), "most": CALLERS}).fetchall()


def main(served: Database, short: Database, long: Database, given: list[str]) -> dict[str, float]:
    """All figures; given how long the long log is, seconds, and rounds."""
    events, seconds, rounds = int(given[0]), float(given[1]), int(given[2])
    told = uvloop.run(beside(served.service_url, seconds, rounds))
    return told | {"appends_flat": uvloop.run(flat(short, long, events, seconds, rounds))}


if __name__ == "__main__":
    served, short, long = (msgspec.json.decode(each, type=Database) for each in sys.argv[1:4])
    json.dump(main(served, short, long, sys.argv[4:]), sys.stdout)
