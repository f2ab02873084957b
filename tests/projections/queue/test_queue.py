from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from application.database.connect import Database
from domain.calendar import Calendar, Year
from domain.clock import Milestone
from domain.plan import ServicePlan
from domain.promises import Promises
from domain.reading import State, reading
from domain.ticket.allowed import OPEN
from domain.ticket.words import HoldReason, Priority, Status
from domain.title import Title
from projections.cases.case import replay
from projections.cases.duration import iso
from projections.engine.cursor import BadCursor
from projections.queue import queries
from projections.queue.filters import QueueFilter
from projections.queue.names import Reader, queue_named
from projections.queue.queries import Asked, QueuePage
from tests.projections.histories import Story, answer, at, hours_of, random_facts
from tests.projections.views import PROMISES, ask, shown

TEAM = "华东一组"
NOBODY = Reader("", ())


def page(url: str, queue: str, hours: float, promises: Promises = PROMISES, **asked: Any) -> QueuePage:
    """A page of a queue, so many hours after the start."""
    body, _ = ask(url, lambda conn: queries.page(conn, promises, wanted(queue, **asked), at(hours)))
    return msgspec.json.decode(body, type=QueuePage)


def wanted(queue: str, *, reader: Reader = NOBODY, **asked: Any) -> Asked:
    """What is asked of a queue; what is no part of a page's form is a filter."""
    form = {name: asked.pop(name) for name in ("sort", "cursor", "limit", "count", "fixed") if name in asked}
    return Asked(queue_named(queue, reader), QueueFilter(**asked), **form)


def numbers(found: QueuePage) -> list[int]:
    """The serials of the tickets on a page."""
    return [int(item.number[-6:]) for item in found.items]


def facts(*stories: Story) -> list[Any]:
    """All their facts, one story after the other."""
    return [fact for story in stories for fact in story.facts]


def test_a_new_ticket_waits_for_its_first_response(database: Database) -> None:
    story = Story(1, customer="海风酒店", product="H-200", asset="SN-1")
    shown(database.service_url, facts(story))
    (item,) = page(database.service_url, "all", 0.5).items
    assert (item.id, item.number, item.subject) == (story.id, "T-2026-000001", "热水器不加热")
    assert (item.customer, item.product, item.asset) == ("海风酒店", "H-200", "SN-1")
    assert (item.priority, item.status, item.team, item.version) == (Priority.P2, Status.NEW, None, 1)
    assert (item.next_milestone, item.due_at, item.remaining) == ("first_response", at(2), "PT1H30M")
    assert (item.late, item.paused, item.reported_at, item.cycle) == (False, False, at(0), 1)


def test_after_the_answer_the_resolution_is_next_and_is_late_from_the_second_after_the_deadline(
    database: Database,
) -> None:
    shown(database.service_url, facts(answer(Story(1, priority=Priority.P1), 0.5)))
    on_time, late = (page(database.service_url, "all", hours).items[0] for hours in (9, 24 + 1 / 3600))
    assert on_time.next_milestone == "resolve"
    assert (on_time.due_at, on_time.remaining, on_time.late) == (at(9), "PT0S", False)
    assert (late.remaining, late.late) == ("-PT1S", True)


def test_a_paused_clock_keeps_what_is_left_and_has_no_deadline(database: Database) -> None:
    story = answer(Story(1, priority=Priority.P1), 0.5)
    story.then("hold", 2, reason=HoldReason.WAITING_FOR_CUSTOMER)
    shown(database.service_url, facts(story))
    for hours in (2, 200):
        (item,) = page(database.service_url, "all", hours).items
        assert (item.paused, item.due_at, item.remaining, item.late) == (True, None, "PT5H30M", False)
        assert (item.status, item.hold) == (Status.ON_HOLD, HoldReason.WAITING_FOR_CUSTOMER)


def test_the_nearest_deadline_comes_first_and_paused_clocks_last(database: Database) -> None:
    paused = answer(Story(1), 0.1).then("hold", 0.2, reason=HoldReason.CUSTOMER_CHOSE_LATER)
    usual, urgent, later = Story(2, priority=Priority.P3), Story(3, priority=Priority.P1), Story(4, hours=1)
    twin = Story(5, priority=Priority.P3)
    shown(database.service_url, facts(paused, usual, urgent, later, twin))
    assert numbers(page(database.service_url, "all", 1)) == [3, 4, 2, 5, 1]


def test_a_ticket_moves_between_queues_and_leaves_them_when_it_is_resolved(database: Database) -> None:
    story = Story(1)
    shown(database.service_url, facts(story))
    assert numbers(page(database.service_url, "unassigned", 1)) == [1]
    for team in (TEAM, "华南二组"):
        story.then("assign", 1, team=team)
        shown(database.service_url, story.facts[-1:])
        assert numbers(page(database.service_url, team, 1)) == [1]
        assert numbers(page(database.service_url, "unassigned", 1)) == []
    assert numbers(page(database.service_url, TEAM, 1)) == []
    story.then("resolve", 2, solution="更换加热管")
    shown(database.service_url, story.facts[-1:])
    assert numbers(page(database.service_url, "all", 2)) == []
    story.then("reject", 3, why="still cold")
    shown(database.service_url, story.facts[-1:])
    (item,) = page(database.service_url, "华南二组", 3).items
    assert (item.cycle, item.version) == (2, 5)


