"""Sets of rows in and out of a projection's tables: one statement per table and batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any, ClassVar, NamedTuple, TypeVar, cast

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

    Args:
        conn: in whose transaction rows are read and written.
        shapes: what is known of the tables already, and will be.

    Attributes:
        are_new: whether the tables hold nothing yet of what is folded, and have no keys.
    """

    are_new: ClassVar[bool] = False

    def __init__(self, conn: Connection[Any], shapes: dict[str, Shape] | None = None) -> None:
        self.conn = conn
        self._shapes = {} if shapes is None else shapes
        self._statements: dict[tuple[object, ...], bytes] = {}

    def find(self, kind: type[R], table: str, keys: Iterable[object]) -> dict[Any, R]:
        """The rows with these primary keys, by key; a key without a row is left out.

        A key of several columns is a tuple, in the order in which the table has them. Each key may come once.
        """
        wanted = list(keys)
        if not wanted:
            return {}
        shape = self.shape(table)
        columns = kind.__struct_fields__
        query = self._once(("find", table, columns), lambda: _select(table, columns, shape))
        key_of = itemgetter(*map(columns.index, shape.key))
        found = self.conn.execute(query, _columns(shape, wanted), binary=True).fetchall()
        return {key_of(row): kind(*row) for row in found}

    def put(self, table: str, rows: Iterable[msgspec.Struct]) -> None:
        """Insert rows, or replace those with the same primary key. Each key may come once."""
        self._write(table, list(rows), replace=True)

    def add(self, table: str, rows: Iterable[msgspec.Struct]) -> None:
        """Insert new rows."""
        self._write(table, list(rows), replace=False)

    def drop(self, table: str, keys: Iterable[object]) -> None:
        """Delete the rows with these primary keys, written as for ``find``."""
        unwanted = list(keys)
        if unwanted:
            shape = self.shape(table)
            statement = self._once(("drop", table), lambda: _delete(table, shape))
            self.conn.execute(statement, _columns(shape, unwanted))

    def drop_of(self, table: str, column: str, values: Iterable[object]) -> None:
        """Delete the rows that have one of these values in a column."""
        unwanted = list(values)
        if unwanted:
            kind = _type(self.shape(table).types[column])
            statement = SQL("DELETE FROM {} WHERE {} = ANY(%b::{}[])").format(
                Identifier(table), Identifier(column), kind
            )
            self.conn.execute(statement, (unwanted,))

    def shape(self, table: str) -> Shape:
        """What a table looks like."""
        shape = self._shapes.get(table)
        if shape is None:
            found = self.conn.execute(SHAPE, (table,)).fetchall()
            shape = Shape(
                types={column: kind for column, kind, _ in found},
                key=tuple(column for column, _, is_key in found if is_key),
            )
            self._shapes[table] = shape
        return shape

    def _write(self, table: str, rows: list[msgspec.Struct], *, replace: bool) -> None:
        if not rows:
            return
        shape = self.shape(table)
        columns = rows[0].__struct_fields__
        statement = self._once(
            ("put" if replace else "add", table, columns), lambda: _insert(table, columns, shape, replace)
        )
        values = zip(*map(msgspec.structs.astuple, rows), strict=True)
        self.conn.execute(statement, [list(column) for column in values])

    def _once(self, key: tuple[object, ...], compose: Callable[[], Composable]) -> bytes:
        """A statement as text, composed the first time: of few rows it is most of the work."""
        known = self._statements.get(key)
        if known is None:
            known = self._statements[key] = compose().as_bytes(self.conn)
        return known


def _select(table: str, columns: tuple[str, ...], shape: Shape) -> Composable:
    return SQL("SELECT {} FROM {} WHERE {}").format(_list(columns), Identifier(table), _is_one(shape))


def _delete(table: str, shape: Shape) -> Composable:
    return SQL("DELETE FROM {} WHERE {}").format(Identifier(table), _is_one(shape))


def _insert(table: str, columns: tuple[str, ...], shape: Shape, replace: bool) -> Composable:
    arrays = SQL(", ").join(SQL("%b::{}[]").format(_type(shape.types[column])) for column in columns)
    statement = SQL("INSERT INTO {} ({}) SELECT * FROM unnest({})").format(
        Identifier(table), _list(columns), arrays
    )
    if not replace:
        return statement
    news = SQL(", ").join(
        SQL("{} = excluded.{}").format(Identifier(column), Identifier(column)) for column in columns
    )
    return statement + SQL(" ON CONFLICT ({}) DO UPDATE SET {}").format(_list(shape.key), news)


def _is_one(shape: Shape) -> Composable:
    """The condition that a row's primary key is one of the parameters."""
    if len(shape.key) == 1:
        (key,) = shape.key
        return SQL("{} = ANY(%b::{}[])").format(Identifier(key), _type(shape.types[key]))
    arrays = SQL(", ").join(SQL("%b::{}[]").format(_type(shape.types[key])) for key in shape.key)
    return SQL("({}) IN (SELECT * FROM unnest({}))").format(_list(shape.key), arrays)


def _columns(shape: Shape, keys: list[Any]) -> list[list[Any]]:
    """The parameters of that condition."""
    return [keys] if len(shape.key) == 1 else [list(column) for column in zip(*keys, strict=True)]


def _list(columns: Iterable[str]) -> Composable:
    return SQL(", ").join(map(Identifier, columns))


def _type(name: str) -> SQL:
    return SQL(cast(Any, name))
