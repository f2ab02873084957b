"""What may be asked of the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, LiteralString, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncConnection

from application.log.mapper import fact_of
from application.log.stored import COLUMNS, Row
from domain.event import type_name
from projections.engine import cursor as cursors
from projections.engine.facts import envelope
from projections.words.sentences import tell
from projections.words.values import Text

ENTRIES: LiteralString = f"""
    SELECT {", ".join("e." + column for column in COLUMNS.split(", "))},
           (SELECT convert_from(data, 'UTF8')::json ->> 'number' FROM log.event AS first
            WHERE first.stream_id = e.stream_id AND first.version = 1)
    FROM (SELECT position FROM view.timeline WHERE case_id = %s AND position > %s ORDER BY position LIMIT %s)
         AS t JOIN log.event AS e USING (position) ORDER BY position
"""  # noqa: S608


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
    zone: ZoneInfo,
    cursor: str | None = None,
    limit: int = 200,
) -> TimelinePage:
    """A page of what happened to a case; empty when there is none such.

    Args:
        conn: to the database.
        case_id: the id of its ticket.
        zone: where times inside the texts are told.
        cursor: of the page before.
        limit: most entries.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    after = cursors.read(cursor, tuple[int])[0] if cursor else 0
    found = await conn.execute(ENTRIES, (case_id, after, limit + 1), binary=True)
    entries, more = cursors.cut(await found.fetchall(), limit, lambda row: row[:1])
    return TimelinePage(items=tuple(_entry(row, zone) for row in entries), next=more)


def _entry(row: Sequence[Any], zone: ZoneInfo) -> TimelineEntry:
    *stored, number = row
    fact = fact_of(cast(Row, tuple(stored)))
    return TimelineEntry(
        **envelope(fact),
        id=fact.id,
        subject=Subject(kind=SubjectKind(type_name(fact.event).partition(".")[0]), number=number),
        stream_id=fact.stream_id,
        version=fact.version,
        causation_id=fact.causation_id,
        text=tell(fact.event, zone),
    )
