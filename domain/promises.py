"""The book of plans, calendars and the triage, every version, and what a new ticket pins of it (SLA 8).

The book only ever grows and what stands in it never changes, so whoever holds more of it than somebody else
answers the same about what both hold. What was published elsewhere is looked up where a pin names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from msgspec.structs import replace

from domain.calendar import Calendar
from domain.errors import DomainError, InvalidValue
from domain.event import Fact
from domain.plan import ROUND_THE_CLOCK, ServicePlan
from domain.publishing.editions import Edition, Editions, Versioned, evolve
from domain.publishing.events import (
    TRIAGE,
    CalendarPublished,
    CalendarWithdrawn,
    PlanPublished,
    PlanWithdrawn,
    TriagePublished,
)
from domain.ticket.events import PlanPin
from domain.ticket.triage import Triage

T = TypeVar("T", bound=Versioned)
Look = Callable[[str], Sequence[Fact]]
"""Everything that was published under a name such as ``plan:gold`` or ``calendar:cn-office``."""


class UnknownPlan(DomainError):
    """No such plan, or calendar, or version of it, is in the book."""

    code = "unknown-plan"


class NotOffered(DomainError):
    """There is such a plan, and no version of it is for tickets that are reported then."""

    code = "plan-not-offered"


class Withdrawn(NotOffered):
    """The plan was withdrawn by then."""


class WithoutCalendar(NotOffered):
    """The plan goes by a calendar that was withdrawn by then."""


class Promises:
    """The book of every published plan and calendar, all versions. Reading it never changes what it says.

    Args:
        plans: those that come with the product.
        calendars: likewise.
        triages: likewise.
        look: asked where a pin names a version that the book does not hold.

    Raises:
        InvalidValue: two plans or calendars have the same name and version.
        UnknownPlan: a plan names a calendar that is not there.
    """

    def __init__(
        self,
        plans: Iterable[ServicePlan],
        calendars: Iterable[Calendar],
        triages: Iterable[Triage] = (),
        *,
        look: Look = lambda _: (),
    ) -> None:
        self._look = look
        self._plans = _Shelf("plan", plans, look)
        self._calendars = _Shelf("calendar", calendars, look)
        self._triages = _Shelf("triage", triages, look)
        for plan in self.plans:
            if plan.calendar_version is None:
                self._calendars.editions(plan.calendar)
            else:
                self._calendars.one(plan.calendar, plan.calendar_version)
            if plan.clock_time:
                self._calendars.one(*ROUND_THE_CLOCK)

    def beside(self, plans: Iterable[ServicePlan], calendars: Iterable[Calendar]) -> Promises:
        """Another book with these in it, too, which nobody published.

        Raises:
            InvalidValue: one of them is in the book already.
            UnknownPlan: a plan names a calendar that is not there.
        """
        triages = [each.body for editions in self._triages.all for each in editions.all]
        return Promises([*self.plans, *plans], [*self.calendars, *calendars], triages, look=self._look)

    @property
    def plans(self) -> tuple[ServicePlan, ...]:
        """Every version of every plan, by name and version."""
        return tuple(each.body for editions in self._plans.all for each in editions.all)

    @property
    def all_plans(self) -> tuple[Editions[ServicePlan], ...]:
        """Every plan, by name."""
        return self._plans.all

    @property
    def all_calendars(self) -> tuple[Editions[Calendar], ...]:
        """Every calendar, by name."""
        return self._calendars.all

    def plan_editions(self, name: str) -> Editions[ServicePlan]:
        """All versions of a plan that the book holds.

        Raises:
            UnknownPlan: it holds none.
        """
        return self._plans.editions(name)

    def calendar_editions(self, name: str) -> Editions[Calendar]:
        """All versions of a calendar that the book holds.

        Raises:
            UnknownPlan: it holds none.
        """
        return self._calendars.editions(name)

    @property
    def calendars(self) -> tuple[Calendar, ...]:
        """Every version of every calendar, by name and version."""
        return tuple(each.body for editions in self._calendars.all for each in editions.all)

    def plan(self, pin: PlanPin) -> ServicePlan:
        """The plan that a pin names.

        Raises:
            UnknownPlan: that version was never published.
        """
        return self._plans.one(pin.plan, pin.plan_version)

    def calendar(self, pin: PlanPin) -> Calendar:
        """The calendar that a pin names.

        Raises:
            UnknownPlan: that version was never published.
        """
        return self._calendars.one(pin.calendar, pin.calendar_version)

    @property
    def triage(self) -> Editions[Triage]:
        """All versions of what tickets are sorted by.

        Raises:
            UnknownPlan: the book holds none.
        """
        return self._triages.editions(TRIAGE)

    def pin(self, plan: str, at: datetime) -> PlanPin:
        """The newest version of a plan that counted when the customer reported, with its calendar (SLA 2, 8).

        A plan that names no version of its calendar takes the newest one that counted then.

        Args:
            plan: its name.
            at: when the customer reported.

        Raises:
            UnknownPlan: the book holds no plan of this name.
            NotOffered: none of its versions counted then, or none of its calendar's.
            Withdrawn: it was withdrawn.
            WithoutCalendar: its calendar was.
        """
        found = _offered(self._plans.editions(plan), at).body
        calendar = self._calendar_of(found, at)
        if calendar is None:
            raise NotOffered(
                f"plan {plan} v{found.version} goes by calendar {found.calendar}, "
                f"of which no version counts at {at.isoformat()}",
                field="/plan",
            )
        pin = PlanPin(
            plan=plan,
            plan_version=found.version,
            calendar=found.calendar,
            calendar_version=calendar.body.version,
        )
        self.offers_calendar(pin, at)
        return pin

    def offers_calendar(self, pin: PlanPin, at: datetime) -> None:
        """See that tickets which are reported then may go by the calendar of a pin.

        Raises:
            UnknownPlan: the book holds no calendar of this name.
            WithoutCalendar: it was withdrawn.
        """
        edition = self._calendars.editions(pin.calendar).of(pin.calendar_version)
        if edition and edition.withdrawn_from and edition.is_withdrawn(at):
            raise _without(pin.plan, pin.calendar, edition.withdrawn_from)

    def offers(self, plan: str) -> None:
        """See that a plan can be promised, be it from a later time on.

        Raises:
            UnknownPlan: the book holds no plan of this name.
            Withdrawn: its newest version was withdrawn.
            WithoutCalendar: the newest version of its calendar was, or the one that it names.
        """
        newest = self._plans.editions(plan).newest
        if newest and newest.withdrawn_from:
            raise _withdrawn(plan, newest.withdrawn_from)
        calendar = self._calendar_of(newest.body) if newest else None
        if newest and calendar and calendar.withdrawn_from:
            raise _without(plan, newest.body.calendar, calendar.withdrawn_from)

    def _calendar_of(self, plan: ServicePlan, at: datetime | None = None) -> Edition[Calendar] | None:
        """The version of its calendar that a plan names, or the newest that counts then, or that there is."""
        editions = self._calendars.editions(plan.calendar)
        if plan.calendar_version is not None:
            return editions.of(plan.calendar_version)
        return editions.newest if at is None else editions.at(at)

    def learn(self, facts: Sequence[Fact]) -> None:
        """Take in what happened to plans and calendars; what is known of them already is passed over.

        Args:
            facts: of each stream in version order.
        """
        for fact in facts:
            if isinstance(fact.event, PlanPublished | PlanWithdrawn):
                self._plans.learn(fact.event.number, fact)
            elif isinstance(fact.event, CalendarPublished | CalendarWithdrawn):
                self._calendars.learn(fact.event.number, fact)
            elif isinstance(fact.event, TriagePublished):
                self._triages.learn(fact.event.number, fact)


def _offered(editions: Editions[ServicePlan], at: datetime) -> Edition[ServicePlan]:
    found = editions.at(at)
    if found is None:
        first = min(each.effective_from for each in editions.all if each.effective_from)
        raise NotOffered(
            f"plan {editions.name} counts from {first.isoformat()}, the report is of {at.isoformat()}",
            field="/plan",
        )
    if found.withdrawn_from and found.is_withdrawn(at):
        raise _withdrawn(editions.name, found.withdrawn_from)
    return found


def _withdrawn(plan: str, since: datetime) -> Withdrawn:
    return Withdrawn(f"plan {plan} is withdrawn from {since.isoformat()} on", field="/plan")


def _without(plan: str, calendar: str, since: datetime) -> WithoutCalendar:
    return WithoutCalendar(
        f"plan {plan} goes by calendar {calendar}, which is withdrawn from {since.isoformat()} on",
        field="/plan",
    )


class _Shelf(Generic[T]):
    """The plans, or the calendars."""

    def __init__(self, kind: str, shipped: Iterable[T], look: Look) -> None:
        self._kind = kind
        self._look = look
        self._editions: dict[str, Editions[T]] = {}
        self._found: dict[tuple[str, int], T] = {}
        for each in shipped:
            if (each.name, each.version) in self._found:
                raise InvalidValue(f"two {kind}s are called {each.name} v{each.version}")
            self._found[each.name, each.version] = each
        for (name, _), each in sorted(self._found.items(), key=lambda found: found[0]):
            before = self._editions.get(name) or Editions(name=name)
            self._editions[name] = replace(before, all=(*before.all, Edition(body=each)))

    @property
    def all(self) -> tuple[Editions[T], ...]:
        return tuple(editions for _, editions in sorted(self._editions.items()))

    def editions(self, name: str) -> Editions[T]:
        found = self._editions.get(name)
        if found is None or not found.all:
            known = ", ".join(sorted(self._editions)) or "none"
            raise UnknownPlan(
                f"there is no {self._kind} {name!r}; the book has {known}", field=f"/{self._kind}"
            )
        return found

    def one(self, name: str, version: int) -> T:
        found = self._found.get((name, version))
        if found is None:
            for fact in self._look(f"{self._kind}:{name}"):
                self.learn(name, fact)
            found = self._found.get((name, version))
        if found is None:
            known = ", ".join(f"{name} v{version}" for name, version in sorted(self._found)) or "none"
            raise UnknownPlan(f"there is no {self._kind} {name} v{version}; the book has {known}")
        return found

    def learn(self, name: str, fact: Fact) -> None:
        before = self._editions.get(name) or Editions(name=name)
        if fact.version != before.events + 1:
            return
        after = evolve(fact, before)
        self._found |= {(name, each.body.version): each.body for each in after.all}
        self._editions[name] = after
