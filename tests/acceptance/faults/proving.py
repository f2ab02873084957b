"""What must hold after everything died: looked up in the database, with nothing of the service running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any
from uuid import UUID, uuid5

import psycopg
from psycopg import sql

from application.database.connect import DATABASE, Database, embedded_database
from application.database.embedded import running_server
from application.plans import shipped_promises
from projections.catalogue import NAMES, every_projection
from projections.engine.runner import Runner
from tests.acceptance.faults.clients import Answered
from tests.acceptance.faults.disturbing import Told
from tests.acceptance.installation import Installation
from tests.conftest import connected

COPY_OF_IT = "afresh"
ZONE = "Asia/Shanghai"

RECORDED = """
    SELECT idempotency_key, array_agg(position ORDER BY position), array_agg(type),
           count(DISTINCT recorded_at), array_agg(DISTINCT stream_id::text), max(version)
    FROM log.event WHERE idempotency_key IS NOT NULL GROUP BY idempotency_key
"""
KEPT = "SELECT key, stream_id::text, version, position FROM log.command"
ASTRAY = (
    "SELECT position FROM log.event WHERE reason LIKE 'client-%' AND idempotency_key IS DISTINCT FROM reason"
)
CAUSED = "SELECT causation_id, type FROM log.event WHERE causation_id IS NOT NULL"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'view' ORDER BY tablename"
KEY = """
    SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
    JOIN pg_attribute a ON a.attrelid = %s::regclass AND a.attnum = k.attnum
    WHERE i.indrelid = %s::regclass AND i.indisprimary ORDER BY k.place
