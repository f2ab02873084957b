"""Tickets: registering them, and everything that may be asked of one."""

from __future__ import annotations

from application.ticket_commands.actions import ACTIONS
from application.ticket_commands.intake import RegisterTicket
from interfaces.http.commanding import actions, beginning
from interfaces.http.params import TicketReference

commands = [
    beginning(
        "/tickets",
        RegisterTicket,
        lambda known, *asked: known.desks.tickets.register(*asked),
        summary="Register a ticket",
        told="Take up a report. `occurred_at` is when the customer reported it: the clocks start there.",
    ),
    *actions("/tickets", "ticket", TicketReference, ACTIONS, lambda known: known.desks.tickets),
]
