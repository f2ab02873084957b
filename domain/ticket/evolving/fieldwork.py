"""What is done for a ticket at the customer's, and the parts ordered for it."""

from __future__ import annotations

from msgspec.structs import replace

from domain.event import Act
from domain.ticket.evolving.step import on
from domain.ticket.field_events import (
    PartDelivered,
    PartOrdered,
    TechnicianArrived,
    TechnicianDispatched,
    TicketAcknowledged,
    WorkaroundGiven,
)
from domain.ticket.state import PartOrder, Ticket


@on(TicketAcknowledged)
def _(event: TicketAcknowledged, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, acknowledged_at=min(act.occurred_at, ticket.acknowledged_at or act.occurred_at))


@on(TechnicianDispatched)
def _(event: TechnicianDispatched, ticket: Ticket, act: Act) -> Ticket:
    sent = replace(ticket, technician=event.technician, band=event.band or ticket.band)
    return replace(sent, dispatched_at=act.occurred_at, planned_at=event.planned_at)


@on(TechnicianArrived)
def _(event: TechnicianArrived, ticket: Ticket, act: Act) -> Ticket:
    there = replace(ticket, technician=event.technician or ticket.technician, planned_at=None)
    return replace(there, arrived_at=act.occurred_at)


@on(WorkaroundGiven)
def _(event: WorkaroundGiven, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, workaround=event.workaround)


@on(PartOrdered)
def _(event: PartOrdered, ticket: Ticket, act: Act) -> Ticket:
    ordered = PartOrder(
        event.order, event.part, event.quantity, ordered_at=act.occurred_at, came_with=event.came_with
    )
    return replace(ticket, orders=(*ticket.orders, ordered))


@on(PartDelivered)
def _(event: PartDelivered, ticket: Ticket, act: Act) -> Ticket:
    orders = (
        replace(order, delivered_at=act.occurred_at) if order.order == event.order else order
        for order in ticket.orders
    )
    return replace(ticket, orders=tuple(orders))
