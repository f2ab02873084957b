"""The list of every open step: what is in it, in which order, whose it is, and how it is found."""

from __future__ import annotations

from typing import Any

import pytest

from application.database.connect import Database
from domain.reading import read
from domain.ticket.steps import Ground, StepKind, steps
from domain.ticket.words import HoldReason, Priority
from projections.cases.case import replay
from projections.cases.duration import iso
from projections.engine.cursor import BadCursor
from projections.queue.open_steps import OpenStep, StepFilter, StepPage, steps_of, steps_page
from tests.projections.histories import PEOPLE, TEAMS, Story, at, hours_of, random_facts
from tests.projections.views import PROMISES, ask, shown

HISTORY = random_facts(tickets=60, steps=8, seed=5)
HOURS = hours_of(HISTORY)


def page(url: str, hours: float = HOURS, **asked: Any) -> StepPage:
    """A page of the list; what is no part of a page's form is a filter."""
    form = {name: asked.pop(name) for name in ("cursor", "limit", "count") if name in asked}
    return ask(url, lambda conn: steps_page(conn, PROMISES, StepFilter(**asked), at(hours), **form))


@pytest.fixture(scope="module")
def url(module_database: Database) -> str:
    """Many tickets in many states."""
    shown(module_database.service_url, HISTORY)
    return module_database.service_url


@pytest.fixture(scope="module")
def everything(url: str) -> tuple[OpenStep, ...]:
    """Every open step."""
    return page(url, limit=5000).items


def test_it_has_every_open_step_of_every_ticket_with_what_its_clock_reads(
    everything: tuple[OpenStep, ...],
) -> None:
    listed = {(item.ticket, item.kind, item.step.partition("/")[2]): item for item in everything}
    assert len(listed) == len(everything)
    for ticket_id in {fact.stream_id for fact in HISTORY}:
        case = replay((fact for fact in HISTORY if fact.stream_id == ticket_id), PROMISES)
        assert case is not None
        for step in steps(case.ticket, (*case.clocks, *case.internal)):
            item = listed.pop((ticket_id, step.kind, step.item))
            assert (item.person, item.team, item.ground) == (step.person, step.team, step.ground)
            if step.clock is not None:
                reading = read(step.clock, PROMISES.calendar, at(HOURS))
                assert item.due_at == reading.due_at
                assert item.remaining == (None if reading.remaining is None else iso(reading.remaining))
                assert item.overdue == (reading.remaining is not None and reading.remaining < 0)
    assert listed == {}
    assert {item.kind for item in everything} >= {StepKind.REVIEW, StepKind.LIAISON, StepKind.HANDOVER}


def test_the_nearest_due_time_comes_first_then_what_is_paused_last_what_has_no_time(
    everything: tuple[OpenStep, ...],
) -> None:
    due = [item.due_at.replace(microsecond=0) for item in everything if item.due_at is not None]
    assert due == sorted(due)
    groups = [0 if item.due_at else 1 if item.remaining is not None else 2 for item in everything]
    assert groups == sorted(groups)
    assert set(groups) == {0, 1, 2}


FILTERS: dict[str, tuple[dict[str, Any], Any]] = {
    "a kind": ({"kind": StepKind.LIAISON}, lambda item: item.kind is StepKind.LIAISON),
    "a priority": ({"priority": Priority.P1}, lambda item: item.priority is Priority.P1),
    "a person": ({"person": PEOPLE[0]}, lambda item: item.person == PEOPLE[0]),
    "no person": ({"person": None}, lambda item: item.person is None),
    "a team": ({"team": TEAMS[0]}, lambda item: item.team == TEAMS[0]),
    "no team": ({"team": None}, lambda item: item.team is None),
    "nobody": ({"ground": Ground.NOBODY}, lambda item: item.person is None and item.team is None),
    "overdue": ({"overdue": True}, lambda item: item.overdue),
    "in time": ({"overdue": False}, lambda item: not item.overdue),
    "no time": ({"dated": False}, lambda item: item.due_at is None and item.remaining is None),
    "a time": ({"dated": True}, lambda item: item.due_at is not None or item.remaining is not None),
    "several": (
        {"person": None, "overdue": True, "kind": StepKind.RESOLVE},
        lambda item: item.person is None and item.overdue and item.kind is StepKind.RESOLVE,
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_and_counts_exactly_what_it_means(
    url: str, everything: tuple[OpenStep, ...], name: str
) -> None:
    asked, fits = FILTERS[name]
    meant = tuple(item for item in everything if fits(item))
    found = page(url, limit=5000, count=True, **asked)
    assert (found.items, found.count) == (meant, len(meant))
    assert 0 < len(meant) < len(everything)


def test_what_is_due_soon_is_overdue_or_due_within_the_minutes_that_are_asked_for(url: str) -> None:
    hours = HOURS / 2
    items = page(url, hours, limit=5000).items
    soon = [
        item for item in items if item.overdue or (item.due_at is not None and item.due_at <= at(hours + 9))
    ]
    assert list(page(url, hours, limit=5000, due_within=9 * 60).items) == soon
    assert len(soon) < len(items)


def test_pages_follow_each_other_without_gap_or_repetition(
    url: str, everything: tuple[OpenStep, ...]
) -> None:
    collected: list[OpenStep] = []
    cursor = None
    while len(collected) <= len(everything):
        found = page(url, limit=17, cursor=cursor)
        collected += found.items
        cursor = found.next
        if cursor is None:
            break
    assert tuple(collected) == everything
    with pytest.raises(BadCursor):
        page(url, cursor="bm90IG91cnM")


def test_a_step_goes_when_it_is_done_and_comes_when_there_is_one(database: Database) -> None:
    url = database.service_url
    story = Story(1).then("assign", 1, team=TEAMS[0], person="李伟")
    story.then("hold", 2, reason=HoldReason.WAITING_FOR_CUSTOMER, review_at=at(5))
    shown(url, story.facts)
    one = ask(url, lambda conn: steps_of(conn, PROMISES, story.id, at(5))).items
    review, resolve = (
        next(item for item in one if item.kind.value == kind) for kind in ("review", "resolve")
    )
    assert (review.due_at, review.remaining, review.overdue) == (at(5), "PT0S", False)
    assert (review.title.zh, review.title.en) == ("复查挂起的工单", "review the hold")
    assert page(url, 5 + 1 / 3600, kind=StepKind.REVIEW).items[0].overdue
    assert (resolve.paused, resolve.due_at, resolve.overdue) == (True, None, False)
    story.then("resume", 6)
    shown(url, story.facts[-1:])
    kinds = {item.kind for item in ask(url, lambda conn: steps_of(conn, PROMISES, story.id, at(6))).items}
    assert StepKind.RESOLVE in kinds
    assert StepKind.REVIEW not in kinds


def test_an_empty_list_is_counted_too(database: Database) -> None:
    shown(database.service_url, [])
    found = page(database.service_url, 1, count=True)
    assert (found.items, found.count, found.next) == ((), 0, None)
