"""The part master told as catalogue entries."""

from __future__ import annotations

import pytest

from domain.part.events import PartCatalogued, PartName
from domain.part.words import Tracking
from tests.application.importing.lists.written import AS_OF, PARTS, Shelf, stocked


def test_a_row_becomes_a_catalogue_entry():
    shelf = Shelf()
    taken = shelf.take("parts", PARTS)
    assert taken.events[1] == PartCatalogued(
        number="GS-31",
        revision="A",
        name=PartName("密封垫", "Gasket"),
        unit="set",
        tracking=Tracking.LOT,
        shelf_life_days=365,
        reorder_point=20,
    )
    assert (taken.imported, taken.there, taken.rejects) == (3, 0, [])


def test_who_when_and_why():
    (fact,) = stocked().history("part/GS-31")
    assert (fact.act.actor, fact.act.occurred_at, fact.act.reason) == ("system:import", AS_OF, "list.csv")
    assert (fact.version, fact.correlation_id) == (1, fact.stream_id)


def test_a_row_may_have_a_moment_of_its_own():
    shelf = Shelf()
    shelf.take("parts", "备件编号,名称,单位,日期\nA,泵,台,2025-05-01\nB,泵,台,")
    moments = [shelf.history(f"part/{number}")[0].act.occurred_at for number in "AB"]
    assert moments == [AS_OF.replace(2025, 4, 30), AS_OF]


def test_the_least_that_a_row_must_say():
    (event,) = Shelf().take("parts", "料号,名称,单位\nPU-15,循环泵,台").events
    assert event == PartCatalogued(number="PU-15", revision="-", name=PartName("循环泵", "循环泵"), unit="台")


def test_the_same_list_again_says_what_is_known():
    again = stocked().take("parts", PARTS)
    assert (again.imported, again.there, again.rejects) == (0, 3, [])


def test_a_row_with_fewer_columns_says_nothing_else():
    again = stocked().take("parts", "number,unit\nHE-200,pcs")
    assert (again.imported, again.there) == (0, 1)


def test_other_values_are_rejected_with_what_differs():
    again = stocked().take("parts", PARTS.replace("GS-31,A", "GS-31,C").replace("365,20", "30,20"))
    assert (again.imported, again.there) == (0, 2)
    assert again.rejects == [
        (
            3,
            "GS-31 is catalogued already; column revision: C, where the catalogue has A; "
            "column shelf_life_days: 30, where the catalogue has 365",
        )
    ]


def test_what_a_part_has_not_is_called_nothing():
    again = stocked().take("parts", PARTS.replace("pcs,serial,,2", "pcs,serial,90,2"))
    assert again.rejects == [
        (2, "HE-200 is catalogued already; column shelf_life_days: 90, where the catalogue has nothing")
    ]


def test_a_number_twice_in_one_list_is_one_part():
    taken = Shelf().take("parts", "number,unit,name\nA,pcs,Pump\nA,pcs,Pump\nA,m,Pump")
    assert (taken.imported, taken.there) == (1, 1)
    assert taken.rejects == [(4, "A is catalogued already; column unit: m, where the catalogue has pcs")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",A,x,x,pcs,none,,", "no number in column number"),
        ("X,A,x,x,,none,,", "no unit in column unit"),
        ("X,A,,,pcs,none,,", "column name_zh: name/zh may not be blank"),
        (
            "X,A,x,x,pcs,pallet,,",
            "column tracking: 'pallet' is none of none, lot, serial; add it to [values.tracking]",
        ),
        ("X,A,x,x,pcs,lot,a year,", "column shelf_life_days: 'a year' is no number"),
        ("X,A,x,x,pcs,lot,0,", "column shelf_life_days: a shelf life is 1 to 36500 days"),
        ("X,A,x,x,pcs,none,30,", "column tracking: a shelf life needs lots or serial numbers"),
        ("X,A,x,x,pcs,none,,-1", "column reorder_point: '-1' is below zero"),
        (f"{'X' * 201},A,x,x,pcs,none,,", "column number: 201 characters, the most is 200"),
        ("X,A,x,x,pcs", "5 values where the header has 8"),
        ("X\0,A,x,x,pcs,none,,", "column number: a NUL byte"),
    ],
)
def test_a_bad_row_is_rejected_with_line_column_and_reason_and_costs_no_other(row: str, reason: str):
    taken = Shelf().take("parts", f"{PARTS.strip()}\n{row}\nOK-1,A,x,x,pcs,none,,\n")
    assert taken.rejects == [(5, reason)]
    assert taken.imported == 4


def test_a_bad_row_does_not_cost_the_good_row_of_the_same_part():
    taken = Shelf().take("parts", "number,unit,name\nA,,Pump\nA,pcs,Pump")
    assert (taken.imported, taken.rejects) == (1, [(2, "no unit in column unit")])
