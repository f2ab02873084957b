"""Every event of a ticket has its rule of evolution, or is known to change nothing."""

from __future__ import annotations

import pytest

from domain.catalogue import EVENT_TYPES
from domain.ticket.events import TicketHeld, TicketRegistered, TicketRemarked
from domain.ticket.evolution import TRADES
from domain.ticket.evolving.step import RULES, on
from domain.ticket.mail_events import MailCut

CHANGE_NOTHING = {TicketRegistered, TicketRemarked, MailCut}
"""A ticket begins with the first, and the second is only read by people."""


@pytest.mark.parametrize("name", [name for name in EVENT_TYPES if name.startswith("ticket.")])
def test_an_event_has_a_rule_or_is_known_to_change_nothing(name: str) -> None:
    kind = EVENT_TYPES[name]
    assert TRADES
    assert (kind in RULES) != (kind in CHANGE_NOTHING)


def test_an_event_has_one_rule_only() -> None:
    with pytest.raises(ValueError, match="TicketHeld has a rule already"):
        on(TicketHeld)(lambda event, ticket, act: ticket)
