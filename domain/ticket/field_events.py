"""What can happen to a ticket between its report and its solution, away from the desk."""

from __future__ import annotations

from datetime import datetime

from domain.event import Event, recorded
from domain.ticket.words import TravelBand


@recorded
class TicketAcknowledged(Event, frozen=True, tag="ticket.acknowledged"):
    """Somebody of ours has taken notice of it (R09)."""


@recorded
class TechnicianDispatched(Event, frozen=True, tag="ticket.dispatched"):
    """A technician was sent (R25).

    Attributes:
        technician: who.
        planned_at: when they are expected there.
        band: how far they have to go, where it was not known before (SLA 14).
    """

    technician: str
    planned_at: datetime | None = None
    band: TravelBand | None = None


@recorded
class TechnicianArrived(Event, frozen=True, tag="ticket.arrived"):
    """Somebody of ours is on site; what was recorded offline keeps its real time (B02)."""

    technician: str | None = None


@recorded
class WorkaroundGiven(Event, frozen=True, tag="ticket.worked_around"):
    """The customer can work again, though the fault is still there."""

    workaround: str


@recorded
class PartOrdered(Event, frozen=True, tag="ticket.part_ordered"):
    """A part must be brought to the customer (R19).

    Attributes:
        order: its place among the orders of this ticket, from 1.
        part: the part number.
        came_with: the number of the ticket for which it was ordered first, which was merged into this one.
    """

    order: int
    part: str
    quantity: int = 1
    came_with: str | None = None


@recorded
class PartDelivered(Event, frozen=True, tag="ticket.part_delivered"):
    """An ordered part reached the customer."""

    order: int
