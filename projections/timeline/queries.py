"""What may be asked of the timeline."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, LiteralString, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncConnection

from application.log.mapper import fact_of
from application.log.stored import COLUMNS, Row
from domain.event import Fact, type_name
from domain.promises import Promises
from domain.ticket.moves import moves
from projections.engine import cursor as cursors
from projections.engine.facts import envelope, facts_of
from projections.words.moved import tell as tell_move
from projections.words.sentences import tell
from projections.words.values import Text

ENTRIES: LiteralString = f"""
    SELECT {", ".join("e." + column for column in COLUMNS.split(", "))},
           (SELECT convert_from(data, 'UTF8')::json ->> 'number' FROM log.event AS first
            WHERE first.stream_id = e.stream_id AND first.version = 1)
    FROM (SELECT position FROM view.timeline WHERE case_id = %s AND position > %s ORDER BY position LIMIT %s)
         AS t JOIN log.event AS e USING (position) ORDER BY position
"""  # noqa: S608


MANY = 1000
"""Events that are replayed in a thread, as others wait."""


class SubjectKind(StrEnum):
    """What an event may be about: how its type begins."""

    TICKET = "ticket"
    PART = "part"
    CONTRACT = "contract"
    PLAN = "plan"
    CALENDAR = "calendar"
    PROJECTION = "projection"
    LOG = "log"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What an event is about: its kind, and what people call it, such as T-2026-000123 or HE-200."""

    kind: SubjectKind
    number: str | None


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a case.

    Attributes:
        id: what it is called as a cause.
        position: its place in the log.
        subject: what it happened to.
        stream_id: the id of that; ``version`` is its place in that stream.
        occurred_at: when it happened.
        recorded_at: when it was recorded.
        reason: why, in the actor's own words.
        causation_id: the ``id`` of the event that caused it, where a reaction recorded it.
        text: what happened, in Chinese and English.
        moves: the deadlines that it moved, in words (B04).
    """

    id: UUID
    position: int
    subject: Subject
    stream_id: UUID
    version: int
    type: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    reason: str | None
    causation_id: UUID | None
    text: Text
    moves: tuple[Text, ...]


class TimelinePage(msgspec.Struct, frozen=True, kw_only=True):
    """Events of a case in the order they were recorded.

    Attributes:
        next: the cursor of the following page; ``None`` on the last.
    """

    items: tuple[TimelineEntry, ...]
    next: str | None


async def history(
    conn: AsyncConnection[Any],
    case_id: UUID,
    *,
    promises: Promises,
    zone: ZoneInfo,
    cursor: str | None = None,
    limit: int = 200,
) -> TimelinePage:
    """A page of what happened to a case; empty when there is none such.

    Args:
        conn: to the database.
        case_id: the id of its ticket.
        promises: the book of plans and calendars, which deadlines go by.
        zone: where times inside the texts are told.
        cursor: of the page before.
        limit: most entries.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    after = cursors.read(cursor, tuple[int])[0] if cursor else 0
    found = await conn.execute(ENTRIES, (case_id, after, limit + 1), binary=True)
    entries, more = cursors.cut(await found.fetchall(), limit, lambda row: row[:1])
    page = [(fact_of(cast(Row, row[:-1])), row[-1]) for row in entries]
    told = await _moved(conn, case_id, [fact for fact, _ in page], promises, zone)
    return TimelinePage(items=tuple(_entry(*each, told, zone) for each in page), next=more)


async def _moved(
    conn: AsyncConnection[Any], case_id: UUID, page: Sequence[Fact], promises: Promises, zone: ZoneInfo
) -> dict[int, list[Text]]:
    """By position, how the events of a page moved deadlines: replayed from the ticket's first event on."""
    own = [fact for fact in page if fact.stream_id == case_id]
    if not own:
        return {}
    facts = own if own[0].version == 1 else await facts_of(conn, case_id, own[-1].position)
    replayed = partial(_told, facts, promises, zone, own[0].position)
    return replayed() if len(facts) < MANY else await asyncio.to_thread(replayed)


def _told(facts: Sequence[Fact], promises: Promises, zone: ZoneInfo, begin: int) -> dict[int, list[Text]]:
    told: dict[int, list[Text]] = {}
    for move in moves(facts, promises):
        if move.fact.position >= begin:
            told.setdefault(move.fact.position, []).append(tell_move(move, zone))
    return told


def _entry(fact: Fact, number: str | None, told: dict[int, list[Text]], zone: ZoneInfo) -> TimelineEntry:
    return TimelineEntry(
        **envelope(fact),
        id=fact.id,
        subject=Subject(kind=SubjectKind(type_name(fact.event).partition(".")[0]), number=number),
        stream_id=fact.stream_id,
        version=fact.version,
        causation_id=fact.causation_id,
        text=tell(fact.event, zone),
        moves=tuple(told.get(fact.position, ())),
    )
