"""Opening stock told as receipts, on the part as it then stands."""

from __future__ import annotations

from datetime import date

import pytest

from domain.part.events import PartReceived
from domain.part.goods import Goods
from domain.part.state import Part, replay
from domain.part.words import Bucket
from tests.application.importing.lists.written import AS_OF, Shelf, stocked

HEADER = "number,location,quantity,lot,serials,expires_on,supplier,document\n"
STOCK = (
    HEADER
    + "HE-200,SH,2,,S1;S2,,ACME,OB-1\n"
    + "GS-31,SH,60,L1,,2026-11-30,ACME,OB-1\n"
    + "GS-31,HZ,12,L1,,2026-11-30,ACME,OB-1\n"
    + "TS-08,SH,140,,,,,\n"
)


def part(shelf: Shelf, number: str) -> Part:
    state = replay(shelf.history(f"part/{number}"))
    assert state is not None
    return state


def test_a_row_becomes_a_receipt():
    shelf = stocked()
    taken = shelf.take("stock", STOCK)
    assert (taken.imported, taken.rejects) == (4, [])
    assert shelf.history("part/GS-31")[1].event == PartReceived(
        number="GS-31",
        goods=Goods(60, lots={"L1": 60}),
        location="SH",
        supplier="ACME",
        document="OB-1",
        expires_on={"L1": date(2026, 11, 30)},
    )
    assert part(shelf, "HE-200").stock(Bucket.GOOD, "SH").total == 2
    assert part(shelf, "GS-31").total(Bucket.GOOD) == 72


def test_who_when_and_why_and_in_what_order():
    shelf = stocked()
    shelf.take("stock", STOCK)
    first, second = shelf.history("part/GS-31")[1:]
    assert (first.act.actor, first.act.occurred_at, first.act.reason) == ("system:import", AS_OF, "list.csv")
    assert (first.version, second.version) == (2, 3)
    assert first.correlation_id == first.stream_id == shelf.names["part/GS-31"]


def test_a_row_without_supplier_and_document_says_that_it_is_opening_stock():
    (event,) = stocked().take("stock", "备件编号,仓库,数量\nTS-08,上海总库,140").events
    assert isinstance(event, PartReceived)
    assert (event.supplier, event.document) == ("opening stock", "opening stock")


def test_serial_numbers_say_how_many_there_are():
    (event,) = stocked().take("stock", "备件编号,仓库,序列号\nHE-200,上海总库,S1；S2；S3").events
    assert isinstance(event, PartReceived)
    assert event.goods == Goods(3, serials=("S1", "S2", "S3"))


def test_a_lot_without_a_day_has_the_day_it_had_or_the_parts_shelf_life_from_the_day_of_the_row():
    rows = HEADER + "GS-31,SH,1,L1,,2027-05-01,,\nGS-31,HZ,1,L1,,,,\nGS-31,SH,1,L2,,,,\n"
    _, second, third = stocked().take("stock", rows).events
    assert isinstance(second, PartReceived)
    assert isinstance(third, PartReceived)
    assert second.expires_on == {"L1": date(2027, 5, 1)}
    # A year from the first of January, the day in Shanghai, though it is the day before in UTC.
    assert third.expires_on == {"L2": date(2027, 1, 1)}


def test_the_end_of_time_means_that_it_lasts():
    shelf = stocked()
    rows = HEADER + "GS-31,SH,1,L1,,9999-12-31,,\n"
    (event,) = shelf.take("stock", rows).events
    assert isinstance(event, PartReceived)
    assert event.expires_on == {}
    assert shelf.take("stock", rows).there == 1


def test_the_same_list_again_adds_nothing():
    shelf = stocked()
    shelf.take("stock", STOCK)
    again = shelf.take("stock", STOCK)
    assert (again.imported, again.there, again.rejects) == (0, 4, [])


def test_the_rest_of_a_list_is_added_to_what_is_there():
    shelf = stocked()
    shelf.take("stock", STOCK)
    more = shelf.take("stock", STOCK + "HE-200,SH,1,,S3,,ACME,OB-1\nTS-08,HZ,5,,,,,\n")
    assert (more.imported, more.there, more.rejects) == (2, 4, [])
    assert part(shelf, "HE-200").total(Bucket.GOOD) == 3


