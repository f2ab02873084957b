from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import pytest

from application.database.connect import Database
from domain.contract.choice import Choice, Winner
from domain.contract.words import Level
from domain.event import Fact
from domain.reading import Verdict
from domain.ticket.allowed import allowed_actions
from domain.ticket.events import QuestionRaised
from domain.ticket.evolution import replay
from domain.ticket.words import (
    Channel,
    HoldReason,
    Impact,
    Obstacle,
    Priority,
    Reaction,
    Status,
    Tier,
)
from projections.cases import case as cases
from projections.engine.cursor import BadCursor
from projections.ticket import queries
from projections.ticket.detail import TicketDetail, detail
from projections.ticket.queries import TicketFilter, TicketPage
from tests.projections.histories import Story, answer, at, random_facts
from tests.projections.views import PROMISES, ask, shown


def one(url: str, ticket_id: UUID, hours: float = 100) -> TicketDetail | None:
    """A ticket, so many hours after the start."""
    return ask(url, lambda conn: queries.one(conn, PROMISES, ticket_id, at(hours)))


def search(url: str, which: TicketFilter | None = None, **asked: Any) -> TicketPage:
    """A page of tickets."""
    return ask(url, lambda conn: queries.search(conn, which or TicketFilter(), **asked))


def serials(found: TicketPage) -> list[int]:
    """The serials of the tickets on a page."""
    return [int(item.number[-6:]) for item in found.items]


def test_a_ticket_shows_everything_that_is_known_of_it(database: Database) -> None:
    story = Story(
        1, description="整夜无热水", customer="海风酒店", contact="陈经理", site="三亚", product="H-200",
        asset="SN-1", channel=Channel.PHONE, category="加热", source="crm/77", attributes={"vip": "yes"},
    )  # fmt: skip
    story.then("classify", 1, category="加热管", fault_code="E3", impact=Impact.HIGH)
    story.then("assign", 1, team="华南二组").then("assign", 2, team="华东一组", person="李伟")
    answer(story, 2).then("escalate", 3, tier=Tier.L2).then("hold", 4, reason=HoldReason.WAITING_FOR_PART)
    shown(database.service_url, story.facts)
    found = one(database.service_url, story.id)
    assert found is not None
    for name in set(story.ticket.__struct_fields__) - {"noted"}:  # the clocks show it
        assert getattr(found, name) == getattr(story.ticket, name)
    assert (found.version, found.position) == (7, 7)
    assert found.actions == allowed_actions(story.ticket)
    assert [(clock.milestone, clock.cycle) for clock in found.clocks] == [
        ("first_response", 1),
        ("resolve", 1),
    ]
    assert msgspec.json.decode(msgspec.json.encode(found), type=TicketDetail) == found


def test_its_clocks_are_read_when_asked(database: Database) -> None:
    story = answer(Story(1), 1)
    shown(database.service_url, story.facts)
    early, late = (one(database.service_url, story.id, hours) for hours in (2, 500))
    assert early is not None
    assert late is not None
    assert [clock.verdict for clock in early.clocks] == [Verdict.MET, Verdict.PENDING]
    assert [clock.verdict for clock in late.clocks] == [Verdict.MET, Verdict.BREACHED]
    assert (early.clocks[1].elapsed, early.clocks[1].remaining) == ("PT2H", "PT13H")


def test_there_is_no_such_ticket(database: Database) -> None:
    shown(database.service_url, Story(1).facts)
    assert one(database.service_url, UUID(int=7)) is None


def test_every_row_is_what_its_events_replay_to(database: Database) -> None:
    history = random_facts(tickets=30, steps=12, seed=3)
    shown(database.service_url, history)
    for ticket_id in {fact.stream_id for fact in history}:
        facts = [
            msgspec.structs.replace(fact, position=place)
            for place, fact in enumerate(history, 1)
            if fact.stream_id == ticket_id
        ]
        found = one(database.service_url, ticket_id)
        case = cases.replay(facts, PROMISES)
        assert case is not None
        assert case.ticket == replay(facts)
        assert found == detail(case, PROMISES, at(100))


