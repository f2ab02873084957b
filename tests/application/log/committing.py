"""A log to tell stories on, and what is seen of it from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from uuid import UUID

from application.database.connect import Database
from application.log.append import Append, Recorded
from application.log.event_log import EventLog, open_log
from application.log.mapper import store
from tests.application.log.appending import remark
from tests.conftest import connected


def on_the_log(database: Database, story: Callable[[EventLog], Coroutine[Any, Any, None]]) -> None:
    """Run a story on the log of a database."""

    async def run() -> None:
        async with open_log(database.service_url) as log:
            await story(log)

    asyncio.run(run())


def column(database: Database, query: str) -> list[Any]:
    """The first column of a query's answer."""
    with connected(database.service_url) as conn:
        return [row[0] for row in conn.execute(query).fetchall()]


def is_whole(database: Database) -> int:
    """The log has no gap, and its head is its end; how many events it holds."""
    positions = column(database, "SELECT position FROM log.event ORDER BY position")
    assert positions == list(range(1, len(positions) + 1))
    assert column(database, "SELECT position FROM log.head") == [len(positions)]
    return len(positions)


async def settled(*appends: Awaitable[Recorded]) -> list[Recorded | BaseException]:
    """What became of each."""
    return await asyncio.gather(*appends, return_exceptions=True)


def one(stream: UUID | None = None, version: int = 1, **more: Any) -> Append:
    """An append of one event."""
    return Append((store(remark(stream=stream, version=version)),), **more)
