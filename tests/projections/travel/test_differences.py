"""What differs: exactly what, said once, and found without looking at what is the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from application.log.snapshots import NOW, Until
from domain.clock import Clock
from domain.contract.state import Contract
from domain.event import Fact
from domain.part.state import Part
from domain.ticket.state import Ticket
from projections.travel.case import WholeCase
from projections.travel.diff import Backwards, compare
from projections.travel.differences import LEAVES, differences, fields, pointer
from projections.words.fields import FIELDS, Field, named
from projections.words.values import Text
from tests.application.test_forms import facts_of
from tests.domain.contract.story import drafted, facts
from tests.domain.contract.test_in_any_order import happenings
from tests.domain.part.invented import anything
from tests.domain.part.story import catalogued
from tests.projections.histories import Story, random_facts
from tests.projections.travel.past import (
    CASES,
    CONTRACTS,
    PARTS,
    TICKETS,
    Way,
    applied,
    random_case,
    recorded,
)

minutes = st.integers(-60, 60)
tickets = st.sampled_from([(TICKETS, recorded(random_facts(1, 14, seed))) for seed in range(8)])
parts = st.lists(st.tuples(anything("HE-200"), minutes), max_size=14).map(
    lambda told: (PARTS, recorded(facts_of([(catalogued(), 0), *told])))
)
contracts = st.lists(happenings, max_size=12).map(lambda told: (CONTRACTS, recorded(facts(drafted(), *told))))
cases = st.sampled_from([(CASES, random_case(seed)) for seed in range(8)])
histories = st.one_of(tickets, parts, contracts, cases)
History = tuple[Way, list[Fact]]


@settings(max_examples=50, deadline=None)
@for_all(histories)
def test_all_changes_one_after_another_make_all_of_it_from_nothing(history: History) -> None:
    way, told = history
    state: dict[Any, Any] = {}
    for fact in told:
        step = way.compared(told, Until(position=fact.position - 1), Until(position=fact.position))
        assert step.between == [fact]
        assert all(by == [fact] for _, by in step.changes)
        state = applied(state, step)
    assert state == way.leaves(told)


@settings(max_examples=50, deadline=None)
@for_all(histories, st.data(), st.booleans())
def test_what_changed_between_two_moments_makes_the_later_state_of_the_earlier(
    history: History, data: st.DataObject, late: bool
) -> None:
    """By when things happened, which is another order than that of the log, and by when they were known."""
    way, told = history
    moments = sorted(fact.act.occurred_at if late else fact.recorded_at or NOW.recorded for fact in told)
    first, second = sorted(data.draw(st.tuples(st.sampled_from(moments), st.sampled_from(moments))))
    begin, end = (Until(occurred=each) if late else Until(recorded=each) for each in (first, second))
    compared = way.compared(told, begin, end)
    before, after = ([fact for fact in told if until.includes(fact)] for until in (begin, end))
    assert applied(way.leaves(before), compared) == way.leaves(after)
    assert compared.between == [fact for fact in after if fact not in before]
    for _, by in compared.changes:
        assert by
        assert all(fact in compared.between for fact in by)


@settings(max_examples=50, deadline=None)
@for_all(histories, st.data())
def test_nothing_changed_from_a_point_to_itself(history: History, data: st.DataObject) -> None:
    way, told = history
    here = Until(position=data.draw(st.integers(0, len(told) + 1)))
    same = way.compared(told, here, here)
    assert (same.changes, same.between) == ([], [])


@settings(max_examples=50, deadline=None)
@for_all(histories)
def test_a_kept_state_to_begin_with_changes_nothing(history: History) -> None:
    way, told = history
    half = len(told) // 2
    begin = Until(position=half + 1)
    whole = way.compared(told, begin, NOW)
    tail = compare(told[half:], begin, NOW, way.replay, way.told, way.replay(told[:half]))
    assert (tail.changes, tail.between) == (whole.changes, whole.between)


def test_an_earlier_point_that_knows_more_is_later() -> None:
    told = random_case(1)
    with pytest.raises(Backwards):
        CASES.compared(told, Until(position=5), Until(position=4))
    with pytest.raises(Backwards):
        CASES.compared(told, NOW, Until(occurred=told[0].act.occurred_at - timedelta(days=1)))


def test_a_change_that_no_event_touched_is_put_down_to_all_of_those_between() -> None:
    """A team that is recorded late makes a hand-over of what was the first assignment."""
    story = Story().then("assign", 1, team="A").then("assign", 3, team="B")
    first, known, late = recorded([*story.facts[:1], story.facts[2], story.facts[1]])
    told = [first, late, known]
    compared = TICKETS.compared(told, Until(position=2), NOW)
    (changed,) = [(each, by) for each, by in compared.changes if pointer(each.path) == "/hand_offs"]
    assert changed[0][1:] == (0, 1)
    assert changed[1] == [late] == compared.between


@pytest.mark.parametrize(
    ("path", "told", "words"),
    [
        ((Field("status"),), "/status", Text("状态", "status")),
        ((Field("hold"), Field("reason")), "/hold/reason", Text("挂起 › 原因", "hold › reason")),
        ((Field("units"), "a/b~c"), "/units/a~1b~0c", Text("批次或序列号 › a/b~c", "lot or serial › a/b~c")),
        ((Field("periods"), 2), "/periods/2", Text("期限 › 2", "term › 2")),
        ((Field("goods"), "", Field("total")), "/goods//total", Text("货物 › 数量", "goods › quantity")),
    ],
)
def test_a_path_is_a_pointer_and_words(path: tuple[Any, ...], told: str, words: Text) -> None:
    assert (pointer(path), named(path)) == (told, words)


def test_what_is_empty_is_nothing() -> None:
    assert [*differences({"a": None, "b": (), "c": {}, "d": 0}, {})] == [(("d",), 0, None)]


def kinds_of(kind: Any, seen: set[type[msgspec.Struct]]) -> set[type[msgspec.Struct]]:
    """The structs that a state is made of, as far as it is taken apart."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind in seen or issubclass(kind, LEAVES):
            return seen
        seen.add(kind)
        for hint in get_type_hints(kind).values():
            kinds_of(hint, seen)
    for inner in get_args(kind):
        kinds_of(inner, seen)
    return seen


def test_every_field_has_words_in_both_languages_and_no_other() -> None:
    untold = {"Case", "Trace", "Register"}
    seen: set[type[msgspec.Struct]] = set()
    for kind in (Ticket, Clock, Part, Contract, WholeCase):
        kinds_of(kind, seen)
    named_fields = {"clocks", "internal", "ticket", "parts", "uses"}
    for kind in seen:
        if kind.__name__ not in {*untold, "WholeCase"} and not issubclass(kind, Fact):
            named_fields |= {str(name) for name in fields(kind)}
    assert named_fields == set(FIELDS)
    assert all(text.zh and text.en for text in FIELDS.values())
