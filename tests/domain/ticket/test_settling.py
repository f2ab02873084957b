"""What a person must decide, and what keeps a ticket from ending (R08, R17)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import InvalidValue, NotAllowed
from domain.ticket.errors import Unsettled
from domain.ticket.events import QuestionAnswered, TicketCancelled, TicketClosed
from domain.ticket.state import Question
from domain.ticket.words import Obstacle, Reaction, Status
from tests.domain.story import TICKET, Happening, at, closed, confirmed, registered, resolved
from tests.domain.ticket.story import OTHER, QUESTION, STANDS, answered, given, raised

RESOLVED = STANDS[Status.RESOLVED]
Past = tuple[Happening, ...]

ENDS: dict[str, tuple[Past, Any]] = {
    "close": (RESOLVED, TicketClosed()),
    "cancel": (STANDS[Status.ON_HOLD], TicketCancelled()),
}
"""The two ways in which a ticket ends, from where, and what follows."""

either_end = pytest.mark.parametrize(("action", "story", "end"), [(name, *end) for name, end in ENDS.items()])


class TestQuestions:
    @pytest.mark.parametrize("status", list(Status))
    def test_one_that_is_raised_is_open_and_changes_nothing_else(self, status: Status) -> None:
        before = given(*STANDS[status]).ticket
        ticket = given(*STANDS[status], raised("09:30")).ticket
        assert ticket.questions == (
            Question(
                id=QUESTION,
                reaction=Reaction.COUNT_VISIT,
                obstacle=Obstacle.EXHAUSTED,
                detail="C-2026-000012 has 0 left of visit, not 1",
                subject="C-2026-000012",
                since=at("09:30"),
            ),
        )
        assert (ticket.status, ticket.hold, ticket.team) == (before.status, before.hold, before.team)

    def test_an_answer_ends_that_question_and_no_other(self) -> None:
        story = given(registered("09:00"), raised("09:30"), raised("09:40", OTHER))
        ticket = story.when("answer", question=QUESTION, answer="on the house").then(
            QuestionAnswered(question=QUESTION, answer="on the house")
        )
        assert [question.id for question in ticket.questions] == [OTHER]

    @pytest.mark.parametrize("story", [(), (raised("09:30", OTHER),), (raised("09:30"), answered("09:40"))])
    def test_only_an_open_question_is_answered(self, story: Past) -> None:
        answer = given(registered("09:00"), *story).when("answer", question=QUESTION, answer="yes")
        answer.refused(InvalidValue, "/question")

    @pytest.mark.parametrize("text", ["", "  ", "\n", "　"])
    def test_an_answer_says_something(self, text: str) -> None:
        story = given(registered("09:00"), raised("09:30"))
        story.when("answer", question=QUESTION, answer=text).refused(InvalidValue, "/answer")

    def test_one_that_comes_up_after_the_end_is_answered_there(self) -> None:
        story = given(*RESOLVED, closed("09:20"), raised("09:30"))
        ticket = story.when("answer", question=QUESTION, answer="on the house").ticket
        assert (ticket.status, ticket.questions) == (Status.CLOSED, ())


class TestEnding:
    @either_end
    @pytest.mark.parametrize(
        ("owing", "questions", "said"),
        [
            ({"HE-200": 2}, (), "parts are issued and not accounted for: 2 of HE-200"),
            (
                {"TH-7": 1, "HE-200": 2},
                (),
                "parts are issued and not accounted for: 2 of HE-200, 1 of TH-7",
            ),
            ({}, (raised("09:30"),), "open questions: 1"),
            (None, (raised("09:30"), raised("09:40", OTHER)), "open questions: 2"),
            (
                {"HE-200": 2},
                (raised("09:30"),),
                "parts are issued and not accounted for: 2 of HE-200; open questions: 1",
            ),
        ],
    )
    def test_a_ticket_does_not_end_while_parts_are_out_or_a_question_is_open(
        self,
        action: str,
        story: Past,
        end: object,
        owing: dict[str, int] | None,
        questions: Past,
        said: str,
    ) -> None:
        error = given(*story, *questions).when(action, owing=owing).refused(Unsettled)
        assert isinstance(error, Unsettled)
        assert (error.parts, error.questions) == (owing or {}, len(questions))
        assert error.message == f"T-2026-000001 cannot end: {said}"
        assert error.code == "unsettled"

    @either_end
    @pytest.mark.parametrize("owing", [None, {}])
    def test_it_ends_when_all_is_accounted_for_and_answered(
        self, action: str, story: Past, end: Any, owing: dict[str, int] | None
    ) -> None:
        settled = (*story, raised("09:30"), answered("09:40"))
        given(*settled).when(action, owing=owing).then(end)

    def test_a_confirmed_resolution_does_not_settle_it(self) -> None:
        story = given(*RESOLVED, confirmed("09:20"))
        story.when("close", owing={"HE-200": 1}).refused(Unsettled)

    def test_it_may_be_resolved_and_rejected_while_it_is_not_settled(self) -> None:
        story = (registered("09:00"), raised("09:05"))
        assert given(*story).when("resolve", solution="x").ticket.status is Status.RESOLVED
        assert given(*story, resolved("09:10")).when("reject").ticket.status is Status.NEW

    @either_end
    def test_what_the_state_forbids_is_said_first(self, action: str, story: Past, end: object) -> None:
        ended = given(*RESOLVED, closed("09:20"), raised("09:30"))
        ended.when(action, owing={"HE-200": 1}).refused(NotAllowed)

    def test_what_is_wrong_with_the_request_is_said_before_what_is_not_settled(self) -> None:
        story = given(registered("09:00"), raised("09:30"))
        story.when("cancel", why=" ", owing={"HE-200": 1}).refused(InvalidValue, "/reason")
        story.when("cancel", duplicate_of=TICKET).refused(InvalidValue, "/duplicate_of")
