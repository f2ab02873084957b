"""What is said between the customer and the service, and the letters of that."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from domain.event import Act
from domain.ticket.events import TicketContacted
from domain.ticket.evolving.step import on
from domain.ticket.mail_events import CustomerIdentified, LetterFailed, LetterTaken, LetterWritten
from domain.ticket.state import Letter, Recipient, Ticket
from domain.ticket.words import Channel, Direction, Party

THREAD = 20
"""Message-IDs that are kept of a correspondence: what mail programs look at to put a letter in its place."""


@on(TicketContacted)
def _(event: TicketContacted, ticket: Ticket, act: Act) -> Ticket:
    if event.letter is not None:
        ticket = _sent(ticket, event.letter, act.occurred_at)
    if event.party is Party.AUTOMATIC:
        return ticket
    if event.channel is Channel.EMAIL and event.direction is Direction.INBOUND:
        thread = (*ticket.thread, event.message)[-THREAD:] if event.message else ticket.thread
        ticket = replace(ticket, correspondent=event.address or ticket.correspondent, thread=thread)
    last = ticket.last_contact_at
    return replace(ticket, last_contact_at=max(last, act.occurred_at) if last else act.occurred_at)


@on(LetterWritten)
def _(event: LetterWritten, ticket: Ticket, act: Act) -> Ticket:
    letter = Letter(
        letter=event.letter,
        to=event.to,
        subject=event.subject,
        written_at=act.occurred_at,
        by=None if event.automatic else act.actor.rpartition(":")[2],
        recipients=tuple(
            Recipient(address=address, copy=address not in event.to)
            for address in dict.fromkeys((*event.to, *event.cc))
        ),
    )
    return replace(ticket, letters=(*ticket.letters, letter))


@on(LetterTaken)
def _(event: LetterTaken, ticket: Ticket, act: Act) -> Ticket:
    return _recipients(ticket, event.letter, event.to, taken_at=act.occurred_at)


@on(LetterFailed)
def _(event: LetterFailed, ticket: Ticket, act: Act) -> Ticket:
    ticket = _letter(ticket, event.letter, trouble=event.trouble)
    failed = {"failed_at": act.occurred_at, "trouble": event.trouble, "detail": event.detail}
    return _recipients(ticket, event.letter, (event.address,), **failed)


@on(CustomerIdentified)
def _(event: CustomerIdentified, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    said = {name: getattr(event, name) for name in event.__struct_fields__}
    return replace(ticket, **{name: value for name, value in said.items() if value is not None})


def _sent(ticket: Ticket, which: int, at: datetime) -> Ticket:
    """A letter is a contact: it was taken for everybody, where nothing else is known of anybody."""
    letter = next((each for each in ticket.letters if each.letter == which), None)
    if letter and not any(each.taken_at for each in letter.recipients):
        waiting = [each.address for each in letter.recipients if each.is_open]
        ticket = _recipients(ticket, which, waiting, taken_at=at)
    return _letter(ticket, which, sent_at=at)


def _recipients(ticket: Ticket, which: int, addresses: Collection[str | None], **change: Any) -> Ticket:
    letter = next((each for each in ticket.letters if each.letter == which), None)
    known = (
        replace(each, **change) if each.address in addresses else each
        for each in (letter.recipients if letter else ())
    )
    return _letter(ticket, which, recipients=tuple(known))


def _letter(ticket: Ticket, which: int, **change: Any) -> Ticket:
    letters = (replace(each, **change) if each.letter == which else each for each in ticket.letters)
    return replace(ticket, letters=tuple(letters))
