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
from domain.ticket.state import Noted
from domain.ticket.watch import next_note
from projections.cases.case import Case
from projections.cases.folding import Folded
from projections.engine.rows import Rows

WATCHED: LiteralString = (
    "SELECT at, ticket_id FROM view.sla_watch WHERE (at, ticket_id) > (%s, %s) "
    "ORDER BY at, ticket_id LIMIT %s"
)

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(tuple[Noted, ...])


class WatchRow(msgspec.Struct, kw_only=True):
    """A row of the table."""

    ticket_id: UUID
    at: datetime | None
    noted: bytes | None


def watch(touched: Sequence[Folded], rows: Rows, promises: Promises) -> None:
    """Keep of each ticket what was noted of it, and when something is to be noted next."""
    kept = [_row(folded.case, promises) for folded in touched]
    rows.put("sla_watch", [row for row in kept if row.at or row.noted])
    rows.drop("sla_watch", [row.ticket_id for row in kept if not row.at and not row.noted])


def _row(case: Case, promises: Promises) -> WatchRow:
    ticket = case.ticket
    return WatchRow(
        ticket_id=ticket.id,
        at=next_note(ticket, (*case.clocks, *of_others(case.internal)), promises, case.known_since),
        noted=_ENCODER.encode(ticket.noted) if ticket.noted else None,
    )


def read_noted(noted: bytes | None) -> tuple[Noted, ...]:
    """What was noted, from the bytes it was kept in."""
    return _DECODER.decode(noted) if noted else ()


async def watched(
    conn: AsyncConnection[Any], after: tuple[datetime, UUID], limit: int
) -> list[tuple[datetime, UUID]]:
    """When something is to be noted of tickets, the earliest first after a place."""
    found = await conn.execute(WATCHED, (*after, limit), binary=True)
    return await found.fetchall()
