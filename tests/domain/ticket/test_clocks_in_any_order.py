"""Whatever the order of a ticket's events, its clocks never fail and stay in order."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.catalogue import EVENT_TYPES
from domain.clock import Clock, Milestone
from domain.reading import State, reading
from domain.ticket.clocks import RULES, advance, fold
from domain.ticket.words import Channel, Direction, HoldReason, Party, Priority
from tests.domain.story import (
    ALWAYS,
    PROMISES,
    Happening,
    at,
    cancelled,
    closed,
    confirmed,
    contacted,
    given,
    held,
    hours,
    prioritised,
    registered,
    rejected,
    reopened,
    resolved,
    resumed,
)


@pytest.mark.parametrize(
    "odd",
    [
        (resolved("10:00"), resolved("09:30"), closed("09:10")),
        (resumed("10:00"), resolved("10:00")),
        (resolved("10:00"), reopened("11:00", cycle=1)),
        (closed("10:00"),),
    ],
)
def test_what_does_not_fit_changes_nothing(odd: tuple[Happening, ...]) -> None:
    shown = given(registered("09:00"), *odd).at("20:00")
    assert (shown.resolve.state, shown.resolve.elapsed) == (State.STOPPED, hours(1))


def test_a_new_cycle_ends_the_one_that_still_ran() -> None:
    shown = given(registered("09:00"), reopened("11:00")).at("12:00")
    assert (shown.cycle(1).state, shown.cycle(1).elapsed) == (State.STOPPED, hours(2))
    assert (shown.cycle(2).state, shown.cycle(2).elapsed) == (State.RUNNING, hours(1))


def test_nothing_runs_before_the_report() -> None:
    assert given(contacted("09:00"), resolved("10:00"), reopened("11:00"), cancelled("12:00")).clocks == ()


whens = st.builds(
    "{} {:02}:{:02}".format,
    st.sampled_from(["mon", "tue", "wed", "thu"]),
    st.integers(0, 23),
    st.integers(0, 59),
)
happenings = st.one_of(
    st.builds(
        registered, whens, priority=st.sampled_from(Priority), plan=st.sampled_from(["always", "lenient"])
    ),
    st.builds(prioritised, whens, st.sampled_from(Priority)),
    st.builds(
        contacted,
        whens,
        st.sampled_from(Channel),
        direction=st.sampled_from(Direction),
        party=st.sampled_from(Party),
    ),
    st.builds(held, whens, st.sampled_from(HoldReason)),
    st.builds(resumed, whens),
    st.builds(resolved, whens),
    st.builds(confirmed, whens),
    st.builds(rejected, whens, cycle=st.integers(1, 4)),
    st.builds(closed, whens),
    st.builds(reopened, whens, cycle=st.integers(1, 4)),
    st.builds(cancelled, whens),
)


@for_all(st.lists(happenings, max_size=14), whens)
def test_no_order_of_events_makes_the_clocks_fail(told: list[Happening], now: str) -> None:
    clocks = given(registered("09:00"), *told).clocks
    resolves = [clock for clock in clocks if clock.milestone is Milestone.RESOLVE]
    assert [clock.milestone for clock in clocks].count(Milestone.FIRST_RESPONSE) == 1
    assert sum(clock.unstopped for clock in resolves) <= 1
    assert all(not clock.unstopped for clock in resolves[:-1])
    assert [clock.cycle for clock in resolves] == sorted({clock.cycle for clock in resolves})
    for clock in clocks:
        shown = reading(clock, ALWAYS, at(now))
        assert shown.elapsed >= 0
        assert shown.paused >= 0
        assert (shown.due_at is not None) == (shown.state is State.RUNNING and shown.target is not None)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(clocks), type=tuple[Clock, ...]) == clocks


@for_all(st.lists(happenings, max_size=10))
def test_folding_in_two_steps_is_folding_in_one(told: list[Happening]) -> None:
    facts = given(registered("09:00"), *told).facts
    clocks = fold(facts[:5], PROMISES)
    for fact in facts[5:]:
        clocks = advance(clocks, fact.event, fact.act, PROMISES)
    assert clocks == fold(facts, PROMISES)


def test_every_rule_is_for_an_event_that_can_be_recorded() -> None:
    assert set(RULES) <= set(EVENT_TYPES.values())
