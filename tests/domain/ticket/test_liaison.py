"""What departments of ours and suppliers are asked: due times, answers, and what is late (R06)."""

from __future__ import annotations

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.clock import Clock, Milestone
from domain.errors import InvalidValue, NotAllowed
from domain.event import Fact
from domain.plan import ServicePlan
from domain.reading import Cause, Reading, State, Verdict, read
from domain.ticket.clocks import fold
from domain.ticket.liaison_events import LiaisonMoved, LiaisonWithdrawn, OthersAnswered
from domain.ticket.words import Counterpart
from domain.title import Title
from projections.cases.case import replay
from tests.domain.story import (
    PROMISES,
    Happening,
    at,
    cancelled,
    closed,
    happened,
    held,
    hours,
    prioritised,
    registered,
    resolved,
)
from tests.domain.ticket.story import assigned, facts, given, others_asked
from tests.domain.ticket.watching import Step, look, watched

REPORTED = registered("09:00", priority="P4")


def answered(when: str, liaison: int = 1) -> Happening:
    return happened(OthersAnswered(liaison=liaison, answer="it is known"), when)


def moved(when: str, due: str, liaison: int = 1) -> Happening:
    event = LiaisonMoved(liaison=liaison, due_at=at(due), before=at("tue 12:00"))
    return happened(event, when, reason="their laboratory is closed")


def withdrawn(when: str, liaison: int = 1) -> Happening:
    return happened(LiaisonWithdrawn(liaison=liaison), when, reason="found without them")


def waits(*told: Happening, now: str = "fri 09:00") -> dict[int, Reading]:
    """The clocks of what was asked, by its number."""
    case = replay(facts((REPORTED, *told)), PROMISES)
    assert case is not None
    return {
        clock.cycle: read(clock, PROMISES.calendar, at(now))
        for clock in case.internal
        if clock.milestone is Milestone.LIAISON
    }


def test_several_are_open_at_once_and_each_has_its_own_due_time() -> None:
    told = (others_asked("10:00"), others_asked("11:00", 2, due="wed 11:00"), answered("tue 13:00", 2))
    shown = waits(*told, now="tue 11:00")
    assert (shown[1].state, shown[1].due_at, shown[1].remaining) == (State.RUNNING, at("tue 12:00"), hours(1))
    shown = waits(*told)
    assert (shown[1].verdict, shown[1].breached_at) == (Verdict.BREACHED, at("tue 12:00"))
    assert (shown[2].verdict, shown[2].elapsed) == (Verdict.MET, hours(26))


def test_the_due_time_itself_is_in_time() -> None:
    assert waits(others_asked("10:00"), answered("tue 12:00"))[1].verdict is Verdict.MET
    assert waits(others_asked("10:00"), answered("tue 12:00:01"))[1].verdict is Verdict.BREACHED


def test_another_due_time_counts_and_does_not_undo_a_lateness() -> None:
    in_time = (others_asked("10:00"), moved("tue 11:00", "thu 12:00"), answered("thu 11:00"))
    too_late = (others_asked("10:00"), moved("tue 13:00", "thu 12:00"), answered("thu 11:00"))
    assert waits(*in_time)[1].verdict is Verdict.MET
    assert (waits(*too_late)[1].verdict, waits(*too_late)[1].cause) == (Verdict.BREACHED, Cause.LATE)


def test_what_is_withdrawn_is_neither_in_time_nor_late() -> None:
    assert waits(others_asked("10:00"), withdrawn("11:00"))[1].verdict is Verdict.CANCELLED
    assert waits(others_asked("10:00"), withdrawn("wed 11:00"))[1].verdict is Verdict.BREACHED


def test_it_outlives_the_close_and_ends_with_a_ticket_that_was_none() -> None:
    ticket = given(REPORTED, others_asked("10:00"), resolved("11:00"), closed("12:00"))
    ticket.when("answer-liaison", "tue 10:00", liaison=1, answer="scale").then(
        OthersAnswered(liaison=1, answer="scale")
    )
    ended = given(REPORTED, others_asked("10:00"), cancelled("11:00")).ticket
    assert [each.ended_at for each in ended.liaisons] == [at("11:00")]
    assert waits(others_asked("10:00"), cancelled("11:00"))[1].verdict is Verdict.CANCELLED


def test_another_priority_of_the_ticket_is_nothing_to_others() -> None:
    assert waits(others_asked("10:00"), prioritised("11:00", "P1"), now="11:30")[1].due_at == at("tue 12:00")


def test_it_never_pauses_a_clock_of_the_customers() -> None:
    told = (registered("09:00"), others_asked("10:00"), answered("11:00"))
    assert fold(facts(told), PROMISES) == fold(facts(told[:1]), PROMISES)


