"""What becomes of a mail that came in: a ticket, a contact on one, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from application.files.store import Files
from application.log.append import Request
from application.log.errors import NameTaken
from application.log.event_log import EventLog
from application.mail.enclosures import enclosed
from application.mail.letter import Kind, Letter
from application.mail.mailboxes import Mailbox
from application.mail.threading import name_of, own_letter, ticket_of
from application.ticket_commands.intake import RegisterTicket
from application.tickets.desk import TicketDesk
from domain.event import Act, Event
from domain.ticket import correspondence, decisions
from domain.ticket.events import TicketAssigned, TicketContacted
from domain.ticket.filing import shown
from domain.ticket.mail_events import LetterWritten, MailCut
from domain.ticket.state import Ticket
from domain.ticket.words import Channel, Direction, Party, Trouble

ACKNOWLEDGED = {
    "zh": (
        "已收到您的来信",
        "您好，\n\n您的来信已登记，我们会尽快与您联系。回复本邮件即可补充说明。\n\n{title}",
    ),
    "en": (
        "We have your message",
        "Hello,\n\nyour message is registered, and we will come back to you soon. "
        "Reply to this mail to add to it.\n\n{title}",
    ),
}


class Fate(StrEnum):
    """What became of a mail."""

    OPENED = "opened"
    """A ticket began with it."""
    ADDED = "added"
    """It is a contact on a ticket."""
    AUTOMATIC = "automatic"
    """It is on a ticket, and counts as nobody's contact (SLA 3)."""
    BOUNCED = "bounced"
    """A letter of ours came back, which stands on its ticket."""
    REPEATED = "repeated"
    """It is on a ticket already: it came to two mailboxes, or was looked at twice."""
    LEFT = "left"
    """Nothing is to be done: a machine wrote, of no ticket, or one sender too often. It stays where it is."""
    SET_ASIDE = "set_aside"
    """It could not be taken in, and waits for somebody to look at it."""
    DISMISSED = "dismissed"
    """It had been set aside, and somebody decided that nothing becomes of it."""


class Taken(msgspec.Struct, frozen=True):
    """What became of a mail, and of which ticket it is."""

    fate: Fate
    ticket: UUID | None = None
    why: str | None = None


