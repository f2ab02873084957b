"""docs/log-format.md is enough to verify a log: its vectors hold in our code, and in SQL alone."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from application.database.connect import Database, embedded_database
from application.database.embedded import EmbeddedServer
from application.database.migrate import FOLDER, migrate
from application.ids import uuid7
from application.log.append import Request
from application.log.event_log import EventLog
from application.log.sealing import ORIGIN, chain_hash, leaf_hash, sealed_bytes
from application.log.stored import COLUMNS
from tests.application.log.appending import append_many, remark
from tests.application.log.committing import column, on_the_log
from tests.application.log.tampering import found, marked, rewrite, tamper, verified
from tests.conftest import connected

PAGE = (Path(__file__).parents[3] / "docs" / "log-format.md").read_text(encoding="utf-8")
(QUERY,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
NAMES = tuple(COLUMNS.split(", "))

Row = tuple[Any, ...]


def vectors() -> list[tuple[Row, bytes, bytes, bytes]]:
    """The page's events, and the sealed bytes and two hashes that it gives for each."""
    told: list[tuple[Row, bytes, bytes, bytes]] = []
    for block in re.findall(r"```text\n(position .*?)```", PAGE, re.DOTALL):
        said = dict(re.findall(r"^(\w+) +(.*(?:\n +\S+)*)$", block, re.MULTILINE))
        row = tuple(read(name, said[name]) for name in NAMES)
        hashes = (bytes.fromhex(said[name]) for name in ("sealed", "leaf_hash", "chain_hash"))
        told.append((row, *hashes))  # type: ignore[arg-type]
    return told


def read(name: str, text: str) -> Any:
    """A value as the page writes it."""
    if text == "NULL":
        return None
    if name in {"position", "version", "schema"}:
        return int(text)
    if name.endswith("_at"):
        return datetime.fromisoformat(text)
    if name.endswith("_id"):
        return UUID(text)
    return text.encode() if name == "data" else text.replace("(empty)", "")


def by_sql(database: Database) -> list[Row]:
    """What the page's query finds."""
    with connected(database.service_url) as conn:
        return conn.execute(QUERY).fetchall()  # type: ignore[call-overload]


def put(database: Database, rows: list[Row]) -> None:
    """Store rows as they are, hashes included."""
    with connected(database.owner_url) as owner:
        for row in rows:
            marks = ", ".join(["%s"] * len(row))
            owner.execute(f"INSERT INTO log.event VALUES ({marks})", row)  # type: ignore[call-overload]


class TestTheVectors:
    def test_hold_in_the_code(self) -> None:
        chain = ORIGIN
        for row, sealed, leaf, expected in vectors():
            chain = chain_hash(chain, leaf)
            assert sealed_bytes(*row) == sealed
            assert (leaf_hash(sealed), chain) == (leaf, expected)

    def test_hold_in_sql(self, database: Database) -> None:
        assert len(vectors()) == 2
        put(database, [(*row, leaf, chain) for row, _, leaf, chain in vectors()])
        assert by_sql(database) == []

    @pytest.mark.parametrize("name", ["data", "leaf_hash", "chain_hash"])
    def test_would_not_hold_of_another_byte(self, database: Database, name: str) -> None:
        put(database, [(*row, leaf, chain) for row, _, leaf, chain in vectors()])
        tamper(database, f"UPDATE log.event SET {name} = set_byte({name}, 1, 7) WHERE position = 2")
        assert [row[0] for row in by_sql(database)] == [2]


