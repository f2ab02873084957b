"""How events make the compliance rows."""

from __future__ import annotations

from typing import ClassVar

from domain.event import Event
from domain.promises import Promises
from domain.ticket.events import TicketClassified, TicketRegistered
from domain.ticket.field_events import TechnicianDispatched
from domain.ticket.mail_events import CustomerIdentified
from projections.cases.folding import SHAPE, TICKET_EVENTS, CaseFold
from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows
from projections.sla_compliance.row import own_rows_of, rows_of
from projections.sla_compliance.watched import watch

DESCRIBING: frozenset[type[Event]] = frozenset(
    {TicketRegistered, CustomerIdentified, TicketClassified, TechnicianDispatched}
)
"""What changes the customer, contract, product, category or way of a ticket: on its ended clocks, too."""


class ComplianceProjection(Projection):
    """Keeps the compliance rows."""

    name: ClassVar[str] = "sla_compliance"
    version: ClassVar[int] = 4
    wants: ClassVar[tuple[str, ...]] = TICKET_EVENTS

    def __init__(self, promises: Promises) -> None:
        self._promises = promises
        self._cases = CaseFold(promises)

    @property
    def ingredients(self) -> bytes:
        """The shape of the cases it is worked out from."""
        return SHAPE

    def fold(self, batch: Batch, rows: Rows) -> None:
        """The clocks that may have changed get the row they now have."""
        touched = self._cases.touched(batch, rows)
        watch(touched, rows, self._promises)
        since = batch.starts_after
        described = since and {fact.stream_id for fact in batch.facts() if type(fact.event) in DESCRIBING}
        changed = [
            (folded, 0 if described and folded.case.ticket.id in described else since) for folded in touched
        ]
        rows.put(
            "sla_clock",
            [
                row
                for folded, after in changed
                for row in rows_of(folded.case, folded.settled, self._promises, changed_after=after)
            ],
        )
        rows.put(
            "own_clock",
            [
                row
                for folded, after in changed
                for row in own_rows_of(
                    folded.case, folded.settled_internal, self._promises, changed_after=after
                )
            ],
        )
