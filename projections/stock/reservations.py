"""What is promised to tickets, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from domain.part.goods import Goods
from projections.engine import cursor as cursors
from projections.engine.filters import meant
from projections.stock.fold import left_of

LINES: LiteralString = (
    "SELECT r.id, r.part_id, p.number, r.location, r.goods, r.ticket, r.ticket_number, r.expires_at "
    "FROM view.reservation r JOIN view.part p ON p.id = r.part_id WHERE "
)
ENDS: LiteralString = (
    "SELECT expires_at, part_id FROM view.reservation WHERE (expires_at, part_id) > (%s, %s) "
    "ORDER BY expires_at, part_id LIMIT %s"
)
CONDITIONS: dict[str, LiteralString] = {
    "ticket": "r.ticket = %(ticket)s",
    "part": "r.part_id = %(part)s",
    "location": "r.location = %(location)s",
    "overdue_at": "r.expires_at <= %(overdue_at)s",
}


class ReservationFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which reservations are meant: those that fit everything that is given.

    Attributes:
        ticket: the id of the ticket they are for.
        part: the id of a part.
        overdue_at: those that were to be used before this moment.
    """

    ticket: UUID | None = None
    part: UUID | None = None
    location: str | None = None
    overdue_at: datetime | None = None


EVERY_RESERVATION = ReservationFilter()


class OpenReservation(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of a location that are kept for a ticket.

    Attributes:
        part: the part's id; ``number`` is what people call it.
        goods: what is left of it; lots or serial numbers only where somebody chose.
        expires_at: from when on it may be given to others.
    """

    id: UUID
    part: UUID
    number: str
    location: str
    goods: Goods
    ticket: UUID
    ticket_number: str
    expires_at: datetime


class ReservationPage(msgspec.Struct, frozen=True, kw_only=True):
    """Reservations, the first to expire first.

    Attributes:
        next: the cursor of the following page; ``None`` on the last.
    """

    items: tuple[OpenReservation, ...]
    next: str | None


async def reservations(
    conn: AsyncConnection[Any],
    which: ReservationFilter = EVERY_RESERVATION,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> ReservationPage:
    """A page of the reservations that still hold something.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query, params = meant(which, CONDITIONS)
    if cursor:
        query += " AND (r.expires_at, r.id) > (%(at)s, %(after)s)"
        params["at"], params["after"] = cursors.read(cursor, tuple[datetime, UUID])
    found = await conn.execute(
        LINES + query + " ORDER BY r.expires_at, r.id LIMIT %(limit)s",
        {**params, "limit": limit + 1},
        binary=True,
    )
    kept = [_line(row) for row in await found.fetchall()]
    items, more = cursors.cut(kept, limit, lambda each: [each.expires_at, each.id])
    return ReservationPage(items=tuple(items), next=more)


def _line(row: Sequence[Any]) -> OpenReservation:
    named: dict[str, Any] = dict(zip(OpenReservation.__struct_fields__, row, strict=True))
    named["goods"] = left_of(named["goods"])
    return OpenReservation(**named)


async def ends(
    conn: AsyncConnection[Any], after: tuple[datetime, UUID], limit: int
) -> list[tuple[datetime, UUID]]:
    """When reservations end, and of which parts, the earliest first after a place."""
    found = await conn.execute(ENDS, (*after, limit), binary=True)
    return await found.fetchall()
