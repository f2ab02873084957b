"""A writer of the log whose connection breaks at a chosen moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg.pq.abc import PGresult

from application.database.connect import Database
from application.log.committer import Committer
from application.log.connect import appending
from application.log.event_log import EventLog, open_log
from application.log.wire import Statement, Wire
from tests.conftest import connected


class Writer:
    """Opens the writer's connections, and does something to them at a moment.

    Attributes:
        opened: how many there were.
        before_record: done once, when a batch is about to be sent.
        after_commit: done once, when a batch is committed and nobody has been told.
    """

    def __init__(self, database: Database) -> None:
        self._connect = appending(database.service_url)
        self._database = database
        self.opened = 0
        self.before_record: Callable[[int], None] | None = None
        self.after_commit: Callable[[int], None] | None = None

    async def __call__(self) -> Wire:
        """A connection."""
        self.opened += 1
        real = await self._connect()
        return Watched(real, self)  # type: ignore[return-value]

    def kill(self, pid: int) -> None:
        """End the backend and come back when it is gone."""
        with connected(self._database.service_url) as conn:
            conn.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


class Watched:
    """A connection that somebody is about to break."""

    def __init__(self, real: Wire, writer: Writer) -> None:
        self._real = real
        self._writer = writer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def ask(self, *statements: Statement) -> list[PGresult]:
        """Pass on, unless it is time to break."""
        records = any(b"UPDATE log.head" in sql for sql, _ in statements)
        if not records:
            return await self._real.ask(*statements)
        breaks, self._writer.before_record = self._writer.before_record, None
        if breaks:
            breaks(self._real.pid)
        answers = await self._real.ask(*statements)
        breaks, self._writer.after_commit = self._writer.after_commit, None
        if breaks:
            breaks(self._real.pid)
            raise psycopg.OperationalError("the connection is lost")
        return answers


@asynccontextmanager
async def breakable_log(database: Database) -> AsyncIterator[tuple[Writer, EventLog]]:
    """A log that appends through connections which can be broken; it reads as every other does."""
    writer = Writer(database)
    async with open_log(database.service_url) as log, Committer(writer) as committer:
        yield writer, EventLog(log.pool, committer)


def with_writer(database: Database, story: Callable[[Writer, Committer], Coroutine[Any, Any, None]]) -> None:
    """Run a story on a committer whose connections can be broken."""

    async def run() -> None:
        writer = Writer(database)
        async with Committer(writer) as committer:
            await story(writer, committer)

    asyncio.run(run())
