"""What may be asked of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncConnection

from domain.event import Fact
from domain.part.words import Bucket
from projections.engine import cursor as cursors
from projections.engine.facts import Happened, envelope, facts_at
from projections.engine.filters import meant
from projections.words.sentences import tell
from projections.words.values import Text

LINES: LiteralString = (
    "SELECT position, line, bucket, location, ticket, ticket_number, lot, serial, delta, balance "
    "FROM view.part_movement WHERE part_id = %(part)s AND "
)
CONDITIONS: dict[str, LiteralString] = {
    "location": "location = %(location)s",
    "bucket": "bucket = %(bucket)s",
    "ticket": "ticket = %(ticket)s",
}


class LedgerFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which movements of a part are meant: those that fit everything that is given.

    Attributes:
        location: a warehouse, service centre or van; what tickets have is at no location.
        ticket: the id of the ticket they were for.
    """

    location: str | None = None
    bucket: Bucket | None = None
    ticket: UUID | None = None


ALL_MOVEMENTS = LedgerFilter()


class LedgerLine(Happened, frozen=True, kw_only=True):
    """One movement.

    Attributes:
        line: its place among the movements of its event, from 1.
        bucket: what the quantity is there for.
        location: where; ``None`` for goods that the ticket has.
        ticket: the ticket it was for; ``ticket_number`` is what people call it.
        delta: how much more, or fewer.
        balance: what that bucket of that location, or of that ticket, held after it.
    """

    line: int
    bucket: Bucket
    location: str | None
    ticket: UUID | None
    ticket_number: str | None
    lot: str | None
    serial: str | None
    delta: int
    balance: int


class LedgerPage(msgspec.Struct, frozen=True, kw_only=True):
    """Movements of a part in the order they were recorded.

    Attributes:
        texts: what happened, in Chinese and English, by the position of the event; told once for all its
            movements.
        next: the cursor of the following page; ``None`` on the last.
    """

    items: tuple[LedgerLine, ...]
    texts: dict[int, Text]
    next: str | None


async def ledger(
    conn: AsyncConnection[Any],
    part: UUID,
    which: LedgerFilter = ALL_MOVEMENTS,
    *,
    zone: ZoneInfo,
    cursor: str | None = None,
    limit: int = 50,
) -> LedgerPage:
    """A page of a part's movements.

    Args:
        conn: where to ask.
        part: the part's id.
        which: which movements.
        zone: where the times inside the texts are told.
        cursor: where the page before ended.
        limit: most movements on it.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query, params = meant(which, CONDITIONS)
    after = cursors.read(cursor, tuple[int, int]) if cursor else (0, 0)
    params |= {"part": part, "position": after[0], "line": after[1], "limit": limit + 1}
    order: LiteralString = (
        " AND (position, line) > (%(position)s, %(line)s) ORDER BY position, line LIMIT %(limit)s"
    )
    found = await conn.execute(LINES + query + order, params, binary=True)
    rows, more = cursors.cut(await found.fetchall(), limit, lambda row: row[:2])
    facts = await facts_at(conn, (row[0] for row in rows))
    return LedgerPage(
        items=tuple(_line(row, facts[row[0]]) for row in rows),
        texts={position: tell(fact.event, zone) for position, fact in facts.items()},
        next=more,
    )


def _line(row: Sequence[Any], fact: Fact) -> LedgerLine:
    _, line, bucket, *fields = row
    own = LedgerLine.__struct_fields__[len(Happened.__struct_fields__) + 2 :]
    named: dict[str, Any] = dict(zip(own, fields, strict=True))
    return LedgerLine(line=line, bucket=Bucket(bucket), **envelope(fact), **named)
