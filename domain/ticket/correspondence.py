"""Letters in and out, and callers who become known (R01, R02)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.ticket.allowed import must_allow
from domain.ticket.events import TicketContacted
from domain.ticket.mail_events import CustomerIdentified, LetterFailed, LetterTaken, LetterWritten
from domain.ticket.state import Letter, Recipient, Ticket
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


def sent(ticket: Ticket, *, letter: int, message: str, to: Collection[str]) -> tuple[Event, ...]:
    """A mail server took a letter: the first time, that is the contact (SLA 3).

    Nothing follows of what is known.

    Args:
        ticket: the ticket.
        letter: which letter.
        message: its Message-ID.
        to: for whom it was taken.
    """
    found = _letter(ticket, letter)
    waiting = [each.address for each in found.recipients if each.is_open] if found else []
    new = tuple(address for address in waiting if address in to)
    if found is None or not new:
        return ()
    taken = LetterTaken(letter=letter, to=new)
    if found.sent_at is not None:
        return (taken,)
    contacted = TicketContacted(
        channel=Channel.EMAIL,
        direction=Direction.OUTBOUND,
        party=Party.AUTOMATIC if found.automatic else Party.PERSON,
        person=found.by,
        summary=found.subject,
        address=", ".join(new),
        message=message,
        letter=letter,
    )
    return (contacted,) if len(new) == len(found.recipients) else (taken, contacted)


def failed(
    ticket: Ticket, *, letter: int, trouble: Trouble, detail: str, address: str | None = None
) -> tuple[Event, ...]:
    """A letter did not arrive. Nothing follows when that is known, or for a letter that there is not.

    Args:
        ticket: the ticket.
        letter: which letter.
        trouble: why.
        detail: what the mail server said.
        address: with whom, as whoever says so writes it; ``None`` where he does not say.
    """
    found = _letter(ticket, letter)
    if found is None:
        return ()
    whom = _recipient(found, address)
    if (whom.failed_at if whom else found.trouble) is not None:
        return ()
    named = whom.address if whom else None
    return (LetterFailed(letter=letter, trouble=trouble, detail=detail, address=named),)


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


def _recipient(letter: Letter, address: str | None) -> Recipient | None:
    """The recipient that is meant: by his address, however it is written; the only one in any case."""
    if len(letter.recipients) == 1:
        return letter.recipients[0]
    said = (address or "").lower()
    return next((each for each in letter.recipients if each.address.lower() == said), None)


def _letter(ticket: Ticket, letter: int) -> Letter | None:
    return next((each for each in ticket.letters if each.letter == letter), None)
