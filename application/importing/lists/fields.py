"""What a row of a list can say, and what the columns that say it are called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from application.importing.mapping import BadMapping

Form = Literal["name", "line", "whole", "amount", "hours", "day", "moment", "names", "word"]
"""How a value is written; see ``values``."""

Columns = Mapping[str, str]
"""The column of the file that each field is read from."""

PUNCTUATION = re.compile(r"[\s_\-./()（）]+")


class Field(msgspec.Struct, frozen=True):
    """One thing that a row can say.

    Attributes:
        name: the mapping's word for it.
        form: how it is written.
        headers: what its column is called where the mapping does not say; its own name always is one.
        needed: whether a row without it is bad.
        words: for a closed list, what each word means; the listed value itself comes first.
    """

    name: str
    form: Form
    headers: tuple[str, ...]
    needed: bool = False
    words: Mapping[str, str] = {}


Fields = tuple[Field, ...]

OCCURRED_AT = Field("occurred_at", "moment", ("Date", "As of", "日期", "发生时间"))
"""When it happened; every list may say it."""


def plain(header: str) -> str:
    """A header as it is compared: without case, spaces and punctuation."""
    return PUNCTUATION.sub("", header).casefold()


def found_columns(columns: Iterable[str], fields: Fields, chosen: Columns) -> dict[str, str]:
    """The column of every field that the file has one for.

    Args:
        chosen: those that the mapping names.

    Raises:
        BadMapping: two columns could be meant.
    """
    known = {plain(h): field.name for field in fields for h in (field.name, *field.headers)}
    there = list(columns)
    found = {field: column for field, column in chosen.items() if column in there}
    for column in there:
        field = known.get(plain(column))
        if field is None or field in chosen or column in chosen.values():
            continue
        if field in found:
            raise BadMapping(
                f'"{found[field]}" and "{column}" could both be {field}: say which under [columns]'
            )
        found[field] = column
    return found


def must_have(columns: set[str], fields: Fields, chosen: Columns, given: Iterable[str]) -> None:
    """Check that a file has every column that it needs.

    Args:
        given: fields that the mapping gives a default.

    Raises:
        BadMapping: it lacks one.
    """
    there = ", ".join(f'"{name}"' for name in sorted(columns))
    for field, column in chosen.items():
        if column not in columns:
            raise BadMapping(f'columns.{field}: the file has no column "{column}"; it has {there}')
    found = found_columns(sorted(columns), fields, chosen)
    for field in fields:
        if field.needed and field.name not in found and field.name not in given:
            names = ", ".join(f'"{header}"' for header in field.headers)
            raise BadMapping(
                f"columns.{field.name}: the file has no column called {names}; name it under [columns]; "
                f"the file has {there}"
            )
