"""Which verdicts would be others: what each clock says under the one promise and under the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.calendar import CalendarGap
from domain.clock import Clock, Milestone
from domain.money import Money
from domain.penalties import penalty
from domain.promises import Promises
from domain.reading import Cause, Reading, Verdict, read
from domain.ticket.words import Priority
from projections.cases.case import Case
from projections.cases.duration import iso, iso_or_none
from projections.cases.settled import Settled


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A clock under one promise, at the moment of the run.

    Attributes:
        target: what was promised, in working time; ``None`` for nothing.
        elapsed: the working time that counts.
        due_at: its deadline; of a clock that was stopped, the one it was stopped before or after.
        breached_at: when the promise was broken.
        penalty: what being late costs (SLA 14).
    """

    verdict: Verdict
    cause: Cause | None
    plan: str
    plan_version: int
    calendar: str
    calendar_version: int
    target: str | None
    elapsed: str | None
    due_at: datetime | None
    breached_at: datetime | None
    penalty: Money | None


class ChangedClock(msgspec.Struct, frozen=True, kw_only=True):
    """A clock whose verdict would be another.

    Attributes:
        before: as it is; ``None`` where only the proposal promises it.
        after: as it would be; ``None`` where the proposal does not.
    """

    milestone: Milestone
    cycle: int
    before: Judged | None
    after: Judged | None


class ChangedTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket of which some verdict would be another, with the clocks of which it is."""

    ticket_id: UUID
    number: str
    customer: str | None
    product: str | None
    priority: Priority
    clocks: tuple[ChangedClock, ...]


class Side(NamedTuple):
    """A ticket under one promise: with what is certain about its clocks."""

    case: Case
    settled: Sequence[Settled]

    def clocks(self) -> dict[tuple[Milestone, int], tuple[Clock, Settled]]:
        """By milestone and cycle."""
        pairs = zip(self.case.clocks, self.settled, strict=True)
        return {(clock.milestone, clock.cycle): (clock, settled) for clock, settled in pairs}


def changed(before: Side, after: Side, promises: Promises, as_of: datetime) -> ChangedTicket | None:
    """What would be different about a ticket; ``None`` when no verdict is."""
    ticket = before.case.ticket
    clocks = tuple(_changed(before, after, promises, as_of))
    if not clocks:
        return None
    return ChangedTicket(
        ticket_id=ticket.id,
        number=ticket.number,
        customer=ticket.customer,
        product=ticket.product,
        priority=ticket.priority,
        clocks=clocks,
    )


def _changed(before: Side, after: Side, promises: Promises, as_of: datetime) -> Iterator[ChangedClock]:
    ours, theirs = before.clocks(), after.clocks()
    for key in [*ours, *(key for key in theirs if key not in ours)]:
        one, other = ours.get(key), theirs.get(key)
        if _said(one, as_of) == _said(other, as_of):
            continue
        milestone, cycle = key
        yield ChangedClock(
            milestone=milestone,
            cycle=cycle,
            before=_judged(*one, promises, as_of) if one else None,
            after=_judged(*other, promises, as_of) if other else None,
        )


def _said(found: tuple[Clock, Settled] | None, as_of: datetime) -> tuple[Verdict, Cause | None]:
    """What is judged; a clock that is not there judges nothing."""
    return _verdict(found[1], as_of) if found else (Verdict.NONE, None)


def _verdict(settled: Settled, as_of: datetime) -> tuple[Verdict, Cause | None]:
    if settled.breaks_now(as_of):
        return Verdict.BREACHED, Cause.LATE
    return settled.verdict, settled.reading.cause if settled.reading else None


def _judged(clock: Clock, settled: Settled, promises: Promises, as_of: datetime) -> Judged:
    verdict, cause = _verdict(settled, as_of)
    found = _read(clock, promises, as_of) or settled.reading
    pin = found.pin if found else clock.pin
    return Judged(
        verdict=verdict,
        cause=cause,
        plan=pin.plan,
        plan_version=pin.plan_version,
        calendar=pin.calendar,
        calendar_version=pin.calendar_version,
        target=iso_or_none(found.target if found else clock.targets[-1].seconds),
        elapsed=iso(found.elapsed) if found else None,
        due_at=_due_at(clock, found, promises),
        breached_at=found.breached_at if found else None,
        penalty=penalty(promises.plan(pin), clock.milestone, found) if found else None,
    )


def _due_at(clock: Clock, found: Reading | None, promises: Promises) -> datetime | None:
    """The deadline of a clock that runs; of one that was stopped, the one that stood then."""
    if found is None or found.due_at is not None or clock.stopped_at is None:
        return found.due_at if found else None
    running = _read(replace(clock, stopped_at=None), promises, clock.stopped_at)
    return running.due_at if running else None


def _read(clock: Clock, promises: Promises, at: datetime) -> Reading | None:
    try:
        return read(clock, promises.calendar, at)
    except CalendarGap:
        return None
