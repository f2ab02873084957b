"""How events make the compliance rows."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from domain.clock import Clock
from domain.promises import Promises
from domain.reading import State
from projections.cases.case import Case, Trace
from projections.cases.folding import SHAPE, TICKET_EVENTS, CaseFold
from projections.cases.settled import Settled
from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows

ENDED = frozenset({State.STOPPED, State.CANCELLED})


class ClockRow(msgspec.Struct, kw_only=True):
    """A row of the table."""

    ticket_id: UUID
    milestone: str
    cycle: int
    number: str
    month: str
    priority: str
    team: str | None
    person: str | None
    customer: str | None
    product: str | None
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
    started_at: datetime
    stopped_at: datetime | None
    cancelled_at: datetime | None
    due_at: datetime | None
    breaks_at: datetime | None
    breached_at: datetime | None
    gap: int | None
    first_position: int
    last_position: int


class ComplianceProjection(Projection):
    """Keeps the compliance rows."""

    name: ClassVar[str] = "sla_compliance"
    version: ClassVar[int] = 1
    wants: ClassVar[tuple[str, ...]] = TICKET_EVENTS

    def __init__(self, promises: Promises) -> None:
        self._promises = promises
        self._cases = CaseFold("sla_case", promises)

    @property
    def ingredients(self) -> bytes:
        """The shape of the cases it keeps."""
        return SHAPE

    def fold(self, batch: Batch, rows: Rows) -> None:
        """The clocks that may have changed get the row they now have."""
        rows.put(
            "sla_clock",
            [
                self._row(folded.case, clock, trace, settled)
                for folded in self._cases.advance(batch, rows)
                for clock, trace, settled in zip(
                    folded.case.clocks, folded.case.traces, folded.settled, strict=True
                )
                if clock.unstopped or trace.last > batch.starts_after
            ],
        )

    def _row(self, case: Case, clock: Clock, trace: Trace, settled: Settled) -> ClockRow:
        read = settled.reading
        ended = read if settled.state in ENDED else None
        pin = read.pin if read else clock.pin
        return ClockRow(
            ticket_id=case.ticket.id,
            milestone=clock.milestone.value,
            cycle=clock.cycle,
            number=case.ticket.number,
            month=month_of(clock.started_at, self._promises.calendar(pin).zone),
            priority=(read.priority if read else clock.targets[-1].priority).value,
            team=trace.team,
            person=trace.person,
            customer=case.ticket.customer,
            product=case.ticket.product,
            plan=pin.plan,
            plan_version=pin.plan_version,
            calendar=pin.calendar,
            calendar_version=pin.calendar_version,
            state=settled.state.value,
            verdict=settled.verdict.value,
            cause=read.cause.value if read and read.cause else None,
            target=read.target if read else clock.targets[-1].seconds,
            elapsed=ended.elapsed if ended else None,
            paused=ended.paused if ended else None,
            started_at=clock.started_at,
            stopped_at=clock.stopped_at,
            cancelled_at=clock.cancelled_at or clock.waived_at,
            due_at=read.due_at if read else None,
            breaks_at=settled.breaks_at,
            breached_at=read.breached_at if read else None,
            gap=settled.gap,
            first_position=trace.first,
            last_position=trace.last,
        )


def month_of(moment: datetime, zone: str) -> str:
    """The month of a moment on the wall of a zone, "2026-03"."""
    try:
        wall = moment.astimezone(ZoneInfo(zone))
    except OverflowError:  # the first hours of the year 1
        wall = moment
    return f"{wall.year:04d}-{wall.month:02d}"
