"""The compliance rows as they were at a position of the log, in one snapshot (B10).

The view knows only how far it is. Where an earlier position is asked for, the tickets with events since then
are replayed from the log up to it, and all the others stand in the view as they did.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from application.log.mapper import fact_of
from application.log.stored import Row
from domain.promises import Promises
from projections.cases.case import Case, replay
from projections.engine.facts import stored_of
from projections.engine.projection import LOG
from projections.sla_compliance.sources import PROMISED, Source

VIEW = "sla_compliance"
MOST_BACK = 50_000
"""Events beyond which the way back is too long for a request."""

SNAPSHOT: LiteralString = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
PLACE: LiteralString = """
    SELECT coalesce(max(position), 0), (SELECT count(*) FROM log.parked WHERE projection = %s AND log = %s)
    FROM log.tracking WHERE projection = %s AND log = %s
"""
SINCE: LiteralString = """
    SELECT DISTINCT stream_id FROM log.event
    WHERE position > %s AND position <= %s AND type LIKE 'ticket.%%'
"""

TAKEN_BACK: LiteralString = (
    "(SELECT {fields} FROM {table} WHERE ticket_id <> ALL(%(moved)s) UNION ALL "
    "SELECT {fields} FROM jsonb_populate_recordset(NULL::{table}, %(before)s)) AS standing"
)


class TooLongAgo(ValueError):
    """The view has moved on too far from a position to be taken back to it."""


class Standing(NamedTuple):
    """The rows at one position.

    Attributes:
        source: what to select them from.
        params: the parameters of that.
        position: what they were made of: the log up to here.
        held_back: tickets that the view leaves out, because it cannot fold one of their events.
        cases: the tickets that were replayed.
        of: which kind of clocks.
    """

    source: LiteralString
    params: Mapping[str, Any]
    position: int
    held_back: int = 0
    cases: Mapping[UUID, Case] = {}
    of: Source = PROMISED


@asynccontextmanager
async def standing(
    conn: AsyncConnection[Any], promises: Promises, position: int | None = None, of: Source = PROMISED
) -> AsyncIterator[Standing]:
    """The rows at a position that the view has reached, else where it is; one snapshot for the whole block.

    Raises:
        TooLongAgo: more than ``MOST_BACK`` events were recorded since.
    """
    async with conn.transaction():
        await conn.execute(SNAPSHOT)
        found = await conn.execute(PLACE, (VIEW, LOG, VIEW, LOG))
        ((reached, held_back),) = await found.fetchall()
        if position is None or position >= reached:
            yield Standing(of.table, {}, reached, held_back, of=of)
            return
        if reached - position > MOST_BACK:
            gone = f"{reached - position} events were recorded since"
            raise TooLongAgo(f"{gone}; tables can be taken back by {MOST_BACK}")
        found = await conn.execute(SINCE, (position, reached))
        moved = [row[0] for row in await found.fetchall()]
        told = await stored_of(conn, moved, position)
        # In a thread: thousands of tickets take some seconds, and others wait.
        cases, before = await asyncio.to_thread(_taken_back, told, promises, of)
        source = TAKEN_BACK.replace("{fields}", of.fields).replace("{table}", of.table)
        yield Standing(source, {"moved": moved, "before": before}, position, held_back, cases, of)


def _taken_back(
    told: Mapping[UUID, Sequence[Row]], promises: Promises, of: Source
) -> tuple[dict[UUID, Case], str]:
    """The cases that events make, and their rows as JSON."""
    replayed = ((ticket, replay(map(fact_of, rows), promises)) for ticket, rows in told.items())
    cases = {ticket: case for ticket, case in replayed if case is not None}
    before = [row for case in cases.values() for row in of.rows(case, promises)]
    return cases, msgspec.json.encode(before).decode()
