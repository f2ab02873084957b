"""What may be asked of the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncConnection

from application.log.errors import UnreadableEvent
from application.log.mapper import fact_of
from application.log.stored import COLUMNS, LogEvent, Row
from domain.event import id_of
from projections.audit_log.filters import BY_INDEX, EVERYTHING, OF_COUNTS, OF_EVENTS, AuditFilter, given
from projections.audit_log.finding import Place, find
from projections.audit_log.spans import EVENTS, IS_KEPT, spans_of
from projections.engine import cursor as cursors
from projections.engine.filters import meant
from projections.engine.marks import mark_of
from projections.words.sentences import tell, tell_unread
from projections.words.values import Text

COUNTED: dict[str, LiteralString] = {"type": "type", "actor": "actor", "reason": "reason"}
ENTRIES: LiteralString = f"""
    SELECT {COLUMNS}, number FROM log.event LEFT JOIN view.audit_stream USING (stream_id)
    WHERE position = ANY(%s) ORDER BY position
"""  # noqa: S608
ENVELOPE = (
    *("stream_id", "occurred_at", "recorded_at", "actor", "reason", "correlation_id", "causation_id"),
    "idempotency_key",
)


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One event, in full.

    Attributes:
        id: what it is called as a cause.
        position: its place in the log.
        number: what people call the thing it was done to.
        occurred_at: when it happened.
        recorded_at: when it was recorded.
        causation_id: the ``id`` of the event that caused it, where a reaction recorded it.
        text: what happened, in words.
        data: the same, exactly as it was recorded; as a text where that is no JSON.
    """

    id: UUID
    position: int
    stream_id: UUID
    number: str | None
    version: int
    type: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    reason: str | None
    correlation_id: UUID
    causation_id: UUID | None
    idempotency_key: str | None
    text: Text
    data: msgspec.Raw


class AuditPage(msgspec.Struct, frozen=True, kw_only=True):
    """Events by position.

    A page is full or the last, except where a search has led through a million events: then it has what was
    found, even none, and `next` goes on from there.

    Attributes:
        position: of the last event that was looked at. Asked for with it, the same page has the same bytes.
        next: the cursor of the following page; ``None`` on the last.
    """

    position: int
    items: tuple[AuditEntry, ...]
    next: str | None


class AuditCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many events have a value in common."""

    value: str | None
    events: int


async def page(
    conn: AsyncConnection[Any],
    which: AuditFilter = EVERYTHING,
    *,
    zone: ZoneInfo,
    cursor: str | None = None,
    limit: int = 50,
    newest_first: bool = True,
) -> AuditPage:
    """A page of the events that a filter means; those up to where the view is, unless it says up to where.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    position = which.position or await reached(conn)
    after = cursors.read(cursor, tuple[int])[0] if cursor else None
    bounded = msgspec.structs.replace(which, position=position)
    places, following = await find(conn, bounded, Place(after, newest_first), limit)
    found = await conn.execute(ENTRIES, (list(places),), binary=True)
    entries = [_entry(row, zone) for row in await found.fetchall()]
    return AuditPage(
        position=position,
        items=tuple(reversed(entries) if newest_first else entries),
        next=None if following is None else cursors.write([following]),
    )


async def reached(conn: AsyncConnection[Any]) -> int:
    """How far the view has read the log."""
    return (await mark_of(conn, "audit_log")).position


async def counts(
    conn: AsyncConnection[Any], by: str, which: AuditFilter = EVERYTHING
) -> tuple[AuditCount, ...]:
    """How many events there are of each type, actor or reason, exactly, the commonest first.

    Raises:
        KeyError: ``by`` is not one of ``COUNTED``.
    """
    column = COUNTED[by]
    events, source, params = await _counted(conn, which)
    query = "SELECT " + column + ", " + events + source + " GROUP BY 1 ORDER BY 2 DESC, 1"
    found = await conn.execute(query, params)
    return tuple(AuditCount(value=value, events=events) for value, events in await found.fetchall())


async def _counted(
    conn: AsyncConnection[Any], which: AuditFilter
) -> tuple[LiteralString, LiteralString, dict[str, Any]]:
    """How events are added up, and of what: of what is counted already, or of the events themselves."""
    asked = given(which)
    if asked <= OF_COUNTS.keys():
        condition, params = meant(which, OF_COUNTS)
        return "sum(events)::bigint", " FROM view.audit_count WHERE " + condition, params
    condition, params = meant(which, OF_EVENTS)
    if asked & BY_INDEX:
        return "count(*)", " FROM log.event e WHERE " + condition + " AND " + IS_KEPT, params
    source, of_spans, more = await spans_of(conn, which)
    events = " FROM " + source + ", " + EVENTS + " AND " + of_spans + " AND " + condition
    return "count(*)", events, params | more


def _entry(row: Sequence[Any], zone: ZoneInfo) -> AuditEntry:
    recorded = LogEvent.from_row(cast(Row, row[:-1]))
    data = msgspec.Raw(recorded.state)
    try:
        text = tell(fact_of(cast(Row, row[:-1])).event, zone)
    except UnreadableEvent:
        text = tell_unread(recorded.topic, recorded.schema)
        data = _legible(recorded.state)
    own = {name: getattr(recorded, name) for name in ENVELOPE}
    return AuditEntry(
        id=id_of(recorded.stream_id, recorded.originator_version),
        position=recorded.id,
        number=row[-1],
        version=recorded.originator_version,
        type=recorded.topic,
        text=text,
        data=data,
        **own,
    )


def _legible(state: bytes) -> msgspec.Raw:
    try:
        msgspec.json.decode(state)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.Raw(msgspec.json.encode(state.decode(errors="replace")))
    return msgspec.Raw(state)
