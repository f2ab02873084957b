"""Which tickets a ticket is linked with, whichever of the two says so (R02)."""

from __future__ import annotations

from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from domain.ticket.state import Ticket
from domain.ticket.triage_events import mention_of
from domain.ticket.words import Link, Status
from projections.cases.folding import read_case

BOTH: LiteralString = """
    SELECT state FROM view.ticket
    WHERE id = ANY(%(own)s) OR id IN (SELECT stream_id FROM log.mention WHERE name = %(name)s)
"""


class LinkedTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket at the other end of a link.

    Attributes:
        link: what the one that says it has to do with the other.
        says: the number of the ticket that says so; only there the link is taken back.
    """

    id: UUID
    number: str
    subject: str
    status: Status
    link: Link
    says: str


class TicketLinks(msgspec.Struct, frozen=True):
    """The links of a ticket, its own first."""

    items: tuple[LinkedTicket, ...]


async def links(conn: AsyncConnection[Any], ticket: Ticket) -> TicketLinks:
    """Every link of a ticket, seen from its end."""
    asked = {"own": [each.ticket for each in ticket.links], "name": mention_of(ticket.id)}
    rows = await (await conn.execute(BOTH, asked, binary=True)).fetchall()
    others = {case.ticket.id: case.ticket for case in (read_case(row[0]) for row in rows)}
    own = [_seen(others[each.ticket], each.link, ticket) for each in ticket.links if each.ticket in others]
    theirs = [
        _seen(other, each.link, other)
        for other in sorted(others.values(), key=lambda each: each.number)
        for each in other.links
        if each.ticket == ticket.id
    ]
    return TicketLinks(tuple(own + theirs))


def _seen(other: Ticket, link: Link, says: Ticket) -> LinkedTicket:
    return LinkedTicket(
        id=other.id,
        number=other.number,
        subject=other.subject,
        status=other.status,
        link=link,
        says=says.number,
    )
