from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from application.database.connect import Database
from domain.part.stocktaking import count
from domain.part.storekeeping import quarantine, receive, transfer
from domain.part.usage import give_back, install, issue
from domain.part.words import Condition, Fate, Tracking
from projections.engine.cursor import BadCursor
from projections.part_trace.filters import TraceFilter
from projections.part_trace.history import TracePage, history
from projections.part_trace.reach import CustomerLine, ReachLine, customers, reached
from projections.part_trace.steps import At, Stop
from projections.part_trace.whereabouts import PlaceFilter, PlaceLine, whereabouts
from tests.projections.histories import Story, at
from tests.projections.parts import MAIN, VAN, PartStory
from tests.projections.views import ask, shown

ZONE = ZoneInfo("Asia/Shanghai")
HOTEL, LINDEN, NOBODY = Story(1, customer="海风酒店"), Story(2, customer="Linden Hotels"), Story(3)


class Told:
    """A pump by serial numbers, a heater by lots, and seals that nobody counts one by one."""

    def __init__(self) -> None:
        self.pump = PartStory(1, Tracking.SERIAL, number="PUMP")
        self.pump.then(receive, 1, ["S1", "S2"], location=MAIN, supplier="合肥电热", document="DN-7")
        self.pump.then(transfer, 2, ["S1"], from_location=MAIN, to_location=VAN)
        self.pump.then(issue, 3, ["S1"], location=VAN, ticket=HOTEL)
        self.pump.then(
            install,
            4,
            ["S1"],
            asset="WH-77",
            ticket=HOTEL,
            serial_out="OLD-1",
            fate=Fate.RETURNED,
            by="technician:zhao",
            why="noise",
        )
        self.pump.then(give_back, 5, ["OLD-1"], location=VAN, condition=Condition.FAULTY, ticket=HOTEL)
        self.heater = PartStory(2, Tracking.LOT, number="HEATER")
        self.heater.then(receive, 1, {"L7": 10, "L8": 5}, location=MAIN)
        self.heater.then(issue, 2, {"L7": 4}, location=MAIN, ticket=HOTEL)
        self.heater.then(install, 3, {"L7": 2}, asset="WH-77", ticket=HOTEL)
        self.heater.then(install, 3, {"L7": 1}, asset="WH-78", ticket=HOTEL)
        self.heater.then(give_back, 4, {"L7": 1}, location=MAIN, condition=Condition.GOOD, ticket=HOTEL)
        self.heater.then(issue, 5, {"L7": 2, "L8": 1}, location=MAIN, ticket=LINDEN)
        self.heater.then(install, 6, {"L7": 2}, asset="WH-90", ticket=LINDEN)
        self.heater.then(issue, 7, {"L7": 1}, location=MAIN, ticket=NOBODY)
        self.heater.then(quarantine, 8, {"L7": 3}, location=MAIN)
        self.seal = PartStory(3, number="SEAL").then(receive, 1, 99, location=MAIN)
        self.seal.then(issue, 2, 5, location=MAIN, ticket=HOTEL).then(
            install, 3, 4, asset="WH-77", ticket=HOTEL
        )
        self.twin = PartStory(4, Tracking.SERIAL, number="TWIN").then(receive, 1, ["S1"], location=MAIN)

    @property
    def facts(self) -> list[Any]:
        stories = (HOTEL, LINDEN, NOBODY, self.pump, self.heater, self.seal, self.twin)
        return [fact for story in stories for fact in story.facts]


TOLD = Told()


@pytest.fixture(scope="module")
def url(module_database: Database) -> str:
    """A database where all of it happened."""
    shown(module_database.service_url, TOLD.facts)
    return module_database.service_url


def steps(url: str, **which: Any) -> TracePage:
    """The steps that a filter means."""
    return ask(url, lambda conn: history(conn, TraceFilter(**which), zone=ZONE))


def places(url: str, *, now: bool = False, **which: Any) -> list[PlaceLine]:
    """Where something is, or was."""
    page = ask(url, lambda conn: whereabouts(conn, PlaceFilter(**which), now=now))
    assert page.next is None
    return list(page.items)


def reach(url: str, **which: Any) -> list[ReachLine]:
    """Whom something reached."""
    return list(ask(url, lambda conn: reached(conn, TraceFilter(**which))).items)