"""


def prove(home: Installation, told: Told) -> dict[str, int]:
    """Everything at once; what was looked at is counted.

    Raises:
        AssertionError: it does not hold; the message says what and where.
    """
    marks = [argument for mark in told.kept for argument in ("--expect", str(mark))]
    home.run("log", "verify", *marks)
    with running_server(home.data_dir) as server:
        home.stop()
        database = embedded_database(server, DATABASE)
        with connected(database.service_url) as conn:
            events = log_is_whole(conn)
            every_answer_is_in_the_log_once(conn, told.answers)
            every_reaction_happened_once(conn, told.answers)
            the_feed_was_the_log(conn, told.followed)
            nothing_is_failed_or_behind(conn)
        with connected(server.url()) as superuser:
            superuser.execute(f"CREATE DATABASE {COPY_OF_IT} TEMPLATE {DATABASE}")
        rows = views_are_as_folded_afresh(
            database, embedded_database(server, COPY_OF_IT), server.url(COPY_OF_IT)
        )
    return {
        "faults": len(told.faults),
        "commands": len(told.answers),
        "asked more than once": sum(answer.tries > 1 for answer in told.answers),
        "refused": sum(answer.receipt is None for answer in told.answers),
        "own writes read": told.views,
        "events": events,
        "rows in views": rows,
    }


def log_is_whole(conn: psycopg.Connection[Any]) -> int:
    """Positions are 1 to n and the head says n; gives n."""
    query = "SELECT count(*), min(position), max(position), (SELECT position FROM log.head) FROM log.event"
    found = conn.execute(query).fetchone()
    assert found is not None
    assert found == (found[0], 1, found[0], found[0]), f"count, first, last and head of the log: {found}"
    return found[0]


def every_answer_is_in_the_log_once(conn: psycopg.Connection[Any], answers: list[Answered]) -> None:
    """Where its receipt says, in one piece, and nothing else; of what was refused there is nothing."""
    receipts = {answer.key: answer.receipt for answer in answers if answer.receipt}
    recorded = {row[0]: row[1:] for row in conn.execute(RECORDED).fetchall()}
    assert recorded.keys() == receipts.keys(), f"differ: {sorted(recorded.keys() ^ receipts.keys())}"
    for key, (positions, types, moments, streams, version) in recorded.items():
        receipt = receipts[key]
        first, last = positions[0], positions[-1]
        assert positions == list(range(first, last + 1)), f"{key} stands in several places: {positions}"
        assert moments == 1, f"{key} was recorded at {moments} moments"
        assert len(types) == len(set(types)), f"{key} was done twice: {types}"
        found = (streams, version, last)
        assert found == ([receipt["id"]], receipt["version"], receipt["position"]), (
            f"{key}: {found}, {receipt}"
        )
    remembered = {key: place for key, *place in conn.execute(KEPT).fetchall()}
    assert remembered == {
        key: [each["id"], each["version"], each["position"]] for key, each in receipts.items()
    }
    assert conn.execute(ASTRAY).fetchall() == []


def every_reaction_happened_once(conn: psycopg.Connection[Any], answers: list[Answered]) -> None:
    """What had to follow from each command did, once, and nothing followed that had not to."""
    due = Counter(
        (uuid5(UUID(answer.receipt["id"]), str(answer.receipt["version"])), kind)
        for answer in answers
        if answer.receipt
        for kind in answer.follows
    )
    done = Counter(conn.execute(CAUSED).fetchall())
    assert done == due, f"not done: {due - done}; done and not due: {done - due}"


def the_feed_was_the_log(conn: psycopg.Connection[Any], followed: list[tuple[int, str]]) -> None:
    """Whoever followed it got every event once and in order, and none that is not in the log."""
    events = conn.execute("SELECT position, stream_id, version FROM log.event ORDER BY position").fetchall()
    expected = [(position, str(uuid5(stream, str(version)))) for position, stream, version in events]
    differing = (pair for pair in zip_longest(expected, followed) if pair[0] != pair[1])
    assert followed == expected, f"in the log and in the feed: {next(differing)}"


def nothing_is_failed_or_behind(conn: psycopg.Connection[Any]) -> None:
    """Every view and the reactions have read the whole log; none has stopped, and nothing is parked."""
    query = (
        "SELECT t.* FROM log.tracking t, log.head h WHERE t.position <> h.position OR t.failure IS NOT NULL"
    )
    assert conn.execute(query).fetchall() == []
    assert conn.execute("SELECT * FROM log.parked").fetchall() == []
    tracked = {row[0] for row in conn.execute("SELECT projection FROM log.tracking").fetchall()}
    assert tracked >= {*NAMES, "reactions"}


def views_are_as_folded_afresh(live: Database, copy: Database, superuser: str) -> int:
    """Every table of every view, byte for byte, beside one folded in a copy that never saw a view.

    Args:
        live: the database that lived through it all.
        copy: another with the same log; its views are thrown away.
        superuser: connection string of the copy.

    Returns:
        How many rows were compared.
    """
    with connected(superuser) as conn:
        conn.execute("DELETE FROM log.tracking")
    with connected(copy.service_url) as conn:
        for (table,) in conn.execute(TABLES).fetchall():
            conn.execute(sql.SQL("DROP TABLE view.{} CASCADE").format(sql.Identifier(table)))
    with Runner(copy.service_url, every_projection(shipped_promises())) as runner:
        runner.run_once()
    with connected(live.service_url) as lived, connected(copy.service_url) as folded:
        tables = [row[0] for row in lived.execute(TABLES).fetchall()]
        assert tables
        assert tables == [row[0] for row in folded.execute(TABLES).fetchall()]
        return sum(_same_rows(lived, folded, table) for table in tables)


def _same_rows(lived: psycopg.Connection[Any], folded: psycopg.Connection[Any], table: str) -> int:
    rows = 0
    for rows, (one, other) in enumerate(zip_longest(_rows(lived, table), _rows(folded, table)), 1):
        assert one == other, f"view.{table}, row {rows}: {one!r}, but afresh {other!r}"
    return rows


def _rows(conn: psycopg.Connection[Any], table: str) -> Iterator[bytes]:
    """The bytes of a table as PostgreSQL writes them, by its primary key."""
    name = f"view.{table}"
    key = [row[0] for row in conn.execute(KEY, (name, name)).fetchall()]
    assert key, f"{name} has no primary key to be ordered by"
    query = sql.SQL("COPY (SELECT * FROM view.{} ORDER BY {}) TO STDOUT").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, key))
    )
    with conn.cursor().copy(query) as copy:
        yield from map(bytes, copy)
