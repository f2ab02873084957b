"""What may be asked of the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from domain.event import id_of
from projections.engine import cursor as cursors
from projections.words.values import Text

ENTRIES = (
    "SELECT t.position, t.stream_id, t.version, t.type, t.occurred_at, t.recorded_at, t.actor, t.reason, "
    "t.causation_id, s.number, t.zh, t.en "
    "FROM (SELECT * FROM view.timeline WHERE case_id = %s AND position > %s ORDER BY position LIMIT %s) AS t "
    "LEFT JOIN view.timeline_subject s ON s.stream_id = t.stream_id ORDER BY t.position"
)


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
    conn: AsyncConnection[Any], case_id: UUID, *, cursor: str | None = None, limit: int = 200
) -> TimelinePage:
    """A page of what happened to a case; empty when there is none such.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    after = cursors.read(cursor, tuple[int])[0] if cursor else 0
    found = await conn.execute(ENTRIES, (case_id, after, limit + 1), binary=True)
    entries, more = cursors.cut(await found.fetchall(), limit, lambda row: row[:1])
    return TimelinePage(items=tuple(map(_entry, entries)), next=more)


def _entry(row: Sequence[Any]) -> TimelineEntry:
    position, stream_id, version, name, occurred_at, recorded_at, actor, reason, cause, number, zh, en = row
    return TimelineEntry(
        id=id_of(stream_id, version),
        position=position,
        subject=Subject(kind=SubjectKind(name.partition(".")[0]), number=number),
        stream_id=stream_id,
        version=version,
        type=name,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        actor=actor,
        reason=reason,
        causation_id=cause,
        text=Text(zh, en),
    )
