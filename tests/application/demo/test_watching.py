"""Warnings and misses of the year are noted as a worker would have noted them: nothing is left over."""

from __future__ import annotations

from datetime import timedelta

from application.plans import shipped_promises
from domain.contract.state import Status
from domain.contract.term import ends_at
from domain.ticket.pinning_events import TicketRepinned
from domain.ticket.watch import notes
from domain.ticket.watch_events import DeadlineMissed, DeadlineWarned
from tests.application.demo.conftest import NOW
from tests.application.demo.whole import Year


def test_a_worker_that_starts_finds_nothing_overdue(year: Year) -> None:
    promises = shipped_promises()
    moved = {fact.stream_id for fact, _ in year.all(TicketRepinned)}
    for ticket in year.tickets.keys() - moved:
        assert notes(year.streams[ticket], NOW, promises) == []


def test_each_was_noticed_within_the_second_where_the_clock_never_stands_still(year: Year) -> None:
    warned = [*year.all(DeadlineWarned)]
    missed = [*year.all(DeadlineMissed)]
    assert len(warned) > 500
    assert len(missed) > 60
    for fact, event in [*warned, *missed]:
        assert fact.act.actor == "system:timer"
        if event.pin.calendar == "24x7":
            assert timedelta(0) <= event.detected_at - fact.act.occurred_at <= timedelta(seconds=1)
        assert event.detected_at <= NOW


def test_they_stand_where_they_happened(year: Year) -> None:
    for fact, event in year.all(DeadlineWarned):
        earlier = year.streams[fact.stream_id][: fact.version - 1]
        assert all(each.act.occurred_at <= event.detected_at for each in earlier)


def test_contracts_and_reservations_that_were_over_have_ended(year: Year) -> None:
    over = [contract for contract in year.contracts.values() if ends_at(contract) <= NOW]
    assert over
    assert Status.ACTIVE not in {contract.status for contract in over}
    promised = [each for part in year.parts.values() for each in part.reservations.values()]
    assert promised
    assert all(each.expires_at > NOW for each in promised)
