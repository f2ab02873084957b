"""The Merkle tree of RFC 9162 (2.1) over leaf hashes: roots, proofs, verification. Standard library only.

Leaves are counted from 0. A tree of so many leaves is split after the biggest power of two below their
number, so its left side is always complete and never changes again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import NamedTuple

NODE = b"\x01"
"""Begins what is hashed for an inner node, so that it can be taken for no leaf."""

EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
"""Hashes are kept for every eighth level: subtrees of 256, of 256², … leaves, as C2SP tlog-tiles has them."""


class Span(NamedTuple):
    """Leaves from ``begin`` up to but without ``end``."""

    begin: int
    end: int


class Subtree(NamedTuple):
    """A complete subtree: ``2**level`` leaves, the ``number``-th of its level, counted from 0."""

    level: int
    number: int


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(NODE + left + right).digest()


def joined(hashes: Sequence[bytes]) -> bytes:
    """The root over subtrees that get smaller from left to right, such as ``subtrees`` gives for a span."""
    if not hashes:
        return EMPTY
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node(left, root)
    return root


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, from scratch."""
    return CompactRange().extended(leaves).root()


def subtrees(span: Span) -> list[Subtree]:
    """The complete subtrees of a span, left to right; together, joined, they are its root.

    The span is one that occurs in a tree: its begin is a multiple of the power of two that is not below its
    length.
    """
    found: list[Subtree] = []
    begin = span.begin
    while begin < span.end:
        level = (span.end - begin).bit_length() - 1
        found.append(Subtree(level, begin >> level))
        begin += 1 << level
    return found


def inclusion_path(index: int, size: int) -> list[Span]:
    """The spans whose roots prove that leaf ``index`` is in the tree of ``size`` leaves (RFC 9162, 2.1.3.1).

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    begin, end = 0, size
    path: list[Span] = []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(Span(middle, end))
            end = middle
        else:
            path.append(Span(begin, middle))
            begin = middle
    return path[::-1]


def consistency_path(old: int, new: int) -> list[Span]:
    """The spans whose roots prove that the tree of ``new`` leaves begins with that of ``old`` (2.1.4.1).

    Raises:
        ValueError: the old tree is the bigger one.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves cannot begin with one of {old}")
    begin, end = 0, new
    path: list[Span] = []
    while 0 < old < end:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(Span(middle, end))
            end = middle
        else:
            path.append(Span(begin, middle))
            begin = middle
    if begin > 0:
        path.append(Span(begin, end))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that the leaf stands at ``index`` in the tree with this root (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the proof shows that the new tree begins with the whole old one (2.1.4.2).

    Every tree begins with the empty one, and with itself; then the proof is empty.
    """
    if old in {new, 0}:
        return 0 <= old <= new and not proof and old_root == (new_root if old == new else EMPTY)
    if not 0 < old < new or not proof:
        return False
    hashes = list(proof) if old & (old - 1) else [old_root, *proof]
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    was = now = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            was, now = node(sibling, was), node(sibling, now)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            now = node(now, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and was == old_root and now == new_root


class CompactRange(NamedTuple):
    """A tree in as few hashes as one can go on from: the roots of its complete subtrees, biggest first.

    Attributes:
        size: how many leaves it has.
        hashes: one for every bit of ``size`` that is set.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def root(self) -> bytes:
        """The root of the tree."""
        return joined(self.hashes)

    def extended(
        self, leaves: Sequence[bytes], complete: Callable[[Subtree, bytes], object] | None = None
    ) -> CompactRange:
        """The tree with more leaves.

        Args:
            leaves: their hashes, in order.
            complete: told of every subtree of 256, 256², … leaves that became complete, and of its hash.
        """
        size, hashes, taken = self.size, list(self.hashes), 0
        while taken < len(leaves):
            if size % TILE_WIDTH == 0 and len(leaves) - taken >= TILE_WIDTH:
                level, peak = TILE_HEIGHT, _folded(leaves[taken : taken + TILE_WIDTH])
            else:
                level, peak = 0, leaves[taken]
            taken += 1 << level
            size += 1 << level
            while True:
                if complete and level and level % TILE_HEIGHT == 0:
                    complete(Subtree(level, (size >> level) - 1), peak)
                if (size >> level) & 1:
                    break
                peak = node(hashes.pop(), peak)
                level += 1
            hashes.append(peak)
        return CompactRange(size, tuple(hashes))


def _folded(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    while len(hashes) > 1:
        hashes = [
            sha256(NODE + left + right).digest()
            for left, right in zip(hashes[::2], hashes[1::2], strict=True)
        ]
    return hashes[0]


def _split(size: int) -> int:
    """The biggest power of two below a number."""
    return 1 << (size - 1).bit_length() - 1
