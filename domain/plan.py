"""Service plans: what is promised for which priority, in whose working time, and what may pause it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from domain.calendar import Calendar
from domain.clock import Milestone
from domain.errors import DomainError, InvalidValue
from domain.ticket.events import PlanPin
from domain.ticket.words import HoldReason, Priority, TravelBand

CUSTOMERS_WAITS = frozenset(
    {
        HoldReason.WAITING_FOR_CUSTOMER,
        HoldReason.ACCESS_REFUSED,
        HoldReason.CUSTOMER_CHOSE_LATER,
        HoldReason.QUOTE_CONSENT,
    }
)
"""The waits that are the customer's own (SLA 4); a part or a supplier is ours to wait for."""


FIELDWORK = (Milestone.DISPATCH, Milestone.ON_SITE, Milestone.WORKAROUND, Milestone.RESOLVE)
"""What is owed once for every cycle of a ticket (SLA 10)."""

ROUND_THE_CLOCK = ("24x7", 1)
"""The calendar, with its version, of milestones that a plan promises in clock time."""


def usual_pauses() -> dict[Milestone, frozenset[HoldReason]]:
    """What pauses unless a plan says otherwise: the work waits for the customer, no answer does (SLA 4)."""
    return dict.fromkeys(FIELDWORK, CUSTOMERS_WAITS)


class UnknownPlan(DomainError):
    """No such plan, or calendar, or version of it, is in the book."""

    code = "unknown-plan"