def test_pages_follow_each_other_without_gap_or_repetition(database: Database) -> None:
    stories = [Story(n, hours=n // 5, priority=list(Priority)[n % 4]) for n in range(1, 24)]
    stories += [Story(n, priority=Priority.P4).then("assign", 1, team=TEAM, person="李伟") for n in (24, 25)]
    shown(database.service_url, facts(*stories))
    everything = numbers(page(database.service_url, "all", 6, limit=100))
    assert sorted(everything) == list(range(1, 26))
    collected, cursor = [], None
    for _ in range(6):
        found = page(database.service_url, "all", 6, limit=5, cursor=cursor)
        collected += numbers(found)
        cursor = found.next
        if cursor is None:
            break
    assert collected == everything
    assert cursor is None


def test_a_deadline_of_long_ago_is_there_and_first(database: Database) -> None:
    ancient = Story(2, hours=-24 * 365 * 1500, plan="hot-water")
    shown(database.service_url, facts(Story(1), ancient))
    found = page(database.service_url, "all", 1)
    assert numbers(found) == [2, 1]
    assert found.items[0].late


def test_filters(database: Database) -> None:
    held = Story(1).then("assign", 1, team=TEAM, person="李伟").then("hold", 1, reason=HoldReason.OTHER)
    other = Story(2, priority=Priority.P4).then("assign", 1, team=TEAM)
    shown(database.service_url, facts(held, other))
    url = database.service_url
    assert numbers(page(url, TEAM, 1, priority=(Priority.P4,))) == [2]
    assert numbers(page(url, TEAM, 1, status=(Status.ON_HOLD,))) == [1]
    assert numbers(page(url, TEAM, 1, person=("李伟",))) == [1]
    assert numbers(page(url, TEAM, 1, person=("李伟",), priority=(Priority.P4,))) == []


def test_a_foreign_cursor_is_refused(database: Database) -> None:
    shown(database.service_url, facts(Story(1)))
    with pytest.raises(BadCursor):
        page(database.service_url, "all", 1, cursor="bm90IG91cnM")


def test_the_overview_counts_exactly_what_the_pages_show(module_database: Database) -> None:
    url = module_database.service_url
    history = random_facts(tickets=90, steps=10)
    shown(url, history)
    hours = hours_of(history)
    overview = {one.queue: one for one in ask(url, lambda conn: queries.overview(conn, at(hours)))}
    assert list(overview)[:2] == ["all", "unassigned"]
    assert len(overview) == 5
    for queue, counts in overview.items():
        items = page(url, queue, hours, limit=1000).items
        assert counts.open == len(items)
        assert counts.late == sum(item.late for item in items)
        assert counts.paused == sum(item.paused for item in items)
        for priority, part in counts.priorities.items():
            assert part.open == sum(item.priority is priority for item in items)
    assert 0 < overview["all"].late < overview["all"].open
    assert overview["all"].paused > 0


def test_what_a_queue_shows_is_what_the_clocks_read(database: Database) -> None:
    history = random_facts(tickets=40, steps=6, seed=7)
    shown(database.service_url, history)
    hours = hours_of(history)
    items = {item.id: item for item in page(database.service_url, "all", hours, limit=1000).items}
    for ticket_id in {fact.stream_id for fact in history}:
        case = replay((fact for fact in history if fact.stream_id == ticket_id), PROMISES)
        assert case is not None
        assert (ticket_id in items) == (case.ticket.status in OPEN)
        if ticket_id not in items:
            continue
        item = items[ticket_id]
        read = [
            (clock.milestone, reading(clock, PROMISES.calendar(clock.pin), at(hours)))
            for clock in case.clocks
        ]
        running = [(one.due_at, name, one) for name, one in read if one.state is State.RUNNING and one.due_at]
        paused = [(one.remaining, name, one) for name, one in read if one.state is State.PAUSED]
        _, name, nearest = min(running or paused, key=lambda found: found[0])
        assert (item.next_milestone, item.due_at) == (name, nearest.due_at)
        assert item.remaining == iso(nearest.remaining)
        assert item.late == (nearest.remaining < 0)


def test_a_deadline_in_a_year_without_holiday_data_is_told_and_not_guessed(database: Database) -> None:
    calendar = Calendar(name="short", version=1, week={"mon": ("00:00-24:00",)}, years={2026: Year()})
    targets = {
        Milestone.FIRST_RESPONSE: {Priority.P2: 3600},
        Milestone.RESOLVE: {Priority.P2: 365 * 86400},
    }
    plan = ServicePlan(
        name="short",
        version=1,
        title=Title("短", "short"),
        calendar="short",
        calendar_version=1,
        targets=targets,
    )
    promises = Promises([plan], [calendar])
    story = answer(Story(1, pin=promises.pin("short", datetime(2026, 3, 2, tzinfo=UTC))), 0.5)
    shown(database.service_url, story.facts, promises=promises)
    (item,) = page(database.service_url, "all", 1, promises).items
    assert (item.next_milestone, item.due_at, item.gap) == ("resolve", None, 2027)
    later = (datetime(2027, 6, 1, tzinfo=UTC) - at(0)).total_seconds() / 3600
    (item,) = page(database.service_url, "all", later, promises).items
    assert (item.remaining, item.late, item.gap) == (None, False, 2027)
