"""The rows of the log as they were sealed: read in pieces, in order, each checked against the one before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from struct import Struct
from typing import Any, LiteralString

import msgspec
from psycopg import Connection

from application.log.sealing import FORMAT, ORIGIN, chain_hash, leaf_hash

HEAD: LiteralString = "SELECT position, chain_hash FROM log.head"

# A row of COPY BINARY holds its fields as sealed events do: length and bytes, and a length of -1 for NULL.
# What a clock of ours cannot have said becomes NULL, since it has no microseconds to count.
ROWS: LiteralString = """
    SELECT leaf_hash, chain_hash, position, stream_id, version, type, schema::bigint, data,
           CASE WHEN occurred_at BETWEEN '0001-01-01Z' AND '9999-12-31 23:59:59.999999Z'
                THEN (extract(epoch FROM occurred_at) * 1000000)::bigint END,
           CASE WHEN recorded_at BETWEEN '0001-01-01Z' AND '9999-12-31 23:59:59.999999Z'
                THEN (extract(epoch FROM recorded_at) * 1000000)::bigint END,
           actor, reason, correlation_id, causation_id, idempotency_key
    FROM log.event
"""
PIECE: LiteralString = (
    f"COPY ({ROWS} WHERE position BETWEEN %s AND %s ORDER BY position) TO STDOUT (FORMAT BINARY)"
)
NEXT: LiteralString = (
    f"COPY ({ROWS} WHERE position >= %s ORDER BY position LIMIT 1) TO STDOUT (FORMAT BINARY)"
)
AS_THEY_STAND: LiteralString = """
    SELECT set_config('client_encoding', 'UTF8', true),
        set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)
"""
"""Rows come along the index, also before the server has counted how many there are."""

NOWHERE: LiteralString = "SELECT EXISTS (SELECT FROM log.event WHERE position IS NULL)"
OPENING, OPENING_BYTES, ENDING = b"PGCOPY\n\xff\r\n\0", 19, b"\xff\xff"
"""What COPY sends before the first row, and after the last."""

EVENTS_AT_ONCE = 1 << 16
"""Of one piece: 256 times 256, so that a complete subtree of either size ends in one."""

LEAST = -(2**63)

START = Struct(">HI32sI32sIq")
"""How a row begins: how many columns it has, and the first three, each after its length."""

HASH, NUMBER = 32, 8
"""The lengths of a hash and of a number."""

SEALED = slice(74, None)
"""Where a row has what is sealed, but for the number of the format."""

WRITTEN = re.compile(r"(\d{1,18}):([0-9A-Fa-f]{64})")


class Mark(msgspec.Struct, frozen=True):
    """How far a log is, and the chain hash there: all of it up to there in 32 bytes.

    Attributes:
        position: of the last event it covers, 0 for an empty log.
        chain_hash: of that event.
    """

    position: int = 0
    chain_hash: bytes = ORIGIN

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
        kind: missing, misplaced, altered, unchained, head, subtree, checkpoint or expected
            (docs/log-format.md).
        what: in words.
    """

    position: int
    kind: str
    what: str

    def __str__(self) -> str:
        return f"position {self.position}: {self.what}"


class Changed(msgspec.Struct, frozen=True):
    """What the log itself says that a maintenance did to an event.

    Attributes:
        was: the leaf hash of what was recorded.
        now: that of what stands in its place; ``None`` for nothing.
    """

    was: bytes
    now: bytes | None


NOTHING_CHANGED: Mapping[int, Changed] = {}


class Piece(msgspec.Struct):
    """Consecutive events that are as they were sealed.

    Attributes:
        after: where it begins.
        leaves: their leaf hashes.
        chain: their chain hashes.
        difference: what is wrong with the event that follows them; ``None`` when nothing is.
    """

    after: Mark
    leaves: list[bytes] = []
    chain: list[bytes] = []
    difference: Difference | None = None

    def mark(self, position: int) -> Mark:
        """The mark of a position within the piece, or of its beginning."""
        if position == self.after.position:
            return self.after
        return Mark(position, self.chain[position - self.after.position - 1])

    @property
    def end(self) -> Mark:
        """The mark of its last event."""
        return self.mark(self.after.position + len(self.leaves))


MISSING = "there is no such event, though there are later ones"
MISPLACED = "an event stands here that has no place in the log"
UNSEALED = "the event's hashes are not 32 bytes each"
ALTERED = "the event does not have its leaf hash: it is not the one that was recorded"
UNCHAINED = "the chain hash does not follow: this event, or the one before, is not the one that was recorded"
BEYOND = "there is an event here, though by the head row the log ends at {}"


