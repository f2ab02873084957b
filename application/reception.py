"""Where customers come in by themselves: a form on a web page, a chat (R01)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from application.access import Caller, Permission
from application.commands import Command, Line, Name, Text
from application.desk import Receipt
from application.files.handing_in import HandedInFiles, attached
from application.files.store import Files
from application.log.append import Request
from application.log.errors import NameTaken
from application.log.event_log import EventLog
from application.ticket_commands.intake import RegisterTicket
from application.ticket_commands.shapes import MailAddress
from application.tickets.desk import TicketDesk
from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.ticket import decisions
from domain.ticket.care_events import ComplaintMade
from domain.ticket.events import TicketContacted
from domain.ticket.file_events import FileAttached
from domain.ticket.filing import shown
from domain.ticket.state import Ticket
from domain.ticket.words import Channel, Direction, Party

Key = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:-]+$")]
"""What a chat program calls a conversation or a message."""
TRIES = 3


class Author(StrEnum):
    """Who wrote a chat message."""

    CUSTOMER = "customer"
    AGENT = "agent"
    """A person of ours: the first such message is the first response (SLA 3)."""
    BOT = "bot"
    """A machine of ours, which is never a response."""


class HandInForm(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hand in what a customer wrote on a web page: a ticket begins, for whoever that is (R01, R02)."""

    action: ClassVar[str] = "hand-in"
    needs: ClassVar[Permission] = Permission.INTAKE

    subject: Line
    text: Text
    name: Name | None = None
    email: MailAddress | None = None
    phone: Name | None = None
    customer: Name | None = None
    site: Name | None = None
    product: Name | None = None
    asset: Name | None = None
    complaint: bool = False
    files: HandedInFiles = ()


class SayInChat(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hand in one chat message; the customer's first one begins a ticket (R01).

    ``id`` is what the chat program calls the message: the same one is recorded once. A message has a text, or
    files, or both.
    """

    action: ClassVar[str] = "say"
    needs: ClassVar[Permission] = Permission.INTAKE

    id: Key
    author: Author
    text: Text | None = None
    person: Name | None = None
    customer: Name | None = None
    product: Name | None = None
    asset: Name | None = None
    files: HandedInFiles = ()


class Reception:
    """Takes in what customers write.

    Args:
        log: the event log.
        tickets: the service desk.
        files: where what comes along is kept.
    """

    def __init__(self, log: EventLog, tickets: TicketDesk, files: Files) -> None:
        self._log = log
        self._tickets = tickets
        self._files = files

    async def hand_in(self, form: HandInForm, caller: Caller, request: Request | None = None) -> Receipt:
        """Begin a ticket with what a web form says.

        Raises:
            Forbidden: the caller may not.
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """
        act = await self._tickets.let_in(form, caller, request)
        if isinstance(act, Receipt):
            return act
        files = await attached(self._files, form.files, caller.token_id)
        address = form.email or form.phone
        contacted = TicketContacted(
            channel=Channel.WEB,
            direction=Direction.INBOUND,
            party=Party.PERSON,
            person=form.name,
            summary=form.text,
            address=address,
        )
        then: list[Event] = [contacted, *files]
        if form.complaint:
            then.append(ComplaintMade(complaint=1, text=form.text))
        contact = ", ".join(filter(None, (form.name, form.email, form.phone)))[:200]
        command = RegisterTicket(
            subject=form.subject,
            description=form.text,
            channel=Channel.WEB,
            contact=contact or None,
            customer=form.customer,
            site=form.site,
            product=form.product,
            asset=form.asset,
        )
        return await self._tickets.open(command, act, request, then=then)

    async def send(
        self,
        reference: str,
        command: SayInChat,
        caller: Caller,
        *,
        expected: int | None = None,
        request: Request | None = None,
    ) -> Receipt:
        """Record a chat message on the ticket of its conversation, which ``reference`` names.

        Raises:
            Forbidden: the caller may not.
            InvalidValue: it says nothing, a file was never sent, somebody but the customer begins a
                conversation, or a version is named, which none has.
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """
        act = await self._tickets.let_in(command, caller, request)
        if isinstance(act, Receipt):
            return act
        if expected is not None:
            raise InvalidValue("a conversation has no version: leave If-Match out")
        if command.text is None and not command.files:
            raise InvalidValue("a message has a text, or files", field="/text")
        files = await attached(self._files, command.files, caller.token_id)
        whole, one = f"chat:{reference}", f"chat:{reference}/{command.id}"
        for _ in range(TRIES):
            known = await self._log.known([whole, one])
            if one in known:
                return await self._tickets.receipt_of(known[one], lambda event: _says(event, command.id))
            try:
                if whole in known:
                    recorded = await self._tickets.add(
                        known[whole],
                        _follows(command, files, act),
                        act,
                        request=request or _once(one, command),
                        names=(one,),
                    )
                    if recorded:
                        return recorded
                else:
                    return await self._begun(command, files, act, request, (whole, one))
            except NameTaken:
                continue  # the same conversation, or message, came at the same moment
        raise AssertionError("unreachable")

    async def _begun(
        self,
        message: SayInChat,
        files: Sequence[FileAttached],
        act: Act,
        request: Request | None,
        names: Sequence[str],
    ) -> Receipt:
        if message.author is not Author.CUSTOMER:
            raise InvalidValue("a conversation begins with what the customer says", field="/author")
        command = RegisterTicket(
            subject=" ".join((message.text or message.files[0].name).split())[:100],
            description=message.text,
            channel=Channel.CHAT,
            contact=message.person,
            customer=message.customer,
            product=message.product,
            asset=message.asset,
        )
        then = [TicketContacted(**_contact(message)), *files]
        return await self._tickets.open(command, act, request, names=names, then=then)


def _follows(
    message: SayInChat, files: Sequence[FileAttached], act: Act
) -> Callable[[Ticket], Sequence[Event]]:
    def follows(ticket: Ticket) -> Sequence[Event]:
        new = (file for file in files if shown(ticket, file.sha256) is None)
        return (*decisions.contact(ticket, **_contact(message), by=act), *new)

    return follows


def _contact(message: SayInChat) -> dict[str, Any]:
    """What a chat message is as a contact. What a customer types waits for an answer (SLA 3)."""
    return {
        "channel": Channel.CHAT,
        "direction": Direction.INBOUND if message.author is Author.CUSTOMER else Direction.OUTBOUND,
        "party": Party.AUTOMATIC if message.author is Author.BOT else Party.PERSON,
        "person": message.person,
        "summary": message.text,
        "message": message.id,
    }


def _once(name: str, message: SayInChat) -> Request:
    """By its name alone a message that comes twice at once would stand on its ticket twice."""
    said = "\n".join((message.text or "", *(file.sha256 for file in message.files)))
    return Request("chat", name, sha256(said.encode()).digest())


def _says(event: Event, message: str) -> bool:
    return isinstance(event, TicketContacted) and event.message == message