class Intake:
    """Takes mails in.

    Args:
        log: the event log.
        desk: where tickets are.
        files: where what is enclosed is kept.
        ours: the addresses of all mailboxes: what comes from there is our own.
    """

    def __init__(self, log: EventLog, desk: TicketDesk, files: Files, ours: Sequence[str]) -> None:
        self._log = log
        self._desk = desk
        self._files = files
        self._ours = frozenset(address.lower() for address in ours)

    async def take(
        self, letter: Letter, mailbox: Mailbox, arrived_at: datetime, *, opened_lately: int = 0
    ) -> Taken:
        """Record a mail, once: the log knows it by its Message-ID.

        Args:
            letter: the mail.
            mailbox: where it came to.
            arrived_at: when: the customer reported then, whatever the date in the mail says (SLA 2).
            opened_lately: tickets that its sender began in the last hour.

        Raises:
            DomainError: the rules refuse it; nothing was recorded.
            LogUnavailable: the database does not answer; nothing was recorded.
        """
        if known := await self._log.find(name_of(letter.message)):
            return Taken(Fate.REPEATED, known)
        act = Act(actor=f"mailbox:{mailbox.name}", occurred_at=arrived_at)
        if letter.kind is Kind.BOUNCE:
            return await self._bounced(letter, act)
        ticket = await ticket_of(letter, self._log)
        if ticket is not None:
            ticket = await self._desk.going_on(str(ticket))
        why = self._nothing(letter, mailbox, ticket, opened_lately)
        if why is not None:
            return Taken(Fate.LEFT, ticket, why)
        if ticket is None:
            return await self._opened(letter, mailbox, act)
        return await self._added(letter, mailbox, ticket, await self._not_before(ticket, act))

    async def _not_before(self, ticket: UUID, act: Act) -> Act:
        """When a mail came to a ticket: not before the ticket was there, though it may have arrived earlier.

        Mail servers count in whole seconds, and people copy old mails into a mailbox.
        """
        held = await self._desk.streams.read(ticket)
        if held is None or act.occurred_at >= held.state.reported_at:
            return act
        return msgspec.structs.replace(act, occurred_at=held.state.reported_at)

    def _nothing(
        self, letter: Letter, mailbox: Mailbox, ticket: UUID | None, opened_lately: int
    ) -> str | None:
        """Why a mail is not taken in; ``None`` when it is. This is where loops end."""
        if letter.sender in self._ours or own_letter(letter.message):
            return "it is our own"
        if ticket is None and letter.kind is Kind.AUTOMATIC:
            return "a machine wrote it, about no ticket"
        if ticket is None and opened_lately >= mailbox.most_an_hour:
            return f"its sender began {opened_lately} tickets within an hour"
        return None

    async def _bounced(self, letter: Letter, act: Act) -> Taken:
        """A letter of ours came back: its ticket says so, and nobody counts it as a contact."""
        own = own_letter(letter.returned or "") or next(filter(None, map(own_letter, letter.answers)), None)
        ticket = await self._log.find(own[0]) if own else None
        if own is None or ticket is None:
            return Taken(Fate.LEFT, why="it returns nothing that we wrote")
        if not letter.failures:
            return Taken(Fate.LEFT, ticket, "it says that a letter of ours is late, or has arrived")

        def follows(state: Ticket) -> Sequence[Event]:
            return [
                event
                for each in letter.failures
                for event in correspondence.failed(
                    state, letter=own[1], trouble=Trouble.BOUNCED, detail=each.said, address=each.address
                )
            ]

        recorded = await self._desk.add(ticket, follows, await self._not_before(ticket, act))
        return Taken(Fate.BOUNCED if recorded else Fate.REPEATED, ticket)

    async def _added(self, letter: Letter, mailbox: Mailbox, ticket: UUID, act: Act) -> Taken:
        files = await enclosed(self._log, self._files, letter)
        contact = _contact(letter)

        def follows(state: Ticket) -> Sequence[Event]:
            if letter.message in state.thread:
                return ()
            said = decisions.contact(state, **contact, by=act)
            new = (file for file in files if shown(state, file.sha256) is None)
            return (*said, *new, *_cut(letter, mailbox))

        fate = Fate.ADDED if letter.kind is Kind.PERSON else Fate.AUTOMATIC
        try:
            name = name_of(letter.message)
            # By its name alone a mail that comes twice at the same moment would stand on its ticket twice.
            once = Request("mail", name, sha256(name.encode()).digest())
            recorded = await self._desk.add(ticket, follows, act, request=once, names=(name,))
        except NameTaken as taken:
            return Taken(Fate.REPEATED, taken.stream_id)
        return Taken(fate if recorded else Fate.REPEATED, recorded.id if recorded else ticket)

    async def _opened(self, letter: Letter, mailbox: Mailbox, act: Act) -> Taken:
        files = await enclosed(self._log, self._files, letter)
        command = RegisterTicket(
            subject=letter.subject or "(no subject)",
            priority=mailbox.priority,
            description=letter.text or None,
            contact=_who(letter)[:200],
            channel=Channel.EMAIL,
        )
        then: list[Event] = [TicketContacted(**_contact(letter)), *files, *_cut(letter, mailbox)]
        if mailbox.team:
            then.append(TicketAssigned(team=mailbox.team))
        if mailbox.acknowledge and letter.sender:
            then.append(_acknowledgement(letter, mailbox))
        try:
            receipt = await self._desk.open(command, act, names=(name_of(letter.message),), then=then)
        except NameTaken as taken:
            return Taken(Fate.REPEATED, taken.stream_id)
        return Taken(Fate.OPENED, receipt.id)


def _contact(letter: Letter) -> dict[str, Any]:
    """What a mail is as a contact (R01); a machine's is nobody's (SLA 3)."""
    return {
        "channel": Channel.EMAIL,
        "direction": Direction.INBOUND,
        "party": Party.PERSON if letter.kind is Kind.PERSON else Party.AUTOMATIC,
        "person": letter.name[:200] or None,
        "summary": letter.text or None,
        "address": letter.sender or None,
        "subject": letter.subject or None,
        "message": letter.message,
    }


def _cut(letter: Letter, mailbox: Mailbox) -> tuple[MailCut, ...]:
    """That a mail is not here whole, and where the rest is."""
    if not letter.size:
        return ()
    cut = MailCut(
        mailbox=mailbox.name,
        message=letter.message,
        size=letter.size,
        taken=len(letter.raw),
        broken=letter.broken,
    )
    return (cut,)


def _who(letter: Letter) -> str:
    named = letter.name != letter.sender
    return f"{letter.name} <{letter.sender}>" if named else letter.sender


def _acknowledgement(letter: Letter, mailbox: Mailbox) -> LetterWritten:
    """What whoever begins a ticket is told by itself. No machine is, so none answers (RFC 3834)."""
    subject, text = ACKNOWLEDGED[mailbox.language]
    return LetterWritten(
        letter=1,
        mailbox=mailbox.name,
        to=(letter.sender,),
        subject=f"{subject}: {letter.subject}"[:300],
        text=text.format(title=mailbox.title or mailbox.address),
        answers=(letter.message,),
        automatic=True,
    )