def head(conn: Connection[Any]) -> Mark:
    """Where the log is by its head row; nothing is verified."""
    row = conn.execute(HEAD, binary=True).fetchone()
    return Mark(row[0] or 0, row[1] or b"") if row else Mark()


def pieces(
    conn: Connection[Any], after: Mark, said: Mark, changed: Mapping[int, Changed] = NOTHING_CHANGED
) -> Iterator[Piece]:
    """Every event that follows a mark, in pieces, of which the last may end with a difference.

    Args:
        conn: in a transaction that sees one state of the log.
        after: where to begin; from the very first row if at 0.
        said: the head row.
        changed: by position; these are taken as they were recorded, if what stands there now is what is said.
    """
    conn.execute(AS_THEY_STAND)
    piece = Piece(after)
    while piece.difference is None and piece.end.position < said.position:
        start = piece.end.position
        bounds = (start + 1 if start else LEAST, min(start + EVENTS_AT_ONCE, said.position))
        piece = _read(conn, PIECE, bounds, piece.end, said.position, changed)
        yield piece
        if piece.end.position < bounds[1]:
            break
    if piece.difference is None:
        start = piece.end.position
        beyond = _read(conn, NEXT, (start + 1 if start else LEAST,), piece.end, said.position, {})
        ((nowhere,),) = conn.execute(NOWHERE).fetchall()
        if nowhere and beyond.difference is None:
            beyond.difference = Difference(start + 1, "misplaced", MISPLACED)
        yield beyond


def _read(
    conn: Connection[Any],
    query: LiteralString,
    bounds: tuple[int, ...],
    after: Mark,
    last: int,
    changed: Mapping[int, Changed],
) -> Piece:
    """The events of a query up to the first that differs."""
    piece = Piece(after)
    follows, chain = after.position + 1, after.chain_hash
    gone = {position: each.was for position, each in changed.items() if each.now is None}
    with conn.cursor() as cursor, cursor.copy(query, bounds) as rows:
        for row in rows:
            event = bytes(row)
            if event.startswith(OPENING):
                event = event[OPENING_BYTES:]
            if len(event) <= len(ENDING):
                continue
            if follows in gone:
                _pass_over(piece, gone, START.unpack_from(event)[-1] - 1)
                follows, chain = piece.end.position + 1, piece.end.chain_hash
            piece.difference = _difference(event, follows, chain, last, changed.get(follows))
            if piece.difference is not None:
                break
            _, _, leaf, _, chain, _, _ = START.unpack_from(event)
            piece.leaves.append(leaf)
            piece.chain.append(chain)
            follows += 1
        if piece.difference is None:
            _pass_over(piece, gone, bounds[-1])
        for _ in rows:
            pass  # what comes after a difference is not looked at, but the server sends it
    return piece


def _pass_over(piece: Piece, gone: Mapping[int, bytes], last: int) -> None:
    """Take events that a maintenance took out as they were recorded, up to a position."""
    end = piece.end
    while end.position < last and end.position + 1 in gone:
        leaf = gone[end.position + 1]
        end = Mark(end.position + 1, chain_hash(end.chain_hash, leaf))
        piece.leaves.append(leaf)
        piece.chain.append(end.chain_hash)


def _difference(
    event: bytes, follows: int, chain: bytes, last: int, changed: Changed | None
) -> Difference | None:
    """What is wrong with the event that should stand at a position, after a chain hash."""
    start = event[: START.size].ljust(START.size)
    _, leaf_bytes, leaf, chain_bytes, linked, number_bytes, stands = START.unpack(start)
    if leaf_bytes != HASH or chain_bytes != HASH:
        return Difference(follows, "altered", UNSEALED)
    if number_bytes != NUMBER or stands != follows:
        return _out_of_line(follows, stands if number_bytes == NUMBER else follows)
    found = leaf_hash(FORMAT + event[SEALED])
    if found != leaf and changed != Changed(leaf, found):
        return Difference(follows, "altered", ALTERED)
    if chain_hash(chain, leaf) != linked:
        return Difference(follows, "unchained", UNCHAINED)
    return Difference(follows, "head", BEYOND.format(last)) if follows > last else None


def _out_of_line(follows: int, stands: int) -> Difference:
    if stands > follows:
        return Difference(follows, "missing", MISSING)
    return Difference(stands, "misplaced", MISPLACED)
