"""An honest log proves itself; whatever an owner does to the rows is found at the first place it touches."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from uuid import UUID

import pytest

from application.database.connect import Database
from application.ids import uuid7
from application.log.append import Request
from application.log.event_log import EventLog
from application.log.reading import Mark
from application.log.sealing import ORIGIN
from tests.application.log.appending import append_many, remark
from tests.application.log.committing import column, is_whole, on_the_log
from tests.application.log.tampering import found, marked, rewrite, tamper, verified
from tests.conftest import connected

ELSE = UUID(int=7)
ALTERED = {
    "stream_id": f"'{ELSE}'",
    "version": "version + 1",
    "type": "'ticket.remarked2'",
    "schema": "schema + 1",
    "data": "set_byte(data, 5, get_byte(data, 5) # 1)",
    "occurred_at": "occurred_at + interval '1 microsecond'",
    "recorded_at": "recorded_at - interval '1 microsecond'",
    "actor": "'agent:someone.else'",
    "reason": "'because'",
    "correlation_id": f"'{ELSE}'",
    "causation_id": f"'{ELSE}'",
    "idempotency_key": "'another'",
}
"""Every column, and what the owner makes of it; ``position`` is moved rows, below."""


@pytest.fixture
def six(database: Database) -> Database:
    """A log of six events, in three appends."""

    async def story(log: EventLog) -> None:
        stream = uuid7()
        await log.append([remark(stream=stream), remark("二", stream=stream, version=2)])
        await log.append([remark("三")], request=Request("me", "key", b"1"))
        await log.append([remark(stream=stream, version=3), remark("五"), remark("六")])

    on_the_log(database, story)
    assert found(database) is None
    return database


class TestAnHonestLog:
    def test_an_empty_one(self, database: Database) -> None:
        assert marked(database) == verified(database).end == Mark(0, ORIGIN)
        assert found(database, Mark(0, ORIGIN)) is None

    def test_ends_where_its_head_is_and_holds_every_mark_it_ever_had(self, database: Database) -> None:
        async def story(log: EventLog) -> None:
            for _ in range(5):
                await log.append([remark(), remark()])
                marks.append(await asyncio.to_thread(marked, database))

        marks = [marked(database)]
        on_the_log(database, story)
        assert [mark.position for mark in marks] == [0, 2, 4, 6, 8, 10]
        assert len({mark.chain_hash for mark in marks}) == 6
        proven = verified(database, *marks)
        assert (proven.end, proven.difference) == (marks[-1], None)

    def test_two_processes_appended_to_it_at_once(self, database: Database) -> None:
        program = [sys.executable, "-m", "tests.application.log.appending", database.service_url, "16", "25"]
        writers = [subprocess.Popen([*program, name], stdin=subprocess.PIPE) for name in ("a", "b")]
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write(b"go\n")
            writer.stdin.flush()
        while any(writer.poll() is None for writer in writers):
            assert found(database) is None
        assert [writer.wait() for writer in writers] == [0, 0]
        assert is_whole(database) == verified(database).end.position == 800

    def test_its_writer_was_killed_and_another_went_on(self, database: Database) -> None:
        program = [
            sys.executable,
            "-m",
            "tests.application.log.appending",
            database.service_url,
            "16",
            "9999",
        ]
        with subprocess.Popen([*program, "a"], stdin=subprocess.PIPE) as writer:
            assert writer.stdin is not None
            writer.stdin.write(b"go\n")
            writer.stdin.flush()
            while marked(database).position < 100:
                assert writer.poll() is None
            writer.kill()
        left = marked(database)
        on_the_log(database, lambda log: append_many(log, callers=4, each=5))
        assert found(database, left) is None
        assert is_whole(database) == verified(database).end.position >= 120

    def test_a_refused_append_leaves_no_trace_in_the_chain(self, six: Database) -> None:
        async def story(log: EventLog) -> None:
            good, bad = await asyncio.gather(
                log.append([remark()]), log.append([remark(version=2)]), return_exceptions=True
            )
            assert not isinstance(good, BaseException)
            assert isinstance(bad, Exception)

        on_the_log(six, story)
        assert found(six) is None
        assert verified(six).end.position == 7


class TestAnAlteredEvent:
    @pytest.mark.parametrize("name", ALTERED)
    def test_in_any_column(self, six: Database, name: str) -> None:
        tamper(six, f"UPDATE log.event SET {name} = {ALTERED[name]} WHERE position = 4")
        assert found(six) == (4, "altered")

    def test_the_columns_are_all_there_are(self, six: Database) -> None:
        there = column(
            six, "SELECT attname FROM pg_attribute WHERE attrelid = 'log.event'::regclass AND attnum > 0"
        )
        assert {*there} == {"position", "leaf_hash", "chain_hash", *ALTERED}

    @pytest.mark.parametrize("time", ["infinity", "-infinity", "294276-12-31", "4700-01-01 BC"])
    def test_a_time_that_no_clock_says(self, six: Database, time: str) -> None:
        tamper(six, f"UPDATE log.event SET occurred_at = '{time}' WHERE position = 4")
        assert found(six) == (4, "altered")

    def test_absent_is_not_empty(self, six: Database) -> None:
        tamper(six, "UPDATE log.event SET reason = '' WHERE position = 4")
        assert found(six) == (4, "altered")

    def test_bytes_moved_from_one_field_to_the_next(self, six: Database) -> None:
        tamper(
            six,
            "UPDATE log.event SET type = left(type, -1), data = convert_to(right(type, 1), 'UTF8') || data"
            " WHERE position = 4",
        )
        assert found(six) == (4, "altered")

    def test_its_hashes(self, six: Database) -> None:
        tamper(six, "UPDATE log.event SET chain_hash = sha256(chain_hash) WHERE position = 5")
        assert found(six) == (5, "unchained")
        tamper(six, "UPDATE log.event SET leaf_hash = sha256(leaf_hash) WHERE position = 4")
        assert found(six) == (4, "altered")

    @pytest.mark.parametrize("value", ["NULL", "''", "leaf_hash || leaf_hash"])
    def test_hashes_that_are_none(self, six: Database, value: str) -> None:
        tamper(
            six,
            "ALTER TABLE log.event DROP CONSTRAINT event_leaf_hash_check, ALTER leaf_hash DROP NOT NULL",
            f"UPDATE log.event SET leaf_hash = {value} WHERE position = 3",
        )
        assert found(six) == (3, "altered")

    def test_with_its_own_hashes_made_to_fit(self, six: Database) -> None:
        old = column(six, "SELECT leaf_hash FROM log.event WHERE position > 4 ORDER BY position")
        chain = column(six, "SELECT chain_hash FROM log.event WHERE position > 4 ORDER BY position")
        tamper(six, "UPDATE log.event SET actor = 'agent:nobody' WHERE position = 4")
        rewrite(six, start=4)
        with connected(six.owner_url) as owner:
            for position, was in zip((5, 6), zip(old, chain, strict=True), strict=True):
                owner.execute(
                    "UPDATE log.event SET leaf_hash = %s, chain_hash = %s WHERE position = %s",
                    [*was, position],
                )
        assert found(six) == (5, "unchained")


class TestMovedRows:
    def test_a_deleted_one(self, six: Database) -> None:
        tamper(six, "DELETE FROM log.event WHERE position = 3")
        assert found(six) == (3, "missing")

    def test_the_first_one(self, six: Database) -> None:
        tamper(six, "DELETE FROM log.event WHERE position = 1")
        assert found(six) == (1, "missing")

    def test_a_deleted_one_whose_gap_was_closed(self, six: Database) -> None:
        tamper(
            six,
            "DELETE FROM log.event WHERE position = 3",
            "UPDATE log.event SET position = position + 100 WHERE position > 3",
            "UPDATE log.event SET position = position - 101 WHERE position > 100",
            "UPDATE log.head SET position = 5",
        )
        assert found(six) == (3, "altered")

    def test_two_that_changed_places(self, six: Database) -> None:
        tamper(
            six,
            "UPDATE log.event SET position = position + 100 WHERE position IN (2, 5)",
            "UPDATE log.event SET position = 107 - position WHERE position > 100",
        )
        assert column(six, "SELECT count(*) FROM log.event WHERE position BETWEEN 1 AND 6") == [6]
        assert found(six) == (2, "altered")

    @pytest.mark.parametrize(("position", "expected"), [(3, (3, "misplaced")), (0, (0, "misplaced"))])
    def test_an_inserted_one(self, six: Database, position: int, expected: tuple[int, str]) -> None:
        tamper(
            six,
            "ALTER TABLE log.event DROP CONSTRAINT event_pkey",
            "CREATE INDEX event_position ON log.event (position)",
            "ALTER TABLE log.event DROP CONSTRAINT event_stream_id_version_key",
            "CREATE TEMPORARY TABLE forged AS SELECT * FROM log.event WHERE position = 3",
            f"UPDATE forged SET position = {position}",
            "INSERT INTO log.event SELECT * FROM forged",
        )
        assert found(six) == expected

    def test_an_inserted_one_without_a_position(self, six: Database) -> None:
        tamper(
            six,
            "ALTER TABLE log.event DROP CONSTRAINT event_pkey",
            "ALTER TABLE log.event DROP CONSTRAINT event_stream_id_version_key",
            "ALTER TABLE log.event ALTER position DROP NOT NULL",
            "CREATE TEMPORARY TABLE forged AS SELECT * FROM log.event WHERE position = 3",
            "UPDATE forged SET position = NULL",
            "INSERT INTO log.event SELECT * FROM forged",
        )
        assert found(six) == (7, "misplaced")

    def test_rows_hidden_from_the_service(self, six: Database) -> None:
        tamper(
            six,
            "CREATE POLICY most ON log.event USING (position <> 5)",
            "ALTER TABLE log.event ENABLE ROW LEVEL SECURITY",
        )
        assert found(six) == (5, "missing")


class TestTheEnd:
    def test_taken_off(self, six: Database) -> None:
        tamper(six, "DELETE FROM log.event WHERE position > 4")
        assert found(six) == (5, "missing")

    def test_taken_off_and_the_head_set_back_by_half(self, six: Database) -> None:
        tamper(six, "DELETE FROM log.event WHERE position > 4", "UPDATE log.head SET position = 4")
        assert found(six) == (4, "head")

    def test_added_to_behind_the_heads_back(self, six: Database) -> None:
        tamper(six, "UPDATE log.head SET position = 4")
        assert found(six) == (5, "head")

    def test_a_head_with_another_hash_or_none(self, six: Database) -> None:
        tamper(six, "UPDATE log.head SET chain_hash = sha256('')")
        assert found(six) == (6, "head")
        tamper(six, "DELETE FROM log.head")
        assert found(six) == (1, "head")


class TestWhatOnlyAKeptHashShows:
    def test_a_rewritten_history(self, six: Database) -> None:
        kept = [
            Mark(n, column(six, f"SELECT chain_hash FROM log.event WHERE position = {n}")[0]) for n in (3, 5)
        ]
        tamper(six, "UPDATE log.event SET actor = 'agent:nobody' WHERE position = 4")
        rewrite(six)
        assert found(six) is None
        assert found(six, kept[0]) is None
        assert found(six, kept[1]) == found(six, *kept) == (5, "expected")

    def test_an_end_taken_off_with_its_head(self, six: Database) -> None:
        kept = marked(six)
        tamper(six, "DELETE FROM log.event WHERE position > 4")
        rewrite(six)
        assert found(six) is None
        assert found(six, kept) == (5, "expected")

    def test_two_marks_of_one_place_cannot_both_hold(self, six: Database) -> None:
        kept = marked(six)
        assert found(six, kept, Mark(6, ORIGIN)) == (6, "expected")

    def test_a_mark_of_the_beginning(self, six: Database) -> None:
        assert found(six, Mark(0, bytes([1] * 32))) == (0, "expected")


@pytest.mark.parametrize("text", ["", "5", "x:00", "5:00", "-1:" + "0" * 64, "5:" + "g" * 64])
def test_what_is_no_mark(text: str) -> None:
    with pytest.raises(ValueError, match="POSITION:HASH"):
        Mark.of(text)


def test_a_mark_reads_what_it_writes() -> None:
    mark = Mark(17, bytes(range(32)))
    assert Mark.of(str(mark)) == Mark.of(f" {str(mark).upper()}\n") == mark
