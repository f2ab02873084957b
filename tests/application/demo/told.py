"""Histories of the demo in a log, and what of them must be the same in every run."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from application.database.connect import Database
from application.demo.chronicle import History
from application.demo.seed import Content, content, record
from application.log.event_log import EventLog, open_log
from application.plans import shipped_promises
from domain.event import Fact
from domain.publishing.events import BOOK
from tests.conftest import connected

HISTORY = History(tickets=60, seed=3, now=datetime(2026, 11, 22, 21, 0, tzinfo=UTC))
CONTENTS = """
    SELECT stream_id, n.name, version, type, occurred_at, actor, reason, correlation_id, data
    FROM event_log JOIN log.name n USING (stream_id) ORDER BY n.name, version
"""
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Row = tuple[Any, ...]


class Interrupted(Exception):
    """What stops a seeding half-way."""


class Crash:
    """Ends a seeding when so many appends are in the log: the answer to the last one is lost."""

    def __init__(self, log: EventLog, after: int) -> None:
        self._left = after
        log.append = self._counted(log.append)
        log.append_numbered = self._counted(log.append_numbered)

    def _counted(self, append: Callable[..., Any]) -> Callable[..., Any]:
        async def counted(*arguments: Any, **named: Any) -> Any:
            recorded = await append(*arguments, **named)
            self._left -= 1
            if self._left <= 0:
                raise Interrupted
            return recorded

        return counted


def tell(database: Database, history: History = HISTORY, *, crash_after: int | None = None) -> None:
    """Record a history, or as much of it as there is before the crash."""

    async def run() -> None:
        async with open_log(database.service_url) as log:
            if crash_after is not None:
                Crash(log, crash_after)
            await record(log, history, shipped_promises(), time_zone="Asia/Shanghai")

    asyncio.run(run())


def held(database: Database) -> tuple[Content, History | None]:
    """What the log holds."""
    with connected(database.service_url) as conn:
        return content(conn)


class Told(NamedTuple):
    """A row of the log."""

    stream_id: Any
    name: str
    version: int
    type: str
    occurred_at: datetime
    actor: str
    reason: str | None
    correlation_id: Any
    data: dict[str, Any]


def contents(database: Database) -> list[Row]:
    """The log stream by stream, with names for ids: a reservation is called by part, ticket and time."""
    with connected(database.service_url) as conn:
        rows = [Told(*row) for row in conn.execute(CONTENTS)]
    names = {str(row.stream_id): row.name for row in rows} | {str(BOOK): "book of promises"}
    for row in rows:
        if row.type == "part.reserved":
            names[row.data["reservation"]] = f"{row.name}/{row.data['ticket_number']}/{row.occurred_at}"
    return [
        (
            *row[1:7],
            *(ID.sub(lambda found: names[found[0]], str(text)) for text in (row.correlation_id, row.data)),
        )
        for row in rows
    ]


def facts(database: Database) -> list[Fact]:
    """Everything in the log, in its order."""

    async def read() -> list[Fact]:
        async with open_log(database.service_url) as log:
            return await log.after(0, 1_000_000)

    return asyncio.run(read())
