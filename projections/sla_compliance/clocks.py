"""Clocks one by one: those of a ticket, and those behind a figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from domain.promises import Promises
from projections.cases.case import Case
from projections.cases.folding import read_case
from projections.cases.shown import ShownClock, show
from projections.engine import cursor as cursors
from projections.sla_compliance.filters import EVERY, JUDGED, ClockFilter, where

AFTER: LiteralString = " AND (number, milestone, cycle) > (%(number)s, %(name)s, %(cycle)s)"
SELECT: LiteralString = (
    "SELECT ticket_id, number, milestone, cycle, month, team, person, customer, product FROM "
)
ORDER: LiteralString = " ORDER BY number, milestone, cycle LIMIT %(limit)s"


class ClockEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A clock behind a figure, and whose it is."""

    ticket_id: UUID
    number: str
    month: str
    team: str | None
    person: str | None
    customer: str | None
    product: str | None
    clock: ShownClock


class ClockPage(msgspec.Struct, frozen=True, kw_only=True):
    """Clocks by ticket number.

    Attributes:
        next: the cursor of the following page; ``None`` on the last.
    """

    items: tuple[ClockEntry, ...]
    next: str | None


async def clocks(
    conn: AsyncConnection[Any], promises: Promises, ticket_id: UUID, now: datetime
) -> tuple[ShownClock, ...] | None:
    """Every clock of a ticket at ``now``; ``None`` when the projection has no such ticket."""
    found = await conn.execute("SELECT state FROM view.sla_case WHERE id = %s", (ticket_id,), binary=True)
    row = await found.fetchone()
    return shown_clocks(read_case(row[0]), promises, now) if row else None


def shown_clocks(case: Case, promises: Promises, now: datetime) -> tuple[ShownClock, ...]:
    """Every clock of a case at ``now``."""
    pairs = zip(case.clocks, case.traces, strict=True)
    return tuple(show(clock, trace, promises, now) for clock, trace in pairs)


async def behind(
    conn: AsyncConnection[Any],
    promises: Promises,
    which: ClockFilter = EVERY,
    *,
    now: datetime,
    cursor: str | None = None,
    limit: int = 50,
) -> ClockPage:
    """A page of the clocks behind a figure.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    condition, params = where(which)
    params |= {"now": now, "limit": limit + 1}
    if cursor:
        number, milestone, cycle = cursors.read(cursor, tuple[str, str, int])
        condition += AFTER
        params |= {"number": number, "name": milestone, "cycle": cycle}
    found = await conn.execute(
        "SELECT c.*, s.state FROM (" + SELECT + JUDGED + condition + ORDER + ") AS c "  # noqa: S608
        "JOIN view.sla_case s ON s.id = c.ticket_id ORDER BY c.number, c.milestone, c.cycle",
        params,
        binary=True,
    )
    rows, more = cursors.cut(await found.fetchall(), limit, lambda row: row[1:4])
    return ClockPage(items=tuple(_entry(row, promises, now) for row in rows), next=more)


def _entry(row: Sequence[Any], promises: Promises, now: datetime) -> ClockEntry:
    ticket_id, number, milestone, cycle, month, team, person, customer, product, state = row
    case = read_case(state)
    shown = next(
        show(clock, trace, promises, now)
        for clock, trace in zip(case.clocks, case.traces, strict=True)
        if clock.milestone == milestone and clock.cycle == cycle
    )
    return ClockEntry(
        ticket_id=ticket_id,
        number=number,
        month=month,
        team=team,
        person=person,
        customer=customer,
        product=product,
        clock=shown,
    )
