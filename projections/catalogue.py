"""Every projection there is; a new read model adds its line here."""

from __future__ import annotations

from domain.plan import Promises
from projections.audit_log.fold import AuditProjection
from projections.engine.projection import Projection
from projections.queue.fold import QueueProjection
from projections.sla_compliance.fold import ComplianceProjection
from projections.ticket.fold import TicketProjection
from projections.timeline.fold import TimelineProjection

NAMES = ("queue", "ticket", "timeline", "sla_compliance", "audit_log")
"""What they are called, in the order in which they are shown."""


def every_projection(promises: Promises, zone: str) -> tuple[Projection, ...]:
    """The projections, for a runner.

    Args:
        promises: the book of service plans and calendars that tickets pin.
        zone: IANA time zone in which times inside texts are told.
    """
    return (
        QueueProjection(promises),
        TicketProjection(promises),
        TimelineProjection(zone),
        ComplianceProjection(promises),
        AuditProjection(),
    )
