"""Who comes first."""

from __future__ import annotations

from uuid import UUID

import pytest

from application.database.connect import Database
from domain.contract.choice import Choice, Winner
from domain.contract.words import Level
from domain.ticket.care_events import ComplaintAnswered, ComplaintMade
from domain.ticket.words import HoldReason, Priority
from projections.queue.order import Sort
from tests.projections.histories import Story, answer
from tests.projections.queue.test_queue import facts, numbers, page
from tests.projections.views import shown

CONTRACT = Choice(
    winner=Winner(number="C-2026-000001", contract=UUID(int=9), level=Level.ASSET, plan="standard")
)


def test_contracts_come_first_among_equals_and_remaining_time_decides_before_that(
    database: Database,
) -> None:
    plain, equal = Story(1), Story(2, contract=CONTRACT)
    sooner = Story(3, priority=Priority.P1)
    shown(database.service_url, facts(plain, equal, sooner))
    found = page(database.service_url, "all", 1)
    assert numbers(found) == [3, 2, 1]
    assert [item.is_contract for item in found.items] == [False, True, False]
    assert found.items[1].contract == "C-2026-000001"


def test_paused_clocks_come_last_by_what_is_left_of_them(database: Database) -> None:
    def waiting(number: int, hours: float, **fields: object) -> Story:
        story = answer(Story(number, **fields), 0.1)
        return story.then("hold", hours, reason=HoldReason.WAITING_FOR_CUSTOMER)

    much, little = waiting(1, 0.5), waiting(2, 3)
    equal, running = waiting(3, 3, contract=CONTRACT), Story(4, hours=200, priority=Priority.P4)
    shown(database.service_url, facts(much, little, equal, running))
    assert numbers(page(database.service_url, "all", 4)) == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.REPORTED, [3, 1, 2]),
        (Sort.PRIORITY, [2, 1, 3]),
        (Sort.CHANGED, [1, 3, 2]),
    ],
)
def test_the_other_orders(database: Database, sort: Sort, expected: list[int]) -> None:
    one = Story(1, hours=1, priority=Priority.P2, plan="hot-water")
    two = Story(2, hours=2, priority=Priority.P1)
    three = Story(3, hours=0, priority=Priority.P3, plan="hot-water")
    three.then("remark", 4, text="x")
    one.then("remark", 3, text="x")
    shown(database.service_url, facts(two, three, one))
    assert numbers(page(database.service_url, "all", 5, sort=sort)) == expected


def test_a_complaint_is_listed_until_it_is_answered_also_when_the_ticket_has_ended(
    database: Database,
) -> None:
    url = database.service_url
    story = Story(1).then("resolve", 1, solution="x")
    story.happens(ComplaintMade(complaint=1, text="nobody came"), 2)
    shown(url, story.facts)
    assert numbers(page(url, "complaints", 3)) == [1]
    assert numbers(page(url, "all", 3)) == []
    before = len(story.facts)
    story.happens(ComplaintAnswered(complaint=1, answer="sorry"), 4)
    shown(url, story.facts[before:])
    assert numbers(page(url, "complaints", 5)) == []
