"""Which tickets have passed a threshold or a deadline that is not noted, and which will next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from domain.promises import Promises
from domain.ticket.internal import of_others
from domain.ticket.watch import next_note
from projections.cases.case import Case
from projections.cases.folding import Folded
from projections.engine.rows import Rows

WATCHED: LiteralString = (
    "SELECT at, ticket_id FROM view.sla_watch WHERE (at, ticket_id) > (%s, %s) "
    "ORDER BY at, ticket_id LIMIT %s"
)


class WatchRow(msgspec.Struct, kw_only=True):
    """A row of the table."""

    ticket_id: UUID
    at: datetime


def watch(touched: Sequence[Folded], rows: Rows, promises: Promises) -> None:
    """Keep of each ticket when something is to be noted of it next."""
    moments = [(folded.case.ticket.id, _next(folded.case, promises)) for folded in touched]
    rows.put("sla_watch", [WatchRow(ticket_id=ticket, at=at) for ticket, at in moments if at])
    rows.drop("sla_watch", [ticket for ticket, at in moments if not at])


def _next(case: Case, promises: Promises) -> datetime | None:
    clocks = (*case.clocks, *of_others(case.internal))
    return next_note(case.ticket, clocks, promises, case.known_since)


async def watched(
    conn: AsyncConnection[Any], after: tuple[datetime, UUID], limit: int
) -> list[tuple[datetime, UUID]]:
    """When something is to be noted of tickets, the earliest first after a place."""
    found = await conn.execute(WATCHED, (*after, limit), binary=True)
    return await found.fetchall()
