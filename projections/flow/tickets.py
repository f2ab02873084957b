"""The tickets behind a figure of the flow report."""

from __future__ import annotations

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from domain.ticket.words import Priority, Tier
from projections.cases.duration import iso, iso_or_none
from projections.engine import cursor as cursors
from projections.flow.filters import COUNTED, EVERY, FLOWN, Figure, FlowFilter, where

SELECT: LiteralString = (
    "SELECT id, number, month, priority, product, plan, team, customer, source, highest_tier, "
    "first_at, last_at, resolved_at, tier_moves, refusals, hand_offs, returns, "
    "ping_pongs, reopenings, waits, waited, whole, solved FROM "
)


class FlowTicket(msgspec.Struct, frozen=True, kw_only=True):
    """How one ticket flowed; see ``Flow``. Durations are clock time in ISO 8601."""

    id: UUID
    number: str
    month: str
    priority: Priority
    product: str | None
    plan: str
    team: str | None
    customer: str | None
    source: str | None
    highest_tier: Tier
    first_at: datetime
    last_at: datetime
    resolved_at: datetime | None
    tier_moves: int
    refusals: int
    hand_offs: int
    returns: int
    ping_pongs: int
    reopenings: int
    waits: int
    waiting: str
    throughput: str
    resolution: str | None


class FlowTicketPage(msgspec.Struct, frozen=True, kw_only=True):
    """Tickets by number.

    Attributes:
        total: how many there are on all pages, exactly.
        next: the cursor of the following page; ``None`` on the last.
    """

    total: int
    items: tuple[FlowTicket, ...]
    next: str | None


async def tickets(
    conn: AsyncConnection[Any],
    which: FlowFilter = EVERY,
    figure: Figure | None = None,
    *,
    zone: str,
    cursor: str | None = None,
    limit: int = 50,
) -> FlowTicketPage:
    """A page of the tickets that a figure counts; of all that fit the filter where none is named.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    condition, params = where(which, zone)
    if figure is not None:
        condition += " AND " + COUNTED[figure]
    counted = await conn.execute("SELECT count(*) FROM " + FLOWN + condition, params)  # noqa: S608
    total = await counted.fetchone()
    if cursor:
        condition += " AND number > %(after)s"
        params["after"] = cursors.read(cursor, tuple[str])[0]
    found = await conn.execute(
        SELECT + FLOWN + condition + " ORDER BY number LIMIT %(limit)s", params | {"limit": limit + 1}
    )
    rows, more = cursors.cut(await found.fetchall(), limit, lambda row: [row[1]])
    return FlowTicketPage(total=total[0] if total else 0, items=tuple(map(_ticket, rows)), next=more)


def _ticket(row: tuple[Any, ...]) -> FlowTicket:
    *plain, waited, whole, solved = row
    fields = dict(zip(FlowTicket.__struct_fields__, plain, strict=False))
    fields |= {"priority": Priority(fields["priority"]), "highest_tier": Tier(fields["highest_tier"])}
    return FlowTicket(**fields, waiting=iso(waited), throughput=iso(whole), resolution=iso_or_none(solved))
