"""The book of assignments, and what may be asked of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from domain.assignment.events import PlanAssigned, PlanUnassigned, Scope
from domain.errors import InvalidValue, NotAllowed
from domain.event import Act, Event, Fact
from domain.ticket.allowed import needs_reason


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """A plan for an asset, a product, a class or everybody; see ``PlanAssigned``."""

    assignment: int
    scope: Scope
    key: str | None
    plan: str
    effective_from: datetime
    until: datetime | None
    by: str
    reason: str | None

    def holds(self, moment: datetime) -> bool:
        """Whether a ticket that is reported then falls under it."""
        return self.effective_from <= moment and (self.until is None or moment < self.until)


class Assignments(msgspec.Struct, frozen=True):
    """All assignments that there ever were, in order."""

    all: tuple[Assignment, ...] = ()

    def of(self, scope: Scope, key: str | None) -> list[Assignment]:
        """Those for one asset, product or class, or for everybody."""
        return [each for each in self.all if each.scope is scope and each.key == key]


def replay(facts: Iterable[Fact], book: Assignments | None = None) -> Assignments | None:
    """Fold facts, in version order, into the book that they make; ``None`` when there are none."""
    for fact in facts:
        book = Assignments(_after((book or Assignments()).all, fact.event, fact.act))
    return book


def assign(
    book: Assignments,
    *,
    scope: Scope,
    key: str | None,
    plan: str,
    effective_from: datetime,
    until: datetime | None,
    by: Act,
) -> tuple[Event, ...]:
    """Promise a plan without a contract (SLA 13).

    Raises:
        InvalidValue: it names nothing, or something where it is for everybody; it would end before it begins;
            it reaches back; or no reason was given.
    """
    needs_reason(by, "an assignment")
    if (key is None) is not (scope is Scope.DEFAULT):
        said = "is for everybody" if scope is Scope.DEFAULT else f"names the {scope.value}"
        raise InvalidValue(f"an assignment by {scope.value} {said}", field="/key")
    if effective_from < by.occurred_at:
        raise InvalidValue("an assignment does not reach back; re-pin the tickets", field="/effective_from")
    if until is not None and until <= effective_from:
        raise InvalidValue("an assignment ends after it begins", field="/until")
    return (
        PlanAssigned(
            assignment=len(book.all) + 1,
            scope=scope,
            key=key,
            plan=plan,
            effective_from=effective_from,
            until=until,
        ),
    )


def unassign(book: Assignments, *, assignment: int, until: datetime, by: Act) -> tuple[Event, ...]:
    """End an assignment.

    Raises:
        NotAllowed: it has ended.
        InvalidValue: it would end in the past, or no reason was given.
    """
    needs_reason(by, "ending an assignment")
    ends = book.all[assignment - 1].until
    if until < by.occurred_at:
        raise InvalidValue("an assignment does not end in the past; re-pin the tickets", field="/until")
    if ends is not None and ends <= until:
        raise NotAllowed(f"assignment {assignment} ends at {ends.isoformat()}", state="ended", allowed=())
    return (PlanUnassigned(assignment=assignment, until=until),)


def _after(known: tuple[Assignment, ...], event: Event, act: Act) -> tuple[Assignment, ...]:
    if isinstance(event, PlanAssigned):
        said = {name: getattr(event, name) for name in event.__struct_fields__}
        return (*known, Assignment(**said, by=act.actor, reason=act.reason))
    if isinstance(event, PlanUnassigned):
        return tuple(
            replace(each, until=event.until) if each.assignment == event.assignment else each
            for each in known
        )
    return known
