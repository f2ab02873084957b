"""Does the log prove itself? Every hash anew, from the stored bytes, in the order of the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from psycopg import Connection, IsolationLevel

from application.log.reading import NOTHING_CHANGED, Changed, Difference, Mark, Piece, head, pieces
from application.log.tree.checking import TreeCheck
from application.log.tree.notes import Checkpoint, VerifierKey


class Verified(msgspec.Struct, frozen=True):
    """What was found.

    Attributes:
        end: the last event that is proven, with its chain hash.
        difference: what follows it and is wrong; ``None`` when nothing is.
    """

    end: Mark
    difference: Difference | None


NO_END = "there is no such event, though by the head row the log ends at {}"
OTHER_HEAD = "the head row is not as this event left it"
NOT_KEPT = "the chain hash is not the one that was kept: the log was rewritten, here or before"
NOT_THERE = "the log ends before this event, though {} was kept: its end was taken off"


def verify(
    conn: Connection[Any],
    kept: Sequence[Mark] = (),
    checkpoints: Sequence[Checkpoint] = (),
    keys: Sequence[VerifierKey] = (),
    *,
    changed: Mapping[int, Changed] = NOTHING_CHANGED,
    progress: Callable[[int, int], object] | None = None,
) -> Verified:
    """Compute every hash anew, on one snapshot, while others append; memory does not grow with the log.

    Args:
        conn: not in a transaction; any role that may read the log.
        kept: marks that were kept elsewhere.
        checkpoints: checkpoints that were kept elsewhere, their signatures checked. Without a mark or one of
            these, a log that was rewritten with all its hashes looks like an honest one, and so does one
            whose end was taken off with its head set back.
        keys: of the log, where they are known; then stored checkpoints must be signed by one of them.
        changed: what the log says of itself that was changed in maintenance: that much is no difference.
        progress: told now and then of how many events were read, and how many there are.
    """
    conn.isolation_level = IsolationLevel.REPEATABLE_READ
    with conn.transaction():
        said = head(conn)
        tree = TreeCheck(conn, checkpoints, keys)
        end = Mark()
        for piece in pieces(conn, end, said, changed):
            difference = _earliest(tree.take(piece), _kept_otherwise(piece, kept), piece.difference)
            end = piece.end
            if difference is not None:
                if difference.position <= end.position:
                    end = piece.mark(max(difference.position - 1, piece.after.position))
                return Verified(end, difference)
            if progress:
                progress(end.position, said.position)
        return Verified(end, _end(end, said, kept) or tree.end())


def _earliest(*found: Difference | None) -> Difference | None:
    """The difference that comes first in the log."""
    return min((one for one in found if one), key=lambda one: one.position, default=None)


def _kept_otherwise(piece: Piece, kept: Sequence[Mark]) -> Difference | None:
    """The first kept mark within a piece that does not have its chain hash."""
    within = (mark for mark in kept if piece.after.position <= mark.position <= piece.end.position)
    for mark in sorted(within, key=lambda mark: mark.position):
        if piece.mark(mark.position) != mark:
            return Difference(mark.position, "expected", NOT_KEPT)
    return None


def _end(end: Mark, said: Mark, kept: Sequence[Mark]) -> Difference | None:
    """What is wrong with where the log ends."""
    if end.position < said.position:
        return Difference(end.position + 1, "missing", NO_END.format(said.position))
    if end != said:
        return Difference(end.position, "head", OTHER_HEAD)
    for mark in kept:
        if mark.position > end.position:
            return Difference(end.position + 1, "expected", NOT_THERE.format(mark.position))
    return None
