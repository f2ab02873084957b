"""What a person may ask of tickets."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from application.access import Caller, Permission
from application.ids import uuid7
from application.log.append import Recorded, Request
from application.log.errors import VersionConflict
from application.log.event_log import EventLog
from application.ticket_commands import CancelTicket, Command, RegisterTicket, in_utc
from domain.errors import InvalidValue
from domain.event import Act, Event, Fact
from domain.plan import Promises
from domain.ticket.registration import register
from domain.ticket.state import Ticket, replay

NUMBER = re.compile(r"T-\d{4}-\d{6,}", re.ASCII)
LATE = timedelta(seconds=60)
"""A fact recorded longer than this after it happened needs a reason (SLA 2); less is the way of the wire."""
TRIES = 5
REMEMBERED = 50_000
"""Ticket numbers whose ids are kept at hand."""


class NotFound(Exception):
    """There is nothing under this id or number."""


class StaleVersion(Exception):
    """The caller saw another version than the one that stands now.

    Attributes:
        current: the version that stands.
    """

    def __init__(self, number: str, current: int) -> None:
        super().__init__(f"{number} is at version {current}")
        self.current = current


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a command.

    Attributes:
        id: the ticket.
        number: its number.
        version: its version after the command; the ``ETag``.
        position: where the command's last event stands in the log; for ``Wait-For-Position``.
        recorded_at: when the log took it.
    """

    id: UUID
    number: str
    version: int
    position: int
    recorded_at: datetime


class Desk:
    """The service desk: takes commands, lets the domain decide, records what follows.

    Args:
        log: the event log.
        promises: the service plans and calendars that new tickets can pin.
        time_zone: where the year in a ticket's number turns.
        default_plan: what a ticket pins that names no plan.
        now: the clock.
    """

    def __init__(
        self,
        log: EventLog,
        promises: Promises,
        *,
        time_zone: str,
        default_plan: str = "standard",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._log = log
        self._promises = promises
        self._zone = ZoneInfo(time_zone)
        self._default_plan = default_plan
        self._now = now
        self._ids: dict[str, UUID] = {}

    async def register(
        self, command: RegisterTicket, caller: Caller, request: Request | None = None
    ) -> Receipt:
        """Open a ticket (R02).

        Raises:
            Forbidden: the caller may not work.
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """
        caller.must(Permission.WORK)
        if request and (before := await self._log.answered(request)):
            return await self._receipt(before)
        act = self._act(command, caller)
        pin = self._promises.pin(command.plan or self._default_plan)
        draft = register(number="", pin=pin, **command.arguments())
        ticket_id = uuid7()

        def facts(number: str) -> list[Fact]:
            event = msgspec.structs.replace(draft, number=number)
            return [Fact(stream_id=ticket_id, version=1, event=event, act=act, correlation_id=ticket_id)]

        year = _year(act.occurred_at, self._zone)
        recorded = await self._log.append_numbered(f"T-{year:04d}", facts, request=request)
        if recorded.number is None:
            return await self._receipt(recorded)
        self._remember(recorded.number, ticket_id)
        return _receipt(recorded, recorded.number)

    async def send(
        self,
        reference: str,
        command: Command,
        caller: Caller,
        *,
        expected: int | None = None,
        request: Request | None = None,
    ) -> Receipt:
        """Do something to a ticket.

        Args:
            reference: the ticket's id or number.
            expected: the version the caller saw; ``None`` takes whatever stands.

        Raises:
            NotFound: no such ticket.
            StaleVersion: it has moved on from ``expected``.
            Forbidden, DomainError, LogUnavailable: see ``register``.
        """
        caller.must(Permission.WORK)
        if request and (before := await self._log.answered(request)):
            return await self._receipt(before)
        act = self._act(command, caller)
        ticket_id = await self.find(reference)
        command = await self._linked(command)
        for tried in range(1, TRIES + 1):
            ticket, version = await self._ticket(ticket_id, reference)
            if expected is not None and expected != version:
                raise StaleVersion(ticket.number, version)
            events = command.decide(ticket, act)
            facts = _facts(ticket_id, version, events, act)
            try:
                recorded = await self._log.append(facts, request=request)
            except VersionConflict:
                if tried == TRIES:
                    raise
                continue
            return await self._receipt(recorded) if recorded.repeated else _receipt(recorded, ticket.number)
        raise AssertionError("unreachable")

    async def find(self, reference: str) -> UUID:
        """The ticket that an id or a number means.

        Raises:
            NotFound: none.
        """
        known = self._ids.get(reference)
        if known is not None:
            return known
        if NUMBER.fullmatch(reference):
            found = await self._log.find(reference)
            if found is not None:
                self._remember(reference, found)
                return found
        else:
            try:
                return UUID(reference)
            except ValueError:
                pass
        raise NotFound(f"there is no ticket {reference}")

    def _remember(self, number: str, ticket_id: UUID) -> None:
        if len(self._ids) >= REMEMBERED:
            self._ids.clear()
        self._ids[number] = ticket_id

    async def facts(self, reference: str) -> list[Fact]:
        """Everything that happened to a ticket, in version order.

        Raises:
            NotFound: no such ticket.
        """
        facts = await self._log.stream(await self.find(reference))
        if not facts:
            raise NotFound(f"there is no ticket {reference}")
        return facts

    async def _ticket(self, ticket_id: UUID, reference: str) -> tuple[Ticket, int]:
        facts = await self._log.stream(ticket_id)
        ticket = replay(facts)
        if ticket is None:
            raise NotFound(f"there is no ticket {reference}")
        return ticket, facts[-1].version

    async def _linked(self, command: Command) -> Command:
        """A command that names another ticket, with that ticket's id in place of its number."""
        if not isinstance(command, CancelTicket) or command.duplicate_of is None:
            return command
        try:
            other = (await self.facts(str(command.duplicate_of)))[0].stream_id
        except NotFound as missing:
            raise InvalidValue(str(missing), field="/duplicate_of") from None
        return msgspec.structs.replace(command, duplicate_of=str(other))

    async def _receipt(self, recorded: Recorded) -> Receipt:
        names = await self._log.names_of(recorded.stream_id)
        return _receipt(recorded, next(name for name in names if NUMBER.fullmatch(name)))

    def _act(self, command: Command, caller: Caller) -> Act:
        """Who, when and why; both times are kept (SLA 2, B02)."""
        now = self._now()
        occurred_at = in_utc(command.occurred_at or now, "/occurred_at")
        if occurred_at > now:
            raise InvalidValue("what lies in the future has not happened yet", field="/occurred_at")
        if now - occurred_at > LATE and not (command.reason and command.reason.strip()):
            raise InvalidValue("a fact that is recorded late needs a reason", field="/reason")
        return Act(actor=caller.actor, occurred_at=occurred_at, reason=command.reason)


def _year(moment: datetime, zone: ZoneInfo) -> int:
    """The year in which a moment falls where the firm is."""
    try:
        return moment.astimezone(zone).year
    except OverflowError:
        return moment.year


def _facts(ticket_id: UUID, version: int, events: tuple[Event, ...], act: Act) -> list[Fact]:
    return [
        Fact(stream_id=ticket_id, version=version + step, event=event, act=act, correlation_id=ticket_id)
        for step, event in enumerate(events, 1)
    ]


def _receipt(recorded: Recorded, number: str) -> Receipt:
    return Receipt(
        id=recorded.stream_id,
        number=number,
        version=recorded.version,
        position=recorded.position,
        recorded_at=recorded.recorded_at,
    )
