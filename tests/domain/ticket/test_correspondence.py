"""Letters to the customer, and callers who become known (R01, R02, SLA 3)."""

from __future__ import annotations

import pytest

from domain.errors import InvalidValue
from domain.event import Event
from domain.ticket import correspondence
from domain.ticket.events import TicketContacted
from domain.ticket.evolution import evolve
from domain.ticket.mail_events import CustomerIdentified, LetterFailed, LetterTaken, LetterWritten
from domain.ticket.state import Ticket
from domain.ticket.words import Channel, Direction, Party, Trouble
from tests.domain.story import Happening, at, happened, registered
from tests.domain.ticket.story import given

CHEN, WANG = "chen@hotel.example", "wang@hotel.example"
WROTE = TicketContacted(
    channel=Channel.EMAIL,
    direction=Direction.INBOUND,
    party=Party.PERSON,
    address="chen@hotel.example",
    message="first@hotel.example",
)


def written(when: str, *, automatic: bool = False, letter: int = 1, cc: tuple[str, ...] = ()) -> Happening:
    """A letter was written."""
    event = LetterWritten(
        letter=letter,
        mailbox="support",
        to=(CHEN,),
        cc=cc,
        subject="冷水",
        text="x",
        automatic=automatic,
    )
    return happened(event, when)


def test_a_letter_goes_to_whoever_wrote_last_and_into_the_same_thread() -> None:
    answer = given(registered("09:00"), happened(WROTE, "09:10")).when(
        "write", mailbox="support", to=(), text="x"
    )
    after = answer.then(
        LetterWritten(
            letter=1,
            mailbox="support",
            to=("chen@hotel.example",),
            subject="冷水",
            text="x",
            answers=("first@hotel.example",),
        )
    )
    [letter] = after.letters
    assert (letter.by, letter.written_at, letter.sent_at) == ("li.wei", at("10:00"), None)


def test_without_an_address_nobody_is_written_to() -> None:
    given(registered("09:00")).when("write", mailbox="support", to=(), text="x").refused(InvalidValue, "/to")


@pytest.mark.parametrize(("automatic", "party"), [(False, Party.PERSON), (True, Party.AUTOMATIC)])
def test_a_letter_is_a_contact_once_a_mail_server_has_taken_it(automatic: bool, party: Party) -> None:
    ticket = given(registered("09:00"), written("09:10", automatic=automatic)).ticket
    [contact] = correspondence.sent(ticket, letter=1, message="T-1.1@firm.example", to=[CHEN])
    assert isinstance(contact, TicketContacted)
    assert (contact.party, contact.person) == (party, None if automatic else "li.wei")
    event, act = happened(contact, "09:30")
    after = evolve(event, ticket, act)
    assert after.letters[0].sent_at == at("09:30")
    assert after.last_contact_at == (None if automatic else at("09:30"))
    assert correspondence.sent(after, letter=1, message="T-1.1@firm.example", to=[CHEN]) == ()


def test_a_letter_fails_once_and_one_that_there_is_not_never() -> None:
    ticket = given(registered("09:00"), written("09:10")).ticket
    [failed] = correspondence.failed(ticket, letter=1, trouble=Trouble.REFUSED, detail="550 no such user")
    assert failed == LetterFailed(letter=1, trouble=Trouble.REFUSED, detail="550 no such user", address=CHEN)
    event, act = happened(failed, "09:20")
    after = evolve(event, ticket, act)
    assert after.letters[0].trouble is Trouble.REFUSED
    for letter in (1, 2):
        assert correspondence.failed(after, letter=letter, trouble=Trouble.BOUNCED, detail="x") == ()
    assert correspondence.sent(after, letter=1, message="m", to=[CHEN]) == ()


def told(ticket: Ticket, event: Event, when: str) -> Ticket:
    """A ticket once something more is known."""
    return evolve(event, ticket, happened(event, when)[1])


