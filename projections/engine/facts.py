"""The facts behind the rows of a view: what a view does not repeat stays in the log alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from application.log.mapper import fact_of, read
from application.log.stored import COLUMNS, LogEvent, Row
from domain.event import Fact, type_name

FACTS = f"SELECT {COLUMNS} FROM log.event WHERE position = ANY(%s) ORDER BY position"  # noqa: S608

STREAM = (
    f"SELECT {COLUMNS} FROM log.event WHERE stream_id = %s AND position <= %s "  # noqa: S608
    "ORDER BY version"
)

STREAMS = (
    f"SELECT {COLUMNS} FROM log.event WHERE stream_id = ANY(%s) AND position <= %s "  # noqa: S608
    "ORDER BY stream_id, version"
)


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a view that one event made.

    Attributes:
        position: the event's place in the log.
        type: for example ``part.issued``.
        occurred_at: when it happened.
        recorded_at: when it was recorded.
        reason: why, in the actor's own words.
    """

    position: int
    type: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    reason: str | None


async def facts_at(conn: AsyncConnection[Any], positions: Iterable[int]) -> dict[int, Fact]:
    """The facts at these positions of the log."""
    wanted = sorted(set(positions))
    if not wanted:
        return {}
    found = await conn.execute(FACTS, (wanted,), binary=True)
    return {row[0]: read(LogEvent.from_row(row)) for row in await found.fetchall()}


async def facts_of(conn: AsyncConnection[Any], stream_id: UUID, up_to: int) -> list[Fact]:
    """The facts of a stream up to a position of the log, in version order."""
    found = await conn.execute(STREAM, (stream_id, up_to), binary=True)
    return [fact_of(cast(Row, row)) for row in await found.fetchall()]


async def stored_of(conn: AsyncConnection[Any], streams: Iterable[UUID], up_to: int) -> dict[UUID, list[Row]]:
    """The rows of streams up to a position of the log, by stream, in version order."""
    found = await conn.execute(STREAMS, (list(streams), up_to), binary=True)
    rows: dict[UUID, list[Row]] = {}
    for row in await found.fetchall():
        rows.setdefault(row[1], []).append(cast(Row, row))
    return rows


def envelope(fact: Fact) -> dict[str, Any]:
    """The fields of ``Happened`` that a fact says."""
    return {
        "position": fact.position,
        "type": type_name(fact.event),
        "occurred_at": fact.act.occurred_at,
        "recorded_at": fact.recorded_at,
        "actor": fact.act.actor,
        "reason": fact.act.reason,
    }
