"""Reserving and issuing, told as stories (R17, R18)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.errors import DomainError, InvalidValue
from domain.part.errors import (
    ExpiredStock,
    NotEnoughStock,
    ReservationExpired,
    SerialElsewhere,
    UnknownReservation,
    UnknownUnit,
)
from domain.part.holdings import Place
from domain.part.reservations import expire, release, reserve
from domain.part.storekeeping import receive
from domain.part.usage import issue
from domain.part.words import Bucket
from tests.domain.part.story import (
    FIVE,
    LOTS,
    R1,
    R2,
    R3,
    SERIALS,
    T1,
    T2,
    TODAY,
    at,
    given,
    issued,
    quarantined,
    received,
    released,
    reserved,
)

EVENING = at("17:00")


def test_what_is_reserved_is_on_hand_but_not_available() -> None:
    story = given(FIVE).when(reserve, reservation=R1, location="MAIN", goods=3, expires_at=EVENING)
    story.then(reserved("MAIN", 3))
    assert (story.on("MAIN").on_hand, story.on("MAIN").reserved, story.on("MAIN").available) == (5, 3, 2)


def test_nobody_can_reserve_more_than_is_available() -> None:
    story = given(FIVE, reserved("MAIN", 4))
    story.when(reserve, reservation=R2, location="MAIN", goods=2, expires_at=EVENING).refused(
        NotEnoughStock,
        "MAIN can spare 1, not 2: 5 on hand, 4 reserved, 0 expired",
        available=1,
        reserved=4,
        location="MAIN",
    )
    story.when(reserve, reservation=R2, location="VAN-1", goods=1, expires_at=EVENING).refused(
        NotEnoughStock, available=0
    )


def test_expired_and_quarantined_stock_is_not_available() -> None:
    story = given(LOTS, quarantined("MAIN", {"B": 1}))
    assert (story.on("MAIN").available, story.on("MAIN").expired, story.on("MAIN").quarantined) == (6, 2, 1)
    story.when(reserve, reservation=R1, location="MAIN", goods=7, expires_at=EVENING).refused(
        NotEnoughStock, available=6, expired=2
    )


def test_a_lot_is_good_on_its_last_day() -> None:
    story = given(received("MAIN", {"A": 1}, {"A": "03-02"}))
    assert story.on("MAIN", TODAY).available == 1
    assert story.on("MAIN", TODAY + timedelta(days=1)).available == 0


def test_an_overdue_reservation_gives_way_only_when_its_goods_are_wanted() -> None:
    story = given(FIVE, reserved("MAIN", 3, until="10:00"), reserved("MAIN", 1, promise=R2, ticket=T2))
    one = {"reservation": R3, "location": "MAIN", "goods": 1, "expires_at": EVENING}
    story.when(reserve, when="11:00", **one).then(reserved("MAIN", 1, promise=R3))
    story.when(reserve, when="11:00", **one | {"goods": 4}).then(
        released("MAIN", 3, "expired"), reserved("MAIN", 4, promise=R3)
    )
    story.when(reserve, when="09:59", **one | {"goods": 4}).refused(NotEnoughStock, available=1)


def test_an_overdue_reservation_gives_way_to_who_names_its_lot_but_not_elsewhere() -> None:
    story = given(
        LOTS,
        received("VAN-1", {"C": 4}),
        reserved("MAIN", {"C": 4}, until="10:00"),
        reserved("VAN-1", {"C": 4}, promise=R2, ticket=T2, until="10:00"),
    )
    story.when(issue, location="MAIN", goods={"C": 1}, when="11:00").then(
        released("MAIN", {"C": 4}, "expired"), issued("MAIN", {"C": 1})
    )


@pytest.mark.parametrize("wrong", [{"expires_at": at("09:00")}, {"reservation": R2}, {"goods": 0}])
def test_a_reservation_is_new_of_something_and_for_a_while(wrong: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"reservation": R1, "location": "MAIN", "goods": 1, "expires_at": EVENING}
    given(FIVE, reserved("MAIN", 1, promise=R2)).when(reserve, **usual | wrong).refused(InvalidValue)


def test_overdue_reservations_expire_together_the_earliest_first() -> None:
    story = given(
        FIVE,
        reserved("MAIN", 1, until="11:00"),
        reserved("MAIN", 2, promise=R2, ticket=T2, until="10:00"),
        reserved("MAIN", 1, promise=R3, until="12:00"),
    ).when(expire, when="11:00")
    story.then(released("MAIN", 2, "expired", promise=R2, ticket=T2), released("MAIN", 1, "expired"))
    assert story.on("MAIN").reserved == 1
    story.when(expire, when="11:59").then()


def test_released_goods_are_available_again() -> None:
    story = given(FIVE, reserved("MAIN", 3)).when(release, reservation=R1)
    assert story.then(released("MAIN", 3, "released")).on("MAIN").available == 5
    story.when(release, reservation=R1).refused(UnknownReservation)


def test_issuing_from_a_reservation_uses_it_and_the_rest_stays_promised() -> None:
    story = given(FIVE, reserved("MAIN", 3)).when(issue, location="MAIN", goods=2, reservation=R1)
    story.then(released("MAIN", 2, "used"), issued("MAIN", 2, reservation=R1))
    assert (story.on("MAIN").on_hand, story.on("MAIN").reserved, story.part.outstanding(T1)) == (3, 1, 2)
    story = story.when(issue, location="MAIN", goods=1, reservation=R1)
    story.when(issue, location="MAIN", goods=1, reservation=R1).refused(UnknownReservation)


def test_issuing_does_not_touch_what_others_were_promised() -> None:
    story = given(FIVE, reserved("MAIN", 4, ticket=T2))
    story.when(issue, location="MAIN", goods=2).refused(NotEnoughStock, available=1)
    story.when(issue, location="MAIN", goods=1).then(issued("MAIN", 1))


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"when": "17:00"}, ReservationExpired),
        ({"reservation": R2}, UnknownReservation),
        ({"goods": 4}, InvalidValue),
        ({"location": "VAN-1"}, InvalidValue),
        ({"for_ticket": T2}, InvalidValue),
    ],
)
def test_a_reservation_is_good_for_its_ticket_place_and_quantity_until_it_expires(
    asked: dict[str, Any], error: type[DomainError]
) -> None:
    usual = {"location": "MAIN", "goods": 3, "reservation": R1}
    given(FIVE, reserved("MAIN", 3)).when(issue, **usual | asked).refused(error)


def test_of_lots_nobody_chose_the_first_to_expire_goes_out_first() -> None:
    story = given(LOTS).when(issue, location="MAIN", goods=5)
    story.then(issued("MAIN", {"C": 4, "B": 1}))
    assert story.units("good", "MAIN") == {"A": 2, "B": 2}
    story.when(issue, location="MAIN", goods=3).refused(NotEnoughStock, available=2, expired=2)


def test_lots_without_an_expiry_go_last_and_those_of_one_day_by_name() -> None:
    days = {"Z": "05-01", "Y": "05-01"}
    given(received("MAIN", {"N": 1, "Z": 1, "Y": 1}, days)).when(issue, location="MAIN", goods=2).then(
        issued("MAIN", {"Y": 1, "Z": 1})
    )


def test_an_expired_lot_is_not_issued_even_when_named() -> None:
    story = given(LOTS)
    story.when(issue, location="MAIN", goods={"A": 1}).refused(ExpiredStock, "A was good until 2026-03-01")
    story.when(reserve, reservation=R1, location="MAIN", goods={"A": 1}, expires_at=EVENING).refused(
        ExpiredStock
    )


def test_a_reserved_lot_is_kept_and_others_take_the_next() -> None:
    story = given(LOTS, reserved("MAIN", {"C": 3}, ticket=T2))
    story.when(issue, location="MAIN", goods={"C": 2}).refused(NotEnoughStock, available=1, unit="C")
    story.when(issue, location="MAIN", goods=2).then(issued("MAIN", {"C": 1, "B": 1}))
    story.when(issue, location="MAIN", goods={"B": 1}, reservation=R1, for_ticket=T2).refused(
        InvalidValue, "the reservation is of 0 of B"
    )
    story.when(issue, location="MAIN", goods=2, reservation=R1, for_ticket=T2).then(
        released("MAIN", {"C": 2}, "used", ticket=T2), issued("MAIN", {"C": 2}, reservation=R1, ticket=T2)
    )


def test_a_lot_that_expired_while_it_was_reserved_is_not_issued() -> None:
    story = given(LOTS, reserved("MAIN", {"C": 4}))
    story.when(
        issue, location="MAIN", goods=1, reservation=R1, today=at("09:00").date().replace(month=6)
    ).refused(NotEnoughStock, available=0)


def test_serial_numbers_are_named_when_they_are_issued() -> None:
    story = given(SERIALS, reserved("MAIN", 2))
    story.when(issue, location="MAIN", goods=1).refused(InvalidValue, "name its serials")
    story.when(issue, location="MAIN", goods=["S3"], reservation=R1).then(
        released("MAIN", 1, "used"), issued("MAIN", ["S3"], reservation=R1)
    )
    story.when(issue, location="MAIN", goods=["S9"]).refused(UnknownUnit, "no S9 of this part ever came in")


def test_all_serial_numbers_of_a_reservation_need_not_be_named_again() -> None:
    story = given(SERIALS, reserved("MAIN", ["S1", "S2"]))
    story.when(issue, location="MAIN", goods=2, reservation=R1).then(
        released("MAIN", ["S1", "S2"], "used"), issued("MAIN", ["S1", "S2"], reservation=R1)
    )
    story.when(issue, location="MAIN", goods=1, reservation=R1).refused(InvalidValue)
    story.when(issue, location="MAIN", goods=["S1"], for_ticket=T2).refused(NotEnoughStock, unit="S1")


def test_a_serial_number_is_in_one_place() -> None:
    story = given(SERIALS, issued("MAIN", ["S1"]))
    assert story.part.place("S1") == Place(Bucket.ISSUED, T1)
    story.when(issue, location="MAIN", goods=["S1"], for_ticket=T2).refused(
        SerialElsewhere, f"issued at {T1}"
    )
    story.when(issue, location="VAN-1", goods=["S2"]).refused(SerialElsewhere, place="good at MAIN")
    story.when(receive, location="VAN-1", goods=["S1"]).refused(SerialElsewhere)
