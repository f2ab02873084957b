from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from application.calendars import shipped_calendars
from application.database.connect import Database
from application.log.append import Append
from application.log.stored import LogEvent
from application.log.writer_thread import WriterThread
from application.plans import shipped_promises
from domain.catalogue import EVENT_TYPES
from domain.contract.events import EntitlementConsumed
from domain.contract.words import Kind
from domain.event import Act, Fact
from domain.part.events import PartIssued
from domain.part.goods import Goods
from domain.promises import Promises
from domain.ticket.events import TicketRemarked
from domain.ticket.words import HoldReason
from projections.audit_log import queries as audit
from projections.audit_log.filters import AuditFilter
from projections.engine.cursor import BadCursor
from projections.travel import history as travel
from projections.travel.history import Subject, SubjectKind
from projections.words.values import Text
from tests.projections.engine.broken import teleport
from tests.projections.histories import Story, answer, at, record
from tests.projections.views import PROMISES, ZONE, ask, dumped, shipped, shown

OF_TICKETS = {"queue", "ticket", "sla_compliance"}

TOLD: dict[str, Any] = {"promises": shipped_promises(), "zone": ZoneInfo(ZONE)}
"""What its texts are told with."""


def test_a_case_is_told_in_order_with_both_times_in_both_languages(database: Database) -> None:
    story = answer(Story(1, customer="海风酒店"), 1)
    story.then("hold", 2, reason=HoldReason.CUSTOMER_CHOSE_LATER, review_at=at(30), why="酒店满房")
    record(database.service_url, [*story.facts, *Story(2).facts])
    page = ask(
        database.service_url,
        lambda conn: travel.history(conn, story.id, **TOLD),
    )
    assert page.next is None
    assert [(entry.position, entry.version, entry.type) for entry in page.items] == [
        (1, 1, "ticket.registered"), (2, 2, "ticket.contacted"), (3, 3, "ticket.held"),
    ]  # fmt: skip
    held = page.items[2]
    assert (held.stream_id, held.actor, held.reason) == (story.id, "agent:li.wei", "酒店满房")
    assert (held.id, held.causation_id) == (story.facts[2].id, None)
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
    record(database.service_url, [*story.facts, visit])
    page = ask(
        database.service_url,
        lambda conn: travel.history(conn, story.id, **TOLD),
    )
    assert [entry.stream_id for entry in page.items] == [story.id, UUID(int=5)]
    assert page.items[1].text.zh == "备注：到达现场"


def test_parts_and_contracts_of_a_ticket_are_in_its_history_and_change_no_view_of_tickets(
    database: Database,
) -> None:
    story = Story(1)
    number = story.ticket.number
    of_ticket = tickets_after(database, story.facts)
    issued = PartIssued(
        number="HE-200",
        goods=Goods(1, serials=("S1",)),
        for_ticket=story.id,
        ticket_number=number,
        location="MAIN",
    )
    visit = EntitlementConsumed(
        number="C-2026-000012",
        entry=UUID(int=9),
        ticket=story.id,
        ticket_number=number,
        kind=Kind.VISIT,
        amount=1,
        reported_at=at(0),
    )
    others = [
        Fact(
            stream_id=UUID(int=stream),
            version=1,
            event=event,
            act=Act(actor="storekeeper:sun", occurred_at=at(1)),
            correlation_id=story.id,
            causation_id=story.facts[0].id,
        )
        for stream, event in ((5, issued), (6, visit))
    ]
    assert tickets_after(database, others) == of_ticket
    page = ask(
        database.service_url,
        lambda conn: travel.history(conn, story.id, **TOLD),
    )
    assert [(entry.type, entry.stream_id) for entry in page.items[1:]] == [
        ("part.issued", UUID(int=5)), ("contract.entitlement_consumed", UUID(int=6)),
    ]  # fmt: skip
    assert {entry.causation_id for entry in page.items[1:]} == {page.items[0].id}
    assert [entry.text for entry in page.items[1:]] == [
        Text(
            f"备件 HE-200 领用：数量 1（序列号 S1）；库位 MAIN；工单 {number}",
            f"Part HE-200 issued: quantity 1 (serials S1); location MAIN; ticket {number}",
        ),
        Text(
            f"合同 C-2026-000012 权益扣减：上门 1 次；报修时间 2026-03-02 09:00+08:00；工单 {number}",
            "Contract C-2026-000012, entitlement used, visits: 1; "
            f"reported at 2026-03-02 09:00+08:00; ticket {number}",
        ),
    ]
    audited = ask(
        database.service_url,
        lambda conn: audit.page(conn, AuditFilter(correlation_id=story.id), zone=ZoneInfo(ZONE)),
    )
    assert [entry.type for entry in audited.items] == [entry.type for entry in reversed(page.items)]


