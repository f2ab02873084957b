"""Several decide at once: each on the newest state, one at a time, and each command once."""

from __future__ import annotations

import asyncio

import pytest

from application import streams as streams_module
from application.database.connect import Database
from application.log.append import Basis, Request
from application.log.errors import BasisMoved, VersionConflict
from application.streams import Decided
from domain.errors import NotAllowed
from domain.ticket.events import TicketRemarked
from tests.application.log.appending import remark
from tests.application.saying import ACT, BOOK, KEY, OTHER, Process, Said, between, say


class TestOvertaken:
    @pytest.mark.parametrize("times", [1, 2, 50])
    def test_it_is_decided_again_on_what_is_there_then(self, database: Database, times: int) -> None:
        async def story(here: Process, there: Process) -> None:
            left = iter(range(times))
            here.is_overtaken(lambda: there.says(f"there {next(left)}"), times)
            seen: list[Said] = []
            recorded = await here.says("here", seen=seen)
            assert recorded.version == times + 2
            assert [len(said) for said in seen] == [*range(1, times + 2)]
            assert seen[-1] == (await there.said())[0][:-1]

        between(database, story, "a")

    def test_again_and_again_it_is_told(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(streams_module, "TRIES", 5)

        async def story(here: Process, there: Process) -> None:
            left = iter(range(5))
            here.is_overtaken(lambda: there.says(f"there {next(left)}"), times=5)
            with pytest.raises(VersionConflict):
                await here.says("here")
            assert await here.said() == await there.said()
            assert (await here.says("here")).version == 7

        between(database, story, "a")

    def test_what_else_it_looked_at_has_moved(self, database: Database) -> None:
        """The decision names another stream that it read, and is asked again when that goes on."""

        async def story(here: Process, there: Process) -> None:
            await there.log.append([remark("z", stream=OTHER)])
            looks: list[int] = []

            async def decide(said: Said, fresh: bool) -> Decided:
                _, version = await here.said(OTHER)
                looks.append(version)
                return Decided([TicketRemarked(text="b")], basis=Basis(streams={OTHER: version}))

            here.is_overtaken(lambda: there.says("y", stream=OTHER))
            changed = await here.streams.change(BOOK, decide, ACT)
            assert changed is not None
            assert (changed[0].version, looks) == (2, [1, 2])

        between(database, story, "a")

    def test_what_else_it_looked_at_never_stands_still(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(streams_module, "TRIES", 5)

        async def story(here: Process, there: Process) -> None:
            with pytest.raises(BasisMoved):
                await here.says("b", basis=Basis(streams={OTHER: 1}))
            assert (await here.says("b")).version == 2

        between(database, story, "a")


class TestTurns:
    def test_one_decision_at_a_time_in_a_stream(self, database: Database) -> None:
        async def story(here: Process, there: Process) -> None:
            deciding = 0

            async def decide(said: Said, fresh: bool) -> Decided:
                nonlocal deciding
                deciding += 1
                await here.said(BOOK)
                assert deciding == 1
                deciding -= 1
                return Decided([TicketRemarked(text="x")])

            changes = await asyncio.gather(*(here.streams.change(BOOK, decide, ACT) for _ in range(16)))
            assert [changed and changed[0].version for changed in changes] == [*range(2, 18)]

        between(database, story, "a")

    def test_no_stream_waits_for_another(self, database: Database) -> None:
        async def story(here: Process, there: Process) -> None:
            await here.log.append([remark("z", stream=OTHER)])
            spoken = asyncio.Event()

            async def patient(said: Said, fresh: bool) -> Decided:
                await spoken.wait()
                return Decided([TicketRemarked(text="last")])

            waiting = asyncio.create_task(here.streams.change(BOOK, patient, ACT))
            await here.says("first", stream=OTHER)
            spoken.set()
            last = await waiting
            assert last is not None
            assert last[0].position == 4

        between(database, story, "a")

    def test_nothing_follows_from_a_decision_and_nothing_changes(self, database: Database) -> None:
        async def story(here: Process, there: Process) -> None:
            assert await here.streams.change(BOOK, say(), ACT) is None
            assert await here.said() == (("a", "b"), 2)
            assert (await here.says("c")).version == 3

        between(database, story, "a", "b")

    def test_in_both_processes_at_once_nothing_is_lost(self, database: Database) -> None:
        async def story(here: Process, there: Process) -> None:
            texts = [f"{process} {n}" for n in range(40) for process in ("here", "there")]
            by = {"here": here, "there": there}
            recorded = await asyncio.gather(*(by[text.split()[0]].says(text) for text in texts))
            assert sorted(each.version for each in recorded) == [*range(2, 82)]
            said, version = await here.said()
            assert (sorted(said[1:]), version) == (sorted(texts), 81)
            assert (said, version) == await there.said()

        between(database, story, "a")


class TestKeys:
    """A command that comes twice at the same time is recorded once, and answered both times."""

    @pytest.mark.parametrize("elsewhere", [False, True])
    @pytest.mark.parametrize("expected", [None, 1])
    def test_the_second_is_answered_though_the_rules_would_refuse_it_now(
        self, database: Database, elsewhere: bool, expected: int | None
    ) -> None:
        async def story(here: Process, there: Process) -> None:
            second = there if elsewhere else here
            recorded = await asyncio.gather(
                here.says("out", request=KEY, expected=expected),
                second.says("out", request=KEY, expected=expected),
            )
            assert sorted(each.repeated for each in recorded) == [False, True]
            assert {(each.version, each.position) for each in recorded} == {(2, 2)}
            assert (await here.says("in")).version == 3

        between(database, story, "in")

    @pytest.mark.parametrize("has_seen_it", [False, True])
    def test_the_second_is_answered_whatever_its_process_has_seen(
        self, database: Database, has_seen_it: bool
    ) -> None:
        async def story(here: Process, there: Process) -> None:
            first = await here.says("out", request=KEY, expected=1)
            if has_seen_it:
                await there.said()
            again = await there.says("out", request=KEY, expected=1)
            assert (again.position, again.repeated) == (first.position, True)
            assert await there.said() == (("in", "out"), 2)

        between(database, story, "in")

    def test_another_command_under_the_same_key_is_no_repetition(self, database: Database) -> None:
        async def story(here: Process, there: Process) -> None:
            await here.says("out", request=KEY)
            with pytest.raises(NotAllowed):
                await here.says("out", request=Request("me", "key", b"another"))
            with pytest.raises(NotAllowed):
                await here.says("out", request=Request("you", "key", b"x"))

        between(database, story, "in")
