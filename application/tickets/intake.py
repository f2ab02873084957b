"""What comes in: reports, and what follows for a ticket without anybody asking for it by command."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from application.access import Caller
from application.commands import Command
from application.desk import Desk, NotFound, Receipt
from application.log.append import Request
from application.log.event_log import EventLog
from application.streams import Decided, Held, Streams, decided_again
from application.ticket_commands.intake import RegisterTicket
from application.ticket_commands.shapes import TicketAction
from application.tickets.drafting import Drafting
from domain.event import Act, Event, Fact
from domain.ticket.events import TicketRegistered
from domain.ticket.state import Ticket

NUMBER = re.compile(r"T-\d{4}-\d{6,}", re.ASCII)


class Intake(Desk[Ticket, TicketAction]):
    """Registers tickets, and finds where the work on one goes on.

    Args:
        log: the event log.
        streams: the tickets.
        drafting: works out what a report is recorded as.
        time_zone: where the firm is.
        now: the clock.
    """

    noun: ClassVar[str] = "ticket"

    def __init__(
        self,
        log: EventLog,
        streams: Streams[Ticket],
        drafting: Drafting,
        *,
        time_zone: str,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(log, streams, time_zone=time_zone, now=now)
        self.drafting = drafting

    def is_number(self, reference: str) -> bool:
        """Whether this looks like T-2026-000123."""
        return NUMBER.fullmatch(reference) is not None

    async def register(
        self, command: RegisterTicket, caller: Caller, request: Request | None = None
    ) -> Receipt:
        """Open a ticket under the contract that was in force when the customer reported (R02, SLA 13).

        Raises:
            Forbidden: the caller may not work.
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """
        if before := await self._before(command, caller, request):
            return before
        return await self.open(command, self._act(command, caller), request)

    async def open(
        self,
        command: RegisterTicket,
        act: Act,
        request: Request | None = None,
        *,
        names: Sequence[str] = (),
        then: Sequence[Event] = (),
    ) -> Receipt:
        """Open a ticket for whoever acts, who has been let in.

        Args:
            names: what else it shall be found by: the Message-ID of the mail that it began with, for example.
            then: what happens to it in the same moment.

        Raises:
            NameTaken: a name belongs to another ticket.
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """

        async def attempt(fresh: bool) -> Receipt:
            draft, basis = await self.drafting.drafted(command, act, self._today(act), fresh=fresh)

            def numbered(number: str) -> Event:
                return msgspec.structs.replace(draft, number=number)

            return await self._numbered("T", numbered, act, request, basis, names=names, then=then)

        return await decided_again(attempt)

    async def add(
        self,
        ticket_id: UUID,
        follows: Callable[[Ticket], Sequence[Event]],
        act: Act,
        *,
        request: Request | None = None,
        names: Sequence[str] = (),
    ) -> Receipt | None:
        """Record what follows for a ticket, for whoever acts; ``None`` when nothing does.

        Where it was merged into another, the other goes on in its place (SLA 11).

        Raises:
            NameTaken: a name belongs to another ticket.
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """

        async def decide(ticket: Ticket, fresh: bool) -> Decided:  # noqa: ARG001
            return Decided(follows(ticket))

        held = await self._going_on(ticket_id)
        if held is None:
            return None
        changed = await self.streams.change(held.state.id, decide, act, request=request, names=names)
        return self._receipt(changed[0], changed[1].number) if changed else None

    async def let_in(self, command: Command, caller: Caller, request: Request | None = None) -> Act | Receipt:
        """Who acts, when and why; or the receipt that the same command got before.

        Raises:
            Forbidden: the caller may not.
            InvalidValue: what it says of the time cannot be.
            LogUnavailable: the database does not answer.
        """
        return await self._before(command, caller, request) or self._act(command, caller)

    async def receipt_of(self, ticket_id: UUID, meant: Callable[[Event], bool]) -> Receipt:
        """The receipt of what is on a ticket already, with the version that it has now."""
        facts = await self._log.stream(ticket_id)
        return self._standing(facts, next(fact for fact in facts if meant(fact.event)))

    def _standing(self, facts: list[Fact], fact: Fact) -> Receipt:
        """The receipt of a fact that was there before, with the version that the ticket has now."""
        number = next(each.event.number for each in facts if isinstance(each.event, TicketRegistered))
        if fact.recorded_at is None:
            raise AssertionError("it was read from the log")
        return Receipt(
            id=fact.stream_id,
            number=number,
            version=facts[-1].version,
            position=fact.position,
            recorded_at=fact.recorded_at,
        )

    async def going_on(self, reference: str) -> UUID:
        """The ticket where the work goes on: the last one of those that it was merged into, or itself.

        Raises:
            NotFound: there is no such ticket.
        """
        held = await self._going_on(await self.find(reference))
        if held is None:
            raise NotFound(f"there is no ticket {reference}")
        return held.state.id

    async def _going_on(self, ticket_id: UUID) -> Held[Ticket] | None:
        held = await self.streams.read(ticket_id)
        while held is not None and held.state.merged_into is not None:
            held = await self.streams.read(held.state.merged_into.ticket)
        return held
