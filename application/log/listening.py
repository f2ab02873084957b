"""What every listener has to know of notifications."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, Connection


def heard(conn: Connection[Any] | AsyncConnection[Any]) -> bool:
    """Whether a notification came together with an earlier answer.

    To be asked before waiting for the next one: such a notification is in memory already, so the socket says
    nothing of it, and ``notifies()`` would sleep through it.
    """
    return conn.pgconn.notifies() is not None


async def woken(conn: AsyncConnection[Any], seconds: float) -> bool:
    """Whether anything was said within this time; whatever else was said by then is said with it."""
    if not heard(conn) and not [each async for each in conn.notifies(timeout=seconds, stop_after=1)]:
        return False
    async for _ in conn.notifies(timeout=0):
        pass
    return True
