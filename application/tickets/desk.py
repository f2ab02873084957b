"""What a person may ask of tickets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

import msgspec

from application.access import Caller
from application.book import Book
from application.choosing import DEFAULT_PLAN, Choosing
from application.desk import NotFound, Receipt, wall_clock
from application.ids import uuid7
from application.log.append import Request
from application.log.event_log import EventLog
from application.streams import Decided, Held, Streams, decided_again, must_be_at
from application.ticket_commands.correspondence import AttachFile, LogContact, WriteLetter
from application.ticket_commands.course import CancelTicket
from application.ticket_commands.pairing import SplitTicket
from application.ticket_commands.shapes import TicketAction
from application.tickets import pairs
from application.tickets.deciding import Deciding
from application.tickets.drafting import Drafting
from application.tickets.intake import Intake
from domain.contract.state import Contract
from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.ticket.decisions import REVIEW_WITHIN
from domain.ticket.file_events import FileAttached
from domain.ticket.pairing import split
from domain.ticket.state import Ticket
from domain.ticket.triage_events import TicketSplit

FOLLOWING = (LogContact, AttachFile)
"""What comes for a ticket that was merged and belongs to where the work goes on."""


class _GoesOn(Exception):
    """The ticket was merged: the work goes on in another."""

    def __init__(self, into: UUID) -> None:
        super().__init__(str(into))
        self.into = into


class TicketDesk(Intake):
    """The service desk.

    Args:
        log: the event log.
        streams: the tickets.
        contracts: the contracts that a ticket may fall under.
        book: what new tickets can be promised, and what they are sorted by.
        time_zone: where the firm is.
        default_plan: what a ticket pins that names no plan and falls under no contract.
        mailboxes: those that letters can go out from, by name.
        review_within: how long after its beginning a wait is looked at again, where nobody says when.
        now: the clock.
    """

    makes: ClassVar[dict[type[Event], str]] = {TicketSplit: "ticket"}

    def __init__(
        self,
        log: EventLog,
        streams: Streams[Ticket],
        contracts: Streams[Contract],
        book: Book,
        *,
        time_zone: str,
        default_plan: str = DEFAULT_PLAN,
        mailboxes: Sequence[str] = (),
        review_within: timedelta = REVIEW_WITHIN,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        drafting = Drafting(Choosing(log, contracts, book, usual=default_plan), book)
        super().__init__(log, streams, drafting, time_zone=time_zone, now=now)
        self.deciding = Deciding(log, book, self.at, self._today, review_within)
        self._mailboxes = tuple(mailboxes)

    async def attach(
        self, reference: str, command: AttachFile, caller: Caller, request: Request | None = None
    ) -> Receipt:
        """Attach a file whose content is kept; the receipt says where the ticket has it from (R02).

        Raises:
            NotFound: there is no such ticket.
            Forbidden: the caller may not work.
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """
        try:
            return await self.send(reference, command, caller, request=request)
        except NotFound:
            facts = await self.facts(str(await self.going_on(reference)))
            same = (f for f in facts if getattr(f.event, "sha256", None) == command.sha256)
            attached = [fact for fact in same if isinstance(fact.event, FileAttached)]
            if not attached:
                raise
            return self._standing(facts, attached[-1])

    async def send(
        self,
        reference: str,
        command: TicketAction,
        caller: Caller,
        *,
        expected: int | None = None,
        request: Request | None = None,
    ) -> Receipt:
        """Ask something of a ticket; what comes for one that was merged goes to where the work goes on.

        Raises:
            See ``Desk.send``.
        """
        if isinstance(command, SplitTicket):
            return await self._split(reference, command, caller, expected=expected, request=request)
        try:
            return await super().send(reference, command, caller, expected=expected, request=request)
        except _GoesOn as merged:
            return await self.send(str(merged.into), command, caller, request=request)

    async def _split(
        self,
        reference: str,
        command: SplitTicket,
        caller: Caller,
        *,
        expected: int | None,
        request: Request | None,
    ) -> Receipt:
        """A new ticket for a part of this one: both in one append, so that none is without the other."""
        if before := await self._before(command, caller, request):
            return before
        by = self._act(command, caller)
        ticket_id = await self.find(reference)

        async def attempt(_: bool) -> Receipt:
            held = await self.streams.read(ticket_id)
            if held is None:
                raise NotFound(f"there is no ticket {reference}")
            must_be_at(expected, held.version)
            return await self._apart(held, command, by, request)

        return await decided_again(attempt)

    async def _apart(
        self, held: Held[Ticket], command: SplitTicket, by: Act, request: Request | None
    ) -> Receipt:
        ticket, new = held.state, uuid7()
        reported = pairs.reported_by(by, ticket, command)
        split(ticket, new=new, number="", subject=command.subject, by=by)
        draft, basis = await self.drafting.drafted(
            pairs.report_of(ticket, command), reported, self._today(reported), fresh=True
        )
        facts = pairs.split_in_two(held, command, new=new, draft=draft, reported=reported, by=by)
        series = f"T-{self._today(reported).year:04d}"
        recorded = await self._log.append_numbered(
            series,
            facts,
            request=request,
            basis=msgspec.structs.replace(basis, streams={**basis.streams, ticket.id: held.version}),
        )
        if recorded.repeated:
            return await self._repeated(recorded)
        return self._receipt(recorded, ticket.number, new)

    async def _prepared(self, command: TicketAction) -> TicketAction:
        """A command that names another ticket, with that ticket's id; a letter with its mailbox."""
        if isinstance(command, WriteLetter):
            return msgspec.structs.replace(command, mailbox=self._mailbox(command.mailbox))
        if not isinstance(command, CancelTicket) or command.duplicate_of is None:
            return command
        try:
            other = (await self.facts(str(command.duplicate_of)))[0].stream_id
        except NotFound as missing:
            raise InvalidValue(str(missing), field="/duplicate_of") from None
        return msgspec.structs.replace(command, duplicate_of=str(other))

    async def _decide(self, command: TicketAction, state: Ticket, act: Act, *, fresh: bool) -> Decided:
        if isinstance(command, FOLLOWING) and state.merged_into is not None:
            raise _GoesOn(state.merged_into.ticket)
        return await self.deciding.decided(command, state, act, fresh=fresh)

    async def at(self, reference: str, field: str, *, fresh: bool) -> tuple[UUID, Ticket, int]:
        """The ticket that another command names: its id, its state, and the version that is.

        Unless ``fresh``, it is the state at hand; number and asset never change, a report is only moved back.

        Raises:
            InvalidValue: there is none.
        """
        try:
            ticket_id = await self.find(reference)
        except NotFound as missing:
            raise InvalidValue(str(missing), field=field) from None
        held = await (self.streams.read if fresh else self.streams.near)(ticket_id)
        if held is None:
            raise InvalidValue(f"there is no ticket {reference}", field=field)
        return ticket_id, held.state, held.version

    def _mailbox(self, name: str | None) -> str:
        """The mailbox that a letter goes out from: the one that is named, else the first.

        Raises:
            InvalidValue: there is none of this name.
        """
        if name is None and self._mailboxes:
            return self._mailboxes[0]
        if name is None or name not in self._mailboxes:
            known = ", ".join(self._mailboxes) or "none; see AFTERSALES_MAILBOXES"
            raise InvalidValue(f"there is no such mailbox; set up are: {known}", field="/mailbox")
        return name
