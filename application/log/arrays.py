"""Columns as PostgreSQL's binary arrays: what ``unnest`` takes, without asking each value for its type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Any
from uuid import UUID

_HEAD = Struct(">iiIii").pack
_LENGTH = Struct(">i").pack
_NUMBER = Struct(">q").pack
_INTERVAL = Struct(">qii").pack
_ABSENT = b"\xff\xff\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Column = Callable[[Sequence[Any]], bytes]
"""Makes an array of a column's values; ``None`` is NULL."""


def number(value: int) -> bytes:
    """A bigint."""
    return _NUMBER(value)


def moment(value: datetime) -> bytes:
    """A timestamptz."""
    return _NUMBER((value - _EPOCH) // _MICROSECOND)


def interval(value: timedelta) -> bytes:
    """An interval."""
    return _INTERVAL(value // _MICROSECOND, 0, 0)


def numbers(values: Sequence[int]) -> bytes:
    """A bigint[]."""
    return _array(20, [_NUMBER(value) for value in values])


def small_numbers(values: Sequence[int]) -> bytes:
    """A smallint[]."""
    return _array(21, [value.to_bytes(2, signed=True) for value in values])


def moments(values: Sequence[datetime]) -> bytes:
    """A timestamptz[]."""
    return _array(1184, [_NUMBER((value - _EPOCH) // _MICROSECOND) for value in values])


def ids(values: Sequence[UUID | None]) -> bytes:
    """A uuid[]."""
    return _array(2950, [value and value.bytes for value in values])


def texts(values: Sequence[str | None]) -> bytes:
    """A text[]."""
    return _array(25, [None if value is None else value.encode() for value in values])


def bytestrings(values: Sequence[bytes]) -> bytes:
    """A bytea[]."""
    return _array(17, values)


def _array(element: int, values: Sequence[bytes | None]) -> bytes:
    """An array of one dimension: ``array_recv`` in PostgreSQL's sources is its definition."""
    pieces = [_HEAD(1, 1, element, len(values), 1)]
    for value in values:
        pieces += (_ABSENT,) if value is None else (_LENGTH(len(value)), value)
    return b"".join(pieces)
