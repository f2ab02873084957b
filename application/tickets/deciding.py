"""What a command to a ticket is decided with: whatever the domain asks for beside the ticket's own state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from application.book import Book
from application.log.append import Basis
from application.log.event_log import EventLog
from application.streams import Decided, facts_of
from application.ticket_commands.pairing import LinkTicket, MergeTicket, UnlinkTicket
from application.ticket_commands.pinning import RepinTicket
from application.ticket_commands.shapes import TicketAction
from application.tickets import pairs
from domain.event import Act, Event, Fact, Told
from domain.part.owing import owing
from domain.ticket.errors import Owing
from domain.ticket.events import PlanPin
from domain.ticket.pinning import newly_owed, other_pin
from domain.ticket.state import Ticket
from domain.ticket.watch import corrections


class At(Protocol):
    """Finds another ticket that a command names; see ``TicketDesk.at``."""

    def __call__(self, reference: str, field: str, *, fresh: bool) -> Awaitable[tuple[UUID, Ticket, int]]:
        """Its id, its state, and the version that is."""
        ...


class Deciding:
    """Decides commands to a ticket.

    Args:
        log: the event log.
        book: the service plans and calendars that tickets pin, and what they are sorted by.
        at: finds another ticket.
        today: the day on which something happens, where the firm is.
        review_within: how long after its beginning a wait is looked at again, where nobody says when.
    """

    def __init__(
        self, log: EventLog, book: Book, at: At, today: Callable[[Act], date], review_within: timedelta
    ) -> None:
        self._log = log
        self._book = book
        self._at = at
        self._today = today
        self._review_within = review_within

    async def decided(self, command: TicketAction, state: Ticket, act: Act, *, fresh: bool) -> Decided:
        """What follows from a command, and what that was settled by; see ``Desk._decide``.

        Raises:
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """
        arguments: dict[str, Any] = command.arguments()
        basis = None
        if isinstance(command, LinkTicket | UnlinkTicket):
            arguments["to"] = (await self._at(str(command.to), "/to", fresh=fresh))[1]
        if command.asks("triage"):
            if fresh:
                await self._book.refresh()
            arguments |= {"triage": self._book.triage(act.occurred_at), "today": self._today(act)}
            basis = Basis(cases=self._book.basis)
        if command.asks("review_within"):
            arguments["review_within"] = self._review_within
        if command.asks("owing"):
            # Read here and checked again as it is recorded: nothing can be issued in between (R17).
            facts = await self._log.case(state.id)
            arguments["owing"] = owing(facts)
            basis = Basis(cases={state.id: facts[-1].position})
        if isinstance(command, RepinTicket):
            arguments = {"pin": await self.pin_asked(state, command, act.occurred_at)}
        if command.asks("begins"):
            pin = state.repin.pin if state.repin else state.pin
            arguments["begins"] = newly_owed(await self._log.stream(state.id), pin, self._book.promises)
        if isinstance(command, MergeTicket):
            events, others = await self._merged(command, state, arguments["owing"], act, fresh=fresh)
            return Decided(events, basis, others=others)
        events = type(command).decision(state, by=act, **arguments)
        return Decided(events, basis, await self._corrected(state, events, act))

    async def _corrected(self, state: Ticket, events: Sequence[Event], act: Act) -> Sequence[Told]:
        """The misses that these events show to be none, in the same append: nobody sees only one of them.

        If the ticket has moved on from the state that was decided on, so have the facts that are read here,
        and nothing is recorded.
        """
        if not state.misses:
            return ()
        facts = await self._log.stream(state.id)
        facts += facts_of(state.id, facts[-1].version, events, act)
        return corrections(facts, state, self._book.promises)

    async def _merged(
        self, command: MergeTicket, state: Ticket, owing: Owing, act: Act, *, fresh: bool
    ) -> tuple[Sequence[Event], Sequence[Fact]]:
        """What happens to a ticket that is merged, and to the one that goes on."""
        into = (await self._at(str(command.into), "/into", fresh=fresh))[0]
        own, its = await self._log.stream(state.id), await self._log.stream(into)
        return pairs.merged_in_one(state, own, its, owing, self._book.promises, act)

    async def pin_asked(self, ticket: Ticket, asked: RepinTicket, at: datetime) -> PlanPin:
        """What a ticket is asked to go by; ``RepinTicket`` says how it is told.

        Raises:
            UnknownPlan, NotOffered: the book does not hold it, or not for now.
            InvalidValue: the ticket goes by it already.
            LogUnavailable: the database does not answer.
        """
        await self._book.refresh()
        newest = self._book.promises.pin(asked.plan, at) if asked.plan else None
        return other_pin(
            ticket,
            self._book.promises,
            at,
            newest=newest,
            plan_version=asked.plan_version,
            calendar=asked.calendar,
            calendar_version=asked.calendar_version,
        )
