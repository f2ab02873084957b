"""Installing and returning, told as stories (R17, R18)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import DomainError, InvalidValue
from domain.part.errors import (
    NotHeld,
    SerialElsewhere,
    UnknownUnit,
)
from domain.part.holdings import Place
from domain.part.storekeeping import receive
from domain.part.usage import give_back, install
from domain.part.words import Bucket, Condition, Fate, Gone
from tests.domain.part.story import (
    FIVE,
    LOTS,
    SERIALS,
    T1,
    T2,
    Written,
    at,
    given,
    installed,
    issued,
    received,
    returned,
)

EVENING = at("17:00")


def test_a_repair_records_what_went_in_and_what_came_out() -> None:
    story = given(SERIALS, issued("MAIN", ["S1"])).when(
        install, asset="WH-77", goods=["S1"], serial_out="OLD-5", fate=Fate.RETURNED
    )
    story.then(installed("WH-77", ["S1"], out="OLD-5", fate="returned"))
    assert story.part.place("S1") == Place(Gone.INSTALLED, "WH-77")
    assert story.part.place("OLD-5") == Place(Bucket.REMOVED, T1)
    assert (story.part.outstanding(T1), story.part.owed_back(T1)) == (0, 1)

    story.when(give_back, location="MAIN", goods=["OLD-5"], condition=Condition.GOOD).refused(InvalidValue)
    story = story.when(give_back, location="MAIN", goods=["OLD-5"], condition=Condition.FAULTY)
    story.then(returned("MAIN", ["OLD-5"], "faulty", removed=True))
    assert story.part.owed_back(T1) == 0
    assert story.units("quarantine", "MAIN") == {"OLD-5": 1}


@pytest.mark.parametrize("fate", ["scrapped", "kept_by_customer", "lost"])
def test_what_came_out_and_does_not_come_back_is_gone(fate: str) -> None:
    story = given(SERIALS, issued("MAIN", ["S1", "S2"]), installed("WH-77", ["S1"])).when(
        install, asset="WH-77", goods=["S2"], serial_out="S1", fate=Fate(fate)
    )
    assert story.part.place("S1") == Place(Gone(fate))
    assert story.part.owed_back(T1) == 0
    again = story.when(receive, location="MAIN", goods=["S1"])
    assert (again.refusal is None) == (fate != "scrapped")


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"goods": ["S2"]}, SerialElsewhere),
        ({"goods": ["S9"]}, UnknownUnit),
        ({"for_ticket": T2}, SerialElsewhere),
        ({"asset": " "}, InvalidValue),
        ({"serial_out": "S3", "fate": Fate.LOST}, SerialElsewhere),
        ({"serial_out": "S1", "fate": Fate.LOST}, InvalidValue),
        ({"serial_out": " ", "fate": Fate.LOST}, InvalidValue),
        ({"serial_out": "OLD-5"}, InvalidValue),
        ({"fate": Fate.LOST}, InvalidValue),
        ({"goods": ["S1", "S4"]}, InvalidValue),
    ],
)
def test_installing_what_was_not_issued_to_the_ticket_is_refused(
    asked: dict[str, Any], error: type[DomainError]
) -> None:
    story = given(received("MAIN", ["S1", "S2", "S3", "S4"]), issued("MAIN", ["S1", "S4"]))
    usual: dict[str, Any] = {"asset": "WH-77", "goods": ["S1"]}
    story.when(install, **usual | asked).refused(error)


def test_a_serial_number_in_one_asset_does_not_come_out_of_another() -> None:
    given(SERIALS, issued("MAIN", ["S1", "S2"]), installed("WH-77", ["S1"])).when(
        install, asset="WH-78", goods=["S2"], serial_out="S1", fate=Fate.LOST
    ).refused(SerialElsewhere, "S1 is installed at WH-77")


@pytest.mark.parametrize(
    ("first", "wanted", "found"),
    [(FIVE, 2, 2), (LOTS, 2, {"B": 2}), (LOTS, {"B": 1}, {"B": 1})],
)
def test_parts_without_serial_numbers_are_installed_and_returned_by_quantity_and_lot(
    first: Any, wanted: Written, found: Written
) -> None:
    out: Written = {"B": 3} if first is LOTS else 3
    story = given(first, issued("MAIN", out))
    story.when(install, asset="WH-77", goods=wanted).then(installed("WH-77", found))
    story.when(give_back, location="VAN-1", goods=wanted, condition=Condition.GOOD).then(
        returned("VAN-1", found, "good")
    )


def test_only_a_part_with_serial_numbers_says_what_came_out() -> None:
    given(FIVE, issued("MAIN", 1)).when(
        install, asset="WH-77", goods=1, serial_out="OLD-5", fate=Fate.LOST
    ).refused(InvalidValue, field="/serial_out")


def test_which_of_several_lots_was_installed_must_be_said() -> None:
    story = given(LOTS, issued("MAIN", {"B": 2, "C": 1}))
    story.when(install, asset="WH-77", goods=2).refused(InvalidValue, "name its lots")
    story.when(install, asset="WH-77", goods=3).then(installed("WH-77", {"B": 2, "C": 1}))


@pytest.mark.parametrize(("condition", "good", "bad"), [("good", 5, 0), ("faulty", 3, 2)])
def test_returned_goods_are_good_or_quarantined(condition: str, good: int, bad: int) -> None:
    story = given(FIVE, issued("MAIN", 2)).when(
        give_back, location="MAIN", goods=2, condition=Condition(condition)
    )
    assert (story.on("MAIN").on_hand, story.on("MAIN").quarantined) == (good, bad)
    assert story.part.outstanding(T1) == 0


def test_no_more_comes_back_than_went_out() -> None:
    story = given(FIVE, issued("MAIN", 2), installed("WH-77", 1))
    story.when(give_back, location="MAIN", goods=2, condition=Condition.GOOD).refused(
        NotHeld, "T-2026-000001 has 1 pcs issued, not 2", held=1, ticket="T-2026-000001"
    )
    story.when(install, asset="WH-77", goods=2).refused(NotHeld, held=1)


def test_unused_and_removed_serial_numbers_can_come_back_together() -> None:
    given(
        SERIALS, issued("MAIN", ["S1", "S2"]), installed("WH-77", ["S1"], out="OLD-5", fate="returned")
    ).when(give_back, location="MAIN", goods=["OLD-5", "S2"], condition=Condition.FAULTY).then(
        returned("MAIN", ["S2"], "faulty"), returned("MAIN", ["OLD-5"], "faulty", removed=True)
    )
