"""What projections hold back, for whoever asks and decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, Connection

from application.log.failure import Failure
from projections.engine.projection import LOG, Projection

HELD = """
    SELECT projection, position FROM log.parked
    WHERE log = %(log)s AND projection = ANY(%(views)s)
    AND unit IN (SELECT %(thing)s UNION SELECT stream_id FROM log.event WHERE correlation_id = %(thing)s)
    ORDER BY position LIMIT 1
"""
ALL: LiteralString = """
    SELECT p.projection, p.position, p.type, p.failure, p.unit,
           ARRAY(SELECT name FROM log.name WHERE stream_id = p.unit ORDER BY name),
           (SELECT count(*) FROM log.event e WHERE e.stream_id = p.unit AND e.position > p.position
            AND e.position <= t.position AND e.type ^@ ANY(%(wants)s)),
           p.parked_at, p.tries, p.retry_at
    FROM log.parked p JOIN log.tracking t USING (projection, log)
    WHERE p.projection = %(name)s AND p.log = %(log)s ORDER BY p.position
"""
RETRY = """
    UPDATE log.parked SET retry_at = clock_timestamp()
    WHERE log = %(log)s AND projection = ANY(%(views)s)
    AND (%(position)s::bigint IS NULL OR position = %(position)s)
    RETURNING projection, position
"""
ONE = "SELECT unit, type FROM log.parked WHERE projection = %s AND log = %s AND position = %s FOR UPDATE"


class HeldUnit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit that a projection holds back.

    Attributes:
        position: of the event that cannot be folded; ``type`` is its type.
        failure: why not.
        unit: the ticket, part or contract.
        names: what it is called.
        waiting: how many of its events queue behind that one.
        since: when it was parked.
        tries: how often it was tried.
        retry_at: when it will be tried again by itself.
    """

    projection: str
    position: int
    type: str
    failure: Failure
    unit: UUID
    names: tuple[str, ...]
    waiting: int
    since: datetime
    tries: int
    retry_at: datetime


class HeldBack(Exception):
    """What was asked for is parked: its view shows how it was before an event that could not be folded.

    Attributes:
        view: the projection.
        position: the event.
    """

    def __init__(self, view: str, position: int) -> None:
        super().__init__(
            f"the view {view} cannot take event {position}, and holds back what follows it here; "
            "whoever runs the service sees it in aftersales projections parked"
        )
        self.view = view
        self.position = position


def held_units(conn: Connection[Any], projections: Iterable[Projection]) -> list[HeldUnit]:
    """Everything that these projections hold back, projection by projection in the order of the log."""
    held: list[HeldUnit] = []
    for projection in projections:
        asked = {"name": projection.name, "log": LOG, "wants": list(projection.wants)}
        for row in conn.execute(ALL, asked).fetchall():
            named: dict[str, Any] = dict(zip(HeldUnit.__struct_fields__, row, strict=True))
            named["failure"] = msgspec.json.decode(named["failure"], type=Failure)
            held.append(HeldUnit(**{**named, "names": tuple(named["names"])}))
    return held


def ask_again(conn: Connection[Any], views: Sequence[str], position: int | None) -> list[tuple[str, int]]:
    """Let their leader try what these views hold back, at one position or wherever.

    Returns:
        What will be tried: the view and the position.
    """
    asked = {"log": LOG, "views": list(views), "position": position}
    with conn.transaction():
        found = conn.execute(RETRY, asked).fetchall()
        conn.execute("SELECT pg_notify('log', '')")
    return sorted(found)


@contextmanager
def held_still(conn: Connection[Any], view: str, position: int) -> Iterator[tuple[UUID, str] | None]:
    """The unit that a view holds back at an event and the event's type, if it does.

    Until the end of the block it stays so: its leader waits before it tries that unit again.
    """
    with conn.transaction():
        yield conn.execute(ONE, (view, LOG, position)).fetchone()


async def must_be_whole(conn: AsyncConnection[Any], views: Iterable[str], thing: UUID) -> None:
    """Refuse to show what a view holds back.

    Args:
        thing: a ticket, a part, a contract or a service case.

    Raises:
        HeldBack: one of the views has parked it, or a stream of its case.
    """
    found = await conn.execute(HELD, {"log": LOG, "views": list(views), "thing": thing})
    row = await found.fetchone()
    if row is not None:
        raise HeldBack(*row)
