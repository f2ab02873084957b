"""What a person may ask of the book of assignments: promising plans without a contract, and ending that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from application.access import Caller
from application.assignment_commands import AssignPlan, UnassignPlan
from application.book import Book
from application.commands import Command
from application.desk import NotFound, Receipt, act_of, wall_clock
from application.log.append import Recorded, Request
from application.log.errors import VersionConflict
from application.log.event_log import EventLog
from application.streams import TRIES, Held, StaleVersion, Streams, facts_of
from domain.assignment.book import Assignment, Assignments, assign, unassign
from domain.assignment.events import BOOK, PlanAssigned, PlanUnassigned
from domain.event import Act, Event

NONE = Held(Assignments(), 0)


class AssignmentDesk:
    """Takes commands for assignments. They are few and rare: it always reads before it decides.

    Args:
        log: the event log.
        streams: where the book of assignments is at hand, for whoever registers tickets as well.
        book: the plans.
        now: the clock.
    """

    noun: ClassVar[str] = "assignment"

    def __init__(
        self,
        log: EventLog,
        streams: Streams[Assignments],
        book: Book,
        *,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._log = log
        self._streams = streams
        self._book = book
        self._now = now

    async def read(self) -> Held[Assignments]:
        """The book as the log has it now."""
        return await self._streams.read(BOOK) or NONE

    async def find(self, reference: str) -> Assignment:
        """An assignment, by its number.

        Raises:
            NotFound: there is none.
        """
        all_of_them = (await self.read()).state.all
        if not reference.isascii() or not reference.isdigit() or not 0 < int(reference) <= len(all_of_them):
            raise NotFound(f"there is no assignment {reference}")
        return all_of_them[int(reference) - 1]

    async def assign(self, command: AssignPlan, caller: Caller, request: Request | None = None) -> Receipt:
        """Promise a plan without a contract (SLA 13).

        Raises:
            Forbidden: the caller may not.
            UnknownPlan, NotOffered: there is no such plan to promise.
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """

        def decide(book: Assignments, act: Act) -> Sequence[Event]:
            return assign(book, **command.told(act), by=act)

        caller.must(command.needs)
        await self._book.offers(command.plan)
        return await self._record(command, decide, caller, None, request)

    async def send(
        self,
        reference: str,
        command: UnassignPlan,
        caller: Caller,
        *,
        expected: int | None = None,
        request: Request | None = None,
    ) -> Receipt:
        """End an assignment.

        Raises:
            NotFound: there is none of this number.
            StaleVersion: the book has moved on from ``expected``.
            Forbidden: the caller may not.
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """
        caller.must(command.needs)
        number = (await self.find(reference)).assignment

        def decide(book: Assignments, act: Act) -> Sequence[Event]:
            return unassign(book, assignment=number, **command.told(act), by=act)

        return await self._record(command, decide, caller, expected, request)

    async def _record(
        self,
        command: Command,
        decide: Callable[[Assignments, Act], Sequence[Event]],
        caller: Caller,
        expected: int | None,
        request: Request | None,
    ) -> Receipt:
        if request and (before := await self._log.answered(request)):
            return await self._receipt(before)
        act = act_of(command, caller, self._now())
        for tried in range(TRIES):
            held = await self.read()
            if expected is not None and expected != held.version:
                raise StaleVersion(held.version)
            facts = facts_of(BOOK, held.version, decide(held.state, act), act)
            try:
                return await self._receipt(await self._log.append(facts, request=request))
            except VersionConflict:
                if tried == TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    async def _receipt(self, recorded: Recorded) -> Receipt:
        fact: Any = (await self._log.after(recorded.position - 1, 1))[0]
        event: PlanAssigned | PlanUnassigned = fact.event
        return Receipt(
            id=recorded.stream_id,
            number=str(event.assignment),
            version=recorded.version,
            position=recorded.position,
            recorded_at=recorded.recorded_at,
        )
