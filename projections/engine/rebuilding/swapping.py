"""New tables take the place of the old ones, in one transaction that no reader waits for long."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection
from psycopg.errors import DeadlockDetected, LockNotAvailable
from psycopg.sql import SQL, Identifier

from projections.engine import tables
from projections.engine.projection import LIVE, NEXT, Projection

LOCK_MS = 200
"""How long the swap waits for readers, and so the longest that readers wait behind it."""

PAUSE = 0.1
GIVE_UP = 120.0
"""Seconds until it is given up: somebody reads the old tables all the time."""

PLACE: LiteralString = """
    SELECT position, definition, failure, EXISTS (SELECT FROM log.parked p
        WHERE p.projection = t.projection AND p.log = ANY(%s))
    FROM log.tracking t WHERE projection = %s AND log = %s
"""
TAKE_OVER: LiteralString = """
    UPDATE log.tracking
    SET position = %(position)s, definition = %(definition)s, moved_at = clock_timestamp(), failure = NULL,
        fence = fence + %(raised)s
    WHERE projection = %(name)s AND log = %(live)s
"""
LEAVE: LiteralString = """
    UPDATE log.tracking SET position = 0, definition = NULL, failure = NULL, fence = fence + 1
    WHERE projection = %(name)s AND log = %(next)s
"""
FREE_PARKED: LiteralString = "DELETE FROM log.parked WHERE projection = %(name)s AND log = %(live)s"
TAKE_PARKED: LiteralString = (
    "UPDATE log.parked SET log = %(live)s WHERE projection = %(name)s AND log = %(next)s"
)


class Standing(NamedTuple):
    """Where a projection's tables are.

    Attributes:
        failure: why they stopped.
        parks: whether anything of it is parked, live or next.
    """

    position: int
    definition: str | None
    failure: str | None
    parks: bool


def standing(conn: Connection[Any], name: str, log: str, *, hold: bool = False) -> Standing | None:
    """How far a projection is; with ``hold`` nobody moves it until the transaction ends."""
    query = SQL(PLACE) + SQL(" FOR UPDATE OF t" if hold else "")
    row = conn.execute(query, ([LIVE.log, NEXT.log], name, log)).fetchone()
    return Standing(*row) if row else None


def swap(conn: Connection[Any], projection: Projection) -> None:
    """Put the new tables in the place of the old ones.

    Runs in the caller's transaction, which holds the live tracking row, with the new tables at its position
    or beyond.

    Raises:
        LockNotAvailable: readers hold the old tables; nothing has changed.
    """
    name = projection.name
    new = standing(conn, name, NEXT.log, hold=True)
    if new is None or new.definition != projection.definition:
        raise RuntimeError("the new tables are not there")
    conn.execute(SQL("SET LOCAL lock_timeout = {}").format(SQL(str(LOCK_MS))))  # type: ignore[arg-type]
    old = [Identifier(LIVE.schema, table) for table in tables.owned(conn, projection, LIVE.schema)]
    if old:
        listed = SQL(", ").join(old)
        conn.execute(SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(listed))
        conn.execute(SQL("DROP TABLE {} CASCADE").format(listed))
    for table in projection.tables:
        altered = SQL("ALTER TABLE {} ").format(Identifier(NEXT.schema, table))
        conn.execute(altered + SQL("RESET (autovacuum_enabled)"))
        conn.execute(altered + SQL("SET SCHEMA {}").format(Identifier(LIVE.schema)))
    said = {
        "name": name,
        "live": LIVE.log,
        "next": NEXT.log,
        "position": new.position,
        "definition": new.definition,
        # A leader that goes on must learn anew what is parked.
        "raised": int(new.parks),
    }
    for statement in (TAKE_OVER, LEAVE, FREE_PARKED, TAKE_PARKED):
        conn.execute(statement, said)


def patiently(attempt: Callable[[], None]) -> None:
    """Try until no reader is in the way.

    Raises:
        LockNotAvailable: somebody always is.
    """
    until = time.monotonic() + GIVE_UP
    while True:
        try:
            return attempt()
        except (LockNotAvailable, DeadlockDetected):
            if time.monotonic() >= until:
                raise
            time.sleep(PAUSE)
