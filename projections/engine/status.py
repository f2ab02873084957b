"""How far every projection is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from psycopg import AsyncConnection, Connection

from application.log.failure import Failure
from projections.engine.projection import LOG

QUERY = """
    SELECT n.name, t.position, h.position, t.failure, t.moved_at,
           (SELECT count(*) FROM log.parked p WHERE p.projection = t.projection AND p.log = t.log),
           (SELECT extract(epoch FROM clock_timestamp() - e.recorded_at)::float
            FROM log.event e WHERE e.position = t.position + 1),
           coalesce(t.fence, 0)
    FROM log.head h CROSS JOIN unnest(%s::text[]) WITH ORDINALITY AS n (name, place)
    LEFT JOIN log.tracking t ON t.projection = n.name AND t.log = %s
    ORDER BY n.place
"""


class ProjectionState(StrEnum):
    """What a projection is doing."""

    LIVE = "live"
    """It shows the whole log."""
    BEHIND = "behind"
    """It is catching up, or nobody moves it."""
    PARKED = "parked"
    """It goes on, but holds back what has an event that it cannot fold: ``aftersales projections parked``."""
    FAILED = "failed"
    """It stopped, and tries again from time to time."""
    MISSING = "missing"
    """No worker has made it yet."""


class ProjectionStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One projection.

    Attributes:
        position: the last event it shows.
        head: the last event there is.
        lag: events between the two.
        behind: seconds since the first of them was recorded; 0 when there is none.
        parked: the tickets, parts and contracts that it holds back.
        failure: the event at which it stopped, and why.
        moved_at: when it last moved.
        leaders: how often its leader has changed.
    """

    name: str
    position: int
    head: int
    lag: int
    behind: float = 0.0
    state: ProjectionState
    parked: int = 0
    failure: Failure | None = None
    moved_at: datetime | None = None
    leaders: int = 0


def status(conn: Connection[Any], names: Sequence[str]) -> list[ProjectionStatus]:
    """The status of these projections, in this order."""
    return _read(conn.execute(QUERY, (list(names), LOG)).fetchall())


async def status_async(conn: AsyncConnection[Any], names: Sequence[str]) -> list[ProjectionStatus]:
    """The same, on an event loop."""
    cursor = await conn.execute(QUERY, (list(names), LOG))
    return _read(await cursor.fetchall())


Found = tuple[str, int | None, int, str | None, datetime | None, int, float | None, int]


def _read(rows: Iterable[Found]) -> list[ProjectionStatus]:
    return [
        ProjectionStatus(
            name=name,
            position=position or 0,
            head=head,
            lag=head - (position or 0),
            behind=max(behind or 0.0, 0.0),
            state=_state(position, head, failure, parked),
            parked=parked,
            failure=msgspec.json.decode(failure, type=Failure) if failure else None,
            moved_at=moved_at,
            leaders=leaders,
        )
        for name, position, head, failure, moved_at, parked, behind, leaders in rows
    ]


def _state(position: int | None, head: int, failure: str | None, parked: int) -> ProjectionState:
    if position is None:
        return ProjectionState.MISSING
    if failure:
        return ProjectionState.FAILED
    if parked:
        return ProjectionState.PARKED
    return ProjectionState.LIVE if position >= head else ProjectionState.BEHIND