class Title(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name for people, in both languages."""

    zh: str
    en: str


class Special(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A promise for some tickets only; it wins over the plain one, and over any with fewer conditions.

    Attributes:
        milestone: what is promised.
        seconds: in which time.
        priority: only for tickets of this priority; the others likewise. ``None`` is no condition.
        category: only for faults of this category.
        band: only for customers so far away (SLA 14).
    """

    milestone: Milestone
    seconds: int
    priority: Priority | None = None
    category: str | None = None
    band: TravelBand | None = None

    @property
    def conditions(self) -> tuple[Priority | None, str | None, TravelBand | None]:
        """What a ticket must be."""
        return self.priority, self.category, self.band


class ServicePlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a customer is promised; another promise is another version (SLA 8).

    Attributes:
        name: what contracts and tickets call it.
        version: from 1.
        title: what people call it.
        calendar: the working time it is measured in, unless a ticket pins another.
        calendar_version: its version.
        targets: for each milestone and priority the working seconds promised; nothing stated, no promise.
        special: what is promised otherwise to some tickets: by category, or by the way to the customer.
        clock_time: the milestones that are promised in clock time, whatever the calendar says.
        pausing: for each milestone the waits that pause it; a milestone left out never pauses (SLA 4).

    Raises:
        InvalidValue: a target is not a positive number of seconds, or two promises contradict each other.
    """

    name: str
    version: int
    title: Title
    calendar: str
    calendar_version: int
    targets: dict[Milestone, dict[Priority, int]]
    special: tuple[Special, ...] = ()
    clock_time: frozenset[Milestone] = frozenset()
    pausing: dict[Milestone, frozenset[HoldReason]] = msgspec.field(default_factory=usual_pauses)

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise InvalidValue(f"plan {self.name} v{self.version} {problem}")

    def target(
        self,
        milestone: Milestone,
        priority: Priority,
        *,
        category: str | None = None,
        band: TravelBand | None = None,
    ) -> int | None:
        """The seconds promised to such a ticket, in the milestone's own time; ``None`` where nothing is."""
        ticket = (priority, category, band)
        fitting = [
            special
            for special in self.special
            if special.milestone is milestone
            and all(wanted in {None, here} for wanted, here in zip(special.conditions, ticket, strict=True))
        ]
        if fitting:
            return max(fitting, key=_narrowness).seconds
        return self.targets.get(milestone, {}).get(priority)

    @property
    def tells_categories_apart(self) -> bool:
        """Whether any promise depends on the kind of fault."""
        return any(special.category is not None for special in self.special)

    def promises(self, milestone: Milestone) -> bool:
        """Whether it says anything about a milestone, to whomever."""
        return bool(self.targets.get(milestone)) or any(each.milestone is milestone for each in self.special)

    def pin(self, milestone: Milestone, pin: PlanPin) -> PlanPin:
        """What a milestone's clock pins: of the ticket's pin, with another calendar for clock time."""
        if milestone not in self.clock_time:
            return pin
        calendar, version = ROUND_THE_CLOCK
        return replace(pin, calendar=calendar, calendar_version=version)

    def pauses(self, milestone: Milestone, reason: HoldReason) -> bool:
        """Whether this wait stops the milestone's clock (SLA 4)."""
        return reason in self.pausing.get(milestone, ())

    def _problems(self) -> Iterator[str]:
        promised = [
            (milestone, priority.value, seconds)
            for milestone, each in self.targets.items()
            for priority, seconds in each.items()
        ]
        promised += [(special.milestone, "to some", special.seconds) for special in self.special]
        for milestone, whom, seconds in promised:
            if seconds <= 0:
                yield f"promises {milestone.value} {whom} in {seconds} s; a target is longer than nothing"
        for special, other in combinations(self.special, 2):
            if (special.milestone, special.conditions) == (other.milestone, other.conditions):
                yield f"promises {special.milestone.value} twice to the same tickets"
        if any(not any(special.conditions) for special in self.special):
            yield "has a special promise without a condition; that is a target"


def _narrowness(special: Special) -> tuple[int, bool, bool]:
    """More conditions win; of as many, the way to the customer, then the category."""
    return sum(map(bool, special.conditions)), bool(special.band), bool(special.category)


class Promises:
    """The book of every published plan and calendar, all versions. Reading it never changes it.

    Raises:
        InvalidValue: two plans or calendars have the same name and version.
        UnknownPlan: a plan names a calendar that is not there.
    """

    def __init__(self, plans: Iterable[ServicePlan], calendars: Iterable[Calendar]) -> None:
        self._plans = _by_version("plan", plans)
        self._calendars = _by_version("calendar", calendars)
        for plan in self._plans.values():
            _find("calendar", self._calendars, plan.calendar, plan.calendar_version)
            if plan.clock_time:
                _find("calendar", self._calendars, *ROUND_THE_CLOCK)

    @property
    def plans(self) -> tuple[ServicePlan, ...]:
        """Every plan, by name and version."""
        return tuple(plan for _, plan in sorted(self._plans.items()))

    def plan(self, pin: PlanPin) -> ServicePlan:
        """The plan that a pin names.

        Raises:
            UnknownPlan: the book does not hold that version.
        """
        return _find("plan", self._plans, pin.plan, pin.plan_version)

    def calendar(self, pin: PlanPin) -> Calendar:
        """The calendar that a pin names.

        Raises:
            UnknownPlan: the book does not hold that version.
        """
        return _find("calendar", self._calendars, pin.calendar, pin.calendar_version)

    def pin(self, plan: str) -> PlanPin:
        """The newest version of a plan with its calendar, for a ticket that starts now (SLA 8).

        Raises:
            UnknownPlan: no plan has this name.
        """
        versions = [version for name, version in self._plans if name == plan]
        if not versions:
            known = ", ".join(sorted({name for name, _ in self._plans})) or "none"
            raise UnknownPlan(f"there is no plan {plan!r}; the book has {known}", field="/plan")
        newest = self._plans[plan, max(versions)]
        return PlanPin(
            plan=plan,
            plan_version=newest.version,
            calendar=newest.calendar,
            calendar_version=newest.calendar_version,
        )


class _Published(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...


T = TypeVar("T", bound=_Published)


def _by_version(kind: str, things: Iterable[T]) -> dict[tuple[str, int], T]:
    book: dict[tuple[str, int], T] = {}
    for thing in things:
        key = thing.name, thing.version
        if key in book:
            raise InvalidValue(f"two {kind}s are called {thing.name} v{thing.version}")
        book[key] = thing
    return book


def _find(kind: str, book: Mapping[tuple[str, int], T], name: str, version: int) -> T:
    found = book.get((name, version))
    if found is None:
        known = ", ".join(f"{name} v{version}" for name, version in sorted(book)) or "none"
        raise UnknownPlan(f"there is no {kind} {name} v{version}; the book has {known}")
    return found
