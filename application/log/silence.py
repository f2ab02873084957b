"""Leads whose holder says nothing: a process that is stopped and not dead keeps its connection and its locks.

Whoever leads speaks on the connection that holds the lock, each second at least. So the database knows who
has fallen silent without anything being written down: that session waits for its client. Whoever stands by
ends it. That frees the lock and takes back what was begun, and its holder, once awake, stands by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection, Connection

SILENCE = timedelta(seconds=10)
"""After which a leader is taken for stopped, unless it is set otherwise."""
BEAT = 0.5
"""Seconds between two words of a leader that is busy elsewhere."""

AS_WHO_CONNECTED = "SET LOCAL ROLE NONE"
"""Sessions are ended by the role that they were opened as, whichever they work as."""
END = """
    SELECT a.pid, pg_terminate_backend(a.pid) FROM pg_stat_activity a WHERE a.pid IN (
        SELECT l.pid FROM pg_locks l
        JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
        WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted AND l.pid <> pg_backend_pid()
              AND (l.classid::bigint << 32 | l.objid::bigint) = ANY (
                  SELECT hashtextextended(name, 0) FROM unnest(%s::text[]) AS name))
    AND a.wait_event_type = 'Client' AND a.state_change < clock_timestamp() - %s
"""

log = structlog.get_logger(__name__)


def end_silent(conn: Connection[Any], locks: Sequence[str], silence: timedelta) -> None:
    """End the sessions that hold these locks and have said nothing for so long.

    Args:
        conn: of the same role, with no transaction open.
        locks: the texts that were hashed into advisory locks.
        silence: how long.
    """
    with conn.transaction():
        conn.execute(AS_WHO_CONNECTED)
        _tell(conn.execute(END, (list(locks), silence)).fetchall())


async def end_silent_holder(conn: AsyncConnection[Any], lock: str, silence: timedelta) -> None:
    """The same for one lock, on an event loop."""
    async with conn.transaction():
        await conn.execute(AS_WHO_CONNECTED)
        _tell(await (await conn.execute(END, ([lock], silence))).fetchall())


@asynccontextmanager
async def speaking(conn: AsyncConnection[Any]) -> AsyncIterator[None]:
    """Let the connection that holds a lock be heard of while its holder is busy on others."""
    beating = asyncio.create_task(_beat(conn))
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def _beat(conn: AsyncConnection[Any]) -> None:
    with suppress(psycopg.Error):  # whoever uses it next hears of it
        while True:
            await asyncio.sleep(BEAT)
            await conn.execute("SELECT")


def _tell(ended: Sequence[tuple[int, bool]]) -> None:
    for pid, _ in ended:
        log.warning("a leader that said nothing was ended", session=pid)
