"""States at hand: what they save, and that nobody is refused on one."""

from __future__ import annotations

import pytest

from application import streams as streams_module
from application.database.connect import Database
from application.ids import uuid7
from application.streams import Decided, StaleVersion
from domain.errors import NotAllowed
from domain.ticket.events import TicketClosed, TicketRemarked
from tests.application.log.appending import remark
from tests.application.saying import ACT, BOOK, OTHER, Process, Said, between, say


class TestAtHand:
    def test_what_is_at_hand_need_not_be_asked_for(self, database: Database) -> None:
        async def story(here: Process, there: Process) -> None:
            asked = here.asks()
            for text in "bcd":
                await here.says(text)
            held = await here.streams.near(BOOK)
            assert (held, asked) == ((("a", "b", "c", "d"), 4), [])
            assert await there.said() == (("a", "b", "c", "d"), 4)

        between(database, story, "a")

    def test_only_what_is_new_is_read(self, database: Database) -> None:
        async def story(here: Process, there: Process) -> None:
            await there.says("b", "c")
            asked = here.asks()
            assert await here.said() == (("a", "b", "c"), 3)
            assert await here.said() == (("a", "b", "c"), 3)
            assert asked == [1, 3]

        between(database, story, "a")

    def test_what_is_near_may_be_old_and_is_never_missing(self, database: Database) -> None:
        async def story(here: Process, there: Process) -> None:
            await there.says("b")
            await there.log.append([remark("z", stream=OTHER)])
            assert await here.streams.near(BOOK) == (("a",), 1)
            assert await here.streams.near(OTHER) == (("z",), 1)
            assert await here.streams.near(uuid7()) is None

        between(database, story, "a")

    def test_the_states_used_lately_are_kept(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(streams_module, "AT_HAND", 3)

        async def story(here: Process, there: Process) -> None:
            others = [uuid7() for _ in range(3)]
            for other in others:
                await here.log.append([remark("a", stream=other)])
                await here.says("b", stream=other)
            asked = here.asks()
            for other in others:
                await here.streams.near(other)
            assert asked == []
            assert await here.streams.near(BOOK) == (("a",), 1)
            assert asked == [0]
            assert await here.streams.near(others[2]) == (("a", "b"), 2)
            assert asked == [0]
            assert await here.streams.near(others[0]) == (("a", "b"), 2)
            assert asked == [0, 0]

        between(database, story, "a")

    @pytest.mark.parametrize("there_is", [[], [TicketClosed()]])
    def test_there_is_none_of_another_kind(self, database: Database, there_is: list[TicketClosed]) -> None:
        async def story(here: Process, there: Process) -> None:
            facts = [remark(stream=OTHER).__replace__(event=event) for event in there_is]
            if facts:
                await here.log.append(facts)
            assert await here.streams.read(OTHER) is None
            assert await here.streams.near(OTHER) is None
            assert await here.streams.change(OTHER, say("x"), ACT) is None

        between(database, story, "a")


class TestRefusals:
    """They are given on the newest state only."""

    def test_what_the_state_at_hand_would_refuse_is_asked_of_the_newest(self, database: Database) -> None:
        async def story(here: Process, there: Process) -> None:
            await there.says("in")
            seen: list[Said] = []
            recorded = await here.says("out", seen=seen)
            assert recorded.version == 3
            assert seen == [("out",), ("out", "in")]

        between(database, story, "out")

    def test_what_the_state_at_hand_would_allow_is_refused_by_the_newest(self, database: Database) -> None:
        async def story(here: Process, there: Process) -> None:
            await there.says("out")
            seen: list[Said] = []
            with pytest.raises(NotAllowed):
                await here.says("out", seen=seen)
            assert seen == [("in",), ("in", "out")]
            assert await here.said() == (("in", "out"), 2)

        between(database, story, "in")

    def test_that_nothing_follows_is_settled_by_the_newest(self, database: Database) -> None:
        """Here the book is to be closed with a word, unless it was."""

        async def story(here: Process, there: Process) -> None:
            looks: list[tuple[Said, bool]] = []

            async def decide(said: Said, fresh: bool) -> Decided:
                looks.append((said, fresh))
                return Decided([TicketRemarked(text="end")] if said[-1] != "end" else [])

            await there.says("more")
            assert await here.streams.change(BOOK, decide, ACT) is not None
            assert looks == [(("end",), False), (("end", "more"), True)]
            assert await here.streams.change(BOOK, decide, ACT) is None
            assert await here.said() == (("end", "more", "end"), 3)

        between(database, story, "end")

    def test_one_that_is_right_is_given_after_one_look(self, database: Database) -> None:
        async def story(here: Process, there: Process) -> None:
            asked = here.asks()
            with pytest.raises(NotAllowed):
                await here.says("out")
            assert asked == [1]
            assert await here.log.head() == 1

        between(database, story, "out")


class TestExpectedVersions:
    @pytest.mark.parametrize(
        ("expected", "at_hand", "recorded"),
        [(1, 1, None), (2, 1, 3), (3, 1, None), (0, 1, None), (1, 2, None), (2, 2, 3), (3, 2, None)],
    )
    def test_count_against_the_log_and_not_what_is_at_hand(
        self, database: Database, expected: int, at_hand: int, recorded: int | None
    ) -> None:
        """The stream is at version 2, which this process has seen or not."""

        async def story(here: Process, there: Process) -> None:
            await there.says("b")
            if at_hand == 2:
                await here.said()
            if recorded:
                assert (await here.says("c", expected=expected)).version == recorded
                return
            with pytest.raises(StaleVersion) as stale:
                await here.says("c", expected=expected)
            assert stale.value.current == 2
            assert await here.log.head() == 2

        between(database, story, "a")

    def test_who_is_overtaken_did_not_see_what_stands_now(self, database: Database) -> None:
        async def story(here: Process, there: Process) -> None:
            here.is_overtaken(lambda: there.says("b"))
            with pytest.raises(StaleVersion) as stale:
                await here.says("c", expected=1)
            assert stale.value.current == 2
            assert await here.said() == (("a", "b"), 2)

        between(database, story, "a")

    def test_a_stale_caller_is_told_so_before_the_rules_are_asked(self, database: Database) -> None:
        async def story(here: Process, there: Process) -> None:
            with pytest.raises(StaleVersion):
                await here.says("a", expected=7)

        between(database, story, "a")
