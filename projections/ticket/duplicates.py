"""Which tickets may be about the same as another, and why (R02). The same rows give the same answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from domain.ticket.allowed import ENDED
from domain.ticket.words import Status
from projections.cases.folding import read_case
from projections.ticket.likeness import likeness, pieces

RECENTLY = timedelta(days=30)
"""How long after its end a ticket may still be the same one."""
LEAST = 30
"""Points from which on a ticket is shown."""
WORDS_COUNT = 0.25
"""How alike words are before that counts."""
MOST = 10
"""Tickets in an answer."""
LOOKED_AT = 10 * MOST
"""Tickets of which it is read how they stand, at most; so many at a time as an answer has."""

COLUMNS: LiteralString = "id, number, status, customer, asset, product, subject"
LIKELY: LiteralString = f"""
    (SELECT {COLUMNS} FROM view.ticket WHERE asset = %(asset)s ORDER BY number DESC LIMIT 100)
    UNION
    (SELECT {COLUMNS} FROM view.ticket WHERE customer = %(customer)s ORDER BY number DESC LIMIT 200)
    UNION
    (SELECT {COLUMNS} FROM view.ticket ORDER BY number DESC LIMIT 300)
"""  # noqa: S608
STATES: LiteralString = "SELECT id, state FROM view.ticket WHERE id = ANY(%s)"


class Why(StrEnum):
    """What speaks for two tickets being one."""

    ASSET = "asset"
    CUSTOMER = "customer"
    PRODUCT = "product"
    WORDS = "words"


POINTS = {Why.ASSET: 50, Why.CUSTOMER: 20, Why.PRODUCT: 5, Why.WORDS: 40}
"""For the same one; for words, if all of them are the same."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a report.

    Attributes:
        besides: a ticket that is not meant: the one that is asked about.
    """

    subject: str = ""
    customer: str | None = None
    asset: str | None = None
    product: str | None = None
    besides: UUID | None = None


class Reason(msgspec.Struct, frozen=True):
    """What speaks for it, and how much."""

    why: Why
    points: int


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that may be about the same.

    Attributes:
        score: the points of all reasons, at most 115.
        reasons: what they are for.
    """

    id: UUID
    number: str
    status: Status
    subject: str
    customer: str | None
    asset: str | None
    reported_at: datetime
    score: int
    reasons: tuple[Reason, ...]


class Duplicates(msgspec.Struct, frozen=True):
    """The likeliest first; of those that are as likely, the newest number."""

    items: tuple[Suggestion, ...]


class _Row(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    status: str
    customer: str | None
    asset: str | None
    product: str | None
    subject: str


_Scored = tuple[int, _Row, tuple[Reason, ...]]


async def duplicates(conn: AsyncConnection[Any], asked: Asked, now: datetime) -> Duplicates:
    """Tickets that are open, or ended lately, and speak of the same asset, customer or trouble.

    Args:
        asked: what is known of the report.
        now: by which it is settled what was lately.
    """
    async with conn.cursor(row_factory=class_row(_Row)) as rows:
        params = {"asset": asked.asset, "customer": asked.customer}
        found = await (await rows.execute(LIKELY, params)).fetchall()
    words = pieces(asked.subject)
    scored = [
        (sum(each.points for each in reasons), row, reasons)
        for row in found
        if row.id != asked.besides and row.status != Status.CANCELLED
        for reasons in [tuple(_reasons(asked, words, row))]
    ]
    likely = sorted(
        (each for each in scored if each[0] >= LEAST), key=lambda each: each[1].number, reverse=True
    )
    likely.sort(key=lambda each: each[0], reverse=True)
    items: list[Suggestion] = []
    for begin in range(0, LOOKED_AT, MOST):
        if len(items) < MOST and likely[begin:]:
            items += await _standing(conn, likely[begin : begin + MOST], now)
    return Duplicates(tuple(items[:MOST]))


async def _standing(conn: AsyncConnection[Any], likely: Sequence[_Scored], now: datetime) -> list[Suggestion]:
    """Those that are open, or ended lately."""
    states = await (await conn.execute(STATES, ([row.id for _, row, _ in likely],), binary=True)).fetchall()
    tickets = {ticket_id: read_case(state).ticket for ticket_id, state in states}
    return [
        Suggestion(
            id=row.id,
            number=row.number,
            status=ticket.status,
            subject=row.subject,
            customer=row.customer,
            asset=row.asset,
            reported_at=ticket.reported_at,
            score=score,
            reasons=reasons,
        )
        for score, row, reasons in likely
        for ticket in [tickets.get(row.id)]
        if ticket is not None and (ticket.status not in ENDED or _lately(ticket.closed_at, now))
    ]


def _lately(closed_at: datetime | None, now: datetime) -> bool:
    return closed_at is not None and now - closed_at <= RECENTLY


def _reasons(asked: Asked, words: frozenset[str], row: _Row) -> Iterator[Reason]:
    for why in (Why.ASSET, Why.CUSTOMER, Why.PRODUCT):
        own = getattr(asked, why.value)
        if own is not None and own == getattr(row, why.value):
            yield Reason(why, POINTS[why])
    alike = likeness(words, pieces(row.subject))
    if alike >= WORDS_COUNT:
        yield Reason(Why.WORDS, round(POINTS[Why.WORDS] * alike))
