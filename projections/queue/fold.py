"""How events make the queues."""

from __future__ import annotations

from typing import ClassVar

from domain.promises import Promises
from projections.cases.folding import SHAPE, TICKET_EVENTS, CaseFold
from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows
from projections.engine.shape import shape
from projections.queue.front import Front, is_listed, row_of
from projections.queue.steps import StepRow, step_rows


class QueueProjection(Projection):
    """Keeps the queues, and the open steps of all tickets."""

    name: ClassVar[str] = "queue"
    version: ClassVar[int] = 5
    wants: ClassVar[tuple[str, ...]] = TICKET_EVENTS

    def __init__(self, promises: Promises) -> None:
        self._cases = CaseFold(promises)

    @property
    def ingredients(self) -> bytes:
        """The shape of the cases that it is worked out from, and of what it shows of them."""
        return SHAPE + shape(Front) + shape(StepRow)

    def fold(self, batch: Batch, rows: Rows) -> None:
        """Tickets that somebody should work on get a row, others lose theirs."""
        touched = self._cases.touched(batch, rows)
        told = batch.told()
        recorded = {ticket: at for ticket, facts in told.items() if (at := facts[-1].recorded_at)}
        listed = [folded for folded in touched if is_listed(folded.case)]
        rows.put("queue", [row_of(folded, recorded[folded.case.ticket.id]) for folded in listed])
        rows.drop("queue", [folded.case.ticket.id for folded in touched if not is_listed(folded.case)])
        rows.drop_of("open_step", "ticket_id", told)
        rows.add("open_step", [row for folded in touched for row in step_rows(folded)])
