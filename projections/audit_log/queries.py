"""What may be asked of the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from domain.event import id_of
from projections.engine import cursor as cursors
from projections.engine.filters import meant

CONDITIONS: dict[str, LiteralString] = {
    "actor": "hashtextextended(actor, 0) = hashtextextended(%(actor)s, 0) AND actor = %(actor)s",
    "type": "hashtextextended(type, 0) = hashtextextended(%(type)s, 0) AND type = %(type)s",
    "stream_id": "stream_id = %(stream_id)s",
    "number": "stream_id = ANY(ARRAY(SELECT stream_id FROM view.audit_stream WHERE number = %(number)s))",
    "correlation_id": (
        "position = ANY(ARRAY(SELECT position FROM log.event WHERE correlation_id = %(correlation_id)s))"
    ),
    "causation_id": "causation_id = %(causation_id)s",
    "idempotency_key": "idempotency_key = %(idempotency_key)s",
    "occurred_from": "occurred_at >= %(occurred_from)s",
    "occurred_to": "occurred_at < %(occurred_to)s",
    "recorded_from": "recorded_at >= %(recorded_from)s",
    "recorded_to": "recorded_at < %(recorded_to)s",
    "reason": "hashtextextended(reason, 0) = hashtextextended(%(reason)s, 0) AND reason = %(reason)s",
    "reason_contains": "reason ILIKE %(reason_contains)s",
}
COUNTED: dict[str, LiteralString] = {"type": "type", "actor": "actor", "reason": "reason"}
SELECT: LiteralString = (
    "SELECT a.position, a.stream_id, n.number, a.version, a.type, a.occurred_at, a.recorded_at, a.actor, "
    "a.reason, a.correlation_id, a.causation_id, a.idempotency_key, e.data "
    "FROM (SELECT * FROM view.audit_log WHERE "
)
JOINS: LiteralString = (
    ") AS a JOIN log.event e ON e.position = a.position "
    "LEFT JOIN view.audit_stream n ON n.stream_id = a.stream_id ORDER BY a.position"
)


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are meant: those that fit everything that is given.

    Attributes:
        actor: who did it, exactly.
        number: what people call the thing it was done to, for example T-2026-000123.
        correlation_id: the service case.
        occurred_from: it happened then or later; ``occurred_to`` is the first moment that is too late.
        recorded_from: likewise for when it was recorded.
        reason: why, exactly; of an imported event, the source's own word for the activity.
        reason_contains: part of it, in any case.
    """

    actor: str | None = None
    type: str | None = None
    stream_id: UUID | None = None
    number: str | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    idempotency_key: str | None = None
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    reason: str | None = None
    reason_contains: str | None = None


EVERYTHING = AuditFilter()


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One event, in full.

    Attributes:
        id: what it is called as a cause.
        position: its place in the log.
        number: what people call the thing it was done to.
        occurred_at: when it happened.
        recorded_at: when it was recorded.
        causation_id: the ``id`` of the event that caused it, where a reaction recorded it.
        data: what happened, exactly as it was recorded.
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
    data: msgspec.Raw


class AuditPage(msgspec.Struct, frozen=True, kw_only=True):
    """Events by position.

    Attributes:
        next: the cursor of the following page; ``None`` on the last.
    """

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
    cursor: str | None = None,
    limit: int = 50,
    newest_first: bool = True,
) -> AuditPage:
    """A page of the events that a filter means.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    condition, params = meant(which, CONDITIONS)
    params["limit"] = limit + 1
    if cursor:
        condition += " AND position < %(after)s" if newest_first else " AND position > %(after)s"
        params["after"] = cursors.read(cursor, tuple[int])[0]
    direction: LiteralString = " DESC" if newest_first else ""
    found = await conn.execute(
        SELECT + condition + " ORDER BY position" + direction + " LIMIT %(limit)s" + JOINS + direction,
        params,
        binary=True,
    )
    entries = [_entry(row) for row in await found.fetchall()]
    items, more = cursors.cut(entries, limit, lambda entry: [entry.position])
    return AuditPage(items=tuple(items), next=more)


async def count(conn: AsyncConnection[Any], which: AuditFilter = EVERYTHING) -> int:
    """How many events a filter means, exactly."""
    condition, params = meant(which, CONDITIONS)
    found = await conn.execute("SELECT count(*) FROM view.audit_log WHERE " + condition, params)  # noqa: S608
    row = await found.fetchone()
    return row[0] if row else 0


TOTALS: LiteralString = """
    SELECT value, events FROM view.audit_count WHERE dimension = %(by)s
    UNION ALL
    SELECT NULL, events FROM (
        SELECT (coalesce(sum(events) FILTER (WHERE dimension = 'type'), 0)
                - coalesce(sum(events) FILTER (WHERE dimension = %(by)s), 0))::bigint AS events
        FROM view.audit_count) AS unsaid
    WHERE events > 0
    ORDER BY 2 DESC, 1
"""
"""The whole log counted, with those that have no value: every event has a type."""


async def counts(
    conn: AsyncConnection[Any], by: str, which: AuditFilter = EVERYTHING
) -> tuple[AuditCount, ...]:
    """How many events there are of each type, actor or reason, the commonest first.

    Raises:
        KeyError: ``by`` is not one of ``COUNTED``.
    """
    column = COUNTED[by]
    condition, params = meant(which, CONDITIONS)
    if params:
        query: LiteralString = (
            "SELECT " + column + ", count(*) FROM view.audit_log WHERE " + condition  # noqa: S608
            + " GROUP BY 1 ORDER BY 2 DESC, 1"
        )  # fmt: skip
    else:
        query, params = TOTALS, {"by": by}
    found = await conn.execute(query, params)
    return tuple(AuditCount(value=value, events=events) for value, events in await found.fetchall())


def _entry(row: Sequence[Any]) -> AuditEntry:
    own = AuditEntry.__struct_fields__[1:]
    named: dict[str, Any] = dict(zip(own, row, strict=True))
    named["id"] = id_of(named["stream_id"], named["version"])
    named["data"] = msgspec.Raw(named["data"])
    return AuditEntry(**named)
