from __future__ import annotations

from uuid import UUID

import pytest

from application.database.connect import Database
from domain.event import Act, Fact
from domain.ticket.events import TicketRemarked
from domain.ticket.words import HoldReason
from projections.engine.cursor import BadCursor
from projections.timeline import queries
from tests.projections.histories import Story, answer, at
from tests.projections.views import ask, shown


def test_a_case_is_told_in_order_with_both_times_in_both_languages(database: Database) -> None:
    story = answer(Story(1, customer="海风酒店"), 1)
    story.then("hold", 2, reason=HoldReason.CUSTOMER_CHOSE_LATER, review_at=at(30), why="酒店满房")
    shown(database.service_url, [*story.facts, *Story(2).facts])
    page = ask(database.service_url, lambda conn: queries.history(conn, story.id))
    assert page.next is None
    assert [(entry.position, entry.version, entry.type) for entry in page.items] == [
        (1, 1, "ticket.registered"), (2, 2, "ticket.contacted"), (3, 3, "ticket.held"),
    ]  # fmt: skip
    held = page.items[2]
    assert (held.stream_id, held.actor, held.reason) == (story.id, "agent:li.wei", "酒店满房")
    assert held.occurred_at == at(2)
    assert held.recorded_at > held.occurred_at
    assert held.text.zh == "挂起：客户要求改期，复核时间 2026-03-03 15:00+08:00"
    assert held.text.en == "On hold: the customer chose a later date, review at 2026-03-03 15:00+08:00"


def test_a_case_is_more_than_its_ticket(database: Database) -> None:
    story = Story(1)
    visit = Fact(
        stream_id=UUID(int=5),
        version=1,
        event=TicketRemarked(text="到达现场"),
        act=Act(actor="technician:zhao", occurred_at=at(1)),
        correlation_id=story.id,
    )
    shown(database.service_url, [*story.facts, visit])
    page = ask(database.service_url, lambda conn: queries.history(conn, story.id))
    assert [entry.stream_id for entry in page.items] == [story.id, UUID(int=5)]
    assert page.items[1].text.zh == "备注：到达现场"


def test_pages_follow_each_other(database: Database) -> None:
    story = Story(1)
    for step in range(9):
        story.then("remark", step, text=f"step {step}")
    shown(database.service_url, story.facts)
    positions, cursor = [], None
    for _ in range(3):
        page = ask(
            database.service_url, lambda conn, at=cursor: queries.history(conn, story.id, cursor=at, limit=4)
        )
        positions += [entry.position for entry in page.items]
        cursor = page.next
    assert positions == list(range(1, 11))
    assert cursor is None
    with pytest.raises(BadCursor):
        ask(database.service_url, lambda conn: queries.history(conn, story.id, cursor="x"))
