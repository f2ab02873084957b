"""One step: a ticket after one more event; the modules beside this one hold the rules, trade by trade."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from domain.event import Act, Event
from domain.ticket.state import Ticket

Rule = Callable[[Any, Ticket, Act], Ticket]
"""What one type of event makes of a ticket."""

RULES: dict[type[Event], Rule] = {}
"""Every rule, by its type of event."""

R = TypeVar("R", bound=Rule)


def on(kind: type[Event]) -> Callable[[R], R]:
    """The rule for a type of event; each has one at most."""

    def enter(rule: R) -> R:
        if kind in RULES:
            raise ValueError(f"{kind.__name__} has a rule already")
        RULES[kind] = rule
        return rule

    return enter


def evolve(event: Event, ticket: Ticket, act: Act) -> Ticket:
    """The ticket after one more event; an event that changes nothing leaves it as it is."""
    rule = RULES.get(type(event))
    return ticket if rule is None else rule(event, ticket, act)
