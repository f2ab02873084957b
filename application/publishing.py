"""What a person may ask of the book: publishing plans, calendars and the triage, and withdrawing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic

from application.access import Caller
from application.book import Book
from application.desk import NotFound, Receipt
from application.drawing import draw, with_own
from application.log.append import Recorded, Request
from application.log.event_log import EventLog
from application.plans import plan_of
from application.promising import PromiseDesk
from application.publishing_commands import (
    PublishCalendar,
    Publishing,
    PublishPlan,
    PublishTriage,
    WithdrawCalendar,
)
from domain.calendar import Calendar
from domain.errors import NotAllowed
from domain.event import Act, Event, Fact
from domain.plan import ServicePlan
from domain.promises import UnknownPlan
from domain.publishing.decisions import (
    publish_calendar,
    publish_plan,
    publish_triage,
    withdraw_calendar,
    withdraw_plan,
)
from domain.publishing.editions import Edition, Editions, T
from domain.publishing.events import (
    CalendarPublished,
    PlanPublished,
    TriagePublished,
    calendar_stream,
    plan_stream,
    triage_stream,
)
from domain.ticket.triage import Triage


class PublishingDesk(PromiseDesk, ABC, Generic[T]):
    """Takes commands for plans, calendars or the triage."""

    noun: ClassVar[str]

    @abstractmethod
    def stream(self, name: str) -> str:
        """What the stream of one is called."""

    @abstractmethod
    def find(self, name: str) -> Editions[T]:
        """What the book has of one.

        Raises:
            UnknownPlan: nothing.
        """

    @abstractmethod
    def _decide(self, editions: Editions[T], command: Publishing, act: Act) -> Sequence[Event]:
        """Ask the domain."""

    async def send(
        self,
        reference: str,
        command: Publishing,
        caller: Caller,
        *,
        expected: int | None = None,
        request: Request | None = None,
    ) -> Receipt:
        """Ask something of one, by its name. One that there is not yet begins with its first version.

        Args:
            reference: its name.
            expected: how many events of it the caller saw; ``None`` takes whatever stands.
            request: the command's idempotency key.

        Raises:
            NotFound: there is none to withdraw.
            StaleVersion: it has moved on from ``expected``.
            Forbidden: the caller may not.
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """

        def decide(act: Act) -> Sequence[Event]:
            return self._decide(self._at_hand(reference), command, act)

        stream = self.stream(reference)
        recorded = await self._record(stream, command, decide, caller, expected=expected, request=request)
        return await self._receipt(reference, recorded)

    async def read(self, name: str) -> Editions[T]:
        """What there is of one as the log has it now; nothing, where there is none.

        Raises:
            LogUnavailable: the database does not answer.
        """
        await self.book.refresh()
        return self._at_hand(name)

    async def edition(self, name: str, version: int | None = None) -> Edition[T]:
        """One version as the log has it now; the newest where none is named.

        Raises:
            NotFound: there is none.
            LogUnavailable: the database does not answer.
        """
        editions = await self.read(name)
        found = editions.of(version) if version else editions.newest
        if found is None:
            raise NotFound(f"there is no {self.noun} {name}{f' v{version}' if version else ''}")
        return found

    def _at_hand(self, name: str) -> Editions[T]:
        try:
            return self.find(name)
        except UnknownPlan:
            return Editions(name=name)

    async def _receipt(self, name: str, recorded: Recorded) -> Receipt:
        facts: Sequence[Fact] = await self._log.after(recorded.position - 1, 1)
        return Receipt(
            id=recorded.stream_id,
            number=name,
            version=recorded.version,
            position=recorded.position,
            recorded_at=recorded.recorded_at,
            published=_published(facts[0].event),
        )


class PlanDesk(PublishingDesk[ServicePlan]):
    """Where service plans are published.

    Args:
        needed: the plan that tickets go by which nothing else is promised.
    """

    noun: ClassVar[str] = "plan"

    def __init__(self, log: EventLog, book: Book, *, needed: str, now: Callable[[], datetime]) -> None:
        super().__init__(log, book, now=now)
        self._needed = needed

    def stream(self, name: str) -> str:
        """What the stream of a plan is called."""
        return plan_stream(name)

    def find(self, name: str) -> Editions[ServicePlan]:
        """What the book has of a plan."""
        return self.book.promises.plan_editions(name)

    def _decide(self, editions: Editions[ServicePlan], command: Publishing, act: Act) -> Sequence[Event]:
        counts_from = command.counts_from(act)
        if isinstance(command, PublishPlan):
            plan = plan_of(editions.name, command.version or editions.next, command.body)
            calendar = self.book.promises.calendar_editions(plan.calendar)
            is_needed = editions.name == self._needed
            return publish_plan(
                editions,
                plan=plan,
                calendar=calendar,
                effective_from=counts_from,
                is_needed=is_needed,
                by=act,
            )
        if not editions.all:
            raise NotFound(f"there is no plan {editions.name}")
        if editions.name == self._needed:
            raise NotAllowed(
                f"tickets that nothing else is promised go by plan {self._needed}",
                state="needed",
                allowed=("publish",),
            )
        return withdraw_plan(editions, effective_from=counts_from, by=act)


class CalendarDesk(PublishingDesk[Calendar]):
    """Where calendars are published.

    Args:
        needed: the plan that tickets go by which nothing else is promised.
    """

    noun: ClassVar[str] = "calendar"

    def __init__(self, log: EventLog, book: Book, *, needed: str, now: Callable[[], datetime]) -> None:
        super().__init__(log, book, now=now)
        self._needed = needed

    def stream(self, name: str) -> str:
        """What the stream of a calendar is called."""
        return calendar_stream(name)

    def find(self, name: str) -> Editions[Calendar]:
        """What the book has of a calendar."""
        return self.book.promises.calendar_editions(name)

    def _decide(self, editions: Editions[Calendar], command: Publishing, act: Act) -> Sequence[Event]:
        if isinstance(command, WithdrawCalendar):
            return self._withdraw(editions, command.counts_from(act), act)
        if not isinstance(command, PublishCalendar):
            raise TypeError(f"no calendar takes {command.action}")
        years = with_own(draw(command.drawn), command.years)
        version = command.version or editions.next
        return publish_calendar(
            editions,
            calendar=Calendar(editions.name, version, command.zone, command.week, years),
            effective_from=command.counts_from(act),
            sources=tuple(drawn.told for drawn in command.drawn),
            by=act,
        )

    def _withdraw(self, editions: Editions[Calendar], counts_from: datetime, act: Act) -> Sequence[Event]:
        if not editions.all:
            raise NotFound(f"there is no calendar {editions.name}")
        plan = self.book.promises.plan_editions(self._needed)
        later = (each for each in plan.all if each.effective_from and counts_from < each.effective_from)
        if any(each and each.body.calendar == editions.name for each in (plan.at(counts_from), *later)):
            raise NotAllowed(
                f"tickets that nothing else is promised go by plan {self._needed}, and that by calendar "
                f"{editions.name}: publish the plan with another calendar first",
                state="needed",
                allowed=("publish",),
            )
        return withdraw_calendar(editions, effective_from=counts_from, by=act)


class TriageDesk(PublishingDesk[Triage]):
    """Where the triage is published."""

    noun: ClassVar[str] = "triage"

    def stream(self, name: str) -> str:
        """What the stream of the triage is called."""
        return triage_stream(name)

    def find(self, name: str) -> Editions[Triage]:  # noqa: ARG002
        """What the book has of it."""
        return self.book.promises.triage

    def _decide(self, editions: Editions[Triage], command: Publishing, act: Act) -> Sequence[Event]:
        if not isinstance(command, PublishTriage):
            raise TypeError(f"no triage takes {command.action}")
        triage = Triage(
            name=editions.name,
            version=command.version or editions.next,
            matrix=command.matrix,
            categories=command.categories,
            fault_codes=command.fault_codes,
        )
        return publish_triage(editions, triage=triage, effective_from=command.counts_from(act), by=act)


def _published(event: Any) -> int | None:
    if isinstance(event, PlanPublished):
        return event.plan.version
    if isinstance(event, TriagePublished):
        return event.triage.version
    return event.version if isinstance(event, CalendarPublished) else None
