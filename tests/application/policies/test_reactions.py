"""What follows by itself when something happens to a case."""

from __future__ import annotations

import pytest

from application.database.connect import Database
from application.part_commands import IssuePart, ReturnPart
from application.ticket_commands.correspondence import AnswerQuestion, LogContact
from application.ticket_commands.course import CancelTicket, CloseTicket, ResolveTicket
from domain.contract.events import Allowances, EntitlementConsumed, EntitlementRestored
from domain.event import type_name
from domain.part.events import PartInstalled, ReservationReleased
from domain.part.words import Condition
from domain.ticket.errors import Unsettled
from domain.ticket.events import QuestionRaised, TicketContacted
from domain.ticket.words import Channel, Direction, Obstacle, Party, Reaction
from tests.application.policies.case import ON_SITE, Case, tell

USED = "contract.entitlement_consumed"
BACK = "contract.entitlement_restored"
ASKED = "ticket.question_raised"


def test_an_installed_part_is_taken_from_the_contract_as_part_of_the_case(database: Database) -> None:
    async def story(case: Case) -> None:
        contract = await case.contract()
        await case.part()
        ticket = await case.ticket()
        await case.installs(ticket.number, quantity=2)
        await case.react()
        *_, installed, used = await case.told(ticket.id)
        assert isinstance(installed.event, PartInstalled)
        assert isinstance(used.event, EntitlementConsumed)
        assert (used.stream_id, used.causation_id) == (contract.id, installed.id)
        assert (used.event.part, used.event.amount, used.event.ticket_number) == ("HE-200", 2, ticket.number)
        assert (used.act.actor, used.act.occurred_at) == ("system:reactions", installed.act.occurred_at)

    tell(database, story)


@pytest.mark.parametrize(
    ("contact", "visits"),
    [
        (ON_SITE, 1),
        (LogContact(channel=Channel.ON_SITE, direction=Direction.INBOUND, party=Party.PERSON), 0),
        (LogContact(channel=Channel.ON_SITE, direction=Direction.OUTBOUND, party=Party.AUTOMATIC), 0),
        (LogContact(channel=Channel.PHONE, direction=Direction.OUTBOUND, party=Party.PERSON), 0),
    ],
)
def test_a_person_of_ours_on_site_is_a_visit(database: Database, contact: LogContact, visits: int) -> None:
    async def story(case: Case) -> None:
        await case.contract()
        ticket = await case.ticket()
        await case.ask(ticket.number, contact)
        await case.react()
        assert (await case.types(ticket.id)).count(USED) == visits

    tell(database, story)


def test_a_visit_is_counted_once_a_day_however_often_somebody_speaks(database: Database) -> None:
    async def story(case: Case) -> None:
        await case.contract()
        ticket = await case.ticket()
        await case.ask(ticket.number, ON_SITE, ON_SITE)
        case.passes(days=1)
        await case.ask(ticket.number, ON_SITE)
        await case.react()
        used = [fact.event for fact in await case.told(ticket.id) if type_name(fact.event) == USED]
        assert [event.amount for event in used if isinstance(event, EntitlementConsumed)] == [1, 1]

    tell(database, story)


def test_without_a_contract_nothing_follows(database: Database) -> None:
    async def story(case: Case) -> None:
        await case.contract("SN-9")
        await case.part()
        ticket = await case.ticket()
        await case.ask(ticket.number, ON_SITE)
        await case.installs(ticket.number)
        await case.react()
        assert {USED, ASKED}.isdisjoint(await case.types(ticket.id))

    tell(database, story)


def test_what_the_contract_has_no_more_becomes_a_question_that_keeps_the_ticket_open(
    database: Database,
) -> None:
    async def story(case: Case) -> None:
        contract = await case.contract(allowances=Allowances(parts=1))
        await case.part()
        ticket = await case.ticket()
        await case.installs(ticket.number, quantity=2)
        await case.react()
        *_, installed, asked = await case.told(ticket.id)
        assert isinstance(asked.event, QuestionRaised)
        assert (asked.causation_id, asked.event.subject) == (installed.id, contract.number)
        assert (asked.event.reaction, asked.event.obstacle) == (Reaction.COUNT_PART, Obstacle.EXHAUSTED)
        await case.ask(ticket.number, ResolveTicket(solution="更换"))
        with pytest.raises(Unsettled) as refusal:
            await case.ask(ticket.number, CloseTicket())
        assert (refusal.value.parts, refusal.value.questions) == ({}, 1)
        answer = AnswerQuestion(question=asked.event.question, answer="billed apart")
        await case.ask(ticket.number, answer, CloseTicket())
        assert (await case.types(ticket.id))[-2:] == ["ticket.question_answered", "ticket.closed"]

    tell(database, story)


