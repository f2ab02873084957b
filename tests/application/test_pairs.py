"""Two tickets in one append: merged, split, linked; and what comes for one that was merged."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from application.access import Forbidden
from application.database.connect import Database
from application.log.append import Request
from application.streams import StaleVersion
from application.ticket_commands.correspondence import AttachFile, LogContact
from application.ticket_commands.course import CloseTicket, ResolveTicket
from application.ticket_commands.fieldwork import DeliverPart, OrderPart
from application.ticket_commands.liaison import AnswerLiaison, AskOthers
from application.ticket_commands.pairing import LinkTicket, MergeTicket, SplitTicket, UnlinkTicket
from domain.errors import InvalidValue, NotAllowed
from domain.event import id_of, type_name
from domain.ticket.events import TicketRegistered
from domain.ticket.triage_events import TicketAbsorbed
from domain.ticket.words import Channel, Counterpart, Direction, FileKind, Link, Party, Priority
from tests.application.firm import AGENT, EARLIER, MANAGER, NOW, Firm, in_the_firm, in_two_processes

WROTE = LogContact(channel=Channel.EMAIL, direction=Direction.INBOUND, party=Party.PERSON)
PHOTO = AttachFile(sha256="0" * 64, size=9, media_type="image/jpeg", name="x.jpg", kind=FileKind.PHOTO)
DUE = NOW + timedelta(days=2)


def asks(who: str) -> AskOthers:
    """Ask a department of ours."""
    return AskOthers(counterpart=Counterpart.INTERNAL, who=who, question="which batch?", due_at=DUE)


def test_both_tickets_change_in_one_append(database: Database) -> None:
    async def story(firm: Firm) -> None:
        first, second = await firm.ticket(**EARLIER), await firm.ticket()
        merged = await firm.desks.tickets.send(first.number, MergeTicket(into=second.number), AGENT)
        absorbed, ended = await firm.last(2)
        assert [type_name(each.event) for each in (absorbed, ended)] == ["ticket.absorbed", "ticket.merged"]
        assert (absorbed.stream_id, absorbed.correlation_id, absorbed.version) == (second.id, second.id, 2)
        assert absorbed.causation_id == ended.id
        assert isinstance(absorbed.event, TicketAbsorbed)
        assert absorbed.event.reported_at == NOW - timedelta(hours=2)
        assert absorbed.recorded_at == ended.recorded_at
        assert (merged.id, merged.version, merged.position) == (first.id, 2, ended.position)
        survivor = await firm.desks.tickets.streams.read(second.id)
        assert survivor is not None
        assert survivor.state.reported_at == NOW - timedelta(hours=2)

    in_the_firm(database, story)


def test_what_is_still_waited_for_goes_on_where_the_work_does(database: Database) -> None:
    async def story(firm: Firm) -> None:
        desk = firm.desks.tickets
        first, second = await firm.ticket(**EARLIER), await firm.ticket()
        for number, who in ((second.number, "研发"), (first.number, "研发"), (first.number, "宁波热能")):
            await desk.send(number, asks(who), AGENT)
        answered = AnswerLiaison(liaison=1, answer="known")
        await desk.send(first.number, answered, AGENT)
        for part in ("HE-100", "HE-200"):
            await desk.send(first.number, OrderPart(part=part, **EARLIER), AGENT)
        await desk.send(first.number, DeliverPart(order=1), AGENT)
        await desk.send(first.number, MergeTicket(into=second.number), AGENT)
        *told, ended = await firm.last(4)
        assert [type_name(each.event) for each in told] == [
            "ticket.absorbed",
            "ticket.liaison_asked",
            "ticket.part_ordered",
        ]
        assert {(each.stream_id, each.causation_id) for each in told} == {(second.id, ended.id)}
        survivor, merged = await desk.streams.read(second.id), await desk.streams.read(first.id)
        assert survivor is not None
        assert merged is not None
        liaison, order = survivor.state.liaisons[1], survivor.state.orders[0]
        assert (liaison.liaison, liaison.who, liaison.came_with) == (2, "宁波热能", first.number)
        assert (liaison.asked_at, liaison.due_at) == (NOW, DUE)
        assert (order.order, order.part, order.came_with) == (1, "HE-200", first.number)
        assert order.ordered_at == NOW - timedelta(hours=2)
        assert not any(each.is_open for each in merged.state.liaisons)
        await desk.send(second.number, AnswerLiaison(liaison=2, answer="known"), AGENT)
        await desk.send(second.number, DeliverPart(order=1), AGENT)

    in_the_firm(database, story)


def test_what_was_taken_along_names_the_ticket_that_it_was_asked_for_first(database: Database) -> None:
    async def story(firm: Firm) -> None:
        desk, tickets = firm.desks.tickets, [await firm.ticket() for _ in range(3)]
        await desk.send(tickets[0].number, asks("研发"), AGENT)
        for ended, into in [(0, 1), (1, 2)]:
            await desk.send(tickets[ended].number, MergeTicket(into=tickets[into].number), AGENT)
        last = await desk.streams.read(tickets[2].id)
        assert last is not None
        assert [each.came_with for each in last.state.liaisons] == [tickets[0].number]

    in_the_firm(database, story)


def test_a_repeated_merge_is_answered_as_the_first_was(database: Database) -> None:
    async def story(firm: Firm) -> None:
        first, second = await firm.ticket(), await firm.ticket()
        key, command = Request("li.wei", "merge-1", b"1"), MergeTicket(into=second.number)
        once = await firm.desks.tickets.send(first.number, command, AGENT, request=key)
        assert await firm.desks.tickets.send(first.number, command, AGENT, request=key) == once
        with pytest.raises(NotAllowed, match="cancelled"):
            await firm.desks.tickets.send(first.number, command, AGENT)

    in_the_firm(database, story)


def test_what_comes_later_goes_to_where_the_work_goes_on(database: Database) -> None:
    async def story(firm: Firm) -> None:
        tickets = [await firm.ticket() for _ in range(3)]
        for ended, into in [(0, 1), (1, 2)]:
            await firm.desks.tickets.send(
                tickets[ended].number, MergeTicket(into=tickets[into].number), AGENT
            )
        told = await firm.desks.tickets.send(tickets[0].number, WROTE, AGENT)
        assert (told.id, told.number) == (tickets[2].id, tickets[2].number)
        attached = [await firm.desks.tickets.attach(tickets[0].number, PHOTO, AGENT) for _ in range(2)]
        assert {each.id for each in attached} == {tickets[2].id}
        assert await firm.desks.tickets.going_on(tickets[0].number) == tickets[2].id

    in_the_firm(database, story)


def test_another_process_that_has_not_heard_of_the_merge_follows_it_too(database: Database) -> None:
    async def story(one: Firm, two: Firm) -> None:
        first, second = await one.ticket(), await one.ticket()
        await two.desks.tickets.send(first.number, WROTE, AGENT)
        await one.desks.tickets.send(first.number, MergeTicket(into=second.number), AGENT)
        assert (await two.desks.tickets.send(first.number, WROTE, AGENT)).id == second.id

    in_two_processes(database, story)


def test_two_are_never_merged_into_each_other(database: Database) -> None:
    async def story(one: Firm, two: Firm) -> None:
        for _ in range(5):
            a, b = await one.ticket(), await one.ticket()
            asked = [
                one.desks.tickets.send(a.number, MergeTicket(into=b.number), AGENT),
                two.desks.tickets.send(b.number, MergeTicket(into=a.number), AGENT),
            ]
            answers = await asyncio.gather(*asked, return_exceptions=True)
            assert sum(isinstance(answer, NotAllowed) for answer in answers) == 1, answers

    in_two_processes(database, story)


@pytest.mark.parametrize("into", ["T-2026-999999", "no number"])
def test_nothing_is_merged_into_nothing(database: Database, into: str) -> None:
    async def story(firm: Firm) -> None:
        ticket = await firm.ticket()
        with pytest.raises(InvalidValue) as refused:
            await firm.desks.tickets.send(ticket.number, MergeTicket(into=into), AGENT)
        assert refused.value.field == "/into"

    in_the_firm(database, story)


def test_a_part_becomes_a_ticket_of_its_own(database: Database) -> None:
    async def story(firm: Firm) -> None:
        ticket = await firm.ticket(**EARLIER, customer="海风酒店", asset="SN-7", priority=Priority.P2)
        await firm.desks.tickets.attach(ticket.number, PHOTO, AGENT)
        command = SplitTicket(subject="水泵有异响", files=("0" * 64,), reason="another fault")
        receipt = await firm.desks.tickets.send(ticket.number, command, AGENT, expected=2)
        begun, linked, attached, parted = await firm.last(4)
        assert (receipt.id, receipt.version, receipt.made) == (ticket.id, 3, begun.stream_id)
        assert {each.stream_id for each in (begun, linked, attached)} == {receipt.made}
        assert {each.causation_id for each in (begun, linked, attached)} == {id_of(ticket.id, 3)}
        assert parted.stream_id == ticket.id
        assert begun.act.occurred_at == NOW - timedelta(hours=2)
        assert isinstance(begun.event, TicketRegistered)
        event = begun.event
        assert (event.subject, event.customer, event.asset, event.priority) == (
            "水泵有异响",
            "海风酒店",
            "SN-7",
            Priority.P2,
        )
        assert await firm.desks.tickets.find(event.number) == receipt.made

    in_the_firm(database, story)


def test_a_split_may_be_repeated_and_must_be_right(database: Database) -> None:
    async def story(firm: Firm) -> None:
        desk, ticket = firm.desks.tickets, await firm.ticket(**EARLIER)
        key, command = Request("li.wei", "split-1", b"1"), SplitTicket(subject="noise", reason="x")
        once = await desk.send(ticket.number, command, AGENT, request=key)
        assert await desk.send(ticket.number, command, AGENT, request=key) == once
        for wrong, field in [
            (SplitTicket(subject="noise"), "/reason"),
            (SplitTicket(subject="noise", reason="x", files=("1" * 64,)), "/files/0"),
            (SplitTicket(subject="noise", reason="x", reported_at=NOW - timedelta(hours=3)), "/reported_at"),
            (SplitTicket(subject="noise", reason="x", reported_at=NOW + timedelta(hours=1)), "/reported_at"),
        ]:
            with pytest.raises(InvalidValue) as refused:
                await desk.send(ticket.number, wrong, AGENT)
            assert refused.value.field == field
        with pytest.raises(StaleVersion):
            await desk.send(ticket.number, command, AGENT, expected=1)
        with pytest.raises(Forbidden):
            await desk.send(ticket.number, command, MANAGER)
        for step in (ResolveTicket(solution="x"), CloseTicket()):
            await desk.send(ticket.number, step, AGENT)
        with pytest.raises(NotAllowed):
            await desk.send(ticket.number, command, AGENT)

    in_the_firm(database, story)


def test_a_link_is_made_once_and_taken_back(database: Database) -> None:
    async def story(firm: Firm) -> None:
        desk, one, two = firm.desks.tickets, await firm.ticket(), await firm.ticket()
        link = LinkTicket(to=two.number, link=Link.CAUSES)
        await desk.send(one.number, link, AGENT)
        for who, command in [
            (one, link),
            (one, LinkTicket(to=one.number, link=Link.RELATED)),
            (one, UnlinkTicket(to=two.number, link=Link.RELATED)),
        ]:
            with pytest.raises(InvalidValue) as refused:
                await desk.send(who.number, command, AGENT)
            assert refused.value.field == "/to"
        await desk.send(one.number, UnlinkTicket(to=two.number, link=Link.CAUSES), AGENT)
        await desk.send(one.number, link, AGENT)

    in_the_firm(database, story)
