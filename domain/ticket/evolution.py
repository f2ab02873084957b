"""How a ticket evolves, event by event.

It never fails: an event is a fact, and a fact that looks impossible today still happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from domain.event import Act, Fact
from domain.ticket.events import TicketRegistered
from domain.ticket.evolving import (
    care,
    diagnosis,
    fieldwork,
    files,
    liaison,
    life,
    mail,
    pinning,
    tiers,
    triage,
    watch,
)
from domain.ticket.evolving.step import evolve
from domain.ticket.state import Ticket

TRADES = (life, triage, tiers, mail, diagnosis, liaison, fieldwork, care, files, pinning, watch)
"""Importing them fills ``evolve``; a new one adds its name here."""

__all__ = ["TRADES", "begin", "evolve", "replay"]


def begin(ticket_id: UUID, event: TicketRegistered, act: Act) -> Ticket:
    """The ticket as its registration makes it."""
    return Ticket(
        id=ticket_id,
        number=event.number,
        subject=event.subject,
        reported_at=act.occurred_at,
        pin=event.pin,
        priority=event.priority,
        prioritised_at=act.occurred_at,
        description=event.description,
        customer=event.customer,
        contact=event.contact,
        site=event.site,
        product=event.product,
        asset=event.asset,
        channel=event.channel,
        category=event.category,
        band=event.band,
        owner=event.owner,
        impact=event.impact,
        urgency=event.urgency,
        matrix=event.matrix,
        triage=event.triage,
        customer_class=event.customer_class,
        contract=event.contract,
        choice=event.choice,
        source=event.source,
        attributes=event.attributes,
    )


def replay(facts: Iterable[Fact], ticket: Ticket | None = None) -> Ticket | None:
    """Fold facts, in version order, into the ticket they make; ``None`` when there are none."""
    for fact in facts:
        if ticket is not None:
            ticket = evolve(fact.event, ticket, fact.act)
        elif isinstance(fact.event, TicketRegistered):
            ticket = begin(fact.stream_id, fact.event, fact.act)
    return ticket
