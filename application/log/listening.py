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
