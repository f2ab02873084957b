"""A clock as a row of the compliance table: everything that a table, a list or a penalty is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from domain.calendar import CalendarGap
from domain.clock import Clock, Milestone
from domain.promises import Promises
from domain.reading import Reading, State
from domain.ticket.resolution import resolution
from domain.ticket.words import Tier
from projections.cases.case import Case
from projections.cases.settled import Settled
from projections.cases.tracing import Trace


class ClockRow(msgspec.Struct):
    """A row of the table; its fields are the columns."""

    ticket_id: UUID
    milestone: str
    cycle: int
    number: str
    month: str
    priority: str
    team: str | None
    person: str | None
    technician: str | None
    customer: str | None
    contract: str | None
    product: str | None
    category: str | None
    band: str | None
    plan: str
    plan_version: int
    calendar: str
    calendar_version: int
    state: str
    verdict: str
    cause: str | None
    target: int | None
    elapsed: int | None
    paused: int | None
    late: int
    due_mark: int | None
    late_mark: int | None
    total: int | None
    started_at: datetime
    stopped_at: datetime | None
    cancelled_at: datetime | None
    due_at: datetime | None
    breaks_at: datetime | None
    breached_at: datetime | None
    gap: int | None
    first_position: int
    last_position: int


class OwnRow(ClockRow):
    """A row of the table of our own clocks."""

    tier: str


Kind = TypeVar("Kind", bound=ClockRow)


def row_of(
    case: Case,
    clock: Clock,
    trace: Trace,
    settled: Settled,
    promises: Promises,
    kind: type[Kind] = ClockRow,
    *more: str,
) -> Kind:
    """The row of one clock, but for ``total``.

    Raises:
        UnknownPlan: the book does not hold its calendar.
    """
    ticket, read = case.ticket, settled.reading
    winner = ticket.contract.winner if ticket.contract else None
    pin = read.pin if read else clock.pin
    # By place, in the order of the columns: to name them all would take five times as long.
    return kind(
        ticket.id,
        clock.milestone,
        clock.cycle,
        ticket.number,
        month_of(clock.started_at, promises.calendar(pin).zone),
        read.priority if read else clock.targets[-1].priority,
        trace.team,
        trace.person,
        trace.technician,
        ticket.customer,
        winner.number if winner else None,
        ticket.product,
        ticket.category,
        ticket.band,
        pin.plan,
        pin.plan_version,
        pin.calendar,
        pin.calendar_version,
        settled.state,
        settled.verdict,
        read.cause if read else None,
        read.target if read else clock.targets[-1].seconds,
        read.elapsed if read and settled.state is not State.RUNNING else None,
        read.paused if read else None,
        read.late if read else 0,
        read.due_mark if read else None,
        _late_mark(read) if read else None,
        None,  # total
        clock.started_at,
        clock.stopped_at,
        clock.cancelled_at or clock.waived_at,
        read.due_at if read else None,
        settled.breaks_at,
        read.breached_at if read else None,
        settled.gap,
        trace.first,
        trace.last,
        *more,
    )


def _late_mark(read: Reading) -> int | None:
    """The mark of its calendar from which on a running clock is late: what is past it is time late."""
    if read.due_mark is None or read.target is None or read.breached_at is None:
        return read.due_mark
    return read.due_mark - read.target + read.elapsed - read.late


def rows_of(
    case: Case, settled: Sequence[Settled], promises: Promises, *, changed_after: int = 0
) -> list[ClockRow]:
    """The rows of a case.

    Args:
        settled: what is certain about each of its clocks.
        changed_after: leave out the clocks that have ended and that nothing after this position changed.

    Raises:
        UnknownPlan: the book does not hold a clock's calendar.
    """
    rows = []
    for clock, trace, certain in zip(case.clocks, case.traces, settled, strict=True):
        is_first_resolve = clock.milestone is Milestone.RESOLVE and clock.cycle == 1
        whole = is_first_resolve and case.ticket.cycle > 1
        if clock.unstopped or trace.last > changed_after or whole:
            row = row_of(case, clock, trace, certain, promises)
            if is_first_resolve:
                row.total = total(case, settled, promises)
            rows.append(row)
    return rows


def own_rows_of(
    case: Case, settled: Sequence[Settled], promises: Promises, *, changed_after: int = 0
) -> list[OwnRow]:
    """The rows of a case's own clocks; see ``rows_of``.

    Raises:
        UnknownPlan: the book does not hold a clock's calendar.
    """
    return [
        row_of(case, clock, trace, certain, promises, OwnRow, (trace.tier or Tier.L1).value)
        for clock, trace, certain in zip(case.internal, case.internal_traces, settled, strict=True)
        if clock.unstopped or trace.last > changed_after
    ]


def total(case: Case, settled: Sequence[Settled], promises: Promises) -> int | None:
    """The working seconds from the report to the resolution that stands (SLA 10); ``None`` without one."""
    resolves = [
        certain
        for clock, certain in zip(case.clocks, settled, strict=True)
        if clock.milestone is Milestone.RESOLVE
    ]
    first, last = resolves[0], resolves[-1]
    if last.state is not State.STOPPED or first.reading is None:
        return None
    if first is last:
        return first.reading.elapsed
    try:
        found = resolution(case.clocks, promises.calendar(case.ticket.pin))
    except CalendarGap:
        return None
    return found.total if found else None


@lru_cache(maxsize=4096)  # the clocks of a ticket start together, mostly
def month_of(moment: datetime, zone: str) -> str:
    """The month of a moment on the wall of a zone, "2026-03"."""
    try:
        wall = moment.astimezone(ZoneInfo(zone))
    except OverflowError:  # the first hours of the year 1
        wall = moment
    return f"{wall.year:04d}-{wall.month:02d}"
