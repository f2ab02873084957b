"""How the service connects, and what each kind of session may take before the server ends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from application.log.wire import Wire

LIMIT = "SELECT set_config(name, %s, false) FROM pg_settings WHERE name = 'transaction_timeout'"
"""What a session says first: servers before PostgreSQL 17 have no such setting and would refuse it."""

NETWORK = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "keepalives_idle": 5, "keepalives_count": 2}
"""How soon a machine that has gone is noticed."""


class Patience(msgspec.Struct, frozen=True):
    """What a session may take, in milliseconds; 0 for as long as it likes.

    Attributes:
        lock: to wait for somebody else's lock; the statement fails.
        idle: between two statements of a transaction; the session ends, and what it held is free.
        transaction: for a whole transaction, however busy; the session ends. Needs PostgreSQL 17.
        statement: for one statement, which fails.
    """

    lock: int
    idle: int
    transaction: int
    statement: int = 0

    def within(self, url: str) -> str:
        """The connection string with these limits; ``LIMIT`` with ``transaction`` sets the last one."""
        options = (
            f"{conninfo_to_dict(url).get('options') or ''} -c lock_timeout={self.lock} "
            f"-c idle_in_transaction_session_timeout={self.idle} -c statement_timeout={self.statement}"
        )
        return make_conninfo(url, options=options.strip(), **NETWORK)

    async def limit(self, conn: AsyncConnection[Any]) -> None:
        """Tell a new session how long a transaction may be."""
        await conn.execute(LIMIT, (str(self.transaction),))


WRITING = Patience(lock=3_000, idle=5_000, transaction=30_000, statement=30_000)
"""The writer's: everybody else waits for whoever holds the head row, and a commit takes milliseconds."""

READING = Patience(lock=5_000, idle=60_000, transaction=600_000)
"""Readers': they stop nobody, but what they might still see of the head row cannot be cleared away."""


def appending(url: str, patience: Patience = WRITING) -> Callable[[], Awaitable[Wire]]:
    """A function that opens a connection for appending."""

    async def connect() -> Wire:
        conn = await AsyncConnection.connect(patience.within(url), autocommit=True)
        await patience.limit(conn)
        await conn.execute("SET TimeZone = 'UTC'")
        return Wire(conn)

    return connect
