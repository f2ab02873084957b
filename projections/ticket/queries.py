"""What may be asked about tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from domain.promises import Promises
from domain.ticket.words import Priority, Status, Tier
from projections.cases.case import Case
from projections.cases.folding import read_case
from projections.engine import cursor as cursors
from projections.engine.filters import meant
from projections.ticket.detail import TicketDetail, detail
from projections.ticket.wording import having

FILTERS: dict[str, LiteralString] = {
    "status": "status = %(status)s",
    "priority": "priority = %(priority)s",
    "team": "team = %(team)s",
    "person": "person = %(person)s",
    "customer": "customer = %(customer)s",
    "product": "product = %(product)s",
    "asset": "asset = %(asset)s",
    "source": "source = %(source)s",
    "contract": "contract = %(contract)s",
    "questions": "(questions > 0) = %(questions)s",
    "text": "(number || ' ' || subject) ILIKE %(text)s",
}


class TicketFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tickets are meant: those that fit everything that is given.

    Attributes:
        source: the row of another system that it was imported from.
        contract: the number of the contract that it falls under.
        questions: whether a question is open that a person must decide.
        text: part of the number or the subject, in any case.
    """

    status: Status | None = None
    priority: Priority | None = None
    team: str | None = None
    person: str | None = None
    customer: str | None = None
    product: str | None = None
    asset: str | None = None
    source: str | None = None
    contract: str | None = None
    questions: bool | None = None
    text: str | None = None


class TicketLine(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket in a list."""

    id: UUID
    number: str
    version: int
    status: Status
    subject: str
    priority: Priority
    customer: str | None
    product: str | None
    asset: str | None
    team: str | None
    person: str | None
    tier: Tier
    cycle: int
    reported_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    source: str | None


class TicketPage(msgspec.Struct, frozen=True, kw_only=True):
    """Tickets, the newest number first.

    Attributes:
        next: the cursor of the following page; ``None`` on the last.
    """

    items: tuple[TicketLine, ...]
    next: str | None


async def case_of(conn: AsyncConnection[Any], ticket_id: UUID) -> Case | None:
    """A ticket with its clocks as the projection has it; ``None`` when it has none such."""
    found = await conn.execute("SELECT state FROM view.ticket WHERE id = %s", (ticket_id,), binary=True)
    row = await found.fetchone()
    return read_case(row[0]) if row else None


async def one(
    conn: AsyncConnection[Any], promises: Promises, ticket_id: UUID, now: datetime
) -> TicketDetail | None:
    """A ticket in full; ``None`` when the projection has none such."""
    case = await case_of(conn, ticket_id)
    return detail(case, promises, now) if case else None


async def search(
    conn: AsyncConnection[Any],
    which: TicketFilter = TicketFilter(),  # noqa: B008 - frozen
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> TicketPage:
    """A page of the tickets that a filter means.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query, params = await _meant(conn, which)
    if cursor:
        query += " AND number < %(after)s"
        params["after"] = cursors.read(cursor, tuple[str])[0]
    found = await conn.execute(
        "SELECT state FROM view.ticket WHERE " + query + " ORDER BY number DESC LIMIT %(limit)s",  # noqa: S608
        {**params, "limit": limit + 1},
        binary=True,
    )
    lines = [_line(read_case(row[0])) for row in await found.fetchall()]
    items, more = cursors.cut(lines, limit, lambda line: [line.number])
    return TicketPage(items=tuple(items), next=more)


async def count(conn: AsyncConnection[Any], which: TicketFilter = TicketFilter()) -> int:  # noqa: B008
    """How many tickets a filter means, exactly."""
    query, params = await _meant(conn, which)
    found = await conn.execute("SELECT count(*) FROM view.ticket WHERE " + query, params)  # noqa: S608
    row = await found.fetchone()
    return row[0] if row else 0


async def _meant(conn: AsyncConnection[Any], which: TicketFilter) -> tuple[LiteralString, dict[str, Any]]:
    """The condition of a filter, with the tickets by name where those that may have its text are few."""
    query, params = meant(which, FILTERS)
    near = await having(conn, which.text) if which.text else None
    return (query + " AND id = ANY(%(near)s)", params | {"near": near.tickets}) if near else (query, params)


def _line(case: Case) -> TicketLine:
    ticket = case.ticket
    own = (name for name in TicketLine.__struct_fields__ if name != "version")
    return TicketLine(version=case.version, **{name: getattr(ticket, name) for name in own})
