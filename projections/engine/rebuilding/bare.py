"""Tables without their indexes, and the statements that give them back: rows come in quicker so."""

from __future__ import annotations

from typing import Any, LiteralString, NamedTuple, cast

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from projections.engine import tables
from projections.engine.projection import NEXT, Projection

INDEXES: LiteralString = """
    SELECT t.relname, c.relname, pg_get_constraintdef(k.oid), pg_get_indexdef(i.indexrelid)
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
         LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid
    WHERE t.relnamespace = %s::regnamespace AND t.relname = ANY(%s) ORDER BY t.relname, c.relname
"""


class Index(NamedTuple):
    """An index that a table is to have.

    Attributes:
        projection: whose it is.
        statement: makes it.
        is_key: whether a constraint needs it: then nothing else can be made on its table meanwhile.
    """

    projection: str
    statement: str
    is_key: bool


def make(conn: Connection[Any], projection: Projection) -> None:
    """Make a projection's tables anew beside the live ones, empty, and have them start from position 0."""
    key = projection.name, NEXT.log
    with conn.transaction():
        conn.execute(tables.BEGIN, key)
        conn.execute("SELECT 1 FROM log.tracking WHERE projection = %s AND log = %s FOR UPDATE", key)
        tables.make(conn, projection, NEXT.log)


def strip(conn: Connection[Any], projection: Projection) -> list[Index]:
    """Take away the indexes that loading can do without, and let nobody vacuum what is not finished.

    Returns:
        What the tables lack now.
    """
    with conn.transaction():
        for table in projection.tables:
            conn.execute(SQL("ALTER TABLE {} SET (autovacuum_enabled = false)").format(Identifier(table)))
        found = conn.execute(INDEXES, (NEXT.schema, list(projection.tables))).fetchall()
        return [
            Index(
                projection.name,
                _dropped(conn, table, index, constraint) or definition,
                is_key=constraint is not None,
            )
            for table, index, constraint, definition in found
        ]


def _dropped(conn: Connection[Any], table: str, index: str, constraint: str | None) -> str | None:
    """Drop an index; of one that a constraint keeps, return the statement that makes it again."""
    named = Identifier(index)
    if constraint is None:
        conn.execute(SQL("DROP INDEX {}").format(named))
        return None
    alter = SQL("ALTER TABLE {} ").format(Identifier(NEXT.schema, table))
    conn.execute(alter + SQL("DROP CONSTRAINT {}").format(named))
    add = SQL("ADD CONSTRAINT {} ").format(named) + SQL(cast(LiteralString, constraint))
    return (alter + add).as_string(conn)
