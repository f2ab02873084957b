"""An append fails or its caller leaves: the next decision is made on what the log has."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from application.database.connect import Database
from application.log.append import Recorded, Request
from application.log.errors import LogUnavailable
from application.streams import Decided
from domain.event import Fact
from tests.application.log.breaking import Writer
from tests.application.saying import ACT, BOOK, KEY, Process, Said, with_breaks


class TestFailedAppends:
    """Whatever became of an append, the next decision is made on what the log has."""

    def test_nothing_was_recorded(self, database: Database) -> None:
        async def story(process: Process, writer: Writer) -> None:
            writer.before_record = writer.kill
            with pytest.raises(LogUnavailable):
                await process.says("b")
            assert (await process.says("b")).version == 2
            assert await process.said() == (("a", "b"), 2)

        with_breaks(database, story, "a")

    def test_it_was_recorded_and_the_caller_is_told(self, database: Database) -> None:
        async def story(process: Process, writer: Writer) -> None:
            writer.after_commit = writer.kill
            assert (await process.says("b")).version == 2
            seen: list[Said] = []
            assert (await process.says("c", seen=seen)).version == 3
            assert seen == [("a", "b")]

        with_breaks(database, story, "a")

    @pytest.mark.parametrize("key", [None, KEY])
    def test_it_was_recorded_and_the_caller_was_not_told(
        self, database: Database, key: Request | None
    ) -> None:
        async def story(process: Process, writer: Writer) -> None:
            append = process.log.append

            async def untold(facts: list[Fact], **more: Any) -> Recorded:
                process.log.append = append  # type: ignore[method-assign]
                await append(facts, **more)
                raise LogUnavailable("may or may not have been recorded")

            process.log.append = untold  # type: ignore[method-assign, assignment]
            with pytest.raises(LogUnavailable):
                await process.says("b", request=key)
            seen: list[Said] = []
            recorded = await process.says("c", seen=seen, request=key)
            assert (recorded.version, recorded.repeated) == ((2, True) if key else (3, False))
            assert await process.said() == (("a", "b") if key else ("a", "b", "c"), recorded.version)

        with_breaks(database, story, "a")


class TestCallersWhoLeave:
    def test_while_their_append_is_under_way_it_is_recorded(self, database: Database) -> None:
        async def story(process: Process, writer: Writer) -> None:
            def leave(pid: int) -> None:
                leaving.cancel()

            leaving = asyncio.create_task(process.says("b"))
            writer.before_record = leave
            with pytest.raises(asyncio.CancelledError):
                await leaving
            seen: list[Said] = []
            assert (await process.says("c", seen=seen)).version == 3
            assert seen[-1] == ("a", "b")
            assert await process.said() == (("a", "b", "c"), 3)

        with_breaks(database, story, "a")

    def test_while_they_wait_for_their_turn_nothing_is_recorded_for_them(self, database: Database) -> None:
        async def story(process: Process, writer: Writer) -> None:
            def leave(pid: int) -> None:
                for task in waiting[::2]:
                    task.cancel()

            writer.before_record = leave
            first = asyncio.create_task(process.says("first"))
            waiting = [asyncio.create_task(process.says(f"next {n}")) for n in range(6)]
            await first
            answers = await asyncio.gather(*waiting, return_exceptions=True)
            assert [isinstance(answer, asyncio.CancelledError) for answer in answers] == [True, False] * 3
            said, _ = await process.said()
            assert said == ("a", "first", "next 1", "next 3", "next 5")

        with_breaks(database, story, "a")

    def test_while_they_decide_the_next_one_has_its_turn(self, database: Database) -> None:
        async def story(process: Process, writer: Writer) -> None:
            deciding = asyncio.Event()

            async def never(said: Said, fresh: bool) -> Decided:
                deciding.set()
                return await asyncio.get_running_loop().create_future()

            leaving = asyncio.create_task(process.streams.change(BOOK, never, ACT))
            await deciding.wait()
            after = asyncio.create_task(process.says("b"))
            leaving.cancel()
            assert (await after).version == 2

        with_breaks(database, story, "a")
