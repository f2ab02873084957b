"""Numbers that people say: T-2026-000123. Unique and rising within a series."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from application.log.errors import LogUnavailable

# The number is durable no later than the event that carries it, both being in one WAL: no flush of its own.
TAKE = (
    "INSERT INTO log.series AS s (series, last) "
    "SELECT %s, %s FROM (SELECT set_config('synchronous_commit', 'off', true)) AS unflushed "
    "ON CONFLICT (series) DO UPDATE SET last = s.last + excluded.last RETURNING last"
)


class Numbers:
    """Gives out the next numbers of a series.

    Callers that ask while another request is under way share the next one. A number whose command was
    refused afterwards stays unused: a gap says that something was asked and not recorded.
    """

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[Any]]) -> None:
        self._pool = pool
        self._waiting: dict[str, list[tuple[int, asyncio.Future[int]]]] = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def take(self, series: str, count: int = 1) -> range:
        """Reserve the next ``count`` numbers of a series, from 1.

        Raises:
            LogUnavailable: the database does not answer.
        """
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.get(series)
        if waiting is None:
            self._waiting[series] = [(count, future)]
            task = asyncio.create_task(self._ask(series))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        else:
            waiting.append((count, future))
        first = await future
        return range(first, first + count)

    async def _ask(self, series: str) -> None:
        waiting: list[tuple[int, asyncio.Future[int]]] = []
        try:
            async with self._pool.connection() as conn:
                waiting = self._waiting.pop(series)
                total = sum(count for count, _ in waiting)
                row = await (await conn.execute(TAKE, (series, total))).fetchone()
                first = (row[0] if row else 0) - total + 1
        except (PoolTimeout, psycopg.Error) as error:
            for _, future in waiting or self._waiting.pop(series, []):
                if not future.done():
                    future.set_exception(LogUnavailable(f"no {series} number could be given: {error}"))
            return
        for count, future in waiting:
            if not future.done():
                future.set_result(first)
            first += count
