"""Looking at projections from tests: their rows, their queries, how far they are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection

from application.plans import shipped_promises
from domain.event import Fact
from domain.promises import Promises
from projections.catalogue import NAMES, every_projection
from projections.engine import tables
from projections.engine.projection import LIVE, Projection
from projections.engine.runner import Runner
from projections.engine.status import ProjectionState, ProjectionStatus, status
from tests.projections.histories import record

T = TypeVar("T")

PROMISES = shipped_promises()
ZONE = "Asia/Shanghai"


def shipped(promises: Promises = PROMISES) -> tuple[Projection, ...]:
    """The product's projections."""
    return every_projection(promises)


def shown(url: str, facts: Sequence[Fact], *, promises: Promises = PROMISES) -> None:
    """Record facts and let every projection catch up."""
    record(url, facts)
    with Runner(url, shipped(promises)) as runner:
        until(lambda: runner.run_once() >= 0 and set(runner.leading) == set(NAMES))
    assert {one.state for one in statuses(url).values()} == {ProjectionState.LIVE}


def emptied(url: str, *projections: Projection) -> None:
    """Empty projections under the hands of whoever leads them, so that the log is folded again."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("SET search_path = view")
        for projection in projections:
            with conn.transaction():
                conn.execute(tables.BEGIN, (projection.name, LIVE.log))
                tables.make(conn, projection, LIVE.log)


def rebuilt(url: str, batch: int = 5000) -> None:
    """Empty every projection and fold the log again, event by event."""
    emptied(url, *shipped())
    with Runner(url, shipped(), batch=batch) as runner:
        runner.run_once()


def dumped(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table in the schema, in an order of its own."""
    with psycopg.connect(url, autocommit=True) as conn:
        tables = [row[0] for row in conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'view'")]
        return {
            table: conn.execute(f"SELECT t.* FROM view.{table} AS t ORDER BY t").fetchall()
            for table in tables
        }


def statuses(url: str, names: Sequence[str] = NAMES) -> dict[str, ProjectionStatus]:
    """How far the projections are."""
    with psycopg.connect(url, autocommit=True) as conn:
        return {one.name: one for one in status(conn, names)}


def ask(url: str, query: Callable[[AsyncConnection[Any]], Awaitable[T]]) -> T:
    """The answer of one query."""

    async def asked() -> T:
        async with await AsyncConnection.connect(url, autocommit=True) as conn:
            return await query(conn)

    return asyncio.run(asked())


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Come back as soon as the condition holds."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.005)
