"""Older events are read as today's."""

from __future__ import annotations

import pytest

from application.log.errors import UnreadableEvent
from application.log.mapper import read_event
from domain.ticket.events import TicketPrioritised, TicketRegistered
from domain.ticket.words import Priority
from domain.upcasters import upcast, upcasts


@pytest.mark.parametrize(("number", "priority"), [(1, Priority.P1), (2, Priority.P2), (4, Priority.P4)])
def test_priorities_were_numbers_once(number: int, priority: Priority) -> None:
    data = b'{"type":"ticket.prioritised","priority":%d}' % number
    assert read_event("ticket.prioritised", 1, data) == TicketPrioritised(priority=priority)


def test_tickets_were_registered_without_a_contract_once() -> None:
    pin = b'{"plan":"office","plan_version":1,"calendar":"office","calendar_version":1}'
    data = b'{"type":"ticket.registered","number":"T","subject":"S","priority":"P2","pin":%b}' % pin
    event = read_event("ticket.registered", 1, data)
    assert isinstance(event, TicketRegistered)
    assert (event.number, event.priority, event.contract) == ("T", Priority.P2, None)


def test_todays_version_is_left_alone() -> None:
    payload = {"priority": "P2"}
    assert upcast("ticket.prioritised", 2, payload) is payload


def test_a_step_returns_a_payload_of_its_own() -> None:
    payload = {"type": "ticket.prioritised", "priority": 3}
    assert upcast("ticket.prioritised", 1, payload) == {"type": "ticket.prioritised", "priority": "P3"}
    assert payload["priority"] == 3


@pytest.mark.parametrize(
    ("name", "schema", "data"),
    [
        ("ticket.vanished", 1, b"{}"),
        ("ticket.prioritised", 0, b'{"type":"ticket.prioritised","priority":1}'),
        ("ticket.prioritised", 2, b'{"type":"ticket.prioritised","priority":1}'),
        ("ticket.prioritised", 1, b'{"type":"ticket.prioritised","priority":9}'),
        ("ticket.prioritised", 1, b'{"type":"ticket.prioritised"}'),
        ("ticket.prioritised", 3, b'{"type":"ticket.prioritised","priority":"P1"}'),
        ("ticket.closed", 1, b'{"type":"ticket.reopened"}'),
        ("ticket.closed", 1, b"not json"),
        ("ticket.closed", 1, b'{"type":"ticket.closed'),
    ],
)
def test_what_cannot_be_read_says_so(name: str, schema: int, data: bytes) -> None:
    with pytest.raises(UnreadableEvent, match=f"{name} schema {schema}"):
        read_event(name, schema, data)


def test_two_functions_for_one_step_are_refused() -> None:
    with pytest.raises(ValueError, match=r"two upcasters for ticket.prioritised schema 1"):
        upcasts("ticket.prioritised", 1)(dict)
