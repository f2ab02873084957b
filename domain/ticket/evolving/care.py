"""Complaints, and calling the customer back."""

from __future__ import annotations

from msgspec.structs import replace

from domain.event import Act
from domain.ticket.care_events import ComplaintAnswered, ComplaintMade, CustomerCalledBack
from domain.ticket.evolving.step import on
from domain.ticket.state import Complaint, Ticket


@on(ComplaintMade)
def _(event: ComplaintMade, ticket: Ticket, act: Act) -> Ticket:
    complaint = Complaint(event.complaint, event.text, made_at=act.occurred_at)
    return replace(ticket, complaints=(*ticket.complaints, complaint))


@on(ComplaintAnswered)
def _(event: ComplaintAnswered, ticket: Ticket, act: Act) -> Ticket:
    complaints = (
        replace(complaint, answered_at=act.occurred_at)
        if complaint.complaint == event.complaint
        else complaint
        for complaint in ticket.complaints
    )
    return replace(ticket, complaints=tuple(complaints))


@on(CustomerCalledBack)
def _(event: CustomerCalledBack, ticket: Ticket, act: Act) -> Ticket:
    if not event.reached:
        return ticket
    return replace(ticket, called_back_at=min(act.occurred_at, ticket.called_back_at or act.occurred_at))
