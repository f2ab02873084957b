"""The only writer of the log: shared commits, separate answers, no gaps, and nothing twice."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from typing import Any

import psycopg
import pytest

from application.database.connect import Database
from application.ids import uuid7
from application.log.append import Append, Recorded, Request
from application.log.committer import Committer
from application.log.connect import appending
from application.log.errors import KeyReused, LogBusy, LogUnavailable, NameTaken, VersionConflict
from application.log.event_log import EventLog
from application.log.mapper import store
from application.log.wire import Wire
from domain.event import Fact
from tests.application.log.appending import append_many, remark
from tests.application.log.breaking import Writer, with_writer
from tests.application.log.committing import column, is_whole, on_the_log, one, settled
from tests.conftest import connected


class TestManyCallers:
    def test_they_share_commits_and_get_gapless_positions(self, database: Database) -> None:
        async def story(log: EventLog) -> None:
            await append_many(log, callers=64, each=5)

        on_the_log(database, story)
        assert is_whole(database) == 320
        commits = column(database, "SELECT DISTINCT xmin::text FROM log.event")
        assert len(commits) < 160
        times = column(database, "SELECT recorded_at FROM log.event ORDER BY position")
        assert times == sorted(times)

    def test_each_is_told_its_own_place(self, database: Database) -> None:
        async def story(log: EventLog) -> None:
            facts = [[remark(f"{n}.{m}", stream=stream, version=m) for m in (1, 2)] for n, stream in streams]
            receipts = await asyncio.gather(*(log.append(pair) for pair in facts))
            for (_, stream), receipt in zip(streams, receipts, strict=True):
                found = await log.stream(stream)
                assert tuple(fact.position for fact in found) == receipt.positions
                assert (receipt.stream_id, receipt.version) == (stream, 2)
                assert receipt.position == receipt.positions[-1]
                assert {fact.recorded_at for fact in found} == {receipt.recorded_at}

        streams = [(n, uuid7()) for n in range(64)]
        on_the_log(database, story)
        assert is_whole(database) == 128

    def test_a_refusal_concerns_one_append_only(self, database: Database) -> None:
        async def story(log: EventLog) -> None:
            old = uuid7()
            await log.append([remark(stream=old)], names=["T-1"], request=Request("me", "k", b"1"))
            *good, conflict, ahead, taken, reused, twice = await settled(
                *(log.append([remark()]) for _ in range(10)),
                log.append([remark(stream=old, version=1)]),
                log.append([remark(stream=old, version=3)]),
                log.append([remark()], names=["T-1"]),
                log.append([remark()], request=Request("me", "k", b"2")),
                log.append([remark()], request=Request("me", "k", b"1")),
            )
            assert all(isinstance(answer, Recorded) for answer in good)
            assert isinstance(conflict, VersionConflict)
            assert (conflict.stream_id, conflict.current) == (old, 1)
            assert isinstance(ahead, VersionConflict)
            assert isinstance(taken, NameTaken)
            assert (taken.name, taken.stream_id) == ("T-1", old)
            assert isinstance(reused, KeyReused)
            assert isinstance(twice, Recorded)
            assert (twice.stream_id, twice.position, twice.repeated) == (old, 1, True)

        on_the_log(database, story)
        assert is_whole(database) == 11

    def test_in_one_commit_the_first_wins(self, database: Database) -> None:
        async def story(log: EventLog) -> None:
            stream = uuid7()
            same_version = await settled(*(log.append([remark(stream=stream)]) for _ in range(5)))
            same_name = await settled(*(log.append([remark()], names=["one"]) for _ in range(5)))
            key = Request("me", "key", b"same")
            same_key = await settled(*(log.append([remark()], request=key) for _ in range(5)))
            assert [type(answer) for answer in same_version] == [Recorded] + [VersionConflict] * 4
            assert [type(answer) for answer in same_name] == [Recorded] + [NameTaken] * 4
            assert {answer.position for answer in same_key if isinstance(answer, Recorded)} == {3}
            assert sum(isinstance(answer, Recorded) and answer.repeated for answer in same_key) == 4

        on_the_log(database, story)
        assert is_whole(database) == 3

    @pytest.mark.parametrize(
        ("wrong", "error"),
        [
            ({"actor": "a\0b"}, psycopg.DataError),
            ({"reason": "\0"}, psycopg.DataError),
            ({"idempotency_key": "\0"}, psycopg.DataError),
            ({"mentions": ("a\0b",)}, psycopg.DataError),
            ({"actor": "\ud800"}, UnicodeEncodeError),
            ({"actor": None}, AttributeError),
            ({"schema": 70_000}, OverflowError),
            ({"state": None}, TypeError),
            ({"state": b"x" * 2**20, "topic": None}, AttributeError),
            ({"occurred_at": datetime(2026, 1, 1)}, TypeError),  # noqa: DTZ001
            ({"correlation_id": "T-2026-000001"}, AttributeError),
        ],
    )
    def test_an_event_that_cannot_be_kept_fails_alone(
        self, database: Database, wrong: dict[str, Any], error: type[Exception]
    ) -> None:
        async def story(writer: Writer, committer: Committer) -> None:
            stream = uuid7()
            bad = Append((store(remark(stream=stream)), replace(store(remark()), **wrong)))
            *good, refused, after = await settled(
                *(committer.append(one()) for _ in range(5)),
                committer.append(bad),
                committer.append(one(stream)),
            )
            assert all(isinstance(answer, Recorded) for answer in (*good, after))
            assert isinstance(refused, error)
            assert writer.opened == 1, "the connection is still good"

        with_writer(database, story)
        assert is_whole(database) == 6

    def test_an_event_that_cannot_be_made_fails_alone_and_uses_up_no_number(self, database: Database) -> None:
        def broken(number: str) -> list[Fact]:
            raise RuntimeError(number)

        async def story(log: EventLog) -> None:
            answers = await settled(
                log.append_numbered("T-2026", lambda number: [remark(number)]),
                log.append_numbered("T-2026", broken),
                log.append_numbered("T-2026", lambda number: [remark(number, version=2)]),
                log.append_numbered("T-2026", lambda number: [remark(number)]),
                log.append_numbered("T-2027", lambda number: [remark(number)]),
            )
            kinds = [Recorded, RuntimeError, VersionConflict, Recorded, Recorded]
            assert [type(answer) for answer in answers] == kinds
            numbers = [answer.number for answer in answers if isinstance(answer, Recorded)]
            assert numbers == ["T-2026-000001", "T-2026-000002", "T-2027-000001"]

        on_the_log(database, story)
        assert is_whole(database) == 3

    def test_numbers_are_gapless_however_many_ask(self, database: Database) -> None:
        async def story(log: EventLog) -> None:
            def facts(number: str) -> list[Fact]:
                return [remark(number, version=1 if int(number[-1]) % 3 else 2)]

            answers: list[Recorded | BaseException] = []
            for _ in range(4):
                answers += await settled(*(log.append_numbered("T-2026", facts) for _ in range(20)))
                await log.append_numbered("T-2026", lambda number: [remark(number)])
            refused = [answer for answer in answers if isinstance(answer, VersionConflict)]
            assert len(refused) > 0
            assert len(refused) < len(answers)

        on_the_log(database, story)
        is_whole(database)
        numbers = column(database, "SELECT name FROM log.name ORDER BY name")
        assert numbers == [f"T-2026-{n:06d}" for n in range(1, len(numbers) + 1)]
        assert column(database, "SELECT last FROM log.series") == [len(numbers)]


class TestTwoProcesses:
    def test_positions_are_in_commit_order_and_a_tailing_reader_misses_none(self, database: Database) -> None:
        each = 400
        program = [sys.executable, "-m", "tests.application.log.appending", database.service_url, "16", "25"]
        writers = [subprocess.Popen([*program, name], stdin=subprocess.PIPE) for name in ("a", "b")]
        seen: list[int] = []
        with connected(database.service_url) as conn:
            for writer in writers:
                assert writer.stdin is not None
                writer.stdin.write(b"go\n")
                writer.stdin.flush()
            while len(seen) < 2 * each:
                assert all(writer.poll() in {None, 0} for writer in writers)
                after = seen[-1] if seen else 0
                page = conn.execute("SELECT position FROM log.event WHERE position > %s ORDER BY 1", (after,))
                seen += [row[0] for row in page.fetchall()]
        assert [writer.wait() for writer in writers] == [0, 0]
        assert seen == list(range(1, 2 * each + 1))
        assert is_whole(database) == 2 * each
        written = column(
            database, "SELECT DISTINCT convert_from(data, 'UTF8')::json ->> 'text' FROM log.event"
        )
        assert sorted(written) == ["process a", "process b"]


class TestStopping:
    def test_what_is_still_waiting_is_refused(self, database: Database) -> None:
        async def story() -> None:
            started = asyncio.Event()

            async def never() -> Wire:
                started.set()
                return await asyncio.get_running_loop().create_future()

            async with Committer(never) as committer:
                in_hand = asyncio.create_task(committer.append(one()))
                await started.wait()
                waiting = asyncio.create_task(committer.append(one()))
                await asyncio.sleep(0)
            for append in (in_hand, waiting):
                with pytest.raises(LogUnavailable):
                    await append

        asyncio.run(story())

    def test_too_many_waiting_are_refused_at_once(self, database: Database) -> None:
        async def story() -> None:
            async with Committer(appending(database.service_url), most_waiting=3) as committer:
                answers = await settled(*(committer.append(one()) for _ in range(5)))
                assert [type(answer) for answer in answers] == [Recorded] * 3 + [LogBusy] * 2
                assert (await committer.append(one())).position == 4

        asyncio.run(story())

    def test_who_no_longer_waits_does_not_stop_the_others(self, database: Database) -> None:
        async def story(log: EventLog) -> None:
            gone, *others = [asyncio.create_task(log.append([remark()])) for _ in range(4)]
            await asyncio.sleep(0)
            gone.cancel()
            answers = await settled(*others)
            assert all(isinstance(answer, Recorded) for answer in answers)

        on_the_log(database, story)
        assert is_whole(database) == 3
