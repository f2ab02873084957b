"""Sealed events are read as they were sealed, and never too much of them at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from psycopg import AsyncConnection

from application.database.connect import Database
from application.log import entries
from application.log.sealing import leaf_hash
from tests.application.log.appending import remark
from tests.application.log.committing import on_the_log

CASE = UUID(int=1)
OTHER = UUID(int=2)
LARGE = "x" * 1000


@pytest.fixture(scope="module")
def log(module_database: Database) -> Database:
    """Six events, the first large; three of one case, in two streams."""

    async def story(log: Any) -> None:
        await log.append([remark(LARGE, stream=CASE)])
        await log.append([remark(stream=OTHER)])
        await log.append([remark(stream=OTHER, version=2, case=CASE)])
        await log.append([remark(stream=CASE, version=2)])
        await log.append([remark(), remark()])

    on_the_log(module_database, story)
    return module_database


def positions(
    log: Database, ask: Callable[[AsyncConnection[Any]], Awaitable[list[entries.Entry]]]
) -> list[int]:
    """Where the entries stand that are read, each of which has its hash."""

    async def read() -> list[entries.Entry]:
        async with await AsyncConnection.connect(log.service_url) as conn:
            return await ask(conn)

    found = asyncio.run(read())
    assert [leaf_hash(entry.sealed) for entry in found] == [entry.leaf_hash for entry in found]
    return [entry.position for entry in found]


def test_a_range_is_read_with_both_its_ends(log: Database) -> None:
    assert positions(log, lambda conn: entries.between(conn, 2, 4)) == [2, 3, 4]
    assert positions(log, lambda conn: entries.between(conn, 5, 99)) == [5, 6]
    assert positions(log, lambda conn: entries.between(conn, 7, 99)) == []


def test_a_range_ends_where_it_has_become_large_but_is_never_empty_for_it(log: Database) -> None:
    assert positions(log, lambda conn: entries.between(conn, 1, 6, most_bytes=100)) == [1]
    assert positions(log, lambda conn: entries.between(conn, 2, 6, most_bytes=200)) == [2, 3, 4]


def test_a_range_has_at_most_so_many(log: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST", 3)
    assert positions(log, lambda conn: entries.between(conn, 2, 6)) == [2, 3, 4]


def test_a_case_and_a_stream_are_read_up_to_a_position(log: Database) -> None:
    assert positions(log, lambda conn: entries.of_case(conn, CASE, 6)) == [1, 3, 4]
    assert positions(log, lambda conn: entries.of_case(conn, CASE, 3)) == [1, 3]
    assert positions(log, lambda conn: entries.of_stream(conn, OTHER, 6)) == [2, 3]
