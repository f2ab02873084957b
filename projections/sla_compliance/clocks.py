"""Clocks one by one: those of a ticket, and those behind a figure."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, LiteralString
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncConnection

from domain.calendar import CalendarGap
from domain.clock import Clock
from domain.money import Money
from domain.penalties import penalty
from domain.promises import Promises
from domain.reading import Reading, read
from domain.ticket.words import Tier
from projections.cases.case import Case
from projections.cases.duration import iso
from projections.cases.moved import ClockStory, shown_moves, with_moves
from projections.cases.settled import settle
from projections.cases.shown import ShownClock, show
from projections.engine import cursor as cursors
from projections.engine.facts import facts_of
from projections.engine.marks import mark_of
from projections.sla_compliance.judging import asked, judged
from projections.sla_compliance.question import Question
from projections.sla_compliance.sources import PROMISED, Source
from projections.sla_compliance.standing import VIEW, standing
from projections.ticket.kept import cases_at

AFTER: LiteralString = " AND (number, milestone, cycle) > (%(number)s, %(name)s, %(after_cycle)s)"
SELECT: LiteralString = (
    "SELECT ticket_id, number, milestone, cycle, month, team, person, technician, customer, contract, "
    "region, product, category, {tier} FROM "
)
MORE: LiteralString = ", ticket_id, number"
ORDER: LiteralString = " ORDER BY number, milestone, cycle LIMIT %(limit)s"

MANY = 1000
"""Events that are replayed in a thread, as others wait."""


class ClockEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A clock behind a figure, and whose it is.

    Attributes:
        tier: of a clock of our own, the tier that had the ticket.
        late: working time since its promise was broken; ``None`` while it is not.
        penalty: what that costs, by its plan (SLA 14).
    """

    ticket_id: UUID
    number: str
    month: str
    team: str | None
    person: str | None
    technician: str | None
    customer: str | None
    contract: str | None
    region: str | None
    product: str | None
    category: str | None
    tier: Tier | None
    late: str | None
    penalty: Money | None
    clock: ShownClock


class ClockPage(msgspec.Struct, frozen=True, kw_only=True):
    """Clocks by ticket number.

    Attributes:
        as_of: the moment at which running clocks were judged.
        position: the last event of the log that counts.
        next: the cursor of the following page; ``None`` on the last.
    """

    as_of: datetime
    position: int
    items: tuple[ClockEntry, ...]
    next: str | None


async def clocks(
    conn: AsyncConnection[Any], promises: Promises, ticket_id: UUID, now: datetime
) -> tuple[ShownClock, ...] | None:
    """Every clock of a ticket at ``now``; ``None`` when the projection has no such ticket."""
    shown = await mark_of(conn, VIEW)
    case = (await cases_at(conn, promises, [ticket_id], shown.position)).get(ticket_id)
    if case is None:
        return None
    pairs = zip(case.clocks, case.traces, strict=True)
    return tuple(show(clock, trace, promises, now, case.ticket.noted) for clock, trace in pairs)


async def stories(
    conn: AsyncConnection[Any], promises: Promises, ticket_id: UUID, now: datetime, zone: ZoneInfo
) -> tuple[ClockStory, ...] | None:
    """The same, each with the moves of its deadline (B04).

    Args:
        conn: to the database.
        promises: the book of plans and calendars.
        ticket_id: of the ticket.
        now: when the clocks are read.
        zone: where times inside the texts are told.
    """
    found = await clocks(conn, promises, ticket_id, now)
    if found is None:
        return None
    facts = await facts_of(conn, ticket_id, max(clock.last_position for clock in found))
    replayed = partial(shown_moves, facts, promises, zone)
    return with_moves(found, replayed() if len(facts) < MANY else await asyncio.to_thread(replayed))


async def behind(
    conn: AsyncConnection[Any],
    promises: Promises,
    wanted: Question,
    *,
    position: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
    of: Source = PROMISED,
) -> ClockPage:
    """A page of the clocks behind a figure.

    Raises:
        BadCursor: the cursor is not of this list.
        TooLongAgo: the view has moved on too far from the position.
    """
    async with standing(conn, promises, position, of) as stands:
        condition, params = asked(stands, wanted)
        params |= {"limit": limit + 1}
        if cursor:
            number, milestone, cycle = cursors.read(cursor, tuple[str, str, int])
            condition += AFTER
            params |= {"number": number, "name": milestone, "after_cycle": cycle}
        select = SELECT.replace("{tier}", "NULL" if of.is_promised else "tier")
        found = await conn.execute(select + judged(stands, MORE) + condition + ORDER, params, binary=True)
        rows, more = cursors.cut(await found.fetchall(), limit, lambda row: row[1:4])
        tickets = {row[0] for row in rows}
        cases = await cases_at(conn, promises, tickets - stands.cases.keys(), stands.position)
    cases |= {ticket: stands.cases[ticket] for ticket in tickets & stands.cases.keys()}
    return ClockPage(
        as_of=wanted.as_of,
        position=stands.position,
        items=tuple(_entry(row, cases[row[0]], promises, wanted.as_of, of) for row in rows),
        next=more,
    )


def _entry(row: Sequence[Any], case: Case, promises: Promises, as_of: datetime, of: Source) -> ClockEntry:
    ticket_id, number, milestone, cycle, month, team, person, technician = row[:8]
    customer, contract, region, product, category, tier = row[8:]
    clock, trace = next(
        each for each in of.clocks(case) if (each[0].milestone, each[0].cycle) == (milestone, cycle)
    )
    found = _read(clock, promises, as_of)
    costs = found is not None and of.is_promised
    return ClockEntry(
        ticket_id=ticket_id,
        number=number,
        month=month,
        team=team,
        person=person,
        technician=technician,
        customer=customer,
        contract=contract,
        region=region,
        product=product,
        category=category,
        tier=Tier(tier) if tier else None,
        late=iso(found.late) if found and found.late else None,
        penalty=penalty(promises.plan(found.pin), clock.milestone, found) if found and costs else None,
        clock=show(clock, trace, promises, as_of, case.ticket.noted),
    )


def _read(clock: Clock, promises: Promises, as_of: datetime) -> Reading | None:
    """A clock at a moment, or at its last event where the calendar does not reach so far."""
    try:
        return read(clock, promises.calendar, as_of)
    except CalendarGap:
        return settle(clock, promises).reading
