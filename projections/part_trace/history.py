"""What happened to lots and serial numbers, to the parts of an asset, or on a ticket, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncConnection

from domain.event import Fact
from projections.engine import cursor as cursors
from projections.engine.facts import Happened, envelope, facts_at
from projections.engine.filters import meant
from projections.part_trace.filters import CONDITIONS, STEPS, TraceFilter
from projections.part_trace.steps import At, Stop
from projections.words.sentences import tell
from projections.words.values import Text

LINES: LiteralString = (
    "SELECT s.position, s.line, s.came_from, s.from_place, s.went_to, s.to_place, s.part_id, s.number, "
    "s.lot, s.serial, s.quantity, s.ticket, s.ticket_number, t.customer, s.asset, s.swapped "
    "FROM " + STEPS + " WHERE "
)
ORDER: LiteralString = (
    " AND (s.position, s.line) > (%(position)s, %(at)s) ORDER BY s.position, s.line LIMIT %(limit)s"
)


class TraceLine(Happened, frozen=True, kw_only=True):
    """A quantity that went from one place to another.

    Attributes:
        line: its place among the steps of its event, from 1.
        part: the part's id; ``number`` is what people call it.
        document: the delivery note, of what came from a supplier.
        ticket: the ticket it was for; ``ticket_number`` is what people call it.
        customer: whose ticket that is.
        asset: the serial number of the asset it went into or came out of.
        swapped: the serial number that came out as this went in, or went in as this came out.
    """

    line: int
    came_from: At
    went_to: At
    part: UUID
    number: str
    lot: str | None
    serial: str | None
    quantity: int
    ticket: UUID | None
    ticket_number: str | None
    customer: str | None
    asset: str | None
    swapped: str | None
    document: str | None


class TracePage(msgspec.Struct, frozen=True, kw_only=True):
    """Steps in the order they were recorded.

    Attributes:
        texts: what happened, in Chinese and English, by the position of the event; told once for all its
            steps.
        next: the cursor of the following page; ``None`` on the last.
    """

    items: tuple[TraceLine, ...]
    texts: dict[int, Text]
    next: str | None


async def history(
    conn: AsyncConnection[Any],
    which: TraceFilter,
    *,
    zone: ZoneInfo,
    cursor: str | None = None,
    limit: int = 50,
) -> TracePage:
    """A page of the steps that a filter means.

    Args:
        conn: where to ask.
        which: which steps.
        zone: where the times inside the texts are told.
        cursor: where the page before ended.
        limit: most steps on it.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query, params = meant(which, CONDITIONS)
    position, line = cursors.read(cursor, tuple[int, int]) if cursor else (0, 0)
    params |= {"position": position, "at": line, "limit": limit + 1}
    found = await conn.execute(LINES + query + ORDER, params, binary=True)
    rows, more = cursors.cut(await found.fetchall(), limit, lambda row: row[:2])
    facts = await facts_at(conn, (row[0] for row in rows))
    return TracePage(
        items=tuple(_line(row, facts[row[0]]) for row in rows),
        texts={position: tell(fact.event, zone) for position, fact in facts.items()},
        next=more,
    )


def _line(row: Sequence[Any], fact: Fact) -> TraceLine:
    _, line, came_from, from_place, went_to, to_place, *fields = row
    named: dict[str, Any] = dict(zip(OWN, (*fields, getattr(fact.event, "document", None)), strict=True))
    return TraceLine(
        line=line,
        came_from=At(Stop(came_from), from_place),
        went_to=At(Stop(went_to), to_place),
        **envelope(fact),
        **named,
    )


OWN = TraceLine.__struct_fields__[TraceLine.__struct_fields__.index("part") :]
