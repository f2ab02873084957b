"""The log as the service uses it: asynchronous reads on a pool, appends through the committer."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from application.log.append import Append, Basis, Numbered, Progress, Recorded, Request
from application.log.committer import KEEP, Committer
from application.log.connect import READING, appending
from application.log.errors import LogUnavailable
from application.log.figures import Figures
from application.log.mapper import fact_of, store
from application.log.snapshots import Snapshots
from application.log.stored import COLUMNS, LogEvent
from domain.event import Fact

STREAM = f"SELECT {COLUMNS} FROM log.event WHERE stream_id = %s AND version > %s ORDER BY version"  # noqa: S608
STREAMS = f"SELECT {COLUMNS} FROM log.event WHERE stream_id = ANY(%s) ORDER BY stream_id, version"  # noqa: S608
TYPES = "SELECT type FROM log.event WHERE stream_id = %s AND version > %s AND version <= %s"
CASE = f"SELECT {COLUMNS} FROM log.event WHERE correlation_id = %s AND position > %s ORDER BY position"  # noqa: S608
PAGE = f"SELECT {COLUMNS} FROM log.event WHERE position > %s ORDER BY position LIMIT %s"  # noqa: S608


class EventLog:
    """Reads streams and appends to them. Made by ``open_log``."""

    def __init__(
        self, pool: AsyncConnectionPool[AsyncConnection[Any]], committer: Committer, *, keep: timedelta = KEEP
    ) -> None:
        self.pool = pool
        self.snapshots = Snapshots(self.connection)
        self._committer = committer
        self._keep = keep

    @property
    def figures(self) -> Figures:
        """What this process has recorded and refused."""
        return self._committer.figures

    @property
    def waiting(self) -> int:
        """Appends of this process that wait to be recorded."""
        return self._committer.waiting

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[Any]]:
        """A connection for reading.

        Raises:
            LogUnavailable: the database does not answer.
        """
        try:
            async with self.pool.connection() as conn:
                try:
                    yield conn
                except psycopg.errors.FeatureNotSupported:
                    # It has prepared a statement for a table whose columns have other types by now.
                    await conn.close()
                    raise
        except (PoolTimeout, psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise LogUnavailable("the database does not answer") from error

    async def _rows(self, query: str, params: Sequence[object]) -> list[Fact]:
        async with self.connection() as conn:
            cursor = await conn.execute(cast(Any, query), params, binary=True)
            return [fact_of(row) for row in await cursor.fetchall()]

    async def stream(self, stream_id: UUID, *, after: int = 0) -> list[Fact]:
        """The facts of a stream that follow a version, in order; empty when there is no such stream."""
        return await self._rows(STREAM, (stream_id, after))

    async def types(self, stream_id: UUID, *, after: int, upto: int) -> list[str]:
        """What happened to a stream after a version, up to another."""
        async with self.connection() as conn:
            return [row[0] for row in await (await conn.execute(TYPES, (stream_id, after, upto))).fetchall()]

    async def streams(self, stream_ids: Sequence[UUID]) -> list[Fact]:
        """The facts of several streams, stream by stream, each in order."""
        return await self._rows(STREAMS, (list(stream_ids),))

    async def case(self, correlation_id: UUID, *, after: int = 0) -> list[Fact]:
        """The facts of a case, across its streams, that follow a position, in the order of recording."""
        return await self._rows(CASE, (correlation_id, after))

    async def after(self, position: int, limit: int) -> list[Fact]:
        """The facts that follow a position."""
        return await self._rows(PAGE, (position, limit))

    async def head(self) -> int:
        """The position of the last event."""
        async with self.connection() as conn:
            row = await (await conn.execute("SELECT position FROM log.head")).fetchone()
            return row[0] if row else 0

    async def find(self, name: str) -> UUID | None:
        """The stream that a name belongs to."""
        return (await self.known([name])).get(name)

    async def known(self, names: Sequence[str]) -> dict[str, UUID]:
        """Those of the names that belong to a stream, and to which."""
        async with self.connection() as conn:
            query = "SELECT name, stream_id FROM log.name WHERE name = ANY(%s)"
            return dict(await (await conn.execute(query, (list(names),))).fetchall())

    async def names_of(self, stream_id: UUID) -> list[str]:
        """The names that belong to a stream."""
        async with self.connection() as conn:
            query = "SELECT name FROM log.name WHERE stream_id = %s ORDER BY name"
            return [row[0] for row in await (await conn.execute(query, (stream_id,))).fetchall()]

    async def mentioned(self, names: Sequence[str]) -> dict[str, frozenset[UUID]]:
        """The streams that mention each of these; see ``Event.mentions``."""
        async with self.connection() as conn:
            query = "SELECT name, stream_id FROM log.mention WHERE name = ANY(%s)"
            found = await (await conn.execute(query, (list(names),))).fetchall()
        return {name: frozenset(stream for by, stream in found if by == name) for name in names}

    async def answered(self, request: Request) -> Recorded | None:
        """What the same command recorded before, if it came before.

        Whether it was the same command is for ``append`` to say: this is only the quick look first.
        """
        async with self.connection() as conn:
            query = (
                "SELECT stream_id, version, position, recorded_at FROM log.command "
                "WHERE caller = %s AND key = %s AND digest = %s AND recorded_at > clock_timestamp() - %s"
            )
            asked = (request.caller, request.key, request.digest, self._keep)
            row = await (await conn.execute(query, asked)).fetchone()
            return Recorded(*row, repeated=True) if row else None

    async def append(
        self,
        facts: Sequence[Fact],
        *,
        names: Sequence[str] = (),
        request: Request | None = None,
        progress: Progress | None = None,
        basis: Basis | None = None,
    ) -> Recorded:
        """Record facts together. See ``Committer.append`` for what it raises."""
        key = request.key if request else None
        events = tuple(store(fact, key) for fact in facts)
        return await self._committer.append(Append(events, tuple(names), request, progress, basis=basis))

    async def append_numbered(
        self,
        series: str,
        facts: Callable[[str], Sequence[Fact]],
        *,
        names: Sequence[str] = (),
        request: Request | None = None,
        basis: Basis | None = None,
    ) -> Recorded:
        """Record a new stream that bears the next number of a series, which also becomes its name.

        Args:
            series: for example ``T-2026``; the number will be T-2026-000001 and so on.
            facts: makes the facts once the number is known; called in the commit, so it should be quick.

        Raises:
            See ``Committer.append``.
        """
        key = request.key if request else None

        def events(number: str) -> tuple[LogEvent, ...]:
            return tuple(store(fact, key) for fact in facts(number))

        numbered = Numbered(series, events)
        return await self._committer.append(Append((), tuple(names), request, number=numbered, basis=basis))


@asynccontextmanager
async def open_log(url: str, *, pool_size: int = 4, keep: timedelta = KEEP) -> AsyncIterator[EventLog]:
    """Open the log on the running event loop.

    Args:
        url: the service role's connection string.
        pool_size: connections for reading; the writer has one of its own.
        keep: how long a command is remembered by its key.
    """

    pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
        READING.within(url),
        min_size=1,
        max_size=pool_size,
        open=False,
        timeout=3,
        # A lost connection is tried again for so long, each pause twice the one before; then when asked for.
        reconnect_timeout=2,
        configure=READING.limit,
        kwargs={"autocommit": True},
    )
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(pool.close)
        await pool.open()
        committer = await stack.enter_async_context(Committer(appending(url), keep=keep))
        log = EventLog(pool, committer, keep=keep)
        stack.push_async_callback(log.snapshots.close)
        yield log