def test_another_source_is_another_stock():
    shelf = stocked()
    shelf.take("stock", STOCK)
    other = shelf.take("stock", STOCK, 'source = "erp"')
    assert other.imported == 3
    assert other.rejects == [(2, "column serials: S1 is good at SH")]


@pytest.mark.parametrize(
    ("was", "now", "line", "reason"),
    [
        (
            "TS-08,SH,140",
            "TS-08,SH,150",
            5,
            "column quantity: 150, where 140 were imported before; correct the stock by counting",
        ),
        (
            "HZ,12,L1,,2026-11-30",
            "HZ,12,L1,,2026-12-31",
            4,
            "column expires_on: another day than was imported before",
        ),
        (
            "S1;S2,,ACME",
            "S1;S2,,Other Ltd",
            2,
            "key: the row of this key was imported with other values before",
        ),
    ],
)
def test_a_row_that_is_there_with_other_values_is_rejected(was: str, now: str, line: int, reason: str):
    shelf = stocked()
    shelf.take("stock", STOCK)
    again = shelf.take("stock", STOCK.replace(was, now))
    assert (again.imported, again.there, again.rejects) == (0, 3, [(line, reason)])


def test_rows_that_are_equal_need_keys():
    rows = HEADER + "TS-08,SH,5,,,,,\nTS-08,SH,5,,,,,\n"
    taken = stocked().take("stock", rows)
    assert taken.imported == 1
    assert taken.rejects == [
        (
            3,
            "key: line 2 has the same location, document and lot; "
            "make one row of the two, or give each a key",
        )
    ]


def test_rows_with_keys_are_known_by_them():
    rows = "number,location,quantity,row key\nTS-08,SH,5,a\nTS-08,SH,7,b\n"
    shelf = stocked()
    assert shelf.take("stock", rows).imported == 2
    again = shelf.take("stock", rows)
    assert (again.imported, again.there, again.rejects) == (0, 2, [])
    assert part(shelf, "TS-08").total(Bucket.GOOD) == 12


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("XX-1,SH,1,,,,,", "column number: XX-1 is not in the catalogue; import it with the parts first"),
        (",SH,1,,,,,", "no number in column number"),
        ("TS-08,,1,,,,,", "no location in column location"),
        ("TS-08,SH,,,,,,", "column quantity: how much is there?"),
        ("TS-08,SH,0,,,,,OB-9", "column quantity: a quantity is at least 1, not 0"),
        ("TS-08,SH,-2,,,,,", "column quantity: '-2' is below zero"),
        ("TS-08,SH,some,,,,,", "column quantity: 'some' is no number"),
        ("TS-08,SH,1,L1,,,,", "column lot: the part's tracking is none: no lots"),
        ("TS-08,SH,1,,,2027-01-01,,", "column expires_on: only a lot or a serial number has a last good day"),
        ("GS-31,SH,1,,,,,", "column lot: the part is tracked: name its lots"),
        ("GS-31,SH,1,L1,,2027-01-01,,OB-2", "column expires_on: L1 is good until 2026-11-30"),
        ("GS-31,SH,1,L3,,soon,,", "column expires_on: 'soon' is no day written as iso or"),
        ("HE-200,SH,1,,,,,", "column serials: the part is tracked: name its serials"),
        ("HE-200,SH,2,,S8,,,", "column serials: the serials do not make up 2"),
        ("HE-200,SH,2,,S8;S8,,,", "column serials: each serial is named once, and none is blank"),
        ("HE-200,HZ,1,,S2,,,", "column serials: S2 is good at SH"),
        (f"TS-08,{'x' * 150},1,,,,,{'y' * 60}", "key: location, document and lot have over 200 characters"),
    ],
)
def test_a_bad_row_is_rejected_with_line_column_and_reason_and_costs_no_other(row: str, reason: str):
    shelf = stocked()
    taken = shelf.take("stock", f"{STOCK}{row}\nTS-08,HZ,9,,,,,\n")
    ((line, told),) = taken.rejects
    assert line == 6
    assert told.startswith(reason)
    assert taken.imported == 5
    assert part(shelf, "TS-08").total(Bucket.GOOD) == 149


def test_rows_are_taken_in_the_order_of_their_moments():
    rows = "number,location,serials,date\nHE-200,SH,S1,2025-03-01\nHE-200,HZ,S1,2025-02-01\n"
    taken = stocked().take("stock", rows)
    assert taken.rejects == [(2, "column serials: S1 is good at HZ")]
