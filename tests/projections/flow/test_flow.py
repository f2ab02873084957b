"""How cases flow, told by hand and drawn at random."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
import pytest

from application.database.connect import Database
from domain.ticket.evolution import replay
from domain.ticket.state import Ticket
from domain.ticket.words import Channel, Direction, HoldReason, Party, Priority, Status, Tier
from projections.engine.cursor import BadCursor
from projections.engine.runner import Runner
from projections.flow.filters import GROUPS, Figure, FlowFilter
from projections.flow.fold import FlowProjection
from projections.flow.report import Flow, FlowReport, UnknownGroup, flow
from projections.flow.tickets import tickets
from tests.projections.histories import Story, random_facts, record
from tests.projections.views import ask

ZONE = "Asia/Shanghai"
HISTORY = random_facts(tickets=60, steps=14, seed=7)
COUNTED = (
    *("tickets", "resolved", "first_line", "escalated", "tier_moves", "refused", "refusals", "handed_off"),
    *("hand_offs", "returned", "returns", "ping_ponged", "ping_pongs", "waited", "waits", "reopened"),
    *("reopenings",),
)


def folded(url: str) -> None:
    """Let the flow catch up."""
    with Runner(url, [FlowProjection()]) as runner:
        runner.run_once()


@pytest.fixture(scope="module")
def url(module_database: Database) -> str:
    """A database with a random history in it."""
    record(module_database.service_url, HISTORY)
    folded(module_database.service_url)
    return module_database.service_url


def report(url: str, *group_by: str, which: FlowFilter = FlowFilter()) -> FlowReport:  # noqa: B008 - frozen
    """The report."""
    return ask(url, lambda conn: flow(conn, group_by, which, zone=ZONE))


def told(database: Database, *stories: Story) -> Flow:
    """How these tickets flowed."""
    record(database.service_url, [fact for story in stories for fact in story.facts])
    folded(database.service_url)
    return report(database.service_url).total


def replayed() -> Iterator[Ticket]:
    """Every ticket of the history that was not cancelled, made from its facts alone."""
    for ticket_id in {fact.stream_id for fact in HISTORY}:
        ticket = replay(fact for fact in HISTORY if fact.stream_id == ticket_id)
        assert ticket is not None
        if ticket.status is not Status.CANCELLED:
            yield ticket


class TestAStory:
    def test_the_first_line_solves_what_nobody_above_it_saw(self, database: Database) -> None:
        alone = Story(1).then("assign", 1, team="A").then("resolve", 5, solution="x")
        helped = Story(2).then("assign", 1, team="A").then("escalate", 2, tier=Tier.L2)
        helped.then("hand_back", 3, tier=Tier.L1, finding="the fuse").then("resolve", 9, solution="x")
        still_open = Story(3)
        total = told(database, alone, helped, still_open)
        assert (total.tickets, total.resolved, total.first_line, total.first_line_percent) == (3, 2, 1, 50.0)
        assert (total.escalated, total.tier_moves) == (1, 2)
        assert (total.resolution.tickets, total.resolution.mean, total.resolution.median) == (
            2,
            "PT7H",
            "PT7H",
        )

    def test_both_forms_of_ping_pong(self, database: Database) -> None:
        story = Story(1)
        for hour, team in enumerate("ABAB", 1):
            story.then("assign", hour, team=team)
        around = Story(2)
        for hour, team in enumerate("ABCA", 1):
            around.then("assign", hour, team=team)
        total = told(database, story, around)
        assert (total.handed_off, total.hand_offs) == (2, 6)
        assert (total.returned, total.returns, total.ping_ponged, total.ping_pongs) == (2, 3, 1, 2)

    def test_a_refused_handover_is_a_move_there_and_one_back(self, database: Database) -> None:
        story = Story(1).then("assign", 1, team="A").then("escalate", 2, tier=Tier.L2, team="B")
        total = told(database, story.then("refuse_handover", 3, why="nothing was measured"))
        assert (total.refused, total.refusals, total.tier_moves, total.ping_pongs) == (1, 1, 2, 1)

    def test_only_waits_for_the_customer_count_and_none_twice(self, database: Database) -> None:
        story = Story(1).then("hold", 1, reason=HoldReason.WAITING_FOR_CUSTOMER)
        story.then(
            "contact", 4, channel=Channel.PHONE, direction=Direction.INBOUND, party=Party.PERSON
        )  # ends the wait by itself
        story.then("hold", 5, reason=HoldReason.WAITING_FOR_PART).then("resume", 8)
        story.then("hold", 9, reason=HoldReason.WAITING_FOR_CUSTOMER).then("resolve", 10, solution="x")
        total = told(database, story)
        assert (total.waited, total.waits, total.waiting, total.waiting_percent) == (1, 2, "PT4H", 40.0)

    def test_a_rejection_is_a_reopening(self, database: Database) -> None:
        story = (
            Story(1)
            .then("resolve", 1, solution="x")
            .then("reject", 2, why="no")
            .then("resolve", 4, solution="y")
        )
        story.then("reopen", 5, why="again")
        total = told(database, story)
        assert (total.reopened, total.reopenings, total.resolution.mean) == (1, 2, "PT4H")

    def test_what_should_not_have_been_a_ticket_is_left_out(self, database: Database) -> None:
        total = told(database, Story(1).then("cancel", 1, why="twice"), Story(2, priority=Priority.P1))
        assert (total.tickets, total.throughput.tickets, total.throughput.p90) == (1, 1, "PT0S")


def test_the_total_is_what_the_tickets_themselves_say(url: str) -> None:
    flown = list(replayed())
    total = report(url).total
    assert total.tickets == len(flown)
    for name in ("hand_offs", "returns", "ping_pongs", "tier_moves", "refusals"):
        assert getattr(total, name) == sum(getattr(ticket, name) for ticket in flown) > 0
    assert total.reopenings == sum(ticket.cycle - 1 for ticket in flown) > 0


@pytest.mark.parametrize("group_by", [*[(name,) for name in GROUPS], ("team", "priority"), GROUPS])
def test_rows_add_up_to_the_total(url: str, group_by: tuple[str, ...]) -> None:
    found = report(url, *group_by)
    for count in COUNTED:
        assert sum(getattr(row, count) for row in found.rows) == getattr(found.total, count)
    assert sum(row.throughput.tickets for row in found.rows) == found.total.throughput.tickets
    assert found.total == report(url).total
    assert len({json.dumps(row.group) for row in found.rows}) == len(found.rows)


def test_every_figure_can_be_drilled_into(url: str) -> None:
    for row in report(url, "priority").rows:
        which = FlowFilter(**row.group)
        for figure in Figure:
            page = ask(url, lambda conn, w=which, f=figure: tickets(conn, w, f, zone=ZONE, limit=100))
            assert len(page.items) == page.total == getattr(row, figure.value)
        everything = ask(url, lambda conn, w=which: tickets(conn, w, zone=ZONE, limit=100))
        assert everything.total == row.tickets
        assert sum(ticket.hand_offs for ticket in everything.items) == row.hand_offs


def test_pages_follow_each_other(url: str) -> None:
    found, cursor = [], None
    while True:
        page = ask(url, lambda conn, at=cursor: tickets(conn, zone=ZONE, cursor=at, limit=7))
        found += [ticket.number for ticket in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert found == sorted(found)
    assert len(found) == len(set(found)) == page.total


def test_the_same_position_gives_the_same_bytes(url: str) -> None:
    first, again = (msgspec.json.encode(report(url, "team", "month")) for _ in range(2))
    assert first == again
    assert report(url).position == len(HISTORY)


def test_what_cannot_be_asked_is_refused(url: str) -> None:
    with pytest.raises(UnknownGroup):
        report(url, "weather")
    with pytest.raises(BadCursor):
        ask(url, lambda conn: tickets(conn, zone=ZONE, cursor="x"))


def test_nothing_has_no_percentage(url: str) -> None:
    found = report(url, "month", which=FlowFilter(month="1999-01"))
    assert found.rows == ()
    assert (found.total.tickets, found.total.first_line_percent, found.total.throughput.mean) == (
        0,
        None,
        None,
    )
