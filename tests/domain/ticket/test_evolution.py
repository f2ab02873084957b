"""Every event of a ticket has its rule of evolution, or is known to change nothing."""

from __future__ import annotations

import pytest

from domain.catalogue import EVENT_TYPES
from domain.ticket.events import TicketRegistered, TicketRemarked
from domain.ticket.evolution import evolve

CHANGE_NOTHING = {TicketRegistered, TicketRemarked}
"""A ticket begins with the first, and the second is only read by people."""


@pytest.mark.parametrize("name", [name for name in EVENT_TYPES if name.startswith("ticket.")])
def test_an_event_has_a_rule_or_is_known_to_change_nothing(name: str) -> None:
    kind = EVENT_TYPES[name]
    has_a_rule = evolve.dispatch(kind) is evolve.registry.get(kind)
    assert has_a_rule != (kind in CHANGE_NOTHING)