class TestAsking:
    def test_whoever_works_on_it_sees_to_the_answer_unless_another_is_named(self) -> None:
        asked = {
            "counterpart": Counterpart.INTERNAL,
            "who": "研发",
            "question": "why?",
            "due_at": at("tue 12:00"),
        }
        ticket = given(REPORTED, assigned("09:10", person="王芳"))
        answers = [ticket.when("liaise", **asked), ticket.when("liaise", **asked, person="赵敏")]
        assert [[each.person for each in answer.ticket.liaisons] for answer in answers] == [
            ["王芳"],
            ["赵敏"],
        ]

    @pytest.mark.parametrize(
        ("action", "asked", "field"),
        [
            ("move-liaison", {"due_at": at("10:00")}, "/due_at"),
            ("move-liaison", {"due_at": at("tue 12:00")}, "/due_at"),
            ("move-liaison", {"due_at": at("wed 12:00"), "why": " "}, "/reason"),
            ("withdraw-liaison", {"why": None}, "/reason"),
            ("answer-liaison", {"answer": "x", "when": "09:20"}, "/occurred_at"),
            ("answer-liaison", {"answer": "x", "liaison": 2}, "/liaison"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, action: str, asked: dict[str, object], field: str) -> None:
        ticket = given(REPORTED, others_asked("09:30"))
        ticket.when(action, **{"liaison": 1, **asked}).refused(InvalidValue, field)  # type: ignore[arg-type]

    def test_what_is_over_is_not_answered_again(self) -> None:
        ticket = given(REPORTED, others_asked("09:30"), others_asked("09:30", 2), answered("09:40"))
        ticket.when("answer-liaison", liaison=1, answer="x").refused(NotAllowed)

    def test_a_plan_cannot_promise_it(self) -> None:
        targets = {Milestone.LIAISON: dict.fromkeys(PROMISES.plans[0].targets[Milestone.RESOLVE], 60)}
        with pytest.raises(InvalidValue, match="due time that was asked for"):
            ServicePlan(name="x", version=1, title=Title(zh="x", en="x"), calendar="always", targets=targets)


NOTED: dict[str, tuple[tuple[Step, ...], list[str]]] = {
    "nothing in time": ((others_asked("10:00"), look("tue 12:00")), []),
    "once when it is late, however often one looks": (
        (others_asked("10:00"), look("tue 12:00:01"), look("tue 12:00:01"), look("fri 09:00")),
        ["liaison late tue 12:00"],
    ),
    "each of several": (
        (others_asked("10:00"), others_asked("10:00", 2, due="11:00"), look("fri 09:00")),
        ["liaison late tue 12:00", "liaison#2 late mon 11:00"],
    ),
    "what was answered late, though nobody looked meanwhile": (
        (others_asked("10:00"), answered("wed 09:00"), look("fri 09:00")),
        ["liaison late tue 12:00"],
    ),
    "another due time is missed anew": (
        (others_asked("10:00"), look("tue 13:00"), moved("tue 14:00", "wed 12:00"), look("fri 09:00")),
        ["liaison late tue 12:00", "liaison late wed 12:00"],
    ),
    "what was withdrawn in time is not": ((others_asked("10:00"), withdrawn("11:00"), look("fri 09:00")), []),
    "an answer that is recorded late corrects it": (
        (others_asked("10:00"), look("tue 13:00"), answered("tue 11:00"), look("fri 09:00")),
        ["liaison late tue 12:00", "liaison corrected by ticket.liaison_answered 4 of 3"],
    ),
    "of a closed ticket, too": (
        (others_asked("10:00"), resolved("11:00"), closed("12:00"), look("fri 09:00")),
        ["liaison late tue 12:00"],
    ),
}


@pytest.mark.parametrize(("steps", "noted"), NOTED.values(), ids=NOTED)
def test_what_is_late_is_noted_once_and_warned_of_never(steps: tuple[Step, ...], noted: list[str]) -> None:
    assert watched(REPORTED, *steps).noted == noted


TIMES = st.builds(
    "{} {:02}:{:02}".format, st.sampled_from(("mon", "tue")), st.integers(9, 20), st.integers(0, 59)
)
NUMBERS = st.integers(1, 3)
TOLD = st.one_of(
    st.builds(others_asked, TIMES, NUMBERS, st.just("wed 09:00")),
    st.builds(answered, TIMES, NUMBERS),
    st.builds(moved, TIMES, st.just("thu 09:00"), NUMBERS),
    st.builds(withdrawn, TIMES, NUMBERS),
    st.builds(held, TIMES, st.just("waiting_for_part")),
    st.builds(resolved, TIMES),
    st.builds(cancelled, TIMES),
)


@for_any(st.lists(TOLD, max_size=15), st.integers(0, 15))
def test_going_on_from_a_state_is_folding_it_all(told: list[Happening], cut: int) -> None:
    log: list[Fact] = [replace(fact, position=fact.version) for fact in facts((REPORTED, *told))]
    whole = replay(log, PROMISES)
    assert replay(log[cut + 1 :], PROMISES, replay(log[: cut + 1], PROMISES)) == whole
    assert whole is not None
    assert all(_elapsed(clock) >= 0 for clock in whole.internal)


def _elapsed(clock: Clock) -> int:
    return read(clock, PROMISES.calendar, at("sun 09:00")).elapsed
