"""The assignments, and what may be asked of them."""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Iterable, Sequence
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


class Assignments:
    """All assignments that there ever were. However many there are, those of one thing are found at once."""

    def __init__(self) -> None:
        self._all: dict[int, Assignment] = {}
        self._of: dict[tuple[Scope, str | None], list[Assignment]] = {}
        self._events = 0

    @property
    def all(self) -> Collection[Assignment]:
        """In the order in which they were made."""
        return self._all.values()

    def one(self, number: int) -> Assignment | None:
        """By its number."""
        return self._all.get(number)

    def of(self, scope: Scope, key: str | None) -> Sequence[Assignment]:
        """Those for one asset, product or class, or for everybody; the one that begins last comes last."""
        return self._of.get((scope, key), ())

    def learn(self, facts: Iterable[Fact]) -> None:
        """Take in what happened, in version order; what is known of it already is passed over."""
        for fact in facts:
            if not isinstance(fact.event, PlanAssigned | PlanUnassigned) or fact.version != self._events + 1:
                continue
            self._events = fact.version
            if isinstance(fact.event, PlanAssigned):
                self._take(_assignment(fact.event, fact.act))
            else:
                self._end(fact.event)

    def _take(self, made: Assignment) -> None:
        self._all[made.assignment] = made
        insort(self._of.setdefault((made.scope, made.key), []), made, key=_begins)

    def _end(self, event: PlanUnassigned) -> None:
        before = self._all.get(event.assignment)
        if before is not None:
            after = self._all[event.assignment] = replace(before, until=event.until)
            those = self._of[before.scope, before.key]
            those[those.index(before)] = after


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


def unassign(given: Assignment, *, until: datetime, by: Act) -> tuple[Event, ...]:
    """End an assignment.

    Raises:
        NotAllowed: it has ended.
        InvalidValue: it would end in the past, or no reason was given.
    """
    needs_reason(by, "ending an assignment")
    number, ends = given.assignment, given.until
    if until < by.occurred_at:
        raise InvalidValue("an assignment does not end in the past; re-pin the tickets", field="/until")
    if ends is not None and ends <= until:
        raise NotAllowed(f"assignment {number} ends at {ends.isoformat()}", state="ended", allowed=())
    return (PlanUnassigned(assignment=number, until=until),)


def _assignment(event: PlanAssigned, act: Act) -> Assignment:
    said = {name: getattr(event, name) for name in event.__struct_fields__}
    return Assignment(**said, by=act.actor, reason=act.reason)


def _begins(each: Assignment) -> tuple[datetime, int]:
    return each.effective_from, each.assignment
