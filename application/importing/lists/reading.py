"""A row of a list with a meaning: which thing it is about, and what it says of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from application.importing.lists.fields import Columns, Field, Fields, found_columns, must_have, plain
from application.importing.lists.mapping import ListMapping
from application.importing.lists.values import Values
from application.importing.mapping import BadMapping
from application.importing.rows import BadValue, Row
from application.importing.spill import Reject

NUMBER = "number"
"""The field by which the rows of one thing come together."""


class Entry(msgspec.Struct, frozen=True):
    """One row, understood.

    Attributes:
        time: when it happened, in UTC.
        said: what the row says, or the mapping's defaults for it, by field; nothing for an empty cell.
        columns: the column that each field was read from.
    """

    row: Row
    time: datetime
    said: dict[str, Any]
    columns: Columns

    def blamed(self, field: str, reason: str) -> str:
        """A reason with the column that it is about."""
        return _blamed(self.columns.get(field), field, reason)

    def reject(self, case: str, reason: str, field: str | None = None) -> Reject:
        """The row as one that is not recorded."""
        told = self.blamed(field, reason) if field else reason
        return Reject(self.row.line, case, told, self.row.values)


class Entries:
    """Reads rows of one kind of list under one mapping.

    Args:
        as_of: when what a row says happened, where no column does.

    Raises:
        BadMapping: a default means nothing.
    """

    def __init__(self, fields: Fields, mapping: ListMapping, values: Values, *, as_of: datetime) -> None:
        self._fields = {field.name: field for field in fields}
        self._mapping = mapping
        self._values = values
        self._as_of = as_of
        self._missing = frozenset({"", *mapping.missing})
        self._columns = lru_cache(maxsize=64)(self._found)
        self._defaults: dict[str, Any] = {}
        for name, text in mapping.defaults.items():
            try:
                self._defaults[name] = values.read(self._fields[name], text)
            except BadValue as error:
                raise BadMapping(f"defaults.{name}: {error}") from error

    def unread(self, columns: set[str]) -> Iterator[str]:
        """The columns of a file that no field is read from.

        Raises:
            BadMapping: the file lacks a column that it needs, or has two for one field.
        """
        fields = tuple(self._fields.values())
        must_have(columns, fields, self._mapping.columns, self._defaults)
        used = set(self._columns(tuple(sorted(columns))).values())
        yield from sorted(column for column in columns - used if plain(column) and column[0] != "#")

    def case(self, row: Row) -> str:
        """The number of the thing that a row is about.

        Raises:
            BadValue: the row does not say.
        """
        return str(self._needed(self._fields[NUMBER], row, self._columns(tuple(row.values))))

    def time(self, row: Row) -> datetime:
        """When it happened, in UTC.

        Raises:
            BadValue: written in no known way, before 1900 or in the future.
        """
        told = self._read(self._fields["occurred_at"], row, self._columns(tuple(row.values)))
        return self._as_of if told is None else told

    def event(self, case: str, time: datetime, row: Row) -> Entry:
        """What a row says.

        Raises:
            BadValue: something that is needed is missing, or a value means nothing.
        """
        columns = self._columns(tuple(row.values))
        said: dict[str, Any] = {NUMBER: case}
        for name, field in self._fields.items():
            if name != NUMBER:
                said[name] = (self._needed if field.needed else self._read)(field, row, columns)
        return Entry(row, time, {name: value for name, value in said.items() if value is not None}, columns)

    def _needed(self, field: Field, row: Row, columns: Columns) -> Any:
        value = self._read(field, row, columns)
        if value is None:
            raise BadValue(f"no {field.name} in column {columns.get(field.name, field.name)}")
        return value

    def _read(self, field: Field, row: Row, columns: Columns) -> Any:
        column = columns.get(field.name)
        text = row.values.get(column, "").strip() if column else ""
        if text in self._missing:
            return self._defaults.get(field.name)
        try:
            return self._values.read(field, text)
        except BadValue as error:
            raise BadValue(_blamed(column, field.name, str(error))) from error

    def _found(self, columns: tuple[str, ...]) -> dict[str, str]:
        return found_columns(columns, tuple(self._fields.values()), self._mapping.columns)


def _blamed(column: str | None, field: str, reason: str) -> str:
    return f"column {column}: {reason}" if column else f"{field}: {reason}"
