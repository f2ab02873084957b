"""The end of the log, followed once for everybody in a process who waits for what comes next."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import psycopg
from psycopg import AsyncConnection

from application.log.listening import heard

POLL = 1.0
"""Seconds between looks at the head when nobody says that it has moved."""
PAUSE = 0.02
"""Seconds that a turn lasts at least: commits that come faster share one."""
RECONNECT = 0.5

HEAD = "SELECT position FROM log.head"


class Tail:
    """Wakes whoever waits for the log to go on. Open it on the event loop that will use it.

    One connection listens, however many wait. A turn ends whenever the log has gone on: whoever notes the
    turn first, then reads, and then waits for its end, sleeps through no commit. A notification that is lost
    with the connection is made up for by looking.

    Args:
        url: the service role's connection string.

    Attributes:
        turn: how many turns there were.
        closed: whether there will be no more, because the service is stopping.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.turn = 0
        self.closed = False
        self._over = asyncio.Event()
        self._head = 0
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Tail:
        self._listener = asyncio.create_task(self._listen(), name="tail")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)

    async def after(self, turn: int, seconds: float) -> None:
        """Wait until a turn is over, for so long at most; not at all once it is closed."""
        if self.closed or turn != self.turn:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)

    def close(self) -> None:
        """Let nobody wait any longer."""
        self.closed = True
        self._next()

    def _next(self) -> None:
        self.turn += 1
        self._over.set()
        self._over = asyncio.Event()

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(psycopg.Error, OSError):
                async with await AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=5, application_name="aftersales tail"
                ) as conn:
                    await conn.execute("LISTEN log")
                    while True:
                        await self._hear(conn)
            await asyncio.sleep(RECONNECT)

    async def _hear(self, conn: AsyncConnection[Any]) -> None:
        row = await (await conn.execute(HEAD)).fetchone()
        if row is not None and row[0] != self._head:
            self._head = row[0]
            self._next()
            await asyncio.sleep(PAUSE)
        if not heard(conn):
            async for _ in conn.notifies(timeout=POLL, stop_after=1):
                pass
