"""What all desks share: whose word counts, when things happened, which thing is meant, and the receipt."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import ClassVar, Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from application.access import Caller
from application.commands import Action, Command, in_utc
from application.ids import uuid7
from application.log.append import Basis, Recorded, Request
from application.log.event_log import EventLog
from application.streams import Decided, Streams, facts_of
from domain.errors import InvalidValue
from domain.event import LATE, Act, Event, Fact

S = TypeVar("S")
A = TypeVar("A", bound=Action)
REMEMBERED = 50_000
"""Numbers whose ids are kept at hand."""


def wall_clock() -> datetime:
    """The moment that it is, UTC."""
    return datetime.now(UTC)


class NotFound(Exception):
    """There is nothing under this id or number."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to a command.

    Attributes:
        id: what it was asked of.
        number: its number.
        version: its version after the command; the ``ETag``.
        position: where the command's last event stands in the log; for ``Wait-For-Position``.
        recorded_at: when the log took it.
        made: the id of what the command made within it: a reservation, or a use of an entitlement.
        published: the version of the plan, calendar or triage that the command published.
    """

    id: UUID
    number: str
    version: int
    position: int
    recorded_at: datetime
    made: UUID | None = None
    published: int | None = None


def act_of(command: Command, caller: Caller, now: datetime) -> Act:
    """Who does something, when and why; both times are kept (SLA 2, B02).

    Raises:
        InvalidValue: it lies in the future, or is recorded late without a reason.
    """
    occurred_at = in_utc(command.occurred_at or now, "/occurred_at")
    if occurred_at > now:
        raise InvalidValue("what lies in the future has not happened yet", field="/occurred_at")
    if now - occurred_at > LATE and not (command.reason and command.reason.strip()):
        raise InvalidValue("a fact that is recorded late needs a reason", field="/reason")
    return Act(actor=caller.actor, occurred_at=occurred_at, reason=command.reason)


class Desk(ABC, Generic[S, A]):
    """Takes commands for one kind of aggregate, lets the domain decide, and records what follows.

    Args:
        log: the event log.
        streams: the aggregates.
        time_zone: where the firm is: there the year in a number turns, and there it is today.
        now: the clock.
    """

    noun: ClassVar[str]
    """What one of them is called in messages."""
    prefix: ClassVar[str] = ""
    """What stands before its number among the names of the log."""
    makes: ClassVar[dict[type[Event], str]] = {}
    """The events that make something within it, and their field that names what they made."""

    def __init__(
        self,
        log: EventLog,
        streams: Streams[S],
        *,
        time_zone: str,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._log = log
        self.streams = streams
        self._zone = ZoneInfo(time_zone)
        self._now = now
        self._ids: dict[str, UUID] = {}

    @abstractmethod
    def is_number(self, reference: str) -> bool:
        """Whether this could be the number of one."""

    @abstractmethod
    async def _decide(self, command: A, state: S, act: Act, *, fresh: bool) -> Decided:
        """Ask the domain, with whatever its decision asks for beside the command's own fields.

        That may be what is at hand, unless ``fresh``; but then the log must see that it still stands.
        """

    async def send(
        self,
        reference: str,
        command: A,
        caller: Caller,
        *,
        expected: int | None = None,
        request: Request | None = None,
    ) -> Receipt:
        """Ask something of one of them.

        Args:
            reference: its id or number.
            expected: the version the caller saw; ``None`` takes whatever stands.
            request: the command's idempotency key.

        Raises:
            NotFound: there is none.
            StaleVersion: it has moved on from ``expected``.
            Forbidden: the caller may not.
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """
        if before := await self._before(command, caller, request):
            return before
        act = self._act(command, caller)
        stream_id = await self.find(reference)
        command = await self._prepared(command)

        async def decide(state: S, fresh: bool) -> Decided:
            return await self._decide(command, state, act, fresh=fresh)

        changed = await self.streams.change(stream_id, decide, act, expected=expected, request=request)
        if changed is None:
            raise NotFound(f"there is no {self.noun} {reference}")
        recorded, state, events = changed
        if recorded.repeated:
            return await self._repeated(recorded)
        return self._receipt(recorded, state.number, self._made(events))  # type: ignore[attr-defined]

    async def find(self, reference: str) -> UUID:
        """The id of what an id or number means; whether there is something under an id is not looked up.

        Raises:
            NotFound: nothing has this number.
        """
        known = self._ids.get(reference)
        if known is not None:
            return known
        if self.is_number(reference):
            found = await self._log.find(self.prefix + reference)
            if found is not None:
                self._remember(reference, found)
                return found
        try:
            return UUID(reference)
        except ValueError:
            raise NotFound(f"there is no {self.noun} {reference}") from None

    async def facts(self, reference: str) -> list[Fact]:
        """Everything that happened to one of them, in version order.

        Raises:
            NotFound: there is none.
        """
        stream_id = await self.find(reference)
        if await self.streams.near(stream_id) is None:
            raise NotFound(f"there is no {self.noun} {reference}")
        return await self._log.stream(stream_id)

    async def _prepared(self, command: A) -> A:
        """The command with what does not depend on the state looked up."""
        return command

    async def _numbered(
        self,
        letter: str,
        draft: Callable[[str], Event],
        act: Act,
        request: Request | None,
        basis: Basis | None = None,
        *,
        names: Sequence[str] = (),
        then: Sequence[Event] = (),
    ) -> Receipt:
        """Begin one that gets the next number of its year, such as T-2026-000123.

        Args:
            names: what else it shall be found by, and nothing else.
            then: what happens to it in the same moment.
        """
        stream_id = uuid7()

        def facts(number: str) -> list[Fact]:
            return facts_of(stream_id, 0, (draft(number), *then), act)

        series = f"{letter}-{self._today(act).year:04d}"
        recorded = await self._log.append_numbered(series, facts, names=names, request=request, basis=basis)
        if recorded.number is None:
            return await self._repeated(recorded)
        self._remember(recorded.number, stream_id)
        return self._receipt(recorded, recorded.number)

    async def _before(self, command: Command, caller: Caller, request: Request | None) -> Receipt | None:
        """The receipt that the same command got before; ``None`` when it comes for the first time.

        Raises:
            Forbidden: the caller may not.
        """
        caller.must(command.needs)
        recorded = await self._log.answered(request) if request else None
        return await self._repeated(recorded) if recorded else None

    async def _repeated(self, recorded: Recorded) -> Receipt:
        """The receipt of a command that was recorded before."""
        names = await self._log.names_of(recorded.stream_id)
        numbers = (name.removeprefix(self.prefix) for name in names if name.startswith(self.prefix))
        number = next(number for number in numbers if self.is_number(number))
        last = await self._log.after(recorded.position - 1, 1) if self.makes else []
        return self._receipt(recorded, number, self._made([fact.event for fact in last]))

    def _receipt(self, recorded: Recorded, number: str, made: UUID | None = None) -> Receipt:
        return Receipt(
            id=recorded.stream_id,
            number=number,
            version=recorded.version,
            position=recorded.position,
            recorded_at=recorded.recorded_at,
            made=made,
        )

    def _made(self, events: Sequence[Event]) -> UUID | None:
        field = self.makes.get(type(events[-1])) if events else None
        return getattr(events[-1], field) if field else None

    def _remember(self, number: str, stream_id: UUID) -> None:
        if len(self._ids) >= REMEMBERED:
            self._ids.clear()
        self._ids[number] = stream_id

    def _act(self, command: Command, caller: Caller) -> Act:
        """Who, when and why; both times are kept (SLA 2, B02)."""
        return act_of(command, caller, self._now())

    def _today(self, act: Act) -> date:
        """The day on which something happened, where the firm is."""
        try:
            return act.occurred_at.astimezone(self._zone).date()
        except OverflowError:
            return act.occurred_at.date()
