"""Who a ticket is with, and whom it is handed to."""

from __future__ import annotations

from msgspec.structs import replace

from domain.event import Act
from domain.ticket import passing
from domain.ticket.events import TicketAssigned, TicketEscalated
from domain.ticket.evolving.step import on
from domain.ticket.rule_events import RuleApplied
from domain.ticket.state import Ticket
from domain.ticket.tier_events import HandoverAccepted, HandoverRefused, TicketHandedBack, TicketOwned


@on(TicketAssigned)
def _(event: TicketAssigned, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return passing.assigned(ticket, event.team, event.person)


@on(TicketOwned)
def _(event: TicketOwned, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return passing.owned(ticket, event.owner)


@on(TicketEscalated)
def _(event: TicketEscalated, ticket: Ticket, act: Act) -> Ticket:
    return passing.handed_over(ticket, event.tier, event.team, act.occurred_at)


@on(HandoverAccepted)
def _(event: HandoverAccepted, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return passing.accepted(ticket, event)


@on(HandoverRefused)
def _(event: HandoverRefused, ticket: Ticket, act: Act) -> Ticket:
    return passing.refused(ticket, event, act.occurred_at)


@on(TicketHandedBack)
def _(event: TicketHandedBack, ticket: Ticket, act: Act) -> Ticket:
    return passing.handed_back(ticket, event, act.occurred_at)


@on(RuleApplied)
def _(event: RuleApplied, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, applied=(*ticket.applied, (event.rule.name, event.since)))
