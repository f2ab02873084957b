"""Whom goods reached: from a lot or serial number to tickets, assets and customers, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from projections.engine import cursor as cursors
from projections.engine.filters import meant
from projections.part_trace.filters import CONDITIONS, STEPS, UNIT, TraceFilter

SUMS: dict[str, LiteralString] = {
    "issued": "s.went_to = 'issued'",
    "installed": "s.went_to = 'installed'",
    "unused": "s.came_from = 'issued' AND s.went_to IN ('good', 'quarantine')",
    "scrapped": "s.came_from = 'issued' AND s.went_to = 'scrapped'",
    "taken_out": "s.came_from = 'installed'",
}
"""What is counted of a ticket's steps."""
COUNTED: LiteralString = ", ".join(
    ["coalesce(sum(s.quantity) FILTER (WHERE " + steps + "), 0)::bigint" for steps in SUMS.values()]
)
ON_TICKETS: LiteralString = (
    " AND s.ticket IS NOT NULL AND (" + " OR ".join(["(" + steps + ")" for steps in SUMS.values()]) + ")"
)
REACHED: LiteralString = (
    "SELECT * FROM (SELECT coalesce(t.customer, '') COLLATE \"C\" AS by_customer, "  # noqa: S608
    "coalesce(s.ticket_number, '') COLLATE \"C\" AS ticket_number, s.number, " + UNIT + " AS unit, "
    "t.customer, s.ticket, s.part_id, s.lot, s.serial, "
    "array_agg(DISTINCT s.asset) FILTER (WHERE s.asset IS NOT NULL) AS assets, " + COUNTED + " FROM " + STEPS
    + " WHERE "
)  # fmt: skip
BY_TICKET: LiteralString = """
    GROUP BY t.customer, s.ticket, s.ticket_number, s.part_id, s.number, s.lot, s.serial) AS reached
    WHERE (by_customer, ticket_number, number, unit) > (%(name)s, %(ticket_number)s, %(number)s, %(unit)s)
    ORDER BY by_customer, ticket_number, number, unit LIMIT %(limit)s
"""
CUSTOMERS: LiteralString = (
    "SELECT * FROM (SELECT coalesce(t.customer, '') COLLATE \"C\" AS by_customer, t.customer, "  # noqa: S608
    "count(DISTINCT s.ticket), "
    "count(DISTINCT s.asset) FILTER (WHERE s.went_to = 'installed'), " + COUNTED + " FROM " + STEPS
    + " WHERE "
)  # fmt: skip
BY_CUSTOMER: LiteralString = """
    GROUP BY t.customer) AS reached
    WHERE %(name)s::text IS NULL OR by_customer > %(name)s
    ORDER BY by_customer LIMIT %(limit)s
"""


class Amounts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of goods on tickets.

    Attributes:
        issued: handed out.
        installed: put into assets.
        unused: issued and brought back without having been installed.
        scrapped: issued and scrapped without having been installed.
        taken_out: taken out of assets.
    """

    issued: int
    installed: int
    unused: int
    scrapped: int
    taken_out: int


class ReachLine(Amounts, frozen=True, kw_only=True):
    """What became of one lot or serial number, or of goods that are not tracked, on one ticket.

    Attributes:
        customer: whose ticket it is; ``None`` when nobody knew.
        part: the part's id; ``number`` is what people call it.
        assets: the serial numbers of the assets it went into or came out of.
    """

    customer: str | None
    ticket: UUID
    ticket_number: str
    part: UUID
    number: str
    lot: str | None
    serial: str | None
    assets: tuple[str, ...]


class ReachPage(msgspec.Struct, frozen=True, kw_only=True):
    """By customer, then by ticket number, then by part number.

    Attributes:
        next: the cursor of the following page; ``None`` on the last.
    """

    items: tuple[ReachLine, ...]
    next: str | None


class CustomerLine(Amounts, frozen=True, kw_only=True):
    """One customer that goods reached.

    Attributes:
        customer: ``None`` for the tickets of which nobody knew whose they are.
        tickets: on how many of the customer's tickets.
        assets: into how many assets they were put.
    """

    customer: str | None
    tickets: int
    assets: int


class CustomerPage(msgspec.Struct, frozen=True, kw_only=True):
    """Customers by name.

    Attributes:
        next: the cursor of the following page; ``None`` on the last.
    """

    items: tuple[CustomerLine, ...]
    next: str | None


async def reached(
    conn: AsyncConnection[Any], which: TraceFilter, *, cursor: str | None = None, limit: int = 50
) -> ReachPage:
    """A page of what became of goods, ticket by ticket: forward from a lot, back from an asset or customer.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query, params = meant(which, CONDITIONS)
    after = cursors.read(cursor, tuple[str, str, str, str]) if cursor else ("", "", "", "")
    params |= dict(zip(("name", "ticket_number", "number", "unit"), after, strict=True))
    params["limit"] = limit + 1
    found = await conn.execute(REACHED + query + ON_TICKETS + BY_TICKET, params, binary=True)
    rows, more = cursors.cut(await found.fetchall(), limit, lambda row: row[:4])
    return ReachPage(items=tuple(map(_reached, rows)), next=more)


async def customers(
    conn: AsyncConnection[Any], which: TraceFilter, *, cursor: str | None = None, limit: int = 50
) -> CustomerPage:
    """A page of the customers that goods reached.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query, params = meant(which, CONDITIONS)
    params["name"] = cursors.read(cursor, tuple[str])[0] if cursor else None
    params["limit"] = limit + 1
    found = await conn.execute(CUSTOMERS + query + ON_TICKETS + BY_CUSTOMER, params, binary=True)
    rows, more = cursors.cut(await found.fetchall(), limit, lambda row: row[:1])
    return CustomerPage(items=tuple(map(_customer, rows)), next=more)


def _reached(row: Sequence[Any]) -> ReachLine:
    _, ticket_number, number, _, customer, ticket, part, lot, serial, assets, *amounts = row
    return ReachLine(
        customer=customer,
        ticket=ticket,
        ticket_number=ticket_number,
        part=part,
        number=number,
        lot=lot,
        serial=serial,
        assets=tuple(assets or ()),
        **dict(zip(SUMS, amounts, strict=True)),
    )


def _customer(row: Sequence[Any]) -> CustomerLine:
    _, customer, tickets, assets, *amounts = row
    return CustomerLine(
        customer=customer, tickets=tickets, assets=assets, **dict(zip(SUMS, amounts, strict=True))
    )
