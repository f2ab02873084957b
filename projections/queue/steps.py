"""The open steps of tickets as rows: who is responsible, by when, and how urgent they are among all (R09)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from textwrap import shorten
from uuid import UUID

import msgspec

from domain.clock import Clock
from domain.reading import State
from domain.ticket.state import Ticket
from domain.ticket.steps import Ground, Step, StepKind, steps
from domain.ticket.words import Priority
from projections.cases.folding import Folded
from projections.cases.settled import Settled
from projections.queue.front import NEVER, rank

LONGEST = 200
"""Characters that are shown of what a step is about."""


class StepRow(msgspec.Struct, kw_only=True):
    """A row of the table; its fields are the columns."""

    ticket_id: UUID
    step: str
    number: str
    subject: str
    priority: Priority
    kind: StepKind
    about: str | None
    person: str | None
    team: str | None
    ground: Ground
    rank: int
    since: datetime
    due_at: datetime | None
    late_from: datetime | None
    is_late: bool = False
    paused: bool = False
    calendar: str | None = None
    calendar_version: int | None = None
    due_mark: int | None = None
    left_over: int | None = None
    gap: int | None = None


def step_rows(folded: Folded) -> Iterator[StepRow]:
    """The rows of a ticket's open steps.

    Raises:
        UnknownPlan: the book does not hold a clock's calendar.
    """
    case = folded.case
    clocks = (*case.clocks, *case.internal)
    found = [*steps(case.ticket, clocks, case.known_since)]
    if not found:
        return
    certain = (*folded.settled, *folded.settled_internal)
    settled = {(clock.milestone, clock.cycle): each for clock, each in zip(clocks, certain, strict=True)}
    winner = case.ticket.contract.winner if case.ticket.contract else None
    for step in found:
        row = _row(case.ticket, step)
        if step.clock is not None:
            _measure(row, step.clock, settled[step.clock.milestone, step.clock.cycle])
        row.rank = rank(row.due_at, row.left_over, is_contract=winner is not None)
        yield row


def _row(ticket: Ticket, step: Step) -> StepRow:
    """As the step itself says; late from the second after its due time on, which is in time."""
    due_at = step.due_at
    return StepRow(
        ticket_id=ticket.id,
        step=f"{step.kind.value}/{step.item}" if step.item else step.kind.value,
        number=ticket.number,
        subject=ticket.subject,
        priority=ticket.priority,
        kind=step.kind,
        about=shorten(step.about, LONGEST, placeholder=" …") if step.about else None,
        person=step.person,
        team=step.team,
        ground=step.ground,
        rank=NEVER,
        since=step.since,
        due_at=due_at,
        late_from=due_at.replace(microsecond=0) + timedelta(seconds=1) if due_at else None,
    )


def _measure(row: StepRow, clock: Clock, settled: Settled) -> None:
    """As its clock says, in working time."""
    read = settled.reading
    row.paused, row.gap, row.late_from = settled.state is State.PAUSED, settled.gap, settled.breaks_at
    if read is not None:
        row.due_at, row.due_mark = read.due_at, read.due_mark
        row.left_over = read.remaining if row.paused else None
        row.is_late = row.left_over is not None and row.left_over < 0
    row.calendar, row.calendar_version = clock.pin.calendar, clock.pin.calendar_version
