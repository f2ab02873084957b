"""One what-if run: the tickets of a period replayed beside the log, both tables, and what changes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from domain.promises import Promises
from projections.engine.rebuilding.crew import crew
from projections.sla_compliance.compliance import ComplianceTable, answer
from projections.sla_compliance.question import question
from projections.sla_compliance.sources import PROMISED
from projections.sla_compliance.standing import Standing
from projections.what_if.proposal import Proposal
from projections.what_if.replaying import NAME, Changed, Hand, Replay, Replayed
from projections.what_if.trial import Trial

AT_ONCE = 500
"""Tickets of one job."""
WORTH_A_CREW = 2000
"""Tickets from which on several processes are quicker than one."""

TICKETS: LiteralString = """
    SELECT stream_id FROM log.event WHERE version = 1 AND type = 'ticket.registered' AND position <= %s
    AND occurred_at >= coalesce(%s::timestamptz, '-infinity')
    AND occurred_at < coalesce(%s::timestamptz, 'infinity') ORDER BY stream_id
"""
SIDES: tuple[LiteralString, LiteralString] = ("pg_temp.real_clock", "pg_temp.tried_clock")
"""The rows as they are and as they would be, in tables that end with the connection."""
KEEP: LiteralString = " FROM jsonb_populate_recordset(NULL::view.sla_clock, %s)"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run: the same proposal, position and moment give the same bytes.

    Attributes:
        as_of: when clocks that run were judged.
        position: up to where the log counted.
        tickets: those whose promises were replaced; both tables are about them alone.
        changed: of these, those of which some verdict would be another.
        left_out: tickets of which an event cannot be read.
        real: how promises were kept.
        tried: how the proposed ones would have been.
    """

    as_of: datetime
    position: int
    tickets: int
    changed: int
    left_out: int
    real: ComplianceTable
    tried: ComplianceTable


class Run(NamedTuple):
    """What a run needs.

    Attributes:
        url: the service role's connection string.
        proposal: with its position and moment.
        known: the book of what was published by that position.
        told: is told how many tickets were looked at, of how many, and what changed in them; may end the run.
        processes: how many replay; by default as many as there are processors, where it is worth it.
    """

    url: str
    proposal: Proposal
    known: Promises
    told: Callable[[int, int, Sequence[Changed]], None]
    processes: int | None = None


def run(asked: Run) -> Outcome:
    """Replay, and count. The log is only read.

    Raises:
        InvalidValue: the proposal cannot be.
        CrewBroken: a process of ours was ended.
        psycopg.OperationalError: the database does not answer.
    """
    proposal = asked.proposal
    as_of, position = proposal.as_of or datetime.now(UTC), proposal.position or 0
    makes = partial(Trial, proposal, asked.known)
    with asyncio.Runner() as loop:
        tickets = loop.run(_tickets(asked.url, proposal))
        processes = asked.processes or (os.cpu_count() or 1 if len(tickets) >= WORTH_A_CREW else 1)
        looked_at = meant = left_out = changed = 0
        # The hands are copies of this process: they begin before it has a connection.
        with crew(processes, partial(Hand, asked.url, makes, position, as_of)) as hands:
            conn = loop.run(_opened(asked.url))
            try:
                for _, replayed in hands.each(_jobs(tickets)):
                    loop.run(_keep(conn, replayed))
                    looked_at += replayed.looked_at
                    meant += replayed.tickets
                    left_out += replayed.left_out
                    changed += len(replayed.changes)
                    asked.told(looked_at, len(tickets), replayed.changes)
                promises = makes().promises
                wanted = question(as_of, group_by=proposal.group_by)
                real, tried = (
                    loop.run(answer(conn, promises, wanted, Standing(source, {}, position, left_out)))
                    for source in SIDES
                )
            finally:
                loop.run(conn.close())
    return Outcome(
        as_of=as_of,
        position=position,
        tickets=meant,
        changed=changed,
        left_out=left_out,
        real=real,
        tried=tried,
    )


def _jobs(tickets: Sequence[UUID]) -> Iterator[Replay]:
    for first in range(0, len(tickets), AT_ONCE):
        yield Replay(tuple(tickets[first : first + AT_ONCE]))


async def _tickets(url: str, proposal: Proposal) -> list[UUID]:
    period = proposal.position or 0, proposal.reported_from, proposal.reported_until
    async with await AsyncConnection.connect(url, autocommit=True) as conn:
        found = await conn.execute(TICKETS, period, binary=True)
        return [row[0] for row in await found.fetchall()]


async def _opened(url: str) -> AsyncConnection[Any]:
    """A connection with tables of its own."""
    conn = await AsyncConnection.connect(url, autocommit=True, application_name=NAME)
    for table in SIDES:
        empty: LiteralString = " AS SELECT " + PROMISED.fields + " FROM view.sla_clock WITH NO DATA"  # noqa: S608
        await conn.execute("CREATE TABLE " + table + empty)
    return conn


async def _keep(conn: AsyncConnection[Any], replayed: Replayed) -> None:
    for table, rows in zip(SIDES, (replayed.real, replayed.tried), strict=True):
        fill: LiteralString = "INSERT INTO " + table + " (" + PROMISED.fields + ") SELECT " + PROMISED.fields
        await conn.execute(fill + KEEP, (rows,))
