"""The orders in which a queue may be read. Each is total: a page begins where the one before ended."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, LiteralString, NamedTuple

from projections.engine import cursor as cursors


class Sort(StrEnum):
    """What comes first."""

    REMAINING = "remaining"
    """The nearest deadline, then paused clocks by what is left; of equals, the one under a contract."""
    REPORTED = "reported"
    """What was reported first."""
    PRIORITY = "priority"
    """P1, and within each priority as by remaining time."""
    CHANGED = "changed"
    """What changed last."""


class Order(NamedTuple):
    """How rows are put in an order.

    Attributes:
        key: the columns that it compares.
        by: the clause.
        after: the condition of what follows a row.
        place: the type of a cursor's content: its name, then what it compares.
    """

    key: tuple[LiteralString, ...]
    by: LiteralString
    after: LiteralString
    place: Any


ORDERS: dict[Sort, Order] = {
    Sort.REMAINING: Order(
        ("rank", "number"),
        "rank, number",
        "(rank, number) > (%s, %s)",
        tuple[Literal["remaining"], int, str],
    ),
    Sort.REPORTED: Order(
        ("reported_at", "number"),
        "reported_at, number",
        "(reported_at, number) > (%s, %s)",
        tuple[Literal["reported"], datetime, str],
    ),
    Sort.PRIORITY: Order(
        ("priority", "rank", "number"),
        "priority, rank, number",
        "(priority, rank, number) > (%s, %s, %s)",
        tuple[Literal["priority"], str, int, str],
    ),
    Sort.CHANGED: Order(
        ("position",),
        "position DESC",
        "position < %s",
        tuple[Literal["changed"], int],
    ),
}


def place_after(sort: Sort, cursor: str) -> tuple[Any, ...]:
    """What a cursor's page begins behind.

    Raises:
        BadCursor: it was not given out by a list in this order.
    """
    _, *place = cursors.read(cursor, ORDERS[sort].place)
    return tuple(place)
