"""How the log's writer connects."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

TIMEOUTS = "-c lock_timeout=10s -c idle_in_transaction_session_timeout=10s -c statement_timeout=30s"
"""A stuck writer must not stop the others: whoever holds the head row too long loses its session."""


def appending(url: str) -> Callable[[], Awaitable[AsyncConnection[Any]]]:
    """A function that opens a connection for appending."""
    options = f"{conninfo_to_dict(url).get('options') or ''} {TIMEOUTS}".strip()
    conninfo = make_conninfo(url, options=options, connect_timeout=5)

    async def connect() -> AsyncConnection[Any]:
        return await AsyncConnection.connect(conninfo, autocommit=True)

    return connect
