"""Tickets with their clocks as they stood at a position of the log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection

from application.log.errors import UnreadableEvent
from application.log.mapper import fact_of
from application.log.stored import COLUMNS, Row
from domain.promises import Promises
from projections.cases.case import Case, replay
from projections.cases.folding import read_case
from projections.engine.projection import LOG

VIEW = "ticket"
KEPT: LiteralString = "SELECT id, state FROM view.ticket WHERE id = ANY(%s)"
REACHED: LiteralString = "SELECT position FROM log.tracking WHERE projection = %s AND log = %s"
BEFORE: LiteralString = (
    f"SELECT {COLUMNS} FROM log.event "  # noqa: S608
    "WHERE stream_id = ANY(%s) AND position <= %s ORDER BY stream_id, version"
)
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
    reached = await (await conn.execute(REACHED, (VIEW, LOG))).fetchone()
    if reached and reached[0] >= position:
        elsewhere = [each for each in wanted if each not in cases or cases[each].position > position]
    else:
        elsewhere = list(wanted)
    if elsewhere:
        rows = await (await conn.execute(BEFORE, (elsewhere, position), binary=True)).fetchall()
        cases |= (
            _replayed(rows, promises)
            if len(rows) < MANY
            else await asyncio.to_thread(_replayed, rows, promises)
        )
    return cases


def _replayed(rows: Sequence[Row], promises: Promises) -> Mapping[UUID, Case]:
    cases: dict[UUID, Case] = {}
    for ticket, told in groupby(rows, key=itemgetter(1)):
        try:
            case = replay(map(fact_of, told), promises)
        except UnreadableEvent:
            continue
        if case is not None:
            cases[ticket] = case
    return cases