def test_a_serial_number_tells_its_life_step_by_step(url: str) -> None:
    page = steps(url, serial="S1", part=TOLD.pump.id)
    ticket = HOTEL.ticket.number
    assert [(line.type, line.came_from, line.went_to) for line in page.items] == [
        ("part.received", At(Stop.SUPPLIER, "合肥电热"), At(Stop.GOOD, MAIN)),
        ("part.transferred", At(Stop.GOOD, MAIN), At(Stop.GOOD, VAN)),
        ("part.issued", At(Stop.GOOD, VAN), At(Stop.ISSUED, ticket)),
        ("part.installed", At(Stop.ISSUED, ticket), At(Stop.INSTALLED, "WH-77")),
    ]
    came, _, _, put_in = page.items
    assert (came.document, came.quantity, came.ticket, came.customer) == ("DN-7", 1, None, None)
    assert (put_in.number, put_in.asset, put_in.swapped) == ("PUMP", "WH-77", "OLD-1")
    assert (put_in.ticket, put_in.ticket_number, put_in.customer) == (HOTEL.id, ticket, "海风酒店")
    assert (put_in.actor, put_in.reason, put_in.occurred_at) == ("technician:zhao", "noise", at(4))
    assert put_in.recorded_at > put_in.occurred_at
    assert page.texts.keys() == {line.position for line in page.items}
    assert "WH-77" in page.texts[put_in.position].zh


def test_what_came_out_tells_from_where_and_for_what(url: str) -> None:
    out, back = steps(url, serial="OLD-1").items
    assert (out.came_from, out.went_to.stop) == (At(Stop.INSTALLED, "WH-77"), Stop.REMOVED)
    assert (out.asset, out.swapped, out.customer) == ("WH-77", "S1", "海风酒店")
    assert (back.came_from.stop, back.went_to) == (Stop.REMOVED, At(Stop.QUARANTINE, VAN))


def test_a_serial_number_of_two_parts_is_told_of_both(url: str) -> None:
    assert {line.number for line in steps(url, serial="S1").items} == {"PUMP", "TWIN"}
    assert [(line.number, line.at) for line in places(url, serial="S1", now=True)] == [
        ("PUMP", At(Stop.INSTALLED, "WH-77")),
        ("TWIN", At(Stop.GOOD, MAIN)),
    ]


def test_a_lot_is_told_in_quantities_to_every_place(url: str) -> None:
    found = {line.at: line for line in places(url, lot="L7")}
    hotel, linden, nobody = (each.ticket.number for each in (HOTEL, LINDEN, NOBODY))
    assert {at: (line.came, line.went, line.there) for at, line in found.items()} == {
        At(Stop.SUPPLIER, "合肥电热"): (0, 10, 0),
        At(Stop.GOOD, MAIN): (11, 10, 1),
        At(Stop.QUARANTINE, MAIN): (3, 0, 3),
        At(Stop.ISSUED, hotel): (4, 4, 0),
        At(Stop.ISSUED, linden): (2, 2, 0),
        At(Stop.ISSUED, nobody): (1, 0, 1),
        At(Stop.INSTALLED, "WH-77"): (2, 0, 2),
        At(Stop.INSTALLED, "WH-78"): (1, 0, 1),
        At(Stop.INSTALLED, "WH-90"): (2, 0, 2),
    }
    at_linden = found[At(Stop.INSTALLED, "WH-90")]
    assert (at_linden.tickets, at_linden.customers) == ((linden,), ("Linden Hotels",))
    assert found[At(Stop.ISSUED, nobody)].customers == ()
    assert found[At(Stop.GOOD, MAIN)].tickets == found[At(Stop.GOOD, MAIN)].customers == ()
    assert sum(line.there for line in places(url, lot="L7", now=True)) == 10
    assert places(url, lot="L7", part=TOLD.pump.id) == []


def test_what_is_in_an_asset_and_what_was(url: str) -> None:
    assert [
        (line.number, line.lot or line.serial, line.came, line.went, line.there)
        for line in places(url, asset="WH-77")
    ] == [
        ("HEATER", "L7", 2, 0, 2),
        ("PUMP", "OLD-1", 0, 1, 0),
        ("PUMP", "S1", 1, 0, 1),
        ("SEAL", None, 4, 0, 4),
    ]
    assert [line.serial or line.lot for line in places(url, asset="WH-77", now=True)] == ["L7", "S1", None]
    assert [
        (line.number, line.quantity, line.came_from.stop) for line in steps(url, asset="WH-77").items
    ] == [
        ("PUMP", 1, Stop.ISSUED),
        ("PUMP", 1, Stop.INSTALLED),
        ("HEATER", 2, Stop.ISSUED),
        ("SEAL", 4, Stop.ISSUED),
    ]


