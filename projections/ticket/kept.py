"""Tickets with their clocks as they stood at a position of the log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection

from application.log.errors import UnreadableEvent
from application.log.mapper import fact_of
from application.log.stored import Row
from domain.promises import Promises
from projections.cases.case import Case, replay
from projections.cases.folding import read_case
from projections.engine.facts import stored_of
from projections.engine.marks import mark_of

VIEW = "ticket"
KEPT: LiteralString = "SELECT id, state FROM view.ticket WHERE id = ANY(%s)"
MANY = 1000
"""Events that are replayed in a thread, as others wait."""


async def cases_at(
    conn: AsyncConnection[Any], promises: Promises, tickets: Iterable[UUID], position: int
) -> dict[UUID, Case]:
    """Tickets at a position, by id: as the view keeps them, replayed from the log where it stands elsewhere.

    One that this release cannot replay stays as it is kept, and is left out if it is not.

    Raises:
        UnknownPlan: a ticket pins a plan that the book does not hold.
    """
    wanted = set(tickets)
    found = await conn.execute(KEPT, (list(wanted),), binary=True)
    cases = {ticket: read_case(state) for ticket, state in await found.fetchall()}
    if (await mark_of(conn, VIEW)).position >= position:
        elsewhere = [each for each in wanted if each not in cases or cases[each].position > position]
    else:
        elsewhere = list(wanted)
    if elsewhere:
        told = await stored_of(conn, elsewhere, position)
        few = sum(map(len, told.values())) < MANY
        cases |= _replayed(told, promises) if few else await asyncio.to_thread(_replayed, told, promises)
    return cases


def _replayed(told: Mapping[UUID, Sequence[Row]], promises: Promises) -> Mapping[UUID, Case]:
    cases: dict[UUID, Case] = {}
    for ticket, rows in told.items():
        try:
            case = replay(map(fact_of, rows), promises)
        except UnreadableEvent:
            continue
        if case is not None:
            cases[ticket] = case
    return cases
