"""What a person may ask of tickets."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from application import pairs
from application.access import Caller
from application.book import Book
from application.choosing import DEFAULT_PLAN, Choosing, Chosen
from application.commands import Command
from application.desk import Desk, NotFound, Receipt, wall_clock
from application.ids import uuid7
from application.log.append import Basis, Request
from application.log.errors import BasisMoved, VersionConflict
from application.log.event_log import EventLog
from application.streams import TRIES, Decided, Held, StaleVersion, Streams, facts_of
from application.ticket_commands import (
    AttachFile,
    CancelTicket,
    LinkTicket,
    LogContact,
    MergeTicket,
    RegisterTicket,
    RepinTicket,
    SplitTicket,
    TicketAction,
    UnlinkTicket,
    WriteLetter,
)
from application.triage import read_triage
from domain.assignment.book import Assignments
from domain.contract.state import Contract
from domain.errors import InvalidValue
from domain.event import Act, Event, Fact, Told
from domain.part.owing import owing
from domain.ticket.errors import Owing
from domain.ticket.events import PlanPin, TicketRegistered
from domain.ticket.file_events import FileAttached
from domain.ticket.pairing import split
from domain.ticket.pinning import newly_owed, other_pin
from domain.ticket.registration import register
from domain.ticket.state import Ticket
from domain.ticket.triage import Triage
from domain.ticket.triage_events import TicketSplit
from domain.ticket.watch import corrections
from domain.ticket.words import Priority

NUMBER = re.compile(r"T-\d{4}-\d{6,}", re.ASCII)

FOLLOWING = (LogContact, AttachFile)
"""What comes for a ticket that was merged and belongs to where the work goes on."""


class _GoesOn(Exception):
    """The ticket was merged: the work goes on in another."""

    def __init__(self, into: UUID) -> None:
        super().__init__(str(into))
        self.into = into


class TicketDesk(Desk[Ticket, TicketAction]):
    """The service desk.

    Args:
        log: the event log.
        streams: the tickets.
        contracts: the contracts that a ticket may fall under.
        assignments: the plans that are promised without a contract.
        book: the service plans and calendars that new tickets can pin.
        time_zone: where the firm is.
        default_plan: what a ticket pins that names no plan and falls under no contract.
        mailboxes: those that letters can go out from, by name.
        triage: what tickets are sorted by; what comes with the product where absent.
        now: the clock.
    """

    noun: ClassVar[str] = "ticket"
    makes: ClassVar[dict[type[Event], str]] = {TicketSplit: "ticket"}

    def __init__(
        self,
        log: EventLog,
        streams: Streams[Ticket],
        contracts: Streams[Contract],
        assignments: Streams[Assignments],
        book: Book,
        *,
        time_zone: str,
        default_plan: str = DEFAULT_PLAN,
        mailboxes: Sequence[str] = (),
        triage: Triage | None = None,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        super().__init__(log, streams, time_zone=time_zone, now=now)
        self._choosing = Choosing(log, contracts, assignments, book, usual=default_plan)
        self._book = book
        self._triage = triage or read_triage()
        self._mailboxes = tuple(mailboxes)

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
        for tried in range(TRIES):
            try:
                return await self._register(command, act, request, fresh=tried > 0, names=names, then=then)
            except BasisMoved:
                if tried == TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    async def _register(
        self,
        command: RegisterTicket,
        act: Act,
        request: Request | None,
        *,
        fresh: bool,
        names: Sequence[str],
        then: Sequence[Event],
    ) -> Receipt:
        draft, basis = await self._drafted(command, act, fresh=fresh)

        def numbered(number: str) -> Event:
            return msgspec.structs.replace(draft, number=number)

        return await self._numbered("T", numbered, act, request, basis, names=names, then=then)

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

    async def _drafted(
        self, command: RegisterTicket, act: Act, *, fresh: bool
    ) -> tuple[TicketRegistered, Basis]:
        """A report as it will be recorded, but for its number, and what its contract was settled by."""
        chosen, basis = await self._choosing.chosen(
            asset=command.asset,
            customer=command.customer,
            product=command.product,
            customer_class=command.customer_class,
            moment=act.occurred_at,
            named=command.plan,
            fresh=fresh,
        )
        said = {"contract": chosen.contract, "choice": chosen.choice}
        self._triage.must_know(command.category, None, self._today(act))
        priority, matrix = command.priority or Priority.P3, None
        if command.priority is None and command.impact and command.urgency:
            priority, matrix = self._triage.priority(command.impact, command.urgency)
        arguments = command.arguments() | {"priority": priority, "matrix": matrix}
        return register(number="", pin=chosen.pin, **said, **arguments), basis

    async def would_choose(
        self,
        *,
        asset: str | None,
        customer: str | None,
        product: str | None,
        customer_class: str | None,
        moment: datetime,
    ) -> Chosen:
        """What a ticket would go by that is reported at a moment, as the log has it now (SLA 13).

        Raises:
            UnknownPlan, NotOffered: what is promised cannot be pinned then.
            LogUnavailable: the database does not answer.
        """
        chosen, _ = await self._choosing.chosen(
            asset=asset,
            customer=customer,
            product=product,
            customer_class=customer_class,
            moment=moment,
            named=None,
            fresh=True,
        )
        return chosen

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
        for tried in range(TRIES):
            held = await self.streams.read(ticket_id)
            if held is None:
                raise NotFound(f"there is no ticket {reference}")
            if expected is not None and expected != held.version:
                raise StaleVersion(held.version)
            try:
                return await self._apart(held, command, by, request)
            except (BasisMoved, VersionConflict):
                if tried == TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    async def _apart(
        self, held: Held[Ticket], command: SplitTicket, by: Act, request: Request | None
    ) -> Receipt:
        ticket, new = held.state, uuid7()
        reported = pairs.reported_by(by, ticket, command)
        split(ticket, new=new, number="", subject=command.subject, by=by)
        draft, basis = await self._drafted(pairs.report_of(ticket, command), reported, fresh=True)
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

    async def _decide(self, command: TicketAction, state: Ticket, act: Act, *, fresh: bool) -> Decided:
        if isinstance(command, FOLLOWING) and state.merged_into is not None:
            raise _GoesOn(state.merged_into.ticket)
        arguments: dict[str, Any] = command.arguments()
        basis = None
        if isinstance(command, LinkTicket | UnlinkTicket):
            arguments["to"] = (await self.at(str(command.to), "/to", fresh=fresh))[1]
        if command.asks("triage"):
            arguments["triage"] = self._triage
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
        into = (await self.at(str(command.into), "/into", fresh=fresh))[0]
        own, its = await self._log.stream(state.id), await self._log.stream(into)
        return pairs.merged_in_one(state, own, its, owing, self._book.promises, act)

    async def pin_asked(self, ticket: Ticket, asked: RepinTicket, at: datetime) -> PlanPin:
        """What a ticket is asked to go by; ``RepinTicket`` says how it is told.

        Raises:
            UnknownPlan, NotOffered: the book does not hold it, or not for now.
            InvalidValue: the ticket goes by it already.
            LogUnavailable: the database does not answer.
        """
        newest = (await self._book.pin(asked.plan, at, fresh=True))[0] if asked.plan else None
        return other_pin(
            ticket,
            self._book.promises,
            at,
            newest=newest,
            plan_version=asked.plan_version,
            calendar=asked.calendar,
            calendar_version=asked.calendar_version,
        )

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