def test_which_customers_a_lot_reached_is_one_question(url: str) -> None:
    page = ask(url, lambda conn: customers(conn, TraceFilter(lot="L7")))
    nothing = {"unused": 0, "scrapped": 0, "taken_out": 0}
    assert page.items == (
        CustomerLine(customer=None, tickets=1, assets=0, issued=1, installed=0, **nothing),
        CustomerLine(customer="Linden Hotels", tickets=1, assets=1, issued=2, installed=2, **nothing),
        CustomerLine(
            customer="海风酒店", tickets=1, assets=2, issued=4, installed=3, **nothing | {"unused": 1}
        ),
    )


def test_a_lot_reaches_tickets_assets_and_customers(url: str) -> None:
    assert [
        (line.customer, line.ticket, line.number, line.issued, line.installed, line.unused, line.assets)
        for line in reach(url, lot="L7")
    ] == [
        (None, NOBODY.id, "HEATER", 1, 0, 0, ()),
        ("Linden Hotels", LINDEN.id, "HEATER", 2, 2, 0, ("WH-90",)),
        ("海风酒店", HOTEL.id, "HEATER", 4, 3, 1, ("WH-77", "WH-78")),
    ]


@pytest.mark.parametrize(
    "which", [{"ticket": HOTEL.id}, {"customer": "海风酒店"}], ids=["a ticket", "a customer"]
)
def test_and_a_ticket_or_customer_tells_what_reached_it(url: str, which: dict[str, Any]) -> None:
    found = reach(url, **which)
    assert [
        (line.number, line.lot or line.serial, line.issued, line.installed, line.unused, line.taken_out)
        for line in found
    ] == [
        ("HEATER", "L7", 4, 3, 1, 0),
        ("PUMP", "OLD-1", 0, 0, 0, 1),
        ("PUMP", "S1", 1, 1, 0, 0),
        ("SEAL", None, 5, 4, 0, 0),
    ]
    assert {line.customer for line in found} == {"海风酒店"}
    assert {line.ticket for line in steps(url, **which).items} == {HOTEL.id}


def test_what_is_not_tracked_and_for_no_ticket_is_in_no_trace(url: str) -> None:
    seals = steps(url, part=TOLD.seal.id).items
    assert [(line.type, line.quantity) for line in seals] == [("part.issued", 5), ("part.installed", 4)]


def test_pages_follow_each_other_in_every_list(url: str) -> None:
    lists: list[Any] = [
        lambda conn, **page: history(conn, TraceFilter(part=TOLD.heater.id), zone=ZONE, **page),
        lambda conn, **page: whereabouts(conn, PlaceFilter(lot="L7"), **page),
        lambda conn, **page: reached(conn, TraceFilter(), **page),
        lambda conn, **page: customers(conn, TraceFilter(), **page),
    ]
    for query in lists:
        everything = ask(url, query)
        assert everything.next is None
        items, cursor = [], None
        while True:
            page = ask(url, lambda conn, at=cursor, query=query: query(conn, cursor=at, limit=2))
            assert len(page.items) == 2 or page.next is None
            items += page.items
            cursor = page.next
            if cursor is None:
                break
        assert len(items) >= 3
        assert tuple(items) == everything.items
        with pytest.raises(BadCursor):
            ask(url, lambda conn, query=query: query(conn, cursor="x"))


def test_a_lost_serial_number_that_is_delivered_again_is_in_one_place(database: Database) -> None:
    part = PartStory(9, Tracking.SERIAL).then(receive, 1, ["S1", "S2"], location=MAIN)
    part.then(count, 2, ["S2"], location=MAIN, why="stocktaking")
    shown(database.service_url, part.facts)
    assert [line.at for line in places(database.service_url, serial="S1", now=True)] == [At(Stop.LOST)]
    told = len(part.facts)
    part.then(receive, 3, ["S1"], location=VAN)
    shown(database.service_url, part.facts[told:])
    assert [line.at for line in places(database.service_url, serial="S1", now=True)] == [At(Stop.GOOD, VAN)]


def test_a_ticket_registered_after_the_parts_were_used_still_names_its_customer(database: Database) -> None:
    late = Story(9, customer="迟到客户")
    part = PartStory(9, Tracking.LOT).then(receive, 1, {"L1": 1}, location=MAIN)
    part.then(issue, 2, {"L1": 1}, location=MAIN, ticket=late)
    shown(database.service_url, [*part.facts, *late.facts])
    assert [line.customer for line in reach(database.service_url, lot="L1")] == ["迟到客户"]
