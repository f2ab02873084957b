"""The only writer of the log: shared commits, separate answers, no gaps, and nothing twice."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import AsyncConnection

from application.database.connect import Database
from application.ids import uuid7
from application.log.append import Append, Recorded, Request
from application.log.batch import RECORD
from application.log.committer import Committer
from application.log.connect import appending
from application.log.errors import KeyReused, LogBusy, LogUnavailable, NameTaken, VersionConflict
from application.log.event_log import EventLog, open_log
from application.log.mapper import store
from domain.event import Fact
from tests.application.log.appending import append_many, remark
from tests.conftest import connected


def on_the_log(database: Database, story: Callable[[EventLog], Coroutine[Any, Any, None]]) -> None:
    """Run a story on the log of a database."""

    async def run() -> None:
        async with open_log(database.service_url) as log:
            await story(log)

    asyncio.run(run())


def column(database: Database, query: str) -> list[Any]:
    """The first column of a query's answer."""
    with connected(database.service_url) as conn:
        return [row[0] for row in conn.execute(query).fetchall()]


def is_whole(database: Database) -> int:
    """The log has no gap, and its head is its end; how many events it holds."""
    positions = column(database, "SELECT position FROM log.event ORDER BY position")
    assert positions == list(range(1, len(positions) + 1))
    assert column(database, "SELECT position FROM log.head") == [len(positions)]
    return len(positions)


async def settled(*appends: Awaitable[Recorded]) -> list[Recorded | BaseException]:
    """What became of each."""
    return await asyncio.gather(*appends, return_exceptions=True)


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

    def test_an_event_that_the_database_refuses_fails_alone(self, database: Database) -> None:
        async def story(log: EventLog) -> None:
            *good, bad = await settled(
                *(log.append([remark()]) for _ in range(5)), log.append([remark(actor="a\0b")])
            )
            assert all(isinstance(answer, Recorded) for answer in good)
            assert isinstance(bad, psycopg.DataError)

        on_the_log(database, story)
        assert is_whole(database) == 5

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


class Writer:
    """Opens the writer's connections, and does something to them at a moment.

    Attributes:
        opened: how many there were.
        before_record: done once, when a batch is about to be sent.
        after_commit: done once, when a batch is committed and nobody has been told.
    """

    def __init__(self, database: Database) -> None:
        self._connect = appending(database.service_url)
        self._database = database
        self.opened = 0
        self.before_record: Callable[[int], None] | None = None
        self.after_commit: Callable[[int], None] | None = None

    async def __call__(self) -> AsyncConnection[Any]:
        """A connection."""
        self.opened += 1
        real = await self._connect()
        return Watched(real, self)  # type: ignore[return-value]

    def kill(self, pid: int) -> None:
        """End the backend and come back when it is gone."""
        with connected(self._database.service_url) as conn:
            conn.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


class Watched:
    """A connection that somebody is about to break."""

    def __init__(self, real: AsyncConnection[Any], writer: Writer) -> None:
        self._real = real
        self._writer = writer
        self._recorded = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def execute(self, query: Any, params: Any = None) -> Any:
        """Pass on, unless it is time to break."""
        if query is RECORD:
            self._recorded = True
            breaks, self._writer.before_record = self._writer.before_record, None
            if breaks:
                breaks(self._real.info.backend_pid)
        return await self._real.execute(query, params)

    @asynccontextmanager
    async def pipeline(self) -> AsyncIterator[None]:
        """Everything up to the commit; then it may be time to break."""
        async with self._real.pipeline():
            yield
        if self._recorded:
            breaks, self._writer.after_commit = self._writer.after_commit, None
            if breaks:
                breaks(self._real.info.backend_pid)
                raise psycopg.OperationalError("the connection is lost")


def with_writer(database: Database, story: Callable[[Writer, Committer], Coroutine[Any, Any, None]]) -> None:
    """Run a story on a committer whose connections can be broken."""

    async def run() -> None:
        writer = Writer(database)
        async with Committer(writer) as committer:
            await story(writer, committer)

    asyncio.run(run())


def one(stream: UUID | None = None, version: int = 1, **more: Any) -> Append:
    """An append of one event."""
    return Append((store(remark(stream=stream, version=version)),), **more)


