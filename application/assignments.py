"""What a person may ask of assignments: promising plans without a contract, and ending that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from application.access import Caller
from application.assignment_commands import AssignPlan, UnassignPlan
from application.desk import NotFound, Receipt
from application.log.append import Recorded, Request
from application.promising import PromiseDesk
from domain.assignment.book import Assignment, assign, unassign
from domain.assignment.events import ASSIGNMENTS, PlanAssigned, PlanUnassigned
from domain.event import Act, Event


class AssignmentDesk(PromiseDesk):
    """Takes commands for assignments."""

    noun: ClassVar[str] = "assignment"

    async def find(self, reference: str) -> Assignment:
        """An assignment as the log has it now, by its number.

        Raises:
            NotFound: there is none.
        """
        await self.book.refresh()
        return self._one(reference)

    def _one(self, reference: str) -> Assignment:
        number = int(reference) if reference.isascii() and reference.isdigit() else 0
        found = self.book.assignments.one(number)
        if found is None:
            raise NotFound(f"there is no assignment {reference}")
        return found

    async def assign(self, command: AssignPlan, caller: Caller, request: Request | None = None) -> Receipt:
        """Promise a plan without a contract (SLA 13).

        Raises:
            Forbidden: the caller may not.
            UnknownPlan, NotOffered: there is no such plan to promise.
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """

        def decide(act: Act) -> Sequence[Event]:
            self.book.promises.offers(command.plan)
            return assign(self.book.assignments, **command.told(act), by=act)

        return await self._receipt(await self._record(ASSIGNMENTS, command, decide, caller, request=request))

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
            StaleVersion: the assignments have moved on from ``expected``.
            Forbidden: the caller may not.
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """

        def decide(act: Act) -> Sequence[Event]:
            return unassign(self._one(reference), **command.told(act), by=act)

        recorded = await self._record(
            ASSIGNMENTS, command, decide, caller, expected=expected, request=request
        )
        return await self._receipt(recorded)

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
