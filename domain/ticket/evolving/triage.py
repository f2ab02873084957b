"""What a ticket is taken for, and the other tickets that it has to do with."""

from __future__ import annotations

from msgspec.structs import replace

from domain.event import Act
from domain.ticket.events import TicketClassified, TicketPrioritised
from domain.ticket.evolving.liaison import without_liaisons
from domain.ticket.evolving.step import on
from domain.ticket.state import OtherTicket, Ticket, TicketLink
from domain.ticket.triage_events import (
    TicketAbsorbed,
    TicketLinked,
    TicketMerged,
    TicketSplit,
    TicketUnlinked,
)
from domain.ticket.words import Status


@on(TicketClassified)
def _(event: TicketClassified, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(
        ticket,
        category=event.category,
        fault_code=event.fault_code,
        impact=event.impact or ticket.impact,
        urgency=event.urgency or ticket.urgency,
        triage=event.triage,
    )


@on(TicketPrioritised)
def _(event: TicketPrioritised, ticket: Ticket, act: Act) -> Ticket:
    if ticket.prioritised_at is not None and act.occurred_at < ticket.prioritised_at:
        return ticket
    return replace(ticket, priority=event.priority, prioritised_at=act.occurred_at, matrix=event.matrix)


@on(TicketMerged)
def _(event: TicketMerged, ticket: Ticket, act: Act) -> Ticket:
    into = OtherTicket(event.into, event.number)
    return replace(
        without_liaisons(ticket, act.occurred_at),
        status=Status.CANCELLED,
        hold=None,
        handover=None,
        closed_at=act.occurred_at,
        merged_into=into,
    )


@on(TicketAbsorbed)
def _(event: TicketAbsorbed, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    absorbed = (*ticket.absorbed, OtherTicket(event.ticket, event.number))
    return replace(ticket, absorbed=absorbed, reported_at=min(ticket.reported_at, event.reported_at))


@on(TicketLinked)
def _(event: TicketLinked, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, links=(*ticket.links, TicketLink(event.ticket, event.number, event.link)))


@on(TicketUnlinked)
def _(event: TicketUnlinked, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    gone = TicketLink(event.ticket, event.number, event.link)
    return replace(ticket, links=tuple(each for each in ticket.links if each != gone))


@on(TicketSplit)
def _(event: TicketSplit, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, split_off=(*ticket.split_off, OtherTicket(event.ticket, event.number)))
