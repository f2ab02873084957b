"""What tickets have: issued and not accounted for, removed and not back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from domain.part.events import PartName
from domain.part.goods import Goods
from domain.part.words import Bucket, Tracking
from projections.engine import cursor as cursors
from projections.engine.filters import meant

FIRST = ("", "", "")
LINES: LiteralString = """
    SELECT * FROM (
        SELECT u.ticket, coalesce(max(u.ticket_number), '') COLLATE "C" AS ticket_number, p.id, p.number,
               u.bucket, p.unit, p.tracking, p.name_zh, p.name_en, sum(u.quantity)::bigint,
               array_agg(u.unit ORDER BY u.unit), array_agg(u.quantity ORDER BY u.unit)
        FROM view.stock_unit u JOIN view.part p ON p.id = u.part_id
        WHERE u.ticket IS NOT NULL AND """
PAGE: LiteralString = """
        GROUP BY u.ticket, p.id, u.bucket
    ) AS held
    WHERE (ticket_number, number, bucket) > (%(ticket_number)s, %(number)s, %(after)s)
    ORDER BY ticket_number, number, bucket LIMIT %(limit)s
"""
CONDITIONS: dict[str, LiteralString] = {
    "ticket": "u.ticket = %(ticket)s",
    "part": "u.part_id = %(part)s",
    "bucket": "u.bucket = %(bucket)s",
}


class HeldFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which goods are meant: those that fit everything that is given.

    Attributes:
        ticket: the id of the ticket that has them.
        part: the id of a part.
        bucket: issued or removed.
    """

    ticket: UUID | None = None
    part: UUID | None = None
    bucket: Bucket | None = None


ALL_HELD = HeldFilter()


class HeldLine(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of one part that a ticket has.

    Attributes:
        part: the part's id; ``number`` is what people call it.
        bucket: ``issued``: handed out and not installed, returned or scrapped yet, which keeps the ticket
            from closing; ``removed``: taken out of an asset to be returned, and not back yet.
        unit: what a quantity of 1 is.
        goods: how much, and which lots or serial numbers.
    """

    ticket: UUID
    ticket_number: str
    part: UUID
    number: str
    bucket: Bucket
    unit: str
    name: PartName
    goods: Goods


class HeldPage(msgspec.Struct, frozen=True, kw_only=True):
    """What tickets have, by ticket number and then by part number.

    Attributes:
        next: the cursor of the following page; ``None`` on the last.
    """

    items: tuple[HeldLine, ...]
    next: str | None


async def held(
    conn: AsyncConnection[Any],
    which: HeldFilter = ALL_HELD,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> HeldPage:
    """A page of the goods that tickets still have.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query, params = meant(which, CONDITIONS)
    at = cursors.read(cursor, tuple[str, str, str]) if cursor else FIRST
    params |= dict(zip(("ticket_number", "number", "after"), at, strict=True))
    found = await conn.execute(LINES + query + PAGE, params | {"limit": limit + 1}, binary=True)
    lines = [_line(row) for row in await found.fetchall()]
    items, more = cursors.cut(lines, limit, lambda line: [line.ticket_number, line.number, line.bucket.value])
    return HeldPage(items=tuple(items), next=more)


def _line(row: Sequence[Any]) -> HeldLine:
    ticket, ticket_number, part, number, bucket, unit, tracking, zh, en, quantity, units, quantities = row
    named = {name: each for name, each in zip(units, quantities, strict=True) if name}
    return HeldLine(
        ticket=ticket,
        ticket_number=ticket_number,
        part=part,
        number=number,
        bucket=Bucket(bucket),
        unit=unit,
        name=PartName(zh=zh, en=en),
        goods=Goods(
            quantity,
            lots=named if tracking == Tracking.LOT else {},
            serials=tuple(named) if tracking == Tracking.SERIAL else (),
        ),
    )
