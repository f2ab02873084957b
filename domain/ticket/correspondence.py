"""Letters in and out, and callers who become known (R01, R02)."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.ticket.allowed import must_allow
from domain.ticket.events import TicketContacted
from domain.ticket.mail_events import CustomerIdentified, LetterFailed, LetterWritten
from domain.ticket.state import Letter, Ticket
from domain.ticket.words import Channel, Direction, Party, Trouble


def write(
    ticket: Ticket,
    *,
    mailbox: str,
    to: Sequence[str],
    text: str,
    subject: str | None = None,
    cc: Sequence[str] = (),
    automatic: bool = False,
    by: Act,
) -> tuple[Event, ...]:
    """Write to the customer; it goes out under the ticket's number, so that the answer finds its way back.

    Raises:
        InvalidValue: there is nobody to write to.
    """
    must_allow(ticket, "write", by)
    to = tuple(to) or ((ticket.correspondent,) if ticket.correspondent else ())
    if not to:
        raise InvalidValue(f"{ticket.number} names no address to write to", field="/to")
    written = LetterWritten(
        letter=len(ticket.letters) + 1,
        mailbox=mailbox,
        to=to,
        subject=subject or ticket.subject,
        text=text,
        cc=tuple(cc),
        answers=ticket.thread,
        automatic=automatic,
    )
    return (written,)


def sent(ticket: Ticket, *, letter: int, message: str) -> tuple[Event, ...]:
    """A mail server took a letter: that is the contact (SLA 3). Nothing follows when it was said before.

    Args:
        ticket: the ticket.
        letter: which letter.
        message: its Message-ID.
    """
    found = _letter(ticket, letter)
    if found is None or found.sent_at is not None or found.trouble is not None:
        return ()
    contacted = TicketContacted(
        channel=Channel.EMAIL,
        direction=Direction.OUTBOUND,
        party=Party.AUTOMATIC if found.automatic else Party.PERSON,
        person=found.by,
        summary=found.subject,
        address=", ".join(found.to),
        message=message,
        letter=letter,
    )
    return (contacted,)


def failed(ticket: Ticket, *, letter: int, trouble: Trouble, detail: str) -> tuple[Event, ...]:
    """A letter did not arrive. Nothing follows when that is known, or for a letter that there is not."""
    found = _letter(ticket, letter)
    if found is None or found.trouble is not None:
        return ()
    return (LetterFailed(letter=letter, trouble=trouble, detail=detail),)


def identify(
    ticket: Ticket,
    *,
    customer: str,
    contact: str | None = None,
    site: str | None = None,
    product: str | None = None,
    asset: str | None = None,
    by: Act,
) -> tuple[Event, ...]:
    """Say who an unknown caller is (R02). The promises stay those that were pinned (SLA 8).

    Raises:
        InvalidValue: nothing of it is new.
    """
    must_allow(ticket, "identify", by)
    said = {"customer": customer, "contact": contact, "site": site, "product": product, "asset": asset}
    if all(value in {None, getattr(ticket, name)} for name, value in said.items()):
        raise InvalidValue(f"{ticket.number} says so already", field="/customer")
    identified = CustomerIdentified(
        customer=customer, contact=contact, site=site, product=product, asset=asset
    )
    return (identified,)


def _letter(ticket: Ticket, letter: int) -> Letter | None:
    return next((each for each in ticket.letters if each.letter == letter), None)
