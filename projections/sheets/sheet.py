"""A table as people get it: columns with headings and kinds, rows of plain values, and what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Literal, NamedTuple

Language = Literal["zh", "en"]
Cells = Sequence[Any]


class Kind(StrEnum):
    """What a column holds; its values may all be ``None``."""

    TEXT = "text"
    COUNT = "count"
    """A whole number."""
    PERCENT = "percent"
    """A number of percent."""
    DURATION = "duration"
    """Seconds: shown as hours, minutes and seconds, and beside that as they are."""
    MOMENT = "moment"
    """A time with offset."""
    MONEY = "money"
    """An exact decimal amount; the heading says the currency."""


class Column(NamedTuple):
    """One column."""

    heading: str
    kind: Kind


class Sheet(NamedTuple):
    """One sheet.

    Attributes:
        title: what it is called.
        notes: what it is about, line by line: a name and a value.
        columns: what its rows hold.
    """

    title: str
    notes: Sequence[tuple[str, str]]
    columns: Sequence[Column]


def hours(seconds: int) -> str:
    """Seconds as hours, minutes and seconds: 27000 is 7:30:00, -60 is -0:01:00."""
    if seconds < 0:
        return f"-{hours(-seconds)}"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
