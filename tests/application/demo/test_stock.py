"""What the demo tells of spare parts is believable, adds up, and shows everything at least once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from application.demo.supplies import supplies
from application.demo.year import ZONE
from domain.event import EVENT_TYPES, type_name
from domain.part.events import (
    PartCounted,
    PartInstalled,
    PartQuarantined,
    PartReceived,
    PartReturned,
    PartScrapped,
    PartTransferred,
    QuarantineReleased,
)
from domain.part.movements import movements
from domain.part.owing import owing
from domain.part.words import Bucket, Condition, Fate, Tracking
from domain.ticket.events import TicketCancelled, TicketClosed, TicketContacted, TicketRegistered
from domain.ticket.words import Channel, Direction, Status
from tests.application.demo.conftest import NOW
from tests.application.demo.whole import Year

TODAY = NOW.astimezone(ZONE).date()
ENDED = {Status.CLOSED, Status.CANCELLED}
FOR_A_TICKET = {
    "part.transferred",
    "part.reserved",
    "part.reservation_released",
    "part.issued",
    "part.installed",
    "part.returned",
    "part.scrapped",
}


def test_everything_that_can_happen_to_a_part_happens(year: Year) -> None:
    happened = {type_name(fact.event) for fact in year.facts}
    assert {name for name in EVENT_TYPES if name.startswith("part.")} <= happened


def test_one_case_shows_everything_that_tickets_do_with_parts(year: Year) -> None:
    shown = [
        fact
        for fact, event in year.all(TicketRegistered)
        if event.contract and event.contract.winner and "model case" in str(fact.act.reason)
    ]
    assert len(shown) == 1
    case = year.cases[shown[0].stream_id]
    assert year.tickets[shown[0].stream_id].status is Status.CLOSED
    assert {type_name(fact.event) for fact in case} >= FOR_A_TICKET
    back = {fact.event.condition for fact in case if isinstance(fact.event, PartReturned)}
    assert back == set(Condition)
    swapped = [fact.event for fact in case if isinstance(fact.event, PartInstalled) and fact.event.serial_out]
    assert all(event.serial_out not in event.goods.serials for event in swapped)
    assert swapped


def test_no_quantity_is_ever_below_zero(year: Year) -> None:
    for facts in year.streams.values():
        stock: Counter[tuple[object, ...]] = Counter()
        for fact in facts:
            for movement in movements(fact.event):
                stock[movement.bucket, movement.where, movement.unit] += movement.delta
            assert min(stock.values(), default=0) >= 0, fact


def test_what_came_in_is_somewhere(year: Year) -> None:
    for number, part in year.parts.items():
        kinds = [PartReceived, PartInstalled, PartScrapped]
        came, fitted, scrapped = (
            sum(event.goods.quantity for _, event in year.all(kind) if event.number == number)
            for kind in kinds
        )
        counted = sum(event.difference for _, event in year.all(PartCounted) if event.number == number)
        taken_out = sum(
            event.fate is Fate.RETURNED for _, event in year.all(PartInstalled) if event.number == number
        )
        there = sum(map(part.total, (Bucket.GOOD, Bucket.QUARANTINE, Bucket.ISSUED, Bucket.REMOVED)))
        assert there == came + counted + taken_out - fitted - scrapped, number
        assert came > 0
        assert there > 0


def test_a_ticket_that_ended_has_nothing_out(year: Year) -> None:
    ended = [id_ for id_, ticket in year.tickets.items() if ticket.status in ENDED]
    assert len(ended) > 500
    for id_ in ended:
        assert not owing(year.cases[id_])
        for fact in year.cases[id_]:
            if isinstance(fact.event, TicketClosed | TicketCancelled):
                before = [each for each in year.cases[id_] if each.act.occurred_at < fact.act.occurred_at]
                assert not owing(before), "closed before the parts were back"


def test_some_open_tickets_have_parts_reserved_or_out(year: Year) -> None:
    open_ones = {id_ for id_, ticket in year.tickets.items() if ticket.status not in ENDED}
    reserved = {each.ticket for part in year.parts.values() for each in part.reservations.values()}
    out = {id_ for id_ in open_ones if owing(year.cases[id_])}
    assert 3 <= len(reserved & open_ones) <= len(open_ones) / 2
    assert 1 <= len(out) <= len(open_ones) / 4


def test_every_third_repair_or_so_takes_parts(year: Year) -> None:
    repaired = [id_ for id_, ticket in year.tickets.items() if ticket.resolved_at]
    with_parts = {event.for_ticket for _, event in year.all(PartInstalled)}
    assert 0.22 < len(with_parts & set(repaired)) / len(repaired) < 0.38


def test_somebody_was_on_site_before_a_part_was_installed(year: Year) -> None:
    for fact, event in year.all(PartInstalled):
        asset = year.tickets[event.for_ticket].asset
        visits = [
            contact.act.occurred_at
            for contact in year.cases[event.for_ticket]
            if isinstance(contact.event, TicketContacted)
            and (contact.event.channel, contact.event.direction) == (Channel.ON_SITE, Direction.OUTBOUND)
        ]
        assert event.asset == asset
        assert min(visits) < fact.act.occurred_at


def test_every_serial_number_goes_in_for_one_that_comes_out(year: Year) -> None:
    installed = [event for _, event in year.all(PartInstalled) if event.goods.serials]
    assert {event.fate for event in installed} >= {Fate.RETURNED, Fate.SCRAPPED, Fate.KEPT_BY_CUSTOMER}
    inside: dict[tuple[str, str], str] = {}
    for fact, event in sorted(year.all(PartInstalled), key=lambda each: each[0].act.occurred_at):
        if event.goods.serials:
            known = inside.get((event.number, event.asset), event.serial_out)
            assert event.serial_out == known, "another one came out than went in"
            assert fact.act.actor.startswith("agent:")
            inside[event.number, event.asset] = event.goods.serials[0]


def test_what_was_set_aside_is_decided_on(year: Year) -> None:
    aside = Counter(
        event.number for _, event in year.all(PartReturned) if event.condition is Condition.FAULTY
    )
    assert aside.total() > 30
    decided = Counter(event.number for _, event in year.all(QuarantineReleased))
    decided += Counter(
        event.number for _, event in year.all(PartScrapped) if event.bucket is Bucket.QUARANTINE
    )
    assert set(decided) >= {number for number, often in aside.items() if often > 5}
    recalled = [
        event for fact, event in year.all(PartQuarantined) if NOW - fact.act.occurred_at < timedelta(14)
    ]
    assert {event.number for event in recalled} == {"GW-4G"}


def test_counts_find_few_differences_and_say_why(year: Year) -> None:
    counts = [*year.all(PartCounted)]
    wrong = [(fact, event) for fact, event in counts if event.difference]
    assert 0 < len(wrong) < len(counts) / 4
    assert all("盘点差异" in str(f.act.reason) or "Count differs" in str(f.act.reason) for f, _ in wrong)


def test_goods_go_from_the_main_warehouse_to_every_place(year: Year) -> None:
    transfers = [event for _, event in year.all(PartTransferred)]
    assert {event.from_location for event in transfers} == {"SH-MAIN"}
    assert {event.to_location for event in transfers} == {place.name for place in supplies().places[1:]}


def test_few_parts_are_short_at_the_end(year: Year) -> None:
    short = {part.number for part in year.parts.values() if part.total(Bucket.GOOD) <= part.reorder_point}
    assert {"RV-4W", "GW-4G", "DS-04"} <= short
    assert len(short) <= 6


def test_a_lot_is_past_its_last_good_day(year: Year) -> None:
    for number in ("DA-20", "SL-577"):
        part = year.parts[number]
        places = [part.stock(Bucket.GOOD, place.name) for place in supplies().places]
        lapsed = [lot for stock in places for lot, _ in stock.units.items() if part.expired(lot, TODAY)]
        assert lapsed
        assert all(TODAY - part.last_day(lot) < timedelta(days=120) for lot in lapsed)


def test_what_keeps_for_a_while_only_has_a_last_good_day(year: Year) -> None:
    dated = {event.number for _, event in year.all(PartReceived) if event.expires_on}
    assert dated == {spare.number for spare in supplies().parts if spare.shelf_life_days}
    assert len(dated) > 5


def test_storekeepers_keep_the_stock_and_engineers_fit_it(year: Year) -> None:
    who = {type_name(fact.event): set[str]() for fact in year.facts}
    for fact in year.facts:
        who[type_name(fact.event)].add(fact.act.actor.partition(":")[0])
    assert who["part.received"] == who["part.counted"] == who["part.quarantined"] == {"storekeeper"}
    assert who["part.installed"] == who["part.reserved"] == {"agent"}
    assert who["part.issued"] == {"agent", "storekeeper"}  # the vans are the engineers'


def test_all_kinds_of_tracking_are_in_use(year: Year) -> None:
    assert len(year.parts) == 26
    used = {year.parts[event.number].tracking for _, event in year.all(PartInstalled)}
    assert used == set(Tracking)
