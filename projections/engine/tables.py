"""Making a projection's tables, and knowing which are whose."""

from __future__ import annotations

from typing import Any, cast

from psycopg import Connection
from psycopg.sql import SQL, Identifier, Literal

from projections.engine.parking import free_all
from projections.engine.projection import Projection

BEGIN = (
    "INSERT INTO log.tracking (projection, log, position) VALUES (%s, %s, 0) "
    "ON CONFLICT (projection, log) DO NOTHING"
)
"""Makes a projection's tracking row where there is none."""

OWNED = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = coalesce(%s, current_schema()) AND c.relkind = 'r'
          AND obj_description(c.oid, 'pg_class') = %s
    ORDER BY c.relname
"""


def mark_of(projection: Projection) -> str:
    """The comment its tables carry, by which they are known even when a later release names others."""
    return f"projection {projection.name}"


def owned(conn: Connection[Any], projection: Projection, schema: str | None = None) -> list[str]:
    """The tables that carry its mark, in the current schema or another."""
    return [table for (table,) in conn.execute(OWNED, (schema, mark_of(projection))).fetchall()]


def make(conn: Connection[Any], projection: Projection, log: str) -> None:
    """Make empty tables in the current schema, in the place of those there, and start from position 0.

    Runs in the caller's transaction, which holds the projection's tracking row under the name ``log``.
    """
    for table in owned(conn, projection):
        conn.execute(SQL("DROP TABLE {} CASCADE").format(Identifier(table)))
    conn.execute(cast(Any, projection.ddl))
    for table in projection.tables:
        comment = SQL("COMMENT ON TABLE {} IS {}").format(Identifier(table), Literal(mark_of(projection)))
        conn.execute(comment)
    conn.execute(
        "UPDATE log.tracking SET position = 0, moved_at = now(), definition = %s, failure = NULL, "
        "fence = fence + 1 WHERE projection = %s AND log = %s",
        (projection.definition, projection.name, log),
    )
    free_all(conn, (projection.name, log))


def are_missing(conn: Connection[Any], projection: Projection) -> bool:
    """Whether any of its tables is not there."""
    query = "SELECT count(*) FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NULL"
    row = conn.execute(query, (list(projection.tables),)).fetchone()
    return row is not None and row[0] > 0
