"""Where a lot or serial number is and was, in quantities; and what is and was in an asset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from projections.engine import cursor as cursors
from projections.engine.filters import meant
from projections.part_trace.steps import At, Stop

LEGS: LiteralString = """
    WITH leg AS (
        SELECT s.part_id, s.number, coalesce(s.lot, s.serial, '') AS unit, s.lot, s.serial, s.quantity,
               s.ticket_number, t.customer, leg.stop, leg.place, leg.came,
               leg.came AND row_number() OVER (PARTITION BY s.part_id, s.serial
                   ORDER BY s.position DESC, s.line DESC, leg.came DESC) = 1 AS last
        FROM view.trace_step s LEFT JOIN view.trace_ticket t ON t.id = s.ticket
             CROSS JOIN LATERAL (
                 VALUES (s.came_from, s.from_place, false), (s.went_to, s.to_place, true)
             ) AS leg (stop, place, came)
        WHERE """
PLACES: LiteralString = """
    ), sums AS (
        SELECT part_id, number, unit, lot, serial, stop, place,
               coalesce(sum(quantity) FILTER (WHERE came), 0)::bigint AS came,
               coalesce(sum(quantity) FILTER (WHERE NOT came), 0)::bigint AS went,
               bool_or(last) AS last,
               array_agg(DISTINCT ticket_number) FILTER (WHERE stop = 'installed') AS tickets,
               array_agg(DISTINCT customer) FILTER (WHERE customer IS NOT NULL
                   AND stop IN ('issued', 'installed', 'removed', 'kept_by_customer')) AS customers
        FROM leg GROUP BY part_id, number, unit, lot, serial, stop, place
    ), places AS (
        SELECT *, CASE WHEN serial IS NULL THEN greatest(0, came - went) ELSE last::int END AS there FROM sums
    )
    SELECT number, unit, stop, place, part_id, lot, serial, came, went, there, tickets, customers FROM places
    WHERE (number, unit, stop, place) > (%(number)s, %(unit)s, %(stop)s, %(place)s)
          AND (there > 0 OR NOT %(now)s)
    ORDER BY number, unit, stop, place LIMIT %(limit)s
"""
CONDITIONS: dict[str, LiteralString] = {
    "lot": "s.lot = %(lot)s",
    "serial": "s.serial = %(serial)s",
    "part": "s.part_id = %(part)s",
    "asset": "s.asset = %(asset)s AND leg.stop = 'installed'",
}
FIRST = ("", "", "", "")


class PlaceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Whose places are meant: those of everything that fits all that is given.

    Attributes:
        lot: a lot number; of every part that has one like it.
        serial: a serial number, likewise.
        part: the id of a part.
        asset: the serial number of an asset: only what is or was in it.
    """

    lot: str | None = None
    serial: str | None = None
    part: UUID | None = None
    asset: str | None = None


class PlaceLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a lot or serial number came to a place and left it.

    Attributes:
        part: the part's id; ``number`` is what people call it.
        came: how much came, all times together; ``went`` how much went away again.
        there: how much is there now. A serial number is where its last step brought it.
        tickets: the numbers of the tickets on which it came or went, of an asset.
        customers: whose tickets these are, of an asset or a ticket.
    """

    part: UUID
    number: str
    lot: str | None
    serial: str | None
    at: At
    came: int
    went: int
    there: int
    tickets: tuple[str, ...]
    customers: tuple[str, ...]


class PlacePage(msgspec.Struct, frozen=True, kw_only=True):
    """Places, by part number, then by lot or serial number.

    Attributes:
        next: the cursor of the following page; ``None`` on the last.
    """

    items: tuple[PlaceLine, ...]
    next: str | None


async def whereabouts(
    conn: AsyncConnection[Any],
    which: PlaceFilter,
    *,
    now: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> PlacePage:
    """A page of the places of lots or serial numbers.

    Args:
        conn: where to ask.
        which: of what.
        now: only where something is now.
        cursor: where the page before ended.
        limit: most places on it.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query, params = meant(which, CONDITIONS)
    after = cursors.read(cursor, tuple[str, str, str, str]) if cursor else FIRST
    params |= dict(zip(("number", "unit", "stop", "place"), after, strict=True))
    found = await conn.execute(LEGS + query + PLACES, params | {"now": now, "limit": limit + 1}, binary=True)
    rows, more = cursors.cut(await found.fetchall(), limit, lambda row: row[:4])
    return PlacePage(items=tuple(map(_line, rows)), next=more)


def _line(row: Sequence[Any]) -> PlaceLine:
    number, _, stop, place, part, lot, serial, came, went, there, tickets, customers = row
    return PlaceLine(
        part=part,
        number=number,
        lot=lot,
        serial=serial,
        at=At(Stop(stop), place),
        came=came,
        went=went,
        there=there,
        tickets=tuple(tickets or ()),
        customers=tuple(customers or ()),
    )
