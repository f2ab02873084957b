"""Waiting until projections show at least a given position (B09): one look for everybody who waits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec
import psycopg
from psycopg import AsyncConnection

from projections.engine.projection import LOG

QUERY = (
    "SELECT h.position, t.projection, t.position, EXISTS (SELECT FROM log.parked p "
    "WHERE p.projection = t.projection AND p.log = t.log) "
    "FROM log.head h LEFT JOIN log.tracking t ON t.log = %s"
)
POLL = 0.05
"""Seconds between looks when nobody says that a view has moved."""
LISTEN_AGAIN = 1.0
"""Seconds until a lost connection for listening is made again."""

Connect = Callable[[], AbstractAsyncContextManager[AsyncConnection[Any]]]


class NotYetVisible(Exception):
    """The view did not come far enough in time.

    Attributes:
        position: the position that was asked for.
    """

    def __init__(self, names: Sequence[str], position: int) -> None:
        super().__init__(f"{', '.join(names)} did not reach position {position} in time")
        self.position = position


class Look(msgspec.Struct, frozen=True):
    """How far everything is at one moment.

    Attributes:
        head: the last event there is.
        positions: the last event that each projection shows; for those it holds back, see ``parked``.
        parked: the projections that hold something back.
    """

    head: int
    positions: Mapping[str, int]
    parked: frozenset[str]

    def shows(self, names: Sequence[str], position: int) -> bool:
        """Whether all of these projections show a position."""
        return all(self.positions.get(name, -1) >= position for name in names)


class Waiter:
    """One who waits: for these projections to show a position, or with no names for any look."""

    def __init__(self, names: Sequence[str], position: int) -> None:
        self.names = names
        self.position = position
        self.seen: asyncio.Future[Look] = asyncio.get_running_loop().create_future()

    def answer(self, look: Look) -> None:
        """Wake the one who waits, if this is what was waited for."""
        if not self.seen.done() and look.shows(self.names, self.position):
            self.seen.set_result(look)

    def refuse(self, error: Exception) -> None:
        """Nobody can look now."""
        if not self.seen.done():
            self.seen.set_exception(error)


class Watch:
    """Looks how far the projections are, as long as somebody waits: at most one query at a time for all.

    It is woken by whoever asks and by the runners' notifications, and looks from time to time by itself.

    Args:
        url: the service role's connection string, for a connection of its own that listens.
        connect: lends a connection for each look, as a pool does; none is kept while waiting.
    """

    def __init__(self, url: str, connect: Connect) -> None:
        self._url = url
        self._connect = connect
        self._waiters: set[Waiter] = set()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Watch:
        self._tasks = [asyncio.create_task(self._look_on()), asyncio.create_task(self._listen())]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def look(self) -> Look:
        """How far everything is now.

        Raises:
            LogUnavailable: the database does not answer.
        """
        return await self._ask(Waiter((), 0))

    async def wait_for(self, names: Sequence[str], position: int, timeout: float) -> Look:  # noqa: ASYNC109
        """Return as soon as every named projection shows ``position``.

        Args:
            timeout: seconds to wait at most.

        Raises:
            NotYetVisible: the time is up.
            LogUnavailable: the database does not answer.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._ask(Waiter(names, position))
        except TimeoutError:
            raise NotYetVisible(names, position) from None

    async def _ask(self, waiter: Waiter) -> Look:
        self._waiters.add(waiter)
        self._wake.set()
        try:
            return await waiter.seen
        finally:
            self._waiters.discard(waiter)

    async def _look_on(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiters:
                await self._answer(tuple(self._waiters))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL):
                        await self._wake.wait()
                self._wake.clear()

    async def _answer(self, waiters: Sequence[Waiter]) -> None:
        """Look, and tell those who asked before it; what it shows was so after they asked."""
        try:
            async with self._connect() as conn:
                rows = await (await conn.execute(QUERY, (LOG,))).fetchall()
        except Exception as error:
            for waiter in waiters:
                waiter.refuse(error)
            return
        look = Look(
            head=rows[0][0],
            positions={name: position for _, name, position, _ in rows if name},
            parked=frozenset(name for _, name, _, parked in rows if parked),
        )
        for waiter in waiters:
            waiter.answer(look)

    async def _listen(self) -> None:
        """Pass notifications on; without a connection the looks go on by themselves."""
        while True:
            with contextlib.suppress(psycopg.Error, OSError):
                async with await AsyncConnection.connect(self._url, autocommit=True) as conn:
                    await conn.execute("LISTEN view")
                    async for _ in conn.notifies():
                        self._wake.set()
            await asyncio.sleep(LISTEN_AGAIN)
