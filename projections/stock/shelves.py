"""What every location has of every part, in all and by lot or serial number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from domain.part.events import PartName
from projections.engine import cursor as cursors
from projections.engine.filters import meant

SHELF: LiteralString = """
    view.stock s JOIN view.part p ON p.id = s.part_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(u.quantity), 0)::bigint AS expired
        FROM view.stock_unit u JOIN view.stock_day d USING (part_id, unit)
        WHERE p.perishable AND u.part_id = s.part_id AND u.bucket = 'good' AND u.place = s.location
              AND d.expires_on < %(today)s
    ) AS e
"""
"""Every location's stock of every part, with how much of it is expired."""
AVAILABLE: LiteralString = "greatest(0, s.good - e.expired - s.reserved)"
"""What anybody may have of it; ``domain.part.picking.shelf`` says the same."""

LINES: LiteralString = (
    "SELECT s.part_id, s.number, s.location, s.good, s.reserved, e.expired, s.quarantine, "  # noqa: S608
    + AVAILABLE + ", p.unit, p.name_zh, p.name_en FROM " + SHELF + " WHERE "
)  # fmt: skip
UNITS: LiteralString = """
    SELECT place, unit, good, reserved, quarantine, expires_on, day FROM (
        SELECT u.place, u.unit, d.expires_on, coalesce(d.expires_on, '9999-12-31') AS day,
               coalesce(sum(u.quantity) FILTER (WHERE u.bucket = 'good'), 0)::bigint AS good,
               coalesce(sum(u.quantity) FILTER (WHERE u.bucket = 'reserved'), 0)::bigint AS reserved,
               coalesce(sum(u.quantity) FILTER (WHERE u.bucket = 'quarantine'), 0)::bigint AS quarantine
        FROM view.stock_unit u LEFT JOIN view.stock_day d USING (part_id, unit)
        WHERE u.part_id = %(part)s AND u.bucket IN ('good', 'reserved', 'quarantine')
              AND u.place = coalesce(%(location)s::text, u.place)
        GROUP BY u.place, u.unit, d.expires_on
    ) AS found
    WHERE (place, day, unit) > (%(place)s, %(day)s::date, %(unit)s)
    ORDER BY place, day, unit LIMIT %(limit)s
"""
CONDITIONS: dict[str, LiteralString] = {
    "part": "s.part_id = %(part)s",
    "location": "s.location = %(location)s",
}


class StockFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which stock is meant: that which fits everything that is given.

    Attributes:
        part: the id of a part.
        location: a warehouse, service centre or van.
    """

    part: UUID | None = None
    location: str | None = None


ALL_STOCK = StockFilter()


class StockLine(msgspec.Struct, frozen=True, kw_only=True):
    """What one location has of one part on a day.

    Attributes:
        part: the part's id; ``number`` is what people call it.
        unit: what a quantity of 1 is.
        on_hand: good stock; what is reserved or expired is still among it.
        reserved: of it, promised to tickets.
        expired: of it, past its last good day.
        quarantined: beside it, not to be used until somebody has decided.
        available: what anybody may have: good less expired less reserved, never below zero.
    """

    part: UUID
    number: str
    location: str
    on_hand: int
    reserved: int
    expired: int
    quarantined: int
    available: int
    unit: str
    name: PartName


class StockPage(msgspec.Struct, frozen=True, kw_only=True):
    """Stock by location, then by part number.

    Attributes:
        today: the day that expiry is told for.
        next: the cursor of the following page; ``None`` on the last.
    """

    today: date
    items: tuple[StockLine, ...]
    next: str | None


class UnitLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a location has of one lot or serial number.

    Attributes:
        unit: the lot or serial number; ``None`` for what is not named: goods that are not tracked, or
            promised before anybody chose.
        on_hand: good stock; ``reserved`` of it is promised, by name, to tickets.
        expires_on: its last good day.
        expired: whether that is over.
    """

    location: str
    unit: str | None
    on_hand: int
    reserved: int
    quarantined: int
    expires_on: date | None
    expired: bool


class UnitPage(msgspec.Struct, frozen=True, kw_only=True):
    """Lots or serial numbers by location, the first to expire first.

    Attributes:
        today: the day that expiry is told for.
        next: the cursor of the following page; ``None`` on the last.
    """

    today: date
    items: tuple[UnitLine, ...]
    next: str | None


async def stock(
    conn: AsyncConnection[Any],
    which: StockFilter = ALL_STOCK,
    *,
    today: date,
    cursor: str | None = None,
    limit: int = 50,
) -> StockPage:
    """A page of what locations have; a location has no line for a part of which it has nothing.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query, params = meant(which, CONDITIONS)
    if cursor:
        query += " AND (s.location, s.number) > (%(at)s, %(after)s)"
        params["at"], params["after"] = cursors.read(cursor, tuple[str, str])
    found = await conn.execute(
        LINES + query + " ORDER BY s.location, s.number LIMIT %(limit)s",
        {**params, "today": today, "limit": limit + 1},
        binary=True,
    )
    lines = [_line(row) for row in await found.fetchall()]
    items, more = cursors.cut(lines, limit, lambda line: [line.location, line.number])
    return StockPage(today=today, items=tuple(items), next=more)


async def units(
    conn: AsyncConnection[Any],
    part: UUID,
    location: str | None = None,
    *,
    today: date,
    cursor: str | None = None,
    limit: int = 50,
) -> UnitPage:
    """A page of the lots or serial numbers of a part, at a location or at all; those that are there.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    place, day, unit = cursors.read(cursor, tuple[str, date, str]) if cursor else ("", date.min, "")
    found = await conn.execute(
        UNITS,
        {"part": part, "location": location, "place": place, "day": day, "unit": unit, "limit": limit + 1},
        binary=True,
    )
    rows, more = cursors.cut(await found.fetchall(), limit, lambda row: [row[0], row[6], row[1]])
    return UnitPage(today=today, items=tuple(_unit(row, today) for row in rows), next=more)


def _line(row: Sequence[Any]) -> StockLine:
    *fields, zh, en = row
    named: dict[str, Any] = dict(
        zip(StockLine.__struct_fields__, (*fields, PartName(zh=zh, en=en)), strict=True)
    )
    return StockLine(**named)


def _unit(row: Sequence[Any], today: date) -> UnitLine:
    location, unit, good, reserved, quarantined, expires_on, _ = row
    return UnitLine(
        location=location,
        unit=unit or None,
        on_hand=good,
        reserved=reserved,
        quarantined=quarantined,
        expires_on=expires_on,
        expired=expires_on is not None and expires_on < today,
    )
