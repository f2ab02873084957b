"""What may be asked of a ticket between its report and its solution, away from the desk (R09, R19, R25)."""

from __future__ import annotations

from datetime import datetime

from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.ticket.allowed import must_allow, not_allowed
from domain.ticket.field_events import (
    PartDelivered,
    PartOrdered,
    TechnicianArrived,
    TechnicianDispatched,
    TicketAcknowledged,
    WorkaroundGiven,
)
from domain.ticket.state import Ticket
from domain.ticket.words import TravelBand


def acknowledge(ticket: Ticket, *, by: Act) -> tuple[Event, ...]:
    """Take notice of it."""
    must_allow(ticket, "acknowledge", by)
    return (TicketAcknowledged(),)


def dispatch(
    ticket: Ticket,
    *,
    technician: str,
    planned_at: datetime | None = None,
    band: TravelBand | None = None,
    by: Act,
) -> tuple[Event, ...]:
    """Send a technician (R25).

    Raises:
        InvalidValue: they would be expected before they were sent.
    """
    must_allow(ticket, "dispatch", by)
    if planned_at is not None and planned_at < by.occurred_at:
        raise InvalidValue("nobody is expected before they are sent", field="/planned_at")
    return (TechnicianDispatched(technician=technician, planned_at=planned_at, band=band),)


def arrive(ticket: Ticket, *, technician: str | None = None, by: Act) -> tuple[Event, ...]:
    """Be on site; the time that counts is when it happened (B02)."""
    must_allow(ticket, "arrive", by)
    return (TechnicianArrived(technician=technician),)


def work_around(ticket: Ticket, *, workaround: str, by: Act) -> tuple[Event, ...]:
    """Let the customer work again though the fault is still there."""
    must_allow(ticket, "work-around", by)
    return (WorkaroundGiven(workaround=workaround),)


def order_part(ticket: Ticket, *, part: str, quantity: int = 1, by: Act) -> tuple[Event, ...]:
    """Have a part brought to the customer; the order gets the next number (R19).

    Raises:
        InvalidValue: the quantity is not positive.
    """
    must_allow(ticket, "order-part", by)
    if quantity < 1:
        raise InvalidValue("an order is for at least one", field="/quantity")
    return (PartOrdered(order=len(ticket.orders) + 1, part=part, quantity=quantity),)


def deliver_part(ticket: Ticket, *, order: int, by: Act) -> tuple[Event, ...]:
    """Say that an ordered part is there.

    Raises:
        InvalidValue: there is no such order.
        NotAllowed: it was delivered before.
    """
    must_allow(ticket, "deliver-part", by)
    ordered = next((each for each in ticket.orders if each.order == order), None)
    if ordered is None:
        raise InvalidValue(f"{ticket.number} has no order {order}", field="/order")
    if ordered.delivered_at is not None:
        raise not_allowed(ticket, f"order {order} of {ticket.number} was delivered before")
    return (PartDelivered(order=order),)
