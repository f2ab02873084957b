"""Is the tree that is stored the tree of the events, and is what was signed of it true?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, LiteralString

from psycopg import Connection

from application.log.reading import Difference, Piece
from application.log.tree.merkle import TILE_HEIGHT, CompactRange, Subtree
from application.log.tree.notes import BadNote, Checkpoint, Note, VerifierKey

NOTHING = CompactRange()
NEWEST: LiteralString = "SELECT coalesce(max(size), 0) FROM log.checkpoint"
CHECKPOINTS: LiteralString = (
    "SELECT size, root, note FROM log.checkpoint WHERE size > %s AND size <= %s ORDER BY size"
)
SUBTREES: LiteralString = """
    SELECT stored.level, stored.number, stored.hash FROM generate_series(8, 56, 8) AS height,
    LATERAL (
        SELECT level, number, hash FROM log.subtree
        WHERE level = height AND number >= %s::bigint >> height AND number < %s::bigint >> height
    ) AS stored
"""
COUNTED: LiteralString = "SELECT count(*) FROM log.subtree"

NO_SUBTREE = "the hash of the subtree of 2^{} events that ends here is not stored"
OTHER_SUBTREE = "the stored hash of the subtree of 2^{} events that ends here is not that of its events"
MORE_SUBTREES = "there are hashes of subtrees that no checkpoint covers"
OTHER_ROOT = "the checkpoint stored for this position was signed of other events, or was altered"
NOT_ITS_NOTE = "the checkpoint stored for this position does not say what its note says"
NO_END = "the log ends before this event, though a checkpoint of {} is stored: its end was taken off"
NOT_SIGNED_SO = (
    "the checkpoint that was kept was signed of other events: the log was rewritten, here or before"
)
NOT_THERE = "the log ends before this event, though a checkpoint of {} was kept: its end was taken off"


class TreeCheck:
    """Grows the tree while the log is read, and holds it against what is stored and what was kept.

    Args:
        conn: on the same snapshot as the reading.
        kept: checkpoints that were kept elsewhere, their signatures checked.
        keys: of the log, where they are known: then stored notes must be signed by one of them.
        tree: where to go on from, if not from the first event.
        complete: told of every subtree of 256, 256², … events that becomes complete, and of its hash.
    """

    def __init__(
        self,
        conn: Connection[Any],
        kept: Sequence[Checkpoint] = (),
        keys: Sequence[VerifierKey] = (),
        *,
        tree: CompactRange = NOTHING,
        complete: Callable[[Subtree, bytes], object] | None = None,
    ) -> None:
        self.tree = tree
        self._complete = complete
        self._conn = conn
        self._kept = kept
        self._keys = keys
        ((self._signed,),) = conn.execute(NEWEST).fetchall()

    def take(self, piece: Piece) -> Difference | None:
        """Go on over the events of a piece; the first place where something stored or kept is otherwise."""
        end = self.tree.size + len(piece.leaves)
        stored = self._conn.execute(SUBTREES, (self.tree.size, end), binary=True).fetchall()
        hashes = {Subtree(level, number): hash_ for level, number, hash_ in stored}
        for size, root, wrong in sorted(self._claims(self.tree.size, end), key=lambda claim: claim[0]):
            difference = self._grow(piece, size, hashes)
            if difference is None and self.tree.root() != root:
                difference = wrong
            if difference is not None:
                return difference
        return self._grow(piece, end, hashes)

    def end(self) -> Difference | None:
        """What is wrong at the end of the log, when all of it was read."""
        size = self.tree.size
        if self._signed > size:
            return Difference(size + 1, "checkpoint", NO_END.format(self._signed))
        levels = range(TILE_HEIGHT, 64, TILE_HEIGHT)
        ((stored,),) = self._conn.execute(COUNTED).fetchall()
        if stored != sum(self._signed >> level for level in levels):
            return Difference(size, "subtree", MORE_SUBTREES)
        missing = [checkpoint.size for checkpoint in self._kept if checkpoint.size > size]
        return Difference(size + 1, "expected", NOT_THERE.format(min(missing))) if missing else None

    def _grow(self, piece: Piece, size: int, stored: dict[Subtree, bytes]) -> Difference | None:
        """Let the tree reach a size within the piece, and compare the subtrees that it completes."""
        completed: list[tuple[Subtree, bytes]] = []
        leaves = piece.leaves[self.tree.size - piece.after.position : size - piece.after.position]
        self.tree = self.tree.extended(leaves, lambda *told: completed.append(told))
        for subtree, computed in completed:
            if self._complete:
                self._complete(subtree, computed)
            end = (subtree.number + 1) << subtree.level
            found = stored.get(subtree)
            if end <= self._signed and found != computed:
                words = NO_SUBTREE if found is None else OTHER_SUBTREE
                return Difference(end, "subtree", words.format(subtree.level))
        return None

    def _claims(self, after: int, end: int) -> Iterator[tuple[int, bytes | None, Difference]]:
        """Of which size which root is claimed, and what to say when it is another; no root is never right."""
        for size, root, note in self._conn.execute(CHECKPOINTS, (after, end), binary=True):
            yield size, root, Difference(size, "checkpoint", OTHER_ROOT)
            if wrong := self._misstated(size, root, note):
                yield size, None, Difference(size, "checkpoint", wrong)
        for checkpoint in self._kept:
            if after < checkpoint.size <= end or checkpoint.size == after == 0:
                yield (
                    checkpoint.size,
                    checkpoint.root,
                    Difference(checkpoint.size, "expected", NOT_SIGNED_SO),
                )

    def _misstated(self, size: int, root: bytes, text: str) -> str | None:
        """What is wrong with a stored note."""
        try:
            note = Note.of(text)
            said = Checkpoint.of(note.text)
            if (said.size, said.root) != (size, root):
                return NOT_ITS_NOTE
            if self._keys:
                note.signed_by(self._keys)
        except BadNote as bad:
            return f"the checkpoint stored for this position is not a signed one: {bad}"
        return None
