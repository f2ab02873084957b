"""The catalogue of parts, with how much there is of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from domain.part.events import PartName
from domain.part.words import Tracking
from projections.engine import cursor as cursors
from projections.engine.filters import meant
from projections.stock.shelves import AVAILABLE, SHELF

PARTS: LiteralString = (
    "view.part part CROSS JOIN LATERAL ("
    "SELECT coalesce(sum(e.expired), 0)::bigint AS expired, "
    "coalesce(sum(" + AVAILABLE + "), 0)::bigint AS available "
    "FROM " + SHELF + " WHERE s.part_id = part.id) AS shelves"
)
"""Every part, with how much of it is expired and available in all places together."""
TO_ORDER: LiteralString = "(reorder_point > 0 AND good - shelves.expired <= reorder_point)"
LINES: LiteralString = (
    "SELECT id, number, revision, unit, tracking, shelf_life_days, reorder_point, good, reserved, "  # noqa: S608
    "shelves.expired, quarantine, shelves.available, issued, removed, " + TO_ORDER + ", version, position, "
    "name_zh, name_en FROM " + PARTS + " WHERE "
)
CONDITIONS: dict[str, LiteralString] = {
    "text": "(number || ' ' || name_zh || ' ' || name_en) ILIKE %(text)s",
    "tracking": "tracking = %(tracking)s",
    "below_reorder": TO_ORDER + " = %(below_reorder)s",
}


class PartFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which parts are meant: those that fit everything that is given.

    Attributes:
        text: part of the number or of a name, in any case.
        below_reorder: whether the part should be ordered.
    """

    text: str | None = None
    tracking: Tracking | None = None
    below_reorder: bool | None = None


EVERY_PART = PartFilter()


class PartLine(msgspec.Struct, frozen=True, kw_only=True):
    """A part's catalogue entry, and its quantities in all places together, on a day.

    Attributes:
        unit: what a quantity of 1 is.
        shelf_life_days: from receipt, where a delivery names no expiry of its own.
        on_hand: good stock; what is reserved or expired is still among it.
        reserved: of it, promised to tickets.
        expired: of it, past its last good day.
        quarantined: beside it, not to be used until somebody has decided.
        available: the sum of what every location can spare: good less expired less reserved.
        issued: handed out for tickets and not accounted for yet.
        removed: taken out of assets and not brought back yet.
        below_reorder: whether good stock that is not expired is at or below the reorder point.
        version: of its stream; the ``ETag``.
        position: of its last event in the log.
    """

    id: UUID
    number: str
    revision: str
    unit: str
    tracking: Tracking
    shelf_life_days: int | None
    reorder_point: int
    on_hand: int
    reserved: int
    expired: int
    quarantined: int
    available: int
    issued: int
    removed: int
    below_reorder: bool
    version: int
    position: int
    name: PartName


class PartPage(msgspec.Struct, frozen=True, kw_only=True):
    """Parts by number.

    Attributes:
        today: the day that expiry is told for.
        next: the cursor of the following page; ``None`` on the last.
    """

    today: date
    items: tuple[PartLine, ...]
    next: str | None


async def search(
    conn: AsyncConnection[Any],
    which: PartFilter = EVERY_PART,
    *,
    today: date,
    cursor: str | None = None,
    limit: int = 50,
) -> PartPage:
    """A page of the parts that a filter means.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query, params = meant(which, CONDITIONS)
    if cursor:
        query += " AND number > %(after)s"
        params["after"] = cursors.read(cursor, tuple[str])[0]
    found = await conn.execute(
        LINES + query + " ORDER BY number LIMIT %(limit)s",
        {**params, "today": today, "limit": limit + 1},
        binary=True,
    )
    lines, more = cursors.cut(
        [_line(row) for row in await found.fetchall()], limit, lambda line: [line.number]
    )
    return PartPage(today=today, items=tuple(lines), next=more)


async def count(conn: AsyncConnection[Any], which: PartFilter = EVERY_PART, *, today: date) -> int:
    """How many parts a filter means, exactly."""
    query, params = meant(which, CONDITIONS)
    found = await conn.execute(
        "SELECT count(*) FROM " + PARTS + " WHERE " + query,  # noqa: S608
        {**params, "today": today},
    )
    row = await found.fetchone()
    return row[0] if row else 0


async def one(conn: AsyncConnection[Any], part: UUID, *, today: date) -> PartLine | None:
    """A part by its id; ``None`` when the projection has none such."""
    found = await conn.execute(LINES + "id = %(part)s", {"part": part, "today": today}, binary=True)
    line = await found.fetchone()
    return _line(line) if line else None


def _line(row: Sequence[Any]) -> PartLine:
    *fields, zh, en = row
    named: dict[str, Any] = dict(
        zip(PartLine.__struct_fields__, (*fields, PartName(zh=zh, en=en)), strict=True)
    )
    named["tracking"] = Tracking(named["tracking"])
    return PartLine(**named)
