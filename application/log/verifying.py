"""Does the log prove itself? Every hash anew, from the stored bytes, in the order of the log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, LiteralString

import msgspec
from psycopg import Connection, IsolationLevel

from application.log.sealing import FORMAT, ORIGIN, chain_hash, leaf_hash

HEAD: LiteralString = "SELECT position, chain_hash FROM log.head"

# A row of COPY BINARY holds its fields as sealed events do: length and bytes, and a length of -1 for NULL.
# What a clock of ours cannot have said becomes NULL, since it has no microseconds to count.
EVENTS: LiteralString = """
    COPY (
        SELECT leaf_hash, chain_hash, position, stream_id, version, type, schema::bigint, data,
               CASE WHEN occurred_at BETWEEN '0001-01-01Z' AND '9999-12-31 23:59:59.999999Z'
                    THEN (extract(epoch FROM occurred_at) * 1000000)::bigint END,
               CASE WHEN recorded_at BETWEEN '0001-01-01Z' AND '9999-12-31 23:59:59.999999Z'
                    THEN (extract(epoch FROM recorded_at) * 1000000)::bigint END,
               actor, reason, correlation_id, causation_id, idempotency_key
        FROM log.event ORDER BY position
    ) TO STDOUT (FORMAT BINARY)
"""
OPENING, OPENING_BYTES, ENDING = b"PGCOPY\n\xff\r\n\0", 19, b"\xff\xff"
"""What COPY sends before the first row, and after the last."""

HASH, NUMBER = (32).to_bytes(4, "big"), (8).to_bytes(4, "big")
"""The lengths that come before a hash and before a number."""

LEAF_LENGTH, LEAF, CHAIN_LENGTH, CHAIN = slice(2, 6), slice(6, 38), slice(38, 42), slice(42, 74)
POSITION_LENGTH, POSITION, SEALED = slice(74, 78), slice(78, 86), slice(74, None)
"""Where a row of ``EVENTS`` has what; two bytes come first."""

WRITTEN = re.compile(r"(\d{1,18}):([0-9A-Fa-f]{64})")


class Mark(msgspec.Struct, frozen=True):
    """How far a log is, and the chain hash there: all of it up to there in 32 bytes.

    Attributes:
        position: of the last event it covers, 0 for an empty log.
        chain_hash: of that event.
    """

    position: int
    chain_hash: bytes

    def __str__(self) -> str:
        return f"{self.position}:{self.chain_hash.hex()}"

    @classmethod
    def of(cls, text: str) -> Mark:
        """Read what ``str`` wrote.

        Raises:
            ValueError: it is not POSITION:HASH.
        """
        found = WRITTEN.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is not POSITION:HASH, such as aftersales log head prints")
        return cls(int(found[1]), bytes.fromhex(found[2]))


class Difference(msgspec.Struct, frozen=True):
    """The first place where the log is not as it was recorded.

    Attributes:
        position: the place.
        kind: missing, misplaced, altered, unchained, head or expected (docs/log-format.md).
        what: in words.
    """

    position: int
    kind: str
    what: str

    def __str__(self) -> str:
        return f"position {self.position}: {self.what}"


class Verified(msgspec.Struct, frozen=True):
    """What was found.

    Attributes:
        end: the last event that is proven, with its chain hash.
        difference: what follows it and is wrong; ``None`` when nothing is.
    """

    end: Mark
    difference: Difference | None


MISSING = "there is no such event, though there are later ones"
MISPLACED = "an event stands here that has no place in the log"
UNSEALED = "the event's hashes are not 32 bytes each"
ALTERED = "the event does not have its leaf hash: it is not the one that was recorded"
UNCHAINED = "the chain hash does not follow: this event, or the one before, is not the one that was recorded"
BEYOND = "there is an event here, though by the head row the log ends at {}"
NO_END = "there is no such event, though by the head row the log ends at {}"
OTHER_HEAD = "the head row is not as this event left it"
NOT_KEPT = "the chain hash is not the one that was kept: the log was rewritten, here or before"
NOT_THERE = "the log ends before this event, though {} was kept: its end was taken off"


class _Differs(Exception):
    """Ends the reading at the first difference."""

    def __init__(self, end: Mark, difference: Difference) -> None:
        super().__init__(str(difference))
        self.verified = Verified(end, difference)


def head(conn: Connection[Any]) -> Mark:
    """Where the log is by its head row; nothing is verified."""
    row = conn.execute(HEAD, binary=True).fetchone()
    return Mark(row[0] or 0, row[1] or b"") if row else Mark(0, ORIGIN)


def verify(conn: Connection[Any], kept: Sequence[Mark] = ()) -> Verified:
    """Compute every hash anew, on one snapshot, while others append; memory does not grow with the log.

    Args:
        conn: not in a transaction; any role that may read the log.
        kept: marks that were kept elsewhere. Without one, a log that was rewritten with all its hashes looks
            like an honest one, and so does one whose end was taken off with its head set back.
    """
    conn.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with conn.transaction():
            conn.execute("SET LOCAL client_encoding = 'UTF8'")
            said = head(conn)
            end = _read(conn, said, kept)
    except _Differs as differs:
        return differs.verified
    return Verified(end, _end(end, said, kept))


def _read(conn: Connection[Any], said: Mark, kept: Sequence[Mark]) -> Mark:
    """Every event, up to the last one or the first difference."""
    wanted: dict[int, set[bytes]] = {}
    for mark in kept:
        wanted.setdefault(mark.position, set()).add(mark.chain_hash)
    position, chain = 0, ORIGIN
    with conn.cursor() as cursor, cursor.copy(EVENTS) as rows:
        for row in rows:
            event = bytes(row)
            if event.startswith(OPENING):
                event = event[OPENING_BYTES:]
            if event in {b"", ENDING}:
                continue
            difference = _difference(event, position, chain, said.position)
            position, before, chain = position + 1, chain, event[CHAIN]
            if difference is None and position in wanted and wanted[position] != {chain}:
                difference = Difference(position, "expected", NOT_KEPT)
            if difference is not None:
                raise _Differs(Mark(position - 1, before), difference)
    return Mark(position, chain)


def _difference(event: bytes, position: int, chain: bytes, last: int) -> Difference | None:
    """What is wrong with the event that follows a position and its chain hash."""
    follows = position + 1
    if event[LEAF_LENGTH] != HASH or event[CHAIN_LENGTH] != HASH:
        return Difference(follows, "altered", UNSEALED)
    if event[POSITION_LENGTH] != NUMBER or int.from_bytes(event[POSITION], "big", signed=True) != follows:
        return _out_of_line(event, follows)
    if leaf_hash(FORMAT + event[SEALED]) != event[LEAF]:
        return Difference(follows, "altered", ALTERED)
    if chain_hash(chain, event[LEAF]) != event[CHAIN]:
        return Difference(follows, "unchained", UNCHAINED)
    return Difference(follows, "head", BEYOND.format(last)) if follows > last else None


def _out_of_line(event: bytes, follows: int) -> Difference:
    if event[POSITION_LENGTH] != NUMBER:
        return Difference(follows, "misplaced", MISPLACED)
    stands = int.from_bytes(event[POSITION], "big", signed=True)
    if stands > follows:
        return Difference(follows, "missing", MISSING)
    return Difference(stands, "misplaced", MISPLACED)


def _end(end: Mark, said: Mark, kept: Sequence[Mark]) -> Difference | None:
    """What is wrong with where the log ends."""
    if end.position < said.position:
        return Difference(end.position + 1, "missing", NO_END.format(said.position))
    if end != said:
        return Difference(end.position, "head", OTHER_HEAD)
    for mark in kept:
        if mark.position > end.position:
            return Difference(end.position + 1, "expected", NOT_THERE.format(mark.position))
        if mark.position == 0 and mark.chain_hash != ORIGIN:
            return Difference(0, "expected", NOT_KEPT)
    return None