@pytest.mark.parametrize("name", [name for name in EVENT_TYPES if not name.startswith("ticket.")])
def test_the_audit_log_takes_everything_and_the_views_of_tickets_take_tickets(name: str) -> None:
    takers = {one.name for one in shipped() if name.startswith(one.wants)}
    assert "audit_log" in takers
    assert takers.isdisjoint(OF_TICKETS)


def tickets_after(database: Database, facts: list[Fact]) -> dict[str, list[tuple[Any, ...]]]:
    """Record facts; the rows of the views that hold only tickets."""
    shown(database.service_url, facts)
    rows = dumped(database.service_url)
    return {
        table: rows[table]
        for projection in shipped()
        if projection.name in OF_TICKETS
        for table in projection.tables
    }


def test_an_event_that_this_release_cannot_read_is_shown_as_what_it_is(database: Database) -> None:
    url, story = database.service_url, answer(Story(1), 1)
    record(url, story.facts)
    teleport(url, story.id, 3)
    resumed = story.then("remark", 2, text="back from Mars").facts[-1]
    record(url, [msgspec.structs.replace(resumed, version=4)])
    registered, contacted, unread, remarked = ask(
        url, lambda conn: travel.history(conn, story.id, **TOLD)
    ).items
    assert (unread.position, unread.version, unread.type) == (3, 3, "ticket.teleported")
    assert (unread.stream_id, unread.actor, unread.occurred_at) == (story.id, "system", unread.recorded_at)
    assert (unread.subject.kind, unread.subject.number) == (SubjectKind.TICKET, "T-2026-000001")
    assert unread.text == Text(
        "本版本无法读取此事件（ticket.teleported，数据格式第 1 版）",
        "This release cannot read this event (ticket.teleported, schema 1)",
    )
    assert (remarked.text.zh, unread.moves, remarked.moves) == ("备注：back from Mars", (), ())
    assert registered.moves
    assert contacted.moves


def test_a_page_after_an_unreadable_event_is_told_without_moves(database: Database) -> None:
    """They would be worked out as if it had not happened."""
    url, story = database.service_url, Story(1)
    record(url, story.facts)
    teleport(url, story.id, 2)
    answered = answer(story, 1).facts[-1]
    record(url, [msgspec.structs.replace(answered, version=3)])
    first = ask(url, lambda conn: travel.history(conn, story.id, **TOLD, limit=2))
    (entry,) = ask(url, lambda conn: travel.history(conn, story.id, **TOLD, cursor=first.next)).items
    assert (entry.type, entry.moves) == ("ticket.contacted", ())


def test_a_thing_of_which_this_release_knows_nothing_is_shown(database: Database) -> None:
    url, story = database.service_url, Story(1)
    strange = LogEvent(
        id=0,
        originator_id=UUID(int=5),
        originator_version=1,
        topic="drone.landed",
        state=b"\xff, not JSON",
        correlation_id=story.id,
    )
    record(url, story.facts)
    writer = WriterThread(url)
    writer.append(Append((strange,)))
    writer.close()
    entry = ask(url, lambda conn: travel.history(conn, story.id, **TOLD)).items[-1]
    assert (entry.type, entry.subject) == ("drone.landed", Subject(kind=SubjectKind.OTHER, number=None))


def test_without_the_plan_of_a_ticket_its_history_is_told_without_moves(database: Database) -> None:
    story = answer(Story(1, plan="hot-water"), 1)
    record(database.service_url, story.facts)
    book = Promises([each for each in PROMISES.plans if each.name != "hot-water"], shipped_calendars())
    told = TOLD | {"promises": book}
    entries = ask(database.service_url, lambda conn: travel.history(conn, story.id, **told)).items
    assert [(entry.type, entry.moves) for entry in entries] == [
        ("ticket.registered", ()),
        ("ticket.contacted", ()),
    ]


def test_pages_follow_each_other(database: Database) -> None:
    story = Story(1)
    for step in range(9):
        story.then("remark", step, text=f"step {step}")
    record(database.service_url, story.facts)
    positions, cursor = [], None
    for _ in range(3):
        page = ask(
            database.service_url,
            lambda conn, at=cursor: travel.history(conn, story.id, **TOLD, cursor=at, limit=4),
        )
        positions += [entry.position for entry in page.items]
        cursor = page.next
    assert positions == list(range(1, 11))
    assert cursor is None
    with pytest.raises(BadCursor):
        ask(
            database.service_url,
            lambda conn: travel.history(conn, story.id, **TOLD, cursor="x"),
        )
