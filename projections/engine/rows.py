"""Sets of rows in and out of a projection's tables: one statement per table and batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar, cast

import msgspec
from psycopg import Connection
from psycopg.sql import SQL, Composable, Identifier

R = TypeVar("R", bound=msgspec.Struct)

SHAPE = """
    SELECT a.attname, format_type(a.atttypid, a.atttypmod), coalesce(a.attnum = ANY(i.indkey), false)
    FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
    WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""


class Shape(NamedTuple):
    """A table: its columns with their types, and its primary key."""

    types: Mapping[str, str]
    key: tuple[str, ...]


class Rows:
    """The tables of projections, as row structs whose fields are the columns.

    Tables are found by the connection's ``search_path``.
    """

    def __init__(self, conn: Connection[Any]) -> None:
        self.conn = conn
        self._shapes: dict[str, Shape] = {}

    def find(self, kind: type[R], table: str, keys: Iterable[object]) -> dict[Any, R]:
        """The rows with these primary keys (of one column), by key; a key without a row is left out."""
        wanted = list(keys)
        if not wanted:
            return {}
        shape = self._shape(table)
        columns = kind.__struct_fields__
        (key,) = shape.key
        query = SQL("SELECT {} FROM {} WHERE {} = ANY(%b::{}[])").format(
            _list(columns), Identifier(table), Identifier(key), _type(shape.types[key])
        )
        place = columns.index(key)
        found = self.conn.execute(query, (wanted,), binary=True).fetchall()
        return {row[place]: kind(*row) for row in found}

    def put(self, table: str, rows: Iterable[msgspec.Struct]) -> None:
        """Insert rows, or replace those with the same primary key. Each key may come once."""
        self._write(table, list(rows), replace=True)

    def add(self, table: str, rows: Iterable[msgspec.Struct]) -> None:
        """Insert new rows."""
        self._write(table, list(rows), replace=False)

    def drop(self, table: str, keys: Iterable[object]) -> None:
        """Delete the rows with these primary keys (of one column)."""
        unwanted = list(keys)
        if unwanted:
            shape = self._shape(table)
            (key,) = shape.key
            self.conn.execute(
                SQL("DELETE FROM {} WHERE {} = ANY(%b::{}[])").format(
                    Identifier(table), Identifier(key), _type(shape.types[key])
                ),
                (unwanted,),
            )

    def _write(self, table: str, rows: list[msgspec.Struct], *, replace: bool) -> None:
        if not rows:
            return
        shape = self._shape(table)
        columns = rows[0].__struct_fields__
        arrays = SQL(", ").join(SQL("%b::{}[]").format(_type(shape.types[column])) for column in columns)
        statement = SQL("INSERT INTO {} ({}) SELECT * FROM unnest({})").format(
            Identifier(table), _list(columns), arrays
        )
        if replace:
            news = SQL(", ").join(
                SQL("{} = excluded.{}").format(Identifier(column), Identifier(column)) for column in columns
            )
            statement += SQL(" ON CONFLICT ({}) DO UPDATE SET {}").format(_list(shape.key), news)
        values = zip(*map(msgspec.structs.astuple, rows), strict=True)
        self.conn.execute(statement, [list(column) for column in values])

    def _shape(self, table: str) -> Shape:
        shape = self._shapes.get(table)
        if shape is None:
            found = self.conn.execute(SHAPE, (table,)).fetchall()
            shape = Shape(
                types={column: kind for column, kind, _ in found},
                key=tuple(column for column, _, is_key in found if is_key),
            )
            self._shapes[table] = shape
        return shape


def _list(columns: Iterable[str]) -> Composable:
    return SQL(", ").join(map(Identifier, columns))


def _type(name: str) -> SQL:
    return SQL(cast(Any, name))
