"""Waiting until a projection shows at least a given position (B09)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from psycopg import AsyncConnection

from projections.engine.projection import LOG

QUERY = (
    "SELECT count(*) = cardinality(%s::text[]) FROM log.tracking "
    "WHERE projection = ANY(%s::text[]) AND log = %s AND position >= %s"
)
FIRST_PAUSE = 0.002
LONGEST_PAUSE = 0.02


class NotYetVisible(Exception):
    """The view did not come far enough in time.

    Attributes:
        position: the position that was asked for.
    """

    def __init__(self, names: Sequence[str], position: int) -> None:
        super().__init__(f"{', '.join(names)} did not reach position {position} in time")
        self.position = position


Connect = Callable[[], AbstractAsyncContextManager[AsyncConnection[Any]]]


async def wait_for(connect: Connect, names: Sequence[str], position: int, timeout: float) -> None:  # noqa: ASYNC109
    """Return as soon as every named projection shows ``position``.

    Args:
        connect: lends a connection, as a pool's ``connection`` does; none is kept while waiting.
        timeout: seconds to wait at most; with 0 it looks once.

    Raises:
        NotYetVisible: the time is up.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + timeout
    pause = FIRST_PAUSE
    wanted = list(names)
    while True:
        async with connect() as conn:
            cursor = await conn.execute(QUERY, (wanted, wanted, LOG, position))
            if await cursor.fetchone() == (True,):
                return
        left = until - loop.time()
        if left <= 0:
            raise NotYetVisible(names, position)
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE)
