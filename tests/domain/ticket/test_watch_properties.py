"""What holds however a ticket's facts are recorded and whenever somebody looks (SLA 12).

Nothing is noted twice, and looking again notes nothing. What stands after a look is what the clocks show:
every deadline that was missed and no other, when and how; and every threshold that was passed. A warning is
true when it is given, and is given once, though a fact recorded late shows the same deadline's threshold to
have been passed at another time. If every fact is recorded as
it happens and nothing is cancelled, it does not matter when and how often somebody looked before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event import Told
from domain.plan import USUAL_WARNINGS
from domain.reading import Verdict, reading
from domain.thresholds import DEADLINE, passings
from domain.ticket.clocks import fold
from domain.ticket.watch_events import DeadlineWarned
from domain.ticket.words import Channel, Direction, HoldReason, Party, Priority
from tests.domain.story import (
    MONDAY,
    PROMISES,
    Happening,
    cancelled,
    closed,
    contacted,
    held,
    prioritised,
    registered,
    rejected,
    reopened,
    resolved,
    resumed,
)
from tests.domain.ticket.watching import Watched, keys

Tell = Callable[[str], Happening]

priorities = st.sampled_from(Priority)
kept: st.SearchStrategy[Tell] = st.one_of(
    st.builds(lambda priority: lambda when: prioritised(when, priority), priorities),
    st.builds(
        lambda *of: lambda when: contacted(when, of[0], direction=of[1], party=of[2]),
        st.sampled_from(Channel),
        st.sampled_from(Direction),
        st.sampled_from(Party),
    ),
    st.builds(lambda reason: lambda when: held(when, reason), st.sampled_from(HoldReason)),
    st.sampled_from([resumed, resolved, closed]),
    st.builds(lambda cycle: lambda when: reopened(when, cycle=cycle), st.integers(2, 4)),
    st.builds(lambda cycle: lambda when: rejected(when, cycle=cycle), st.integers(2, 4)),
)
anything = st.one_of(kept, kept, kept, st.just(cancelled))
beginnings = st.builds(
    lambda priority, plan: lambda when: registered(when, priority=priority, plan=plan),
    priorities,
    st.sampled_from(["always", "office", "lenient"]),
)
"""How the ticket is registered, at the first minute of the story."""

late_steps = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 600), anything | st.none()), max_size=9)
"""Minutes that pass, how much earlier something happened, and what; or somebody looks."""


def moment(minute: int) -> datetime:
    """So many minutes into Monday's work."""
    return MONDAY + timedelta(hours=9, minutes=minute)


def told(tell: Tell, minute: int) -> Told:
    """Something that happened in a minute."""
    event, act = tell("00:00")
    return Told(event, type(act)(actor=act.actor, occurred_at=moment(minute), reason=act.reason))


def shown(story: Watched, now: datetime) -> dict[str, list[Any]]:
    """What the clocks have passed by now: the deadlines, and the thresholds."""
    found: dict[str, list[Any]] = {"missed": [], "warned": []}
    for clock in story.clocks:
        for each in passings(clock, PROMISES.calendar, lambda _: USUAL_WARNINGS):
            if each.certain_at <= now:
                key = (clock.milestone.value, clock.cycle, each.percent, each.due_at, each.at)
                found["missed" if each.percent == DEADLINE else "warned"].append(key)
    return {name: sorted(each) for name, each in found.items()}


@settings(max_examples=200)
@given(beginnings, late_steps)
def test_what_stands_is_what_the_clocks_show_whatever_is_recorded_late(
    begins: Tell, steps: list[tuple[int, int, Tell | None]]
) -> None:
    story, now = Watched(), 0
    story.record(told(begins, 0))
    for passes, late, tell in [*steps, (0, 0, None)]:
        now += passes
        if tell is not None:
            story.record(told(tell, max(now - late, 0)))
            continue
        before = story.clocks
        noted = story.look(moment(now))
        assert story.clocks == before
        assert all(each.act.occurred_at <= moment(now) for each in noted)
        assert story.look(moment(now)) == []
        expected = shown(story, moment(now))
        assert keys(story.standing, missed=True) == expected["missed"]
        assert {_given(each) for each in noted if isinstance(each.event, DeadlineWarned)} <= {
            *expected["warned"]
        }
        warned = [each[:-1] for each in keys(story.standing, missed=False)]
        assert {*warned} >= {each[:-1] for each in expected["warned"]}
        assert len({*warned}) == len(warned)


def _given(told: Told) -> tuple[Any, ...]:
    warning = told.event
    assert isinstance(warning, DeadlineWarned)
    return (
        warning.milestone.value,
        warning.cycle,
        warning.percent,
        warning.due_at,
        told.act.occurred_at,
    )


@settings(max_examples=200)
@given(
    beginnings,
    st.lists(st.tuples(st.integers(1, 700), kept), max_size=8),
    st.lists(st.integers(0, 4000), max_size=12),
)
def test_if_facts_are_recorded_as_they_happen_it_does_not_matter_when_somebody_looks(
    begins: Tell, steps: list[tuple[int, Tell]], looks: list[int]
) -> None:
    happened: list[tuple[int, Tell]] = [(0, begins)]
    for passes, tell in steps:
        happened.append((happened[-1][0] + passes, tell))
    end = moment(max([*looks, happened[-1][0]]) + 1)

    def noted(looks: list[int]) -> tuple[list[Any], list[Any]]:
        story, left = Watched(), sorted(looks)
        for minute, tell in happened:
            while left and left[0] < minute:
                if story.facts:
                    story.look(moment(left[0]))
                left.pop(0)
            story.record(told(tell, minute))
        for minute in left:
            story.look(moment(minute))
        story.look(end)
        assert all(each.corrected_by is None for each in story.ticket.noted)
        return keys(story.standing, missed=True), keys(story.standing, missed=False)

    assert noted(looks) == noted([])


@given(beginnings, st.lists(st.tuples(st.integers(0, 900), kept), max_size=8), st.integers(0, 3000))
def test_a_clock_is_breached_if_and_only_if_a_miss_of_it_stands(
    begins: Tell, steps: list[tuple[int, Tell]], later: int
) -> None:
    story, minute = Watched(), 0
    story.record(told(begins, 0))
    for passes, tell in steps:
        minute += passes
        story.record(told(tell, minute))
    now = moment(minute + later)
    story.look(now)
    missed = {(each.milestone, each.cycle) for each in story.ticket.misses}
    for clock in fold(story.facts, PROMISES):
        verdict = reading(clock, PROMISES.calendar(clock.pin), now).verdict
        assert ((clock.milestone, clock.cycle) in missed) == (verdict is Verdict.BREACHED)
