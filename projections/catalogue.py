"""Every projection there is; a new read model adds its line here."""

from __future__ import annotations

from domain.promises import Promises
from projections.audit_log.fold import AuditProjection
from projections.contract_book.fold import ContractBookProjection
from projections.engine.projection import Projection
from projections.flow.fold import FlowProjection
from projections.part_ledger.fold import LedgerProjection
from projections.part_trace.fold import TraceProjection
from projections.queue.fold import QueueProjection
from projections.sla_compliance.fold import ComplianceProjection
from projections.stock.fold import StockProjection
from projections.ticket.fold import TicketProjection

NAMES = (
    "ticket",
    "queue",
    "sla_compliance",
    "flow",
    "stock",
    "part_ledger",
    "part_trace",
    "contract_book",
    "audit_log",
)
"""What they are called, in the order in which they are shown."""


def every_projection(promises: Promises) -> tuple[Projection, ...]:
    """The projections, for a runner. The tickets come first: they keep the states that the others go on from.

    Args:
        promises: the book of service plans and calendars that tickets pin.
    """
    return (
        TicketProjection(promises),
        QueueProjection(promises),
        ComplianceProjection(promises),
        FlowProjection(),
        StockProjection(),
        LedgerProjection(),
        TraceProjection(),
        ContractBookProjection(),
        AuditProjection(),
    )
