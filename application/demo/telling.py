"""How the steps of a year are sent: side by side where they may be, one after the other where they must.

A step waits for the one before it in each of its lanes: its ticket's, its part's, and the front desk's, where
tickets get their numbers and fall under contracts as these stand at that moment. So each step does the same
in every run, and whatever an interrupted run has recorded, all that it rests on is recorded, too.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from application.assignment_commands import AssignPlan
from application.contract_commands import ContractAction, DraftContract
from application.demo.chronicle import History
from application.demo.diary import Step
from application.demo.fitting import ITS, OWN
from application.demo.long_mail import MAILBOX, TakeMail
from application.demo.watching import NoteDeadline
from application.desks import Desks
from application.log.append import Request
from application.log.event_log import EventLog
from application.part_commands import CataloguePart, PartAction, ReservePart
from application.policies.expiring import expire_contracts, expire_reservations
from application.streams import Decided
from application.ticket_commands.intake import RegisterTicket
from application.ticket_commands.pairing import LinkTicket, MergeTicket, SplitTicket
from application.ticket_commands.shapes import TicketAction
from domain import upkeep
from domain.assignment.events import ASSIGNMENTS
from domain.contract.events import ContractDrafted
from domain.event import Act
from domain.part.events import PartCatalogued, PartReserved
from domain.ticket.events import TicketRegistered
from domain.ticket.evolution import evolve
from domain.ticket.state import Ticket
from domain.ticket.triage_events import TicketAbsorbed
from domain.ticket.watch import ACTOR

CALLER = "demo"
AT_ONCE = 64
"""Commands under way at the same time, so that they share commits."""
PAGE = 5000
FRONT_DESK = "front desk"
PASSING = (RegisterTicket, SplitTicket, AssignPlan)
"""What passes the front desk, beside contracts."""

Stream = tuple[str, int | str]
"""What a step is asked of: of which kind, and its place or number."""


class Known(msgspec.Struct):
    """What is recorded already.

    Attributes:
        ids: of the streams that are there.
        times: when something happened to each of them.
        reserved: the latest reservation of a part for a ticket.
    """

    ids: dict[Stream, UUID] = {}
    times: dict[UUID, set[datetime]] = {}
    reserved: dict[tuple[str, UUID], UUID] = {}


def stream_of(step: Step) -> Stream:
    """What the step is asked of."""
    if step.part is not None:
        return "part", step.part
    if step.contract is not None:
        return "contract", step.contract
    if isinstance(step.command, AssignPlan):
        return "assignments", 0
    return "ticket", -1 if step.ticket is None else step.ticket


def lanes(step: Step) -> list[Stream | str]:
    """In which orders a step has its place."""
    passes = step.contract is not None or isinstance(step.command, PASSING)
    tickets: list[Stream] = [
        ("ticket", each) for each in (step.ticket, step.duplicate_of) if each is not None
    ]
    return [*dict.fromkeys([stream_of(step), *tickets]), *([FRONT_DESK] if passes else [])]


async def known(log: EventLog, steps: Sequence[Step]) -> Known:
    """Find what an interrupted run recorded: the streams by how they began, their steps by their times."""
    found = Known()
    begun: dict[tuple[object, ...], UUID] = {}
    position = 0
    while facts := await log.after(position, PAGE):
        for fact in facts:
            if not fact.event.IS_NOTE and not isinstance(fact.event, TicketAbsorbed):
                found.times.setdefault(fact.stream_id, set()).add(fact.act.occurred_at)
            match fact.event:
                case TicketRegistered(asset=asset):
                    begun.setdefault(("ticket", fact.act.occurred_at, asset), fact.stream_id)
                case ContractDrafted(customer=customer):
                    begun["contract", fact.act.occurred_at, customer] = fact.stream_id
                case PartCatalogued(number=number):
                    begun["part", number] = fact.stream_id
                case PartReserved(number=number, for_ticket=ticket, reservation=made):
                    found.reserved[number, ticket] = made
                case _:
                    pass
        position = facts[-1].position
    found.ids["assignments", 0] = upkeep.stream_of(ASSIGNMENTS)
    for step in steps:
        key = _beginning(step)
        if key in begun:
            found.ids[stream_of(step)] = begun[key]
    return found


def _beginning(step: Step) -> tuple[object, ...]:
    """How the stream that a step begins is known again; nothing for a step that begins none."""
    match step.command:
        case RegisterTicket(asset=asset):
            return "ticket", step.at, asset
        case DraftContract(customer=customer):
            return "contract", step.at, customer
        case CataloguePart(number=number):
            return "part", number
        case _:
            return ()


class Telling:
    """One run of the seeding.

    Args:
        desks: where the commands go.
        known: what is recorded already.
        history: which history this is.
        progress: told how many steps are done, and how many there are.
    """

    def __init__(
        self, desks: Desks, known: Known, history: History, progress: Callable[[int, int], None]
    ) -> None:
        self._desks = desks
        self._known = known
        self._history = history
        self._progress = progress
        self._done = self._total = 0
        self._room = asyncio.Semaphore(AT_ONCE)

    async def tell(self, steps: Sequence[Step]) -> None:
        """First and last alone, the rest side by side, each lane in its own order."""
        self._total = len(steps)
        first, *rest, last = steps
        await self._do(first, key=self._history.begun)
        await self._side_by_side(rest)
        await self._expire()
        await self._do(last, key=self._history.ended)

    async def _side_by_side(self, steps: Sequence[Step]) -> None:
        latest: dict[Stream | str, asyncio.Task[None]] = {}
        try:
            async with asyncio.TaskGroup() as group:
                for step in steps:
                    await self._room.acquire()
                    before = {latest[lane] for lane in lanes(step) if lane in latest}
                    task = group.create_task(self._do_after(before, step))
                    latest |= dict.fromkeys(lanes(step), task)
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _expire(self) -> None:
        """Contracts and reservations that were over by the end; each as of its own hour."""
        ids, now = self._known.ids, self._history.now
        contracts = sorted(ids[stream] for stream in ids if stream[0] == "contract")
        parts = sorted(ids[stream] for stream in ids if stream[0] == "part")
        await expire_contracts(self._desks.contracts.streams, contracts, now)
        await expire_reservations(self._desks.parts.streams, parts, now)

    async def _do_after(self, before: set[asyncio.Task[None]], step: Step) -> None:
        try:
            if before:
                await asyncio.wait(before)
            await self._do(step)
        finally:
            self._room.release()

    async def _do(self, step: Step, key: str | None = None) -> None:
        stream_id = self._known.ids.get(stream_of(step))
        told = step.at in self._known.times.get(stream_id, ()) if stream_id else False
        if not told or isinstance(step.command, NoteDeadline):
            request = Request(CALLER, key, hashlib.sha256(key.encode()).digest()) if key else None
            await self._send(step, request)
        self._done += 1
        if self._done % 100 == 0 or self._done == self._total:
            self._progress(self._done, self._total)

    async def _send(self, step: Step, request: Request | None) -> None:
        ids, desks, stream = self._known.ids, self._desks, stream_of(step)
        match step.command:
            case AssignPlan() as command:
                await desks.assignments.assign(command, step.caller, request)
            case RegisterTicket() as command:
                ids[stream] = (await desks.tickets.register(command, step.caller, request)).id
            case DraftContract() as command:
                ids[stream] = (await desks.contracts.draft(command, step.caller, request)).id
            case CataloguePart() as command:
                ids[stream] = (await desks.parts.catalogue(command, step.caller, request)).id
            case NoteDeadline() as command:
                await self._note(ids[stream], command)
            case TakeMail() as command:
                await self._take(ids[stream], command)
            case TicketAction() as command:
                named = self._naming(step, command)
                await desks.tickets.send(str(ids[stream]), named, step.caller, request=request)
            case ContractAction() as command:
                await desks.contracts.send(str(ids[stream]), command, step.caller)
            case PartAction() as command:
                await self._move(step, command)
            case command:
                raise TypeError(f"nobody takes {type(command).__name__}")

    async def _note(self, ticket_id: UUID, command: NoteDeadline) -> None:
        """What a worker noted; nothing where an interrupted run did so."""
        event = command.event

        async def decide(ticket: Ticket, fresh: bool) -> Decided:  # noqa: ARG001
            noted = evolve(event, ticket, act).noted[-1]
            return Decided(() if noted in ticket.noted else (event,))

        if command.occurred_at is None:
            raise AssertionError("a passing has its moment")
        act = Act(actor=ACTOR, occurred_at=command.occurred_at)
        await self._desks.tickets.streams.change(ticket_id, decide, act)

    async def _take(self, ticket_id: UUID, command: TakeMail) -> None:
        """What a worker took of a mail."""
        if command.occurred_at is None:
            raise AssertionError("a mail has its moment")
        act = Act(actor=f"mailbox:{MAILBOX}", occurred_at=command.occurred_at, reason=command.reason)
        await self._desks.tickets.add(ticket_id, lambda _: command.events, act)

    def _naming(self, step: Step, command: TicketAction) -> TicketAction:
        if step.duplicate_of is None:
            return command
        field = {MergeTicket: "into", LinkTicket: "to"}.get(type(command), "duplicate_of")
        return msgspec.structs.replace(command, **{field: str(self._known.ids["ticket", step.duplicate_of])})

    async def _move(self, step: Step, command: PartAction) -> None:
        """A step of a part, with the ids of its ticket and of what that has reserved."""
        ids, reserved, number = self._known.ids, self._known.reserved, str(step.part)
        ticket = None if step.ticket is None else ids["ticket", step.ticket]
        told: dict[str, Any] = {}
        if getattr(command, "ticket", None) == ITS:
            told["ticket"] = str(ticket)
        if ticket is not None and getattr(command, "reservation", None) == OWN:
            told["reservation"] = reserved[number, ticket]
        command = msgspec.structs.replace(command, **told)
        receipt = await self._desks.parts.send(number, command, step.caller)
        if isinstance(command, ReservePart) and ticket is not None and receipt.made is not None:
            reserved[number, ticket] = receipt.made
