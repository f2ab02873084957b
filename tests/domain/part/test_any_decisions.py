"""Whatever is asked of a part, in whatever order: its quantities stay true.

A second account is kept from the answers, without movements or state, and compared after every step.
"""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, run_state_machine_as_test

from domain.event import Event
from domain.part.events import (
    PartCounted,
    PartInstalled,
    PartIssued,
    PartReceived,
    PartReturned,
    PartScrapped,
)
from domain.part.holdings import Place
from domain.part.movements import movements
from domain.part.state import replay
from domain.part.words import Bucket, Fate, Tracking
from tests.domain.part.asking import LOCATIONS, TICKETS, Asking


class TrueQuantities(Asking):
    """What always holds, whoever asked what."""

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """Both accounts begin with nothing."""
        self.shelved = 0
        """Receipts less issues, plus returns, plus and minus counts, less scrap."""
        self.out: Counter[UUID] = Counter()
        """What each ticket has."""
        super().begin(data)

    @invariant()
    def nothing_is_negative(self) -> None:
        for register in self.part.stocks.values():
            for stock in register.values():
                assert stock.total == sum(stock.units.values()) > 0
                assert all(quantity > 0 for quantity in stock.units.values())

    @invariant()
    def promises_are_kept(self) -> None:
        for location in LOCATIONS:
            good = self.part.stock(Bucket.GOOD, location)
            kept = self.part.stock(Bucket.RESERVED, location)
            here = [each for each in self.part.reservations.values() if each.location == location]
            assert kept.total == sum(each.goods.quantity for each in here) <= good.total
            assert all(quantity <= good.of(unit) for unit, quantity in kept.units.items() if unit)

    @invariant()
    def a_serial_is_in_one_place(self) -> None:
        if self.tracking is not Tracking.SERIAL:
            return
        found = [
            (serial, quantity, Place(bucket, where))
            for bucket, register in self.part.stocks.items()
            if bucket is not Bucket.RESERVED
            for where, stock in register.items()
            for serial, quantity in stock.units.items()
        ]
        places = {serial: place for serial, _, place in found}
        assert len(places) == len(found) == sum(quantity for _, quantity, _ in found)
        for serial, unit in self.part.units.items():
            assert unit.place is not None
            assert unit.place == places.get(serial, unit.place)
            assert (serial in places) == isinstance(unit.place.kind, Bucket)

    @invariant()
    def stock_is_receipts_less_issues_and_adjustments(self) -> None:
        assert self.part.total(Bucket.GOOD) + self.part.total(Bucket.QUARANTINE) == self.shelved
        for ticket in TICKETS:
            assert self.part.outstanding(ticket) + self.part.owed_back(ticket) == self.out[ticket]

    def account(self, event: Event) -> None:
        match event:
            case PartReceived():
                self.shelved += event.goods.quantity
            case PartIssued():
                assert not any(self.part.expired(unit, self.today) for unit in event.goods.units)
                self.shelved -= event.goods.quantity
                self.out[event.for_ticket] += event.goods.quantity
            case PartInstalled():
                self.out[event.for_ticket] += (event.fate is Fate.RETURNED) - event.goods.quantity
            case PartReturned():
                self.shelved += event.goods.quantity
                self.out[event.for_ticket] -= event.goods.quantity
            case PartCounted():
                self.shelved += event.difference
            case PartScrapped(location=None):
                assert event.for_ticket is not None
                self.out[event.for_ticket] -= event.goods.quantity
            case PartScrapped():
                self.shelved -= event.goods.quantity
            case _:
                pass

    def teardown(self) -> None:
        """The facts alone tell the same; so does the ledger made of them, and so do their stored bytes."""
        assert replay(self.facts) == self.part
        ledger: Counter[tuple[Bucket, str | UUID, str]] = Counter()
        for fact in self.facts:
            for each in movements(fact.event):
                ledger[each.bucket, each.where, each.unit] += each.delta
            assert msgspec.json.decode(msgspec.json.encode(fact.event), type=type(fact.event)) == fact.event
        assert {key: quantity for key, quantity in ledger.items() if quantity} == {
            (bucket, where, unit): quantity
            for bucket, register in self.part.stocks.items()
            for where, stock in register.items()
            for unit, quantity in stock.units.items()
        }


@pytest.mark.parametrize("tracking", Tracking)
def test_quantities_stay_true_whatever_is_asked(tracking: Tracking) -> None:
    machine = type(f"{tracking.value}Machine", (TrueQuantities,), {"tracking": tracking})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=40, stateful_step_count=50, deadline=None)
    )