def test_a_part_in_an_asset_that_the_contract_does_not_name_becomes_a_question(database: Database) -> None:
    async def story(case: Case) -> None:
        await case.contract("SN-7")
        await case.part()
        ticket = await case.ticket("SN-7")
        await case.installs(ticket.number)
        await case.react()
        asked = (await case.told(ticket.id))[-1].event
        assert isinstance(asked, QuestionRaised)
        assert asked.obstacle is Obstacle.NOT_COVERED

    tell(database, story)


@pytest.mark.parametrize("end", [CloseTicket(), CancelTicket(reason="reported twice")])
def test_a_ticket_that_ends_gives_up_what_is_reserved_for_it_and_for_nobody_else(
    database: Database, end: CloseTicket | CancelTicket
) -> None:
    async def story(case: Case) -> None:
        await case.part("A")
        await case.part("B")
        ticket, other = await case.ticket(), await case.ticket()
        first = await case.reserves(ticket.number, "A", 2)
        second = await case.reserves(ticket.number, "B", 1)
        third = await case.reserves(ticket.number, "A", 1)
        await case.reserves(other.number, "A", 1)
        if isinstance(end, CloseTicket):
            await case.ask(ticket.number, ResolveTicket(solution="x"))
        ended = await case.ask(ticket.number, end)
        await case.react()
        released = [fact for fact in await case.told(ticket.id) if fact.position > ended.position]
        assert {
            fact.event.reservation for fact in released if isinstance(fact.event, ReservationReleased)
        } == {
            first,
            second,
            third,
        }
        assert len(released) == 3
        assert len(await case.told(other.id)) == 2

    tell(database, story)


def test_a_cancelled_ticket_gives_back_what_it_took(database: Database) -> None:
    async def story(case: Case) -> None:
        contract = await case.contract()
        ticket = await case.ticket()
        await case.ask(ticket.number, ON_SITE)
        await case.react()
        await case.ask(ticket.number, CancelTicket(reason="reported twice"))
        await case.react()
        cancelled, back = (await case.told(ticket.id))[-2:]
        assert isinstance(back.event, EntitlementRestored)
        assert (back.stream_id, back.causation_id) == (contract.id, cancelled.id)
        assert (back.event.amount, back.event.ticket_number) == (1, ticket.number)

    tell(database, story)


def test_a_reaction_acts_once_however_many_workers_come(database: Database) -> None:
    async def story(case: Case) -> None:
        await case.contract()
        await case.part()
        ticket = await case.ticket()
        await case.ask(ticket.number, ON_SITE)
        await case.installs(ticket.number)
        for _ in range(3):
            await case.react()
        head = await case.log.head()
        await case.react()
        assert await case.log.head() == head
        assert (await case.types(ticket.id)).count(USED) == 2

    tell(database, story)


def test_a_returned_part_is_not_taken_from_the_contract(database: Database) -> None:
    async def story(case: Case) -> None:
        await case.contract()
        await case.part()
        ticket = await case.ticket()
        await case.installs(ticket.number, quantity=1)
        await case.reserves(ticket.number)
        await case.ask("HE-200", IssuePart(location="MAIN", ticket=ticket.number, quantity=1))
        back = ReturnPart(location="MAIN", ticket=ticket.number, quantity=1, condition=Condition.GOOD)
        await case.ask("HE-200", back)
        await case.react()
        assert (await case.types(ticket.id)).count(USED) == 1

    tell(database, story)


def test_the_contact_that_caused_a_visit_is_named(database: Database) -> None:
    async def story(case: Case) -> None:
        await case.contract()
        ticket = await case.ticket()
        await case.ask(ticket.number, ON_SITE)
        await case.react()
        facts = {fact.id: fact for fact in await case.told(ticket.id)}
        used = next(fact for fact in facts.values() if isinstance(fact.event, EntitlementConsumed))
        assert used.causation_id
        assert isinstance(facts[used.causation_id].event, TicketContacted)

    tell(database, story)