def test_of_a_letter_to_several_it_is_known_what_became_of_it_with_each() -> None:
    ticket = given(registered("09:00"), written("09:10", cc=(WANG,))).ticket
    taken, contact = correspondence.sent(ticket, letter=1, message="m", to=[CHEN])
    assert taken == LetterTaken(letter=1, to=(CHEN,))
    assert isinstance(contact, TicketContacted)
    assert contact.address == CHEN
    ticket = told(told(ticket, taken, "09:20"), contact, "09:20")
    chen, wang = ticket.letters[0].recipients
    assert (chen.taken_at, wang.is_open, wang.copy) == (at("09:20"), True, True)

    later = correspondence.sent(ticket, letter=1, message="m", to=[CHEN, WANG])
    assert later == (LetterTaken(letter=1, to=(WANG,)),)
    ticket = told(ticket, later[0], "09:40")
    assert [each.taken_at for each in ticket.letters[0].recipients] == [at("09:20"), at("09:40")]
    assert ticket.letters[0].sent_at == at("09:20")

    for address, when in ((WANG.upper(), "10:00"), (CHEN, "11:00")):
        [failed] = correspondence.failed(
            ticket, letter=1, trouble=Trouble.BOUNCED, detail=f"full at {when}", address=address
        )
        ticket = told(ticket, failed, when)
    chen, wang = ticket.letters[0].recipients
    assert (chen.failed_at, chen.detail, chen.taken_at) == (at("11:00"), "full at 11:00", at("09:20"))
    assert (wang.failed_at, wang.detail) == (at("10:00"), "full at 10:00")
    again = {"letter": 1, "trouble": Trouble.BOUNCED, "detail": "x"}
    for address in (CHEN, WANG, None):
        assert correspondence.failed(ticket, **again, address=address) == ()


def test_a_letter_that_is_taken_for_all_at_once_is_a_contact_and_no_more_is_said() -> None:
    ticket = given(registered("09:00"), written("09:10", cc=(WANG,))).ticket
    [contact] = correspondence.sent(ticket, letter=1, message="m", to=[CHEN, WANG])
    ticket = told(ticket, contact, "09:20")
    assert [each.taken_at for each in ticket.letters[0].recipients] == [at("09:20")] * 2


def test_a_letter_to_several_that_comes_back_from_nobody_says_so_once() -> None:
    ticket = given(registered("09:00"), written("09:10", cc=(WANG,))).ticket
    [failed] = correspondence.failed(ticket, letter=1, trouble=Trouble.BOUNCED, detail="x")
    assert isinstance(failed, LetterFailed)
    ticket = told(ticket, failed, "09:30")
    assert (failed.address, ticket.letters[0].trouble) == (None, Trouble.BOUNCED)
    assert [each.failed_at for each in ticket.letters[0].recipients] == [None, None]
    assert correspondence.failed(ticket, letter=1, trouble=Trouble.BOUNCED, detail="x") == ()


def test_what_a_machine_writes_is_not_answered_and_is_no_contact() -> None:
    away = TicketContacted(
        channel=Channel.EMAIL,
        direction=Direction.INBOUND,
        party=Party.AUTOMATIC,
        address="robot@x",
        message="m",
    )
    ticket = given(registered("09:00"), happened(away, "09:10")).ticket
    assert (ticket.correspondent, ticket.thread, ticket.last_contact_at) == (None, (), None)


def test_an_unknown_caller_becomes_known_and_what_is_left_out_stays() -> None:
    answer = given(registered("09:00")).when("identify", customer="海风酒店", asset="WH-2024-00117")
    ticket = answer.then(CustomerIdentified(customer="海风酒店", asset="WH-2024-00117"))
    assert (ticket.customer, ticket.asset, ticket.subject) == ("海风酒店", "WH-2024-00117", "冷水")
    again = given(registered("09:00"), happened(answer.events[0], "09:10"))
    again.when("identify", customer="海风酒店").refused(InvalidValue, "/customer")
