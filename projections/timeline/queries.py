"""What may be asked of the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from projections.engine import cursor as cursors
from projections.words.values import Text

ENTRIES = (
    "SELECT position, stream_id, version, type, occurred_at, recorded_at, actor, reason, zh, en "
    "FROM view.timeline WHERE case_id = %s AND position > %s ORDER BY position LIMIT %s"
)


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a case.

    Attributes:
        position: its place in the log.
        stream_id: what it happened to; ``version`` is its place in that stream.
        occurred_at: when it happened.
        recorded_at: when it was recorded.
        reason: why, in the actor's own words.
        text: what happened, in Chinese and English.
    """

    position: int
    stream_id: UUID
    version: int
    type: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    reason: str | None
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
    entries = await found.fetchall()
    items = tuple(map(_entry, entries[:limit]))
    return TimelinePage(
        items=items, next=cursors.write([items[-1].position]) if len(entries) > limit else None
    )


def _entry(row: Sequence[Any]) -> TimelineEntry:
    *fields, zh, en = row
    named: dict[str, Any] = dict(zip(TimelineEntry.__struct_fields__, (*fields, Text(zh, en)), strict=True))
    return TimelineEntry(**named)
