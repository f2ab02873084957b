"""How events make the traces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from uuid import UUID

import msgspec

from domain.event import Fact
from domain.part.events import MovedForTicket, MovedInStock
from domain.ticket.events import TicketRegistered
from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows
from projections.part_trace.steps import steps


class StepRow(msgspec.Struct):
    """A step of a trace."""

    position: int
    line: int
    part_id: UUID
    number: str
    lot: str | None
    serial: str | None
    quantity: int
    came_from: str
    from_place: str
    went_to: str
    to_place: str
    ticket: UUID | None
    ticket_number: str | None
    asset: str | None
    swapped: str | None


class TicketRow(msgspec.Struct):
    """A ticket's customer."""

    id: UUID
    number: str
    customer: str | None


class TraceProjection(Projection):
    """Keeps the traces."""

    name: ClassVar[str] = "part_trace"
    version: ClassVar[int] = 1
    wants: ClassVar[tuple[str, ...]] = ("part.", "ticket.registered")

    def fold(self, batch: Batch, rows: Rows) -> None:
        """Every step gets a row; what is neither named nor for a ticket can be told from nothing."""
        facts = batch.facts()
        rows.put(
            "trace_ticket",
            [
                TicketRow(fact.stream_id, fact.event.number, fact.event.customer)
                for fact in facts
                if isinstance(fact.event, TicketRegistered)
            ],
        )
        rows.add("trace_step", [row for fact in facts for row in _rows(fact)])


def _rows(fact: Fact) -> Iterator[StepRow]:
    event = fact.event
    if not isinstance(event, MovedForTicket | MovedInStock):
        return
    for line, step in enumerate(steps(event), 1):
        if step.lot or step.serial or event.for_ticket:
            yield StepRow(
                fact.position,
                line,
                fact.stream_id,
                event.number,
                step.lot,
                step.serial,
                step.quantity,
                step.came_from.stop.value,
                step.came_from.place,
                step.went_to.stop.value,
                step.went_to.place,
                event.for_ticket,
                event.ticket_number,
                step.asset,
                step.swapped,
            )
