"""What a projection holds back: units whose next event it cannot fold. Their queue is the log itself.

A parked unit is a row: from which position on. Its later events stand in the log, so nothing is copied. The
row is written in the transaction that moves the projection past the event, and is gone in the one that folds
the last event of the queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg import Connection

from application.log.failure import Failure
from application.log.mapper import read_event
from application.log.stored import COLUMNS, Row
from domain.event import type_name
from domain.upkeep import EventSkipped, stream_of

MOST_PARKED = 100
"""Units that a projection parks; when it cannot fold one more, the release is wrong and not a case."""
FIRST_RETRY = 60
LONGEST_RETRY = 3600
"""Seconds until a parked unit is tried again by itself, twice as long each time."""

SKIPPED = type_name(EventSkipped)

PARKED = "SELECT unit FROM log.parked WHERE projection = %s AND log = %s"
PARK = (
    "INSERT INTO log.parked (projection, log, unit, position, type, failure, retry_at) "
    "VALUES (%s, %s, %s, %s, %s, %s, clock_timestamp() + make_interval(secs => %s))"
)
DUE = (
    "SELECT unit, position FROM log.parked WHERE projection = %s AND log = %s "
    "AND (retry_at <= clock_timestamp() OR position = ANY(%s)) ORDER BY position"
)
QUEUE = (
    f"SELECT {COLUMNS} FROM log.event WHERE stream_id = %s "  # noqa: S608
    "AND position BETWEEN %s AND %s ORDER BY position LIMIT %s"
)
HOLD = "SELECT 1 FROM log.parked WHERE projection = %s AND log = %s AND unit = %s FOR UPDATE"
ADVANCE = "UPDATE log.parked SET position = %s WHERE projection = %s AND log = %s AND unit = %s"
FREE = "DELETE FROM log.parked WHERE projection = %s AND log = %s AND unit = %s"
FREE_ALL = "DELETE FROM log.parked WHERE projection = %s AND log = %s"
WAIT_ON = (
    "UPDATE log.parked SET position = %s, type = %s, failure = %s, tries = tries + 1, "
    "retry_at = clock_timestamp() + make_interval(secs => least(%s * 2.0 ^ least(tries, 20), %s)) "
    "WHERE projection = %s AND log = %s AND unit = %s"
)
ALL_DUE = "UPDATE log.parked SET retry_at = clock_timestamp() WHERE projection = %s AND log = %s"
SKIPS = "SELECT type, schema, data FROM log.event WHERE stream_id = %s AND type = %s"


Key = tuple[str, str]
"""A projection's name, and that of the log as its tables are tracked by."""


class TooManyParked(Exception):
    """The projection has parked as many units as it may."""

    def __init__(self, error: Exception) -> None:
        super().__init__(
            f"{MOST_PARKED} units are parked already, so it stops here: install a release that folds them; "
            f"this one: {type(error).__name__}"
        )


def is_of_an_event(error: Exception) -> bool:
    """Whether an error is a single event's: those of the database that come and go are not."""
    if isinstance(error, psycopg.Error):
        return isinstance(error, psycopg.DataError | psycopg.IntegrityError)
    return not isinstance(error, MemoryError | OSError)


def parked(conn: Connection[Any], key: Key) -> set[UUID]:
    """The units that a projection has parked."""
    return {unit for (unit,) in conn.execute(PARKED, key).fetchall()}


def park(conn: Connection[Any], key: Key, unit: UUID, failure: Failure) -> None:
    """Hold a unit back from the event at which its fold failed."""
    conn.execute(PARK, (*key, unit, failure.position, failure.type, failure.stored, FIRST_RETRY))


def due(conn: Connection[Any], key: Key, skips: Sequence[int]) -> list[tuple[UUID, int]]:
    """The parked units to try now, with the position each begins at; those first whose event is skipped."""
    return conn.execute(DUE, (*key, list(skips))).fetchall()


def queue(conn: Connection[Any], unit: UUID, place: tuple[int, int, int]) -> list[Row]:
    """The events of a unit.

    Args:
        place: the first position, the last one, and how many events at most.
    """
    return conn.execute(QUEUE, (unit, *place), binary=True).fetchall()


def hold(conn: Connection[Any], key: Key, unit: UUID) -> None:
    """Lock a parked unit's row until the end of the transaction, as whoever skips an event of it does."""
    conn.execute(HOLD, (*key, unit))


def advance(conn: Connection[Any], key: Key, unit: UUID, position: int) -> None:
    """The unit's events before a position are folded."""
    conn.execute(ADVANCE, (position, *key, unit))


def free(conn: Connection[Any], key: Key, unit: UUID) -> None:
    """All of the unit's events are folded."""
    conn.execute(FREE, (*key, unit))


def wait_on(conn: Connection[Any], key: Key, unit: UUID, failure: Failure) -> None:
    """The unit was tried and stays parked, at this event."""
    told = (failure.position, failure.type, failure.stored, FIRST_RETRY, LONGEST_RETRY)
    conn.execute(WAIT_ON, (*told, *key, unit))


def free_all(conn: Connection[Any], key: Key) -> None:
    """Nothing is parked where everything is folded again."""
    conn.execute(FREE_ALL, key)


def try_all(conn: Connection[Any], key: Key) -> None:
    """Let everything that is parked be tried at once."""
    conn.execute(ALL_DUE, key)


def skips(conn: Connection[Any], name: str) -> set[int]:
    """The positions of the events that this projection is to leave out, as the log has it."""
    rows = conn.execute(SKIPS, (stream_of(f"projection/{name}"), SKIPPED), binary=True).fetchall()
    return {msgspec.convert(read_event(*row), EventSkipped).position for row in rows}
