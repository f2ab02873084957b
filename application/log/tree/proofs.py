"""Proofs from what is stored: a few ranges of rows, however long the log is.

A proof is made against a tree that was signed: leaf ``i`` is the event at position ``i + 1``, and the size of
a tree is the position of the last event it covers. Up to the newest checkpoint every hash is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, LiteralString

from psycopg import AsyncConnection, Connection

from application.log.tree.merkle import (
    EMPTY,
    TILE_HEIGHT,
    TILE_WIDTH,
    Span,
    Subtree,
    consistency_path,
    inclusion_path,
    joined,
    node,
    subtrees,
)

HASHES: LiteralString = """
    SELECT wanted.nth, found.hash
    FROM unnest(%s::int[], %s::smallint[], %s::bigint[], %s::bigint[]) AS wanted (nth, level, first, past),
    LATERAL (
        SELECT position - 1 AS place, leaf_hash AS hash FROM log.event
        WHERE wanted.level = 0 AND position > wanted.first AND position <= wanted.past
        UNION ALL
        SELECT number, hash FROM log.subtree
        WHERE level = wanted.level AND number >= wanted.first AND number < wanted.past
    ) AS found
    ORDER BY wanted.nth, found.place
"""
NEWEST: LiteralString = "SELECT coalesce(max(size), 0) FROM log.checkpoint"


class NotInTree(LookupError):
    """What was asked for is not in the tree that was signed. The message says what is."""


class BrokenTree(Exception):
    """A stored hash is missing: the log is not as it was recorded, and ``log verify`` says where."""


async def inclusion(conn: AsyncConnection[Any], position: int, size: int) -> list[bytes]:
    """The proof that the event at a position is in the tree of a size (RFC 9162, 2.1.3).

    It verifies with the event's ``leaf_hash``, the leaf index ``position - 1``, and the root of the tree.

    Raises:
        NotInTree: the position is after ``size``, or ``size`` after the newest checkpoint.
        BrokenTree: a stored hash is missing.
    """
    return (await inclusions(conn, [position], size))[0]


async def inclusions(conn: AsyncConnection[Any], positions: Sequence[int], size: int) -> list[list[bytes]]:
    """The same for several events, with one question: much of their way to the root is common.

    Raises:
        NotInTree: a position is after ``size``, or ``size`` after the newest checkpoint.
        BrokenTree: a stored hash is missing.
    """
    for position in positions:
        if not 0 < position <= size:
            raise NotInTree(f"there is no position {position} in the tree of {size}")
    await _must_be_signed(conn, size)
    paths = [inclusion_path(position - 1, size) for position in positions]
    spans = list(dict.fromkeys(span for path in paths for span in path))
    roots = dict(zip(spans, await _roots(conn, spans), strict=True))
    return [[roots[span] for span in path] for path in paths]


async def consistency(conn: AsyncConnection[Any], old: int, new: int) -> list[bytes]:
    """The proof that the tree of size ``new`` begins with all of that of size ``old`` (RFC 9162, 2.1.4).

    It is empty where ``old`` is 0 or ``new``.

    Raises:
        NotInTree: ``old`` is bigger than ``new``, or ``new`` than the newest checkpoint.
        BrokenTree: a stored hash is missing.
    """
    if not 0 <= old <= new:
        raise NotInTree(f"a tree of {new} cannot begin with one of {old}")
    await _must_be_signed(conn, new)
    return await _roots(conn, consistency_path(old, new))


async def root(conn: AsyncConnection[Any], size: int) -> bytes:
    """The root of the tree of a size, signed or between two that are.

    Raises:
        NotInTree: it is bigger than the newest checkpoint.
        BrokenTree: a stored hash is missing.
    """
    await _must_be_signed(conn, size)
    return (await _roots(conn, [Span(0, size)]))[0] if size else EMPTY


async def tile(conn: AsyncConnection[Any], level: int, number: int, width: int = TILE_WIDTH) -> list[bytes]:
    """The first ``width`` of 256 consecutive hashes, as C2SP tlog-tiles serves them.

    Args:
        level: of tlog-tiles: 0 for leaf hashes, 1 for subtrees of 256 events, 2 for those of 65,536, …
        number: which tile of that level, from 0.
        width: 1 to 256; less than 256 for a tile that the tree of some size did not fill.

    Raises:
        NotInTree: not all of it is within the newest checkpoint, or there is no such tile.
        BrokenTree: a stored hash is missing.
    """
    height, first = level * TILE_HEIGHT, number * TILE_WIDTH
    if not (0 <= level < 8 and number >= 0 and 0 < width <= TILE_WIDTH):
        raise NotInTree(f"there is no tile {number} of level {level}, {width} wide")
    await _must_be_signed(conn, (first + width) << height)
    rows = await (
        await conn.execute(HASHES, ([0], [height], [first], [first + width]), binary=True)
    ).fetchall()
    if len(rows) != width:
        raise BrokenTree(f"tile {number} of level {level} is not complete")
    return [hash_ for _, hash_ in rows]


def consistency_now(conn: Connection[Any], old: int, new: int) -> list[bytes]:
    """The same as ``consistency``, for a caller that is not asynchronous and has signed both trees."""
    wanted = [subtree for span in consistency_path(old, new) for subtree in subtrees(span)]
    rows = conn.execute(HASHES, _ranges(wanted), binary=True).fetchall()
    return _joined(consistency_path(old, new), wanted, rows)


async def _must_be_signed(conn: AsyncConnection[Any], size: int) -> None:
    row = await (await conn.execute(NEWEST)).fetchone()
    signed = row[0] if row else 0
    if size > signed:
        raise NotInTree(f"the newest checkpoint ends at {signed}, before {size}")


async def _roots(conn: AsyncConnection[Any], spans: Sequence[Span]) -> list[bytes]:
    wanted = [subtree for span in spans for subtree in subtrees(span)]
    rows = await (await conn.execute(HASHES, _ranges(wanted), binary=True)).fetchall()
    return _joined(spans, wanted, rows)


def _ranges(wanted: Sequence[Subtree]) -> tuple[list[int], list[int], list[int], list[int]]:
    """Where the hashes stand that make each subtree: at the next lower level that is stored."""
    above = [level % TILE_HEIGHT for level, _ in wanted]
    return (
        [*range(len(wanted))],
        [level - height for (level, _), height in zip(wanted, above, strict=True)],
        [number << height for (_, number), height in zip(wanted, above, strict=True)],
        [(number + 1) << height for (_, number), height in zip(wanted, above, strict=True)],
    )


def _joined(
    spans: Sequence[Span], wanted: Sequence[Subtree], rows: Iterable[tuple[int, bytes]]
) -> list[bytes]:
    """The root of each span, from the rows that were found for its subtrees."""
    found = {nth: [hash_ for _, hash_ in group] for nth, group in groupby(rows, key=lambda row: row[0])}
    hashes = iter([_up(subtree, found.get(nth, [])) for nth, subtree in enumerate(wanted)])
    return [joined([next(hashes) for _ in subtrees(span)]) for span in spans]


def _up(subtree: Subtree, hashes: list[bytes]) -> bytes:
    if len(hashes) != 1 << (subtree.level % TILE_HEIGHT):
        raise BrokenTree(f"hashes below subtree {subtree.number} of level {subtree.level} are missing")
    while len(hashes) > 1:
        hashes = [node(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]
