"""How older events are read today: one pure function per type and schema number.

A stored byte is never rewritten. A function takes the payload of one schema and returns that of the
next; they are chained until the class's own ``SCHEMA`` is reached.
"""

from __future__ import annotations

from collections.abc import Callable

from domain.event import EVENT_TYPES, Payload, Upcaster

UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""By type name and the schema number it reads."""


def upcasts(name: str, schema: int) -> Callable[[Upcaster], Upcaster]:
    """Register the function that brings ``name`` from ``schema`` to ``schema + 1``.

    Raises:
        ValueError: that step already has a function.
    """

    def register(step: Upcaster) -> Upcaster:
        if (name, schema) in UPCASTERS:
            raise ValueError(f"two upcasters for {name} schema {schema}")
        UPCASTERS[name, schema] = step
        return step

    return register


def upcast(name: str, schema: int, payload: Payload) -> Payload:
    """Bring a payload to the schema its class has today.

    Raises:
        KeyError: the type is unknown, or a step is missing.
    """
    current = EVENT_TYPES[name].SCHEMA
    while schema < current:
        payload = UPCASTERS[name, schema](payload)
        schema += 1
    return payload


@upcasts("ticket.prioritised", 1)
def _priority_was_a_number(payload: Payload) -> Payload:
    """Schema 1 kept the priority as 1 to 4; the trade, the API and the tables say P1 to P4."""
    return {**payload, "priority": f"P{payload['priority']}"}


@upcasts("ticket.registered", 1)
def _no_contract_was_chosen(payload: Payload) -> Payload:
    """Schema 1 knew no contracts."""
    return {**payload, "contract": None}


@upcasts("ticket.registered", 2)
def _no_way_was_known(payload: Payload) -> Payload:
    """Schema 2 did not say how far it is to the customer."""
    return {**payload, "band": None}