class TestARealLog:
    def test_has_the_hashes_that_sql_computes(self, database: Database) -> None:
        async def story(log: EventLog) -> None:
            stream = uuid7()
            await log.append([remark("热水器"), remark(stream=stream)], request=Request("me", "键", b"1"))
            await log.append(
                [remark("x" * 70_000, stream=stream, version=2, case=uuid7(), actor="agent:李伟")]
            )
            await append_many(log, callers=8, each=4)

        on_the_log(database, story)
        assert column(database, "SELECT count(*) FROM log.event") == [35]
        assert by_sql(database) == []
        assert found(database) is None

    def test_a_missing_event_is_found_by_sql(self, database: Database) -> None:
        on_the_log(database, lambda log: append_many(log, callers=1, each=4))
        tamper(database, "DELETE FROM log.event WHERE position = 2")
        assert [row[0] for row in by_sql(database)] == [3]

    def test_the_view_shows_them_in_hex(self, database: Database) -> None:
        on_the_log(database, lambda log: append_many(log, callers=1, each=2))
        assert column(database, "SELECT chain_hash FROM event_log WHERE position = 2") == [
            marked(database).chain_hash.hex()
        ]
        (leaf,) = column(database, "SELECT leaf_hash FROM event_log WHERE position = 1")
        assert chain_hash(ORIGIN, bytes.fromhex(leaf)).hex() in column(
            database, "SELECT chain_hash FROM event_log"
        )


text, uuids, times = st.text(max_size=3), st.uuids(), st.datetimes(timezones=st.just(UTC))
number = st.integers(-(2**63), 2**63 - 1)
rows = st.tuples(
    number, uuids, number, text, number, st.binary(max_size=3), times, times, text,
    st.none() | text, uuids, st.none() | uuids, st.none() | text,
)  # fmt: skip


@given(rows)
def test_sealed_bytes_say_the_event_they_are_of(row: Row) -> None:
    """Read back by the page's rule, they give every field: so no two events share them."""
    rest = sealed_bytes(*row)[18:]
    fields: list[bytes | None] = []
    while rest:
        length, rest = rest[:4], rest[4:]
        size = 0 if length == b"\xff" * 4 else int.from_bytes(length, "big")
        fields.append(None if length == b"\xff" * 4 else rest[:size])
        rest = rest[size:]
    assert fields == [plain(value) for value in row]


def plain(value: Any) -> bytes | None:
    """A field's bytes, by the page's words."""
    if isinstance(value, datetime):
        since = value - datetime(1970, 1, 1, tzinfo=UTC)
        value = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if isinstance(value, int):
        return value.to_bytes(8, "big", signed=True)
    if isinstance(value, UUID):
        return value.bytes
    return value.encode() if isinstance(value, str) else value


@pytest.fixture
def before_seals(server: EmbeddedServer, tmp_path: Path) -> Iterator[Database]:
    """A database of the release before, whose events have no hashes."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for file in sorted(FOLDER.glob("000[1-4].*.sql")):
        shutil.copy(file, folder)
    name = f"test_{uuid.uuid4().hex[:12]}"
    database = embedded_database(server, name)
    migrate(database.owner_url, folder)
    yield database
    with connected(server.url()) as superuser:
        superuser.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


class TestMigrating:
    def test_events_that_are_there_are_sealed_and_the_log_goes_on(self, before_seals: Database) -> None:
        put(before_seals, [row for row, *_ in vectors()])
        with connected(before_seals.owner_url) as owner:
            owner.execute("UPDATE log.head SET position = 2")
        migrate(before_seals.owner_url)
        assert verified(before_seals).end.chain_hash == vectors()[-1][3]
        on_the_log(before_seals, lambda log: append_many(log, callers=2, each=2))
        assert found(before_seals) is None
        assert by_sql(before_seals) == []
        assert marked(before_seals).position == 6

    def test_the_log_is_guarded_afterwards(self, before_seals: Database) -> None:
        put(before_seals, [row for row, *_ in vectors()])
        migrate(before_seals.owner_url)
        with connected(before_seals.owner_url) as owner, pytest.raises(Exception, match="append-only"):
            owner.execute("UPDATE log.event SET actor = ''")

    def test_a_log_with_a_hole_is_refused_and_left_as_it_is(self, before_seals: Database) -> None:
        first, second = (row for row, *_ in vectors())
        put(before_seals, [first, (3, *second[1:])])
        with pytest.raises(Exception, match="0005"):
            migrate(before_seals.owner_url)
        assert column(before_seals, "SELECT position FROM log.event ORDER BY 1") == [1, 3]


def test_rewriting_as_the_tests_do_it_gives_the_hashes_that_appending_gives(database: Database) -> None:
    on_the_log(database, lambda log: append_many(log, callers=2, each=3))
    before = marked(database)
    rewrite(database)
    assert marked(database) == before
