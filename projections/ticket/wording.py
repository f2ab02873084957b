"""Tickets that have a text in their number or subject, found without reading all of them.

Two characters of Chinese are a word, so tickets are found by pairs: those that have every pair of a text may
have the text. Whether they do is for whoever asks to compare.
"""

from __future__ import annotations

from operator import add
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from projections.engine.patterns import contains
from projections.engine.projection import LOG

MOST = 5000
"""Tickets up to which it is worth having them by name."""
FAR = 5000
"""Events that the view may be behind, of which the tickets are looked at besides."""

IS_COMMON: LiteralString = """(
    SELECT count(*) >= 5
    FROM (SELECT pairs FROM view.ticket_words ORDER BY id DESC LIMIT 1000) AS newest
    WHERE pairs LIKE ALL(%(patterns)s))"""
"""Whoever reads tickets in any order meets those with such a text soon."""
HAVING: LiteralString = f"""
    SELECT CASE WHEN NOT {IS_COMMON} THEN ARRAY(
               SELECT id FROM view.ticket_words WHERE pairs::jsonb @> %(pairs)s::jsonb LIMIT %(most)s) END,
           mark.position, log.head.position - mark.position
    FROM log.tracking AS mark, log.head WHERE mark.projection = 'ticket' AND mark.log = '{LOG}'
"""  # noqa: S608
IS_NEAR: LiteralString = f"""id = ANY(ARRAY(
    SELECT unnest(%s::uuid[])
    UNION ALL SELECT stream_id FROM log.event WHERE position > %s
    UNION ALL SELECT unit FROM log.parked WHERE projection = 'ticket' AND log = '{LOG}'))"""  # noqa: S608
"""Of another view: it may know tickets that this one does not have yet."""
_encode = msgspec.json.Encoder().encode


class TicketWords(msgspec.Struct):
    """A row of the table."""

    id: UUID
    pairs: str


class Near(NamedTuple):
    """The tickets that may have a text.

    Attributes:
        position: up to where the log has been searched for them.
    """

    tickets: list[UUID]
    position: int


def pairs_of(text: str) -> list[str]:
    """Every two characters that follow each other in a word, in any case."""
    folded = text.casefold()
    return [pair for pair in map(add, folded, folded[1:]) if " " not in pair]


def words_of(ticket_id: UUID, number: str, subject: str) -> TicketWords:
    """The row that a ticket has. Neither of the two ever changes."""
    return TicketWords(ticket_id, _encode(pairs_of(f"{number} {subject}")).decode())


async def having(conn: AsyncConnection[Any], text: str) -> Near | None:
    """The tickets that may have a text.

    ``None`` where they are many or the view is far behind, and for single characters, which make no pair.
    """
    pairs = pairs_of(text)
    if not pairs:
        return None
    asked = {
        "pairs": _encode(pairs).decode(),
        "patterns": [contains(_encode(each).decode()) for each in pairs],
        "most": MOST + 1,
    }
    row = await (await conn.execute(HAVING, asked, binary=True)).fetchone()
    if row is None or row[0] is None or len(row[0]) > MOST or row[2] > FAR:
        return None
    return Near(row[0], row[1])
