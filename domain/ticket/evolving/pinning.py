"""Which plan and calendar a ticket goes by."""

from __future__ import annotations

from msgspec.structs import replace

from domain.event import Act
from domain.ticket.evolving.step import on
from domain.ticket.pinning_events import RepinDeclined, RepinRequested, TicketRepinned
from domain.ticket.state import Repin, Repinned, Ticket


@on(RepinRequested)
def _(event: RepinRequested, ticket: Ticket, act: Act) -> Ticket:
    asked = Repin(
        request=event.request, pin=event.pin, by=act.actor, since=act.occurred_at, reason=act.reason
    )
    return replace(ticket, repin=asked, repins=event.request)


@on(RepinDeclined)
def _(event: RepinDeclined, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, repin=None)


@on(TicketRepinned)
def _(event: TicketRepinned, ticket: Ticket, act: Act) -> Ticket:
    approved = Repinned(
        request=event.request,
        before=event.before,
        requested_by=event.requested_by,
        wanted=ticket.repin.reason if ticket.repin else None,
        approved_by=act.actor,
        since=act.occurred_at,
        reason=act.reason,
    )
    return replace(ticket, pin=event.pin, repin=None, repinned=approved)
