"""Proofs are found in a few stored rows, and are those of the tree made from scratch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import cache
from hashlib import sha256
from typing import Any

import pytest
from psycopg import AsyncConnection

from application.database.connect import Database
from application.log.tree.merkle import (
    CompactRange,
    Subtree,
    consistency_path,
    inclusion_path,
    verify_consistency,
    verify_inclusion,
)
from application.log.tree.merkle import root as root_of
from application.log.tree.proofs import (
    BrokenTree,
    NotInTree,
    consistency,
    consistency_now,
    inclusion,
    inclusions,
    root,
    tile,
)
from tests.conftest import connected

SIZE = 66_000
"""One full subtree of the second level, and one that is not full of every level below."""

LEAVES = [sha256(index.to_bytes(8, "big")).digest() for index in range(SIZE)]
SIZES = (1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_999, SIZE)


@pytest.fixture(scope="module")
def grown(module_database: Database) -> Database:
    """A log with a signed tree of ``LEAVES``; of its events only the leaf hashes mean anything."""
    complete: dict[Subtree, bytes] = {}
    tree = CompactRange().extended(LEAVES, complete.__setitem__)
    with connected(module_database.owner_url) as owner:
        owner.execute(
            "INSERT INTO log.event SELECT at, gen_random_uuid(), 1, 'x', 1, '', now(), now(), 'x', NULL,"
            " gen_random_uuid(), NULL, NULL, sha256(int8send(at - 1)), sha256('')"
            " FROM generate_series(1, %s) AS at",
            [SIZE],
        )
        owner.execute("ANALYZE log.event")
        with owner.cursor() as cursor, cursor.copy("COPY log.subtree FROM STDIN") as copy:
            for (level, number), hash_ in complete.items():
                copy.write_row((level, number, hash_))
        owner.execute("INSERT INTO log.checkpoint VALUES (%s, %s, 'x', now())", [SIZE, tree.root()])
    return module_database


@cache
def made(begin: int, end: int) -> bytes:
    """The root of some of the leaves, from scratch."""
    return root_of(LEAVES[begin:end])


def asked(database: Database, question: Callable[[AsyncConnection[Any]], Coroutine[Any, Any, Any]]) -> Any:
    """What a question about the tree is answered."""

    async def ask() -> Any:
        async with await AsyncConnection.connect(database.service_url, autocommit=True) as conn:
            return await question(conn)

    return asyncio.run(ask())


async def every_inclusion(conn: AsyncConnection[Any]) -> None:
    for size in SIZES:
        top = made(0, size)
        assert await root(conn, size) == top
        positions = sorted({1, size // 2 or 1, min(300, size), size})
        proofs = await inclusions(conn, positions, size)
        for position, proof in zip(positions, proofs, strict=True):
            assert proof == await inclusion(conn, position, size)
            assert proof == [made(begin, end) for begin, end in inclusion_path(position - 1, size)]
            assert verify_inclusion(LEAVES[position - 1], position - 1, size, proof, top)


async def every_consistency(conn: AsyncConnection[Any]) -> None:
    for old in (0, *SIZES):
        for new in (size for size in SIZES if size >= old):
            proof = await consistency(conn, old, new)
            assert proof == [made(begin, end) for begin, end in consistency_path(old, new)]
            assert verify_consistency(old, new, proof, made(0, old), made(0, new))


def test_inclusion_at_any_size(grown: Database) -> None:
    asked(grown, every_inclusion)


def test_consistency_between_any_sizes(grown: Database) -> None:
    asked(grown, every_consistency)
    with connected(grown.service_url) as conn:
        assert consistency_now(conn, 300, SIZE) == asked(grown, lambda at: consistency(at, 300, SIZE))


@pytest.mark.parametrize(
    ("level", "number", "width", "leaves"),
    [(0, 0, 256, 1), (0, 257, 208, 1), (0, 257, 1, 1), (1, 0, 256, 256), (1, 1, 1, 256), (2, 0, 1, 65_536)],
)
def test_a_tile_is_as_tlog_tiles_has_it(
    grown: Database, level: int, number: int, width: int, leaves: int
) -> None:
    expected = [
        made(place * leaves, (place + 1) * leaves) for place in range(number * 256, number * 256 + width)
    ]
    assert asked(grown, lambda conn: tile(conn, level, number, width)) == expected


@pytest.mark.parametrize(
    "question",
    [
        lambda conn: inclusion(conn, 0, 5),
        lambda conn: inclusion(conn, 6, 5),
        lambda conn: inclusion(conn, 5, SIZE + 1),
        lambda conn: consistency(conn, 6, 5),
        lambda conn: consistency(conn, 5, SIZE + 1),
        lambda conn: root(conn, SIZE + 1),
        lambda conn: tile(conn, 0, 257, 209),
        lambda conn: tile(conn, 1, 0, 257),
        lambda conn: tile(conn, 1, 1, 2),
        lambda conn: tile(conn, 3, 0, 1),
        lambda conn: tile(conn, 8, 0, 1),
    ],
)
def test_what_was_not_signed_is_not_proven(grown: Database, question: Callable[..., Any]) -> None:
    with pytest.raises(NotInTree):
        asked(grown, question)


def test_a_proof_reads_the_rows_it_needs_and_not_the_log(grown: Database) -> None:
    def rows_read() -> int:
        with connected(grown.owner_url) as owner:
            owner.execute("SELECT pg_stat_force_next_flush()")
            counted = (
                "SELECT sum(seq_tup_read + idx_tup_fetch)::bigint FROM pg_stat_user_tables"
                " WHERE relname IN ('event', 'subtree')"
            )
            ((rows,),) = owner.execute(counted).fetchall()
            return rows

    async def prove(conn: AsyncConnection[Any]) -> None:
        await inclusion(conn, 300, SIZE)
        await conn.execute("SELECT pg_stat_force_next_flush()")

    before = rows_read()
    asked(grown, prove)
    assert 0 < rows_read() - before < 3 * 256


def test_a_hash_that_is_gone_is_said(database: Database) -> None:
    with connected(database.owner_url) as owner:
        owner.execute("INSERT INTO log.checkpoint VALUES (600, %s, 'x', now())", [bytes(32)])
    for question in (lambda conn: inclusion(conn, 3, 600), lambda conn: tile(conn, 0, 0)):
        with pytest.raises(BrokenTree):
            asked(database, question)


@pytest.mark.parametrize("table", ["subtree", "checkpoint", "cosignature"])
def test_what_was_signed_is_guarded_like_the_events(grown: Database, table: str) -> None:
    for url, refusal in ((grown.service_url, "permission denied"), (grown.owner_url, "append-only")):
        with connected(url) as conn:
            for statement in (f"TRUNCATE log.{table} CASCADE", f"DELETE FROM log.{table}"):
                if table == "cosignature" and "DELETE" in statement and url == grown.owner_url:
                    continue  # it has no row that a trigger could refuse to delete
                with pytest.raises(Exception, match=refusal):
                    conn.execute(statement)  # type: ignore[call-overload]
