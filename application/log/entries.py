"""Events as they were sealed: the bytes that their leaf hashes are of, for whoever computes those anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any, LiteralString, cast
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from application.log.sealing import sealed_bytes
from application.log.stored import COLUMNS, LogEvent, Row

MOST = 500
"""Entries that are read at a time, at most."""
MOST_BYTES = 4_000_000
"""And bytes of what was recorded in them; one is read however large it is."""

RANGE: LiteralString = f"""
    SELECT {COLUMNS}, leaf_hash FROM (
        SELECT {COLUMNS}, leaf_hash,
            sum(octet_length(data)) OVER (ORDER BY position) - octet_length(data) AS before
        FROM log.event WHERE position BETWEEN %s AND %s
    ) AS entry
    WHERE before < %s ORDER BY position
"""  # noqa: S608
CASE: LiteralString = (
    f"SELECT {COLUMNS}, leaf_hash FROM log.event "  # noqa: S608
    "WHERE correlation_id = %s AND position <= %s ORDER BY position"
)
STREAM: LiteralString = (
    f"SELECT {COLUMNS}, leaf_hash FROM log.event "  # noqa: S608
    "WHERE stream_id = %s AND position <= %s ORDER BY position"
)


class Entry(msgspec.Struct, frozen=True):
    """An event of the log with what it was sealed as.

    Attributes:
        event: its columns; times in UTC.
        sealed: the bytes that the log's hashes are of (docs/log-format.md).
        leaf_hash: as it is stored; that it is the hash of ``sealed`` is for the reader to see.
    """

    event: LogEvent
    sealed: bytes
    leaf_hash: bytes

    @property
    def position(self) -> int:
        """Its place in the log."""
        return self.event.id


async def between(
    conn: AsyncConnection[Any], start: int, end: int, most_bytes: int = MOST_BYTES
) -> list[Entry]:
    """Entries from one position to another, both included: the first ones, if they are many or large."""
    return await _read(conn, RANGE, (start, min(end, start + MOST - 1), most_bytes))


async def of_case(conn: AsyncConnection[Any], correlation_id: UUID, size: int) -> list[Entry]:
    """The entries of a service case among the first so many of the log, in its order."""
    return await _read(conn, CASE, (correlation_id, size))


async def of_stream(conn: AsyncConnection[Any], stream_id: UUID, size: int) -> list[Entry]:
    """The same of one stream."""
    return await _read(conn, STREAM, (stream_id, size))


async def _read(conn: AsyncConnection[Any], query: LiteralString, params: Sequence[object]) -> list[Entry]:
    rows = await (await conn.execute(query, params, binary=True)).fetchall()
    return [_entry(cast(Row, tuple(row[:-1])), row[-1]) for row in rows]


def _entry(row: Row, leaf_hash: bytes) -> Entry:
    occurred_at, recorded_at = row[6].astimezone(UTC), row[7].astimezone(UTC)
    event = LogEvent.from_row((*row[:6], occurred_at, recorded_at, *row[8:]))
    return Entry(event, sealed_bytes(*row), leaf_hash)