CONTRACT = UUID(int=12)
UNDER_CONTRACT = Choice(
    winner=Winner(number="C-2026-000012", contract=CONTRACT, level=Level.LINE, plan="hot-water")
)
QUESTION = QuestionRaised(
    question=UUID(int=13),
    reaction=Reaction.COUNT_VISIT,
    obstacle=Obstacle.EXHAUSTED,
    detail="C-2026-000012 has 0 left of visit, not 1",
    subject="C-2026-000012",
)
TICKETS = (
    Story(1, customer="海风酒店", product="H-200", asset="SN-1", source="crm/1"),
    Story(2, customer="Linden Hotels", subject="No hot water at 100%", priority=Priority.P1),
    Story(3, customer="海风酒店", subject="噪音_大").then("assign", 1, team="华东一组", person="李伟"),
    Story(4, product="H-300").then("cancel", 1, why="reported twice"),
    Story(5, contract=UNDER_CONTRACT, subject="漏水").happens(QUESTION, 1),
    Story(6, contract=UNDER_CONTRACT, subject="漏水")
    .happens(QUESTION, 1)
    .then("answer", 2, question=QUESTION.question, answer="billed apart"),
)


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (TicketFilter(), [6, 5, 4, 3, 2, 1]),
        (TicketFilter(contract="C-2026-000012"), [6, 5]),
        (TicketFilter(contract="C-2026-000013"), []),
        (TicketFilter(questions=True), [5]),
        (TicketFilter(questions=False, contract="C-2026-000012"), [6]),
        (TicketFilter(customer="海风酒店"), [3, 1]),
        (TicketFilter(product="H-300"), [4]),
        (TicketFilter(asset="SN-1"), [1]),
        (TicketFilter(source="crm/1"), [1]),
        (TicketFilter(priority=Priority.P1), [2]),
        (TicketFilter(status=Status.CANCELLED), [4]),
        (TicketFilter(team="华东一组"), [3]),
        (TicketFilter(person="李伟", customer="海风酒店"), [3]),
        (TicketFilter(person="李伟", customer="Linden Hotels"), []),
        (TicketFilter(text="HOT water"), [2]),
        (TicketFilter(text="0%"), [2]),
        (TicketFilter(text="_"), [3]),
        (TicketFilter(text="\\"), []),
        (TicketFilter(text="t-2026-000004"), [4]),
    ],
)
def test_search(module_database: Database, which: TicketFilter, expected: list[int]) -> None:
    url = module_database.service_url
    if not tables_are_made(url):
        shown(url, [fact for story in TICKETS for fact in story.facts])
    assert serials(search(url, which)) == expected
    assert ask(url, lambda conn: queries.count(conn, which)) == len(expected)


def tables_are_made(url: str) -> bool:
    """Whether another test was here before."""

    async def look(conn: Any) -> bool:
        row = await (await conn.execute("SELECT to_regclass('view.ticket') IS NOT NULL")).fetchone()
        return row == (True,)

    return ask(url, look)


def test_a_line_tells_how_the_ticket_stands(database: Database) -> None:
    story = TICKETS[2]
    shown(database.service_url, story.facts)
    (line,) = search(database.service_url).items
    assert line.version == 2
    for name in line.__struct_fields__:
        if name != "version":
            assert getattr(line, name) == getattr(story.ticket, name)


def test_pages_follow_each_other(database: Database) -> None:
    facts: list[Fact] = [fact for n in range(1, 12) for fact in Story(n).facts]
    shown(database.service_url, facts)
    first = search(database.service_url, limit=5)
    second = search(database.service_url, limit=5, cursor=first.next)
    third = search(database.service_url, limit=5, cursor=second.next)
    assert [*serials(first), *serials(second), *serials(third)] == list(range(11, 0, -1))
    assert third.next is None
    with pytest.raises(BadCursor):
        search(database.service_url, cursor="!")
