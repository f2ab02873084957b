"""The book of service plans and calendars, every version, and what a new ticket pins of it (SLA 8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from domain.calendar import Calendar
from domain.errors import DomainError, InvalidValue
from domain.plan import ROUND_THE_CLOCK, ServicePlan
from domain.ticket.events import PlanPin


class UnknownPlan(DomainError):
    """No such plan, or calendar, or version of it, is in the book."""

    code = "unknown-plan"


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
