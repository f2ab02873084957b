"""Old and new tables side by side at one position: a digest of each, and the rows that differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier

from projections.engine.projection import LIVE, NEXT
from projections.engine.rebuilding.records import Difference, Digest

SHOWN = 5
"""Differing rows that are named."""

# The sum does not depend on the order of the rows, and a row that comes twice counts twice.
DIGEST: LiteralString = "SELECT count(*), coalesce(sum(hash_record_extended(t, 0)::numeric), 0) FROM {} AS t"
KEY: LiteralString = """
    SELECT a.attname
    FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
    WHERE i.indrelid = %s::regclass AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)
"""
DIFFERENCES: LiteralString = """
    SELECT key, how, count(*) OVER () FROM (
        SELECT concat_ws(', ', {shown}) AS key,
               CASE WHEN n.{first} IS NULL THEN 'only in old' WHEN o.{first} IS NULL THEN 'only in new'
                    WHEN ROW(o.*) IS DISTINCT FROM ROW(n.*) THEN 'different' END AS how
        FROM {old} AS o FULL JOIN {new} AS n ON {same}
    ) AS pair WHERE how IS NOT NULL ORDER BY key LIMIT {limit}
"""


def digest(conn: Connection[Any], schema: str, table: str) -> Digest:
    """The digest of a table."""
    found = conn.execute(SQL(DIGEST).format(Identifier(schema, table)))
    ((rows, total),) = found.fetchall()
    return Digest(rows, f"{int(total) % 2**64:016x}")


def differences(conn: Connection[Any], table: str) -> tuple[int, tuple[Difference, ...]]:
    """How many rows of a table are not the same in both places, and the first of them by key.

    The tables must have the same columns.
    """
    key = [name for (name,) in conn.execute(KEY, (f"{NEXT.schema}.{table}",)).fetchall()]
    found = conn.execute(_differences(table, key)).fetchall()
    return (found[0][2] if found else 0), tuple(Difference(key, how) for key, how, _ in found)


def _differences(table: str, key: Sequence[str]) -> Composed:
    columns = [Identifier(name) for name in key]
    same = SQL(" AND ").join(SQL("o.{0} = n.{0}").format(column) for column in columns)
    shown = SQL(", ").join(SQL("coalesce(o.{0}, n.{0})::text").format(column) for column in columns)
    return SQL(DIFFERENCES).format(
        shown=shown,
        first=columns[0],
        old=Identifier(LIVE.schema, table),
        new=Identifier(NEXT.schema, table),
        same=same,
        limit=SQL(str(SHOWN)),  # type: ignore[arg-type]
    )