class TestLoss:
    """The connection breaks: an append is recorded once or refused, and the caller is told which."""

    def test_before_the_commit_nothing_was_recorded(self, database: Database) -> None:
        async def story(writer: Writer, committer: Committer) -> None:
            await committer.append(one())
            writer.before_record = writer.kill
            lost = await settled(*(committer.append(one()) for _ in range(3)))
            assert {str(answer) for answer in lost} == {"the database was lost; nothing was recorded"}
            assert all(isinstance(answer, LogUnavailable) for answer in lost)
            assert (await committer.append(one())).position == 2
            assert writer.opened == 2

        with_writer(database, story)
        assert is_whole(database) == 2

    def test_after_the_commit_the_callers_get_the_answers_they_should_have_had(
        self, database: Database
    ) -> None:
        async def story(writer: Writer, committer: Committer) -> None:
            stream = uuid7()
            writer.after_commit = writer.kill
            first, second, refused = await settled(
                committer.append(one(stream)),
                committer.append(one(stream, 2)),
                committer.append(one(stream, 2)),
            )
            assert isinstance(first, Recorded)
            assert isinstance(second, Recorded)
            assert (first.positions, second.positions) == ((1,), (2,))
            assert (second.stream_id, second.version) == (stream, 2)
            assert isinstance(refused, LogUnavailable | VersionConflict)
            assert writer.opened == 2

        with_writer(database, story)
        assert is_whole(database) == 2

    def test_a_key_is_answered_after_the_loss_as_it_was_recorded(self, database: Database) -> None:
        async def story(writer: Writer, committer: Committer) -> None:
            key = Request("me", "key", b"x")
            writer.after_commit = writer.kill
            first = await committer.append(one(request=key))
            again = await committer.append(one(request=key))
            assert (again.position, again.stream_id, again.repeated) == (1, first.stream_id, True)
            assert again.recorded_at == first.recorded_at

        with_writer(database, story)
        assert is_whole(database) == 1

    def test_somebody_elses_event_is_not_taken_for_ones_own(self, database: Database) -> None:
        """Before the commit the writer is lost, and another process appends to the same stream."""
        stream = uuid7()

        async def story(writer: Writer, committer: Committer) -> None:
            def overtaken(pid: int) -> None:
                writer.kill(pid)
                other = [sys.executable, "-c", OVERTAKE, database.service_url, str(stream)]
                subprocess.run(other, check=True)

            writer.before_record = overtaken
            with pytest.raises(LogUnavailable, match="nothing was recorded"):
                await committer.append(one(stream))

        with_writer(database, story)
        assert is_whole(database) == 1

    def test_killed_again_and_again_everything_is_told_truly(self, database: Database) -> None:
        async def story(writer: Writer, committer: Committer) -> None:
            moments = ["before_record", "after_commit"]
            streams = [uuid7() for _ in range(8)]
            told: dict[UUID, int] = {}
            for turn in range(24):
                setattr(writer, moments[turn % 2], writer.kill)
                appends = [(stream, one(stream, told.get(stream, 0) + 1)) for stream in streams]
                answers = await settled(*(committer.append(append) for _, append in appends))
                for (stream, _), answer in zip(appends, answers, strict=True):
                    if isinstance(answer, Recorded):
                        assert answer.version == told.get(stream, 0) + 1
                        told[stream] = answer.version
                    else:
                        assert "nothing was recorded" in str(answer)
            assert sum(told.values()) == 12 * len(streams)

        with_writer(database, story)
        assert is_whole(database) == 96

    def test_while_the_database_is_away_callers_are_told_that_nobody_knows(self, database: Database) -> None:
        async def story(writer: Writer, committer: Committer) -> None:
            async def away() -> AsyncConnection[Any]:
                raise psycopg.OperationalError("connection refused\nis the server running?")

            await committer.append(one())
            committer._connect, back = away, committer._connect
            writer.before_record = writer.kill
            with pytest.raises(LogUnavailable, match="may or may not have been recorded"):
                await committer.append(one())
            with pytest.raises(LogUnavailable, match="nothing was recorded"):
                await committer.append(one())
            committer._connect = back
            assert (await committer.append(one())).position == 2

        with_writer(database, story)
        assert is_whole(database) == 2


OVERTAKE = """
import asyncio, sys
from uuid import UUID
from application.log.event_log import open_log
from tests.application.log.appending import remark

async def main():
    async with open_log(sys.argv[1]) as log:
        await log.append([remark("another", stream=UUID(sys.argv[2]))])

asyncio.run(main())
"""


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

            async def never() -> AsyncConnection[Any]:
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
