"""One step: a ticket after one more event; the modules beside this one hold the rules, trade by trade."""

from __future__ import annotations

from functools import singledispatch

from domain.event import Act, Event
from domain.ticket.state import Ticket


@singledispatch
def evolve(event: Event, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001 - the signature of every rule
    """The ticket after one more event; an event that changes nothing leaves it as it is."""
    return ticket
