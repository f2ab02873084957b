"""The two statements of a commit: ``look`` finds what a batch names, ``record`` writes it.

Each has only the parts that the batch needs: a part for nothing costs as much as one for a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import count
from typing import LiteralString

from application.log.arrays import Column, bytestrings, ids, moments, numbers, small_numbers, texts
from application.log.wire import Statement

BEGIN: Statement = (b"BEGIN", ())
COMMIT: Statement = (b"COMMIT", ())
ROLLBACK: Statement = (b"ROLLBACK", ())
LOCK: Statement = (b"SELECT FROM log.head FOR UPDATE", ())
"""Whoever has the head row is alone with the log until the transaction ends."""

CHAIN = b"SELECT chain_hash FROM log.event WHERE position = $1"
NOTIFY = b"SELECT pg_notify('log', $1)"

LOOKS: Mapping[str, LiteralString] = {
    "versions": """
        SELECT json_object_agg(asked, version) FROM unnest($::uuid[]) AS asked, LATERAL (
            SELECT version FROM log.event WHERE stream_id = asked ORDER BY version DESC LIMIT 1) AS newest""",
    "cases": """
        SELECT json_object_agg(asked, position) FROM unnest($::uuid[]) AS asked, LATERAL (
            SELECT position FROM log.event WHERE correlation_id = asked
            ORDER BY position DESC LIMIT 1) AS newest""",
    "names": "SELECT json_object_agg(name, stream_id) FROM log.name WHERE name = ANY($::text[])",
    "mentions": """
        SELECT json_object_agg(name, streams) FROM (
            SELECT name, json_agg(stream_id) AS streams FROM log.mention
            WHERE name = ANY($::text[]) GROUP BY name) AS mention""",
    "commands": """
        SELECT json_agg(json_build_array(
            caller, key, encode(digest, 'base64'), stream_id, version, position, recorded_at))
        FROM log.command WHERE key = ANY($::text[]) AND recorded_at > clock_timestamp() - $::interval""",
    "series": "SELECT json_object_agg(series, last) FROM log.series WHERE series = ANY($::text[])",
    "progress": """
        SELECT json_agg(json_build_array(projection, log, position))
        FROM log.tracking WHERE projection = ANY($::text[])""",
}
"""What may be looked up. Of a stream or case only the last event is: that costs the same however many there
are."""

RECORDS: Mapping[str, tuple[tuple[Column, ...], LiteralString]] = {
    "events": (
        (
            *(numbers, ids, numbers, texts, small_numbers, bytestrings, moments, moments),
            *(texts, texts, ids, ids, texts, bytestrings, bytestrings),
        ),
        """INSERT INTO log.event (position, stream_id, version, type, schema, data, occurred_at, recorded_at,
                                  actor, reason, correlation_id, causation_id, idempotency_key,
                                  leaf_hash, chain_hash)
        SELECT given.* FROM head, unnest(
            $::bigint[], $::uuid[], $::bigint[], $::text[], $::smallint[], $::bytea[],
            $::timestamptz[], $::timestamptz[], $::text[], $::text[], $::uuid[], $::uuid[], $::text[],
            $::bytea[], $::bytea[]) AS given""",
    ),
    "names": (
        (texts, ids),
        """INSERT INTO log.name (name, stream_id)
        SELECT given.* FROM head, unnest($::text[], $::uuid[]) AS given""",
    ),
    "mentions": (
        (texts, ids),
        """INSERT INTO log.mention (name, stream_id)
        SELECT given.* FROM head, unnest($::text[], $::uuid[]) AS given ON CONFLICT DO NOTHING""",
    ),
    # A row that is there already is one that has expired: nothing else gets past the look.
    "commands": (
        (texts, texts, bytestrings, ids, numbers, numbers, moments),
        """INSERT INTO log.command (caller, key, digest, stream_id, version, position, recorded_at)
        SELECT given.* FROM head, unnest(
            $::text[], $::text[], $::bytea[], $::uuid[], $::bigint[], $::bigint[], $::timestamptz[]) AS given
        ON CONFLICT (caller, key) DO UPDATE SET
            digest = excluded.digest, stream_id = excluded.stream_id, version = excluded.version,
            position = excluded.position, recorded_at = excluded.recorded_at""",
    ),
    "series": (
        (texts, numbers),
        """INSERT INTO log.series (series, last)
        SELECT given.* FROM head, unnest($::text[], $::bigint[]) AS given
        ON CONFLICT (series) DO UPDATE SET last = excluded.last""",
    ),
    "progress": (
        (texts, texts, numbers),
        """INSERT INTO log.tracking (projection, log, position)
        SELECT given.* FROM head, unnest($::text[], $::text[], $::bigint[]) AS given
        ON CONFLICT (projection, log) DO UPDATE SET position = excluded.position, moved_at = now()""",
    ),
}
"""What may be recorded: the columns of each part, and how they are inserted."""

HEAD: LiteralString = """
    UPDATE log.head SET position = $, recorded_at = $, chain_hash = $
    WHERE position = $ AND chain_hash = $ RETURNING position"""
"""Moves the head, unless it is no longer where the batch was decided."""


@cache
def look(parts: tuple[str, ...]) -> bytes:
    """The statement that answers one JSON object: the head, the time, and these parts.

    The head comes with it in one snapshot, so all of it stands for as long as the head does.
    """
    head = "'position', position, 'chain', encode(chain_hash, 'base64')"
    time = "'recorded_at', greatest(recorded_at, clock_timestamp())"
    found = "".join(f", '{part}', ({LOOKS[part]})" for part in parts)
    return _numbered(f"SELECT json_build_object({head}, {time}{found})::text FROM log.head")  # noqa: S608 - ours


@cache
def record(parts: tuple[str, ...]) -> bytes:
    """The statement that moves the head and writes these parts with it, or does nothing: one row or none."""
    written = "".join(f", {part} AS ({RECORDS[part][1]})" for part in parts)
    return _numbered(f"WITH head AS ({HEAD}){written} SELECT position FROM head")  # noqa: S608 - ours


def _numbered(sql: str) -> bytes:
    """The statement with its places numbered in order."""
    first, *rest = sql.split("$")
    numbers = count(1)
    return "".join([first, *(f"${next(numbers)}{part}" for part in rest)]).encode()
