"""How soon all views show what was just recorded, while events come and readers read.

A server and a worker are processes of their own. 500 remarks a second come over HTTP, one event each; readers
ask for pages of a queue beside them. Of each remark it is measured how long after its answer every view shows
it, as whoever sends Wait-For-Position waits: ``python -m tests.benchmarks.lagging URL SECONDS``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import quote

import psycopg
import uvloop
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from application.access import Role, create_token
from projections.catalogue import NAMES
from projections.engine.status import status
from projections.engine.waiting import Watch
from tests.benchmarks.load import encode
from tests.benchmarks.seeding import TEAM
from tests.benchmarks.serving import OURS, server

A_SECOND = 500
PAGES_A_SECOND = 100
LINES = 16
WARM = 0.15
"""Share of the time before anything counts."""
LONGEST = 30.0
WORKERS = (
    "SELECT 1 FROM pg_stat_activity WHERE application_name = 'aftersales projections' "
    "AND datname = current_database()"
)


class Line:
    """A keep-alive connection that sends one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, request: bytes) -> int:
        """Send a request; the position that its answer names, or 0.

        Raises:
            RuntimeError: it was refused.
        """
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        body = await self._reader.readexactly(int(fields["content-length"]))
        if head.split()[1] not in {"200", "201"}:
            raise RuntimeError(f"{head.splitlines()[0]}: {body.decode()}")
        return int(fields.get("log-position", 0))


class Lines:
    """So many of them, lent to whoever asks next."""

    def __init__(self) -> None:
        self._free: asyncio.Queue[Line] = asyncio.Queue()

    async def open(self, port: int, count: int) -> Lines:
        """Connect."""
        for _ in range(count):
            self._free.put_nowait(Line(*await asyncio.open_connection("127.0.0.1", port)))
        return self

    async def ask(self, request: bytes) -> int:
        """As ``Line.ask``, on the line that is free first."""
        line = await self._free.get()
        try:
            return await line.ask(request)
        finally:
            self._free.put_nowait(line)


async def every(interval: float, seconds: float) -> AsyncIterator[int]:
    """0, 1, 2 and so on, each at its time; what is late is not waited for."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for turn in range(int(seconds / interval)):
        await asyncio.sleep(max(0.0, began + turn * interval - loop.time()))
        yield turn


@asynccontextmanager
async def watching(url: str) -> AsyncIterator[Watch]:
    """What a server process waits with."""
    pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
        url, min_size=1, max_size=2, open=False, kwargs={"autocommit": True}
    )
    async with pool, Watch(url, pool.connection) as watch:
        yield watch


async def lags(url: str, port: int, seconds: float, token: str) -> list[float]:
    """Of every remark that counts, the seconds from its answer until all views show it."""
    with psycopg.connect(url) as conn:
        numbers = [row[0] for row in conn.execute("SELECT number FROM view.queue ORDER BY number LIMIT 5000")]
    body = json.dumps({"text": "到场检查 checked on site"}).encode()
    page = encode("GET", f"/api/v1/queues/{quote(TEAM)}", token)
    told: list[float] = []

    async with watching(url) as watch, asyncio.TaskGroup() as tasks:
        writing = await Lines().open(port, LINES)
        reading = await Lines().open(port, LINES)

        async def remark(turn: int) -> None:
            path = f"/api/v1/tickets/{numbers[turn * 7 % len(numbers)]}/remark"
            position = await writing.ask(encode("POST", path, token, body))
            answered = time.perf_counter()
            await watch.wait_for(NAMES, position, LONGEST)
            if turn >= WARM * seconds * A_SECOND:
                told.append(time.perf_counter() - answered)

        async def read() -> None:
            async for _ in every(1 / PAGES_A_SECOND, seconds):
                tasks.create_task(reading.ask(page))

        tasks.create_task(read())
        async for turn in every(1 / A_SECOND, seconds):
            tasks.create_task(remark(turn))
    return told


async def takeover(url: str, port: int, token: str, leader: subprocess.Popen[bytes]) -> float:
    """The seconds from the leading worker's death until all views show what is recorded then."""
    with psycopg.connect(url) as conn:
        row = conn.execute("SELECT number FROM view.queue LIMIT 1").fetchone()
        assert row is not None
    body = json.dumps({"text": "换班 hand-over"}).encode()
    async with watching(url) as watch:
        line = await Lines().open(port, 1)
        began = time.perf_counter()
        leader.kill()
        position = await line.ask(encode("POST", f"/api/v1/tickets/{row[0]}/remark", token, body))
        await watch.wait_for(NAMES, position, LONGEST)
        return time.perf_counter() - began


@contextmanager
def worker(url: str, others: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    """``aftersales worker``, once it shows the whole log, or stands by beside others."""
    keys = tempfile.TemporaryDirectory(prefix="aftersales-bench-keys-")
    environment = os.environ | {
        "AFTERSALES_DATABASE_URL": url,
        "AFTERSALES_LOG_LEVEL": "warning",
        "AFTERSALES_SIGNING_KEY_DIR": keys.name,
    }
    process = subprocess.Popen([sys.executable, "-m", "interfaces.cli", "worker"], env=environment)
    try:
        with psycopg.connect(url, autocommit=True) as conn:
            while (
                any(view.lag or not view.moved_at for view in status(conn, NAMES))
                or len(conn.execute(WORKERS).fetchall()) <= others
            ):
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(30)
        keys.cleanup()


def main() -> None:
    """Print the figures as one JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("seconds", type=float)
    given = parser.parse_args()
    with psycopg.connect(given.url, autocommit=True) as conn:
        _, token = create_token(conn, name="bench", role=Role.AGENT)
    with worker(given.url) as first, server(OURS, given.url) as (port, _):
        began = time.perf_counter()
        told = uvloop.run(lags(given.url, port, given.seconds, token))
        took = time.perf_counter() - began
        with worker(given.url, others=1):
            handed_over = uvloop.run(takeover(given.url, port, token, first))
    cuts = statistics.quantiles(told, n=100)
    figures = {
        "lag_p50_ms": cuts[49] * 1000,
        "lag_p99_ms": cuts[98] * 1000,
        "lag_max_ms": max(told) * 1000,
        "lag_appends_per_second": given.seconds * A_SECOND / took,
        "takeover_ms": handed_over * 1000,
    }
    json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main()
