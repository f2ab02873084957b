"""The tracking rows: looked at and moved in every transaction that folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import structlog
from psycopg import Connection

from application.log.failure import Failure
from projections.engine.seat import Moved, Seat

PLACES = (
    "SELECT projection, position, definition, fence FROM log.tracking "
    "WHERE projection = ANY(%s) AND log = %s ORDER BY projection FOR UPDATE"
)
MOVE = (
    "WITH moved AS (UPDATE log.tracking SET position = %s, moved_at = clock_timestamp(), failure = NULL "
    "WHERE projection = ANY(%s) AND log = %s) SELECT pg_notify('view', '')"
)

log = structlog.get_logger(__name__)


def check(conn: Connection[Any], tracked: str, expected: Mapping[Seat, int]) -> None:
    """Lock the tracking rows, and see that they are as this leader left them.

    Args:
        tracked: the log, as the tables are tracked by.
        expected: the position at which each must be.

    Raises:
        Moved: one is not: another leader, a rebuild or another release was there.
    """
    found = conn.execute(PLACES, ([seat.name for seat in expected], tracked)).fetchall()
    places = {name: tuple(place) for name, *place in found}
    if any(places.get(seat.name) != (position, *seat.mark) for seat, position in expected.items()):
        raise Moved


def move(conn: Connection[Any], tracked: str, seats: Sequence[Seat], position: int) -> None:
    """Say that these projections show a position, and wake whoever waits for it."""
    conn.execute(MOVE, (position, [seat.name for seat in seats], tracked))


def report(what: str, seat: Seat, failure: Failure, **more: str) -> None:
    """One line and no traceback: the values in it may be a person's data (B06)."""
    log.error(what, projection=seat.name, **more, **msgspec.structs.asdict(failure))
