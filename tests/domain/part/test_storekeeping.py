"""Receiving, transferring, quarantining and scrapping, told as stories (R16, R17)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import DomainError, InvalidValue
from domain.part.errors import NotEnoughStock, NotHeld, SerialElsewhere
from domain.part.events import PartScrapped, PartTransferred, QuarantineReleased
from domain.part.goods import Goods
from domain.part.holdings import Place
from domain.part.reservations import reserve
from domain.part.storekeeping import quarantine, receive, release_quarantine, scrap, transfer
from domain.part.words import Bucket, Gone, Tracking
from tests.domain.part.story import (
    FIVE,
    LOTS,
    NUMBERS,
    R1,
    R2,
    SERIALS,
    T1,
    T2,
    Written,
    at,
    day,
    given,
    goods,
    installed,
    issued,
    quarantined,
    received,
    released,
    reserved,
    returned,
)


@pytest.mark.parametrize(
    ("tracking", "written", "field"),
    [
        ("none", 0, "/quantity"),
        ("none", -1, "/quantity"),
        ("none", {"A": 1}, "/lots"),
        ("none", ["S1"], "/serials"),
        ("lot", 1, "/lots"),
        ("lot", ["S1"], "/serials"),
        ("lot", {"A": 2, "B": -1}, "/lots"),
        ("lot", {" ": 1}, "/lots"),
        ("serial", 1, "/serials"),
        ("serial", {"A": 1}, "/lots"),
        ("serial", ["S1", "S1"], "/serials"),
        ("serial", [""], "/serials"),
    ],
)
def test_what_comes_in_is_named_as_the_part_is_tracked(tracking: str, written: Written, field: str) -> None:
    given(tracking=tracking).when(receive, location="MAIN", goods=written).refused(InvalidValue, field=field)


@pytest.mark.parametrize(
    ("tracking", "wrong"), [("lot", Goods(3, lots={"A": 2})), ("serial", Goods(2, serials=("S1",)))]
)
def test_the_names_make_up_the_quantity(tracking: str, wrong: Goods) -> None:
    with pytest.raises(InvalidValue, match="do not make up"):
        wrong.must_suit(Tracking(tracking))


def test_a_serial_number_is_named_once() -> None:
    with pytest.raises(InvalidValue, match="each serial is named once"):
        goods(["S1", "S1"]).must_suit(Tracking.SERIAL)


@pytest.mark.parametrize("field", ["location", "supplier", "document"])
def test_a_delivery_names_place_supplier_and_document(field: str) -> None:
    asked: dict[str, Any] = {"location": "MAIN", "goods": 1, field: " "}
    given().when(receive, **asked).refused(InvalidValue, field=f"/{field}")


def test_an_expiry_is_the_deliverys_own_or_the_lots_or_follows_from_the_shelf_life() -> None:
    story = given(tracking="lot", shelf_life_days=30).when(
        receive, location="MAIN", goods={"A": 1, "B": 1}, expires_on={"A": day("12-31")}
    )
    story.then(received("MAIN", {"A": 1, "B": 1}, {"A": "12-31", "B": "04-01"}))
    story.when(receive, location="VAN-1", goods={"A": 1}, today=day("05-01")).then(
        received("VAN-1", {"A": 1}, {"A": "12-31"})
    )
    story.when(receive, location="MAIN", goods={"A": 1}, expires_on={"A": day("11-30")}).refused(
        InvalidValue, "A is good until 2026-12-31"
    )
    story.when(receive, location="MAIN", goods={"A": 1}, expires_on={"X": day("11-30")}).refused(InvalidValue)
    given(tracking="lot").when(receive, location="MAIN", goods={"A": 1}).then(received("MAIN", {"A": 1}))


def test_a_transfer_is_one_event_and_nothing_is_lost_in_it() -> None:
    story = given(FIVE).when(transfer, from_location="MAIN", to_location="VAN-1", goods=2)
    story.then(PartTransferred(number="HE-200", goods=goods(2), from_location="MAIN", to_location="VAN-1"))
    assert (story.on("MAIN").on_hand, story.on("VAN-1").on_hand) == (3, 2)
    story.when(transfer, from_location="MAIN", to_location="MAIN", goods=2).refused(InvalidValue)
    story.when(transfer, from_location="MAIN", to_location="VAN-1", goods=4).refused(NotEnoughStock)


def test_expired_lots_can_be_brought_elsewhere_but_only_by_name() -> None:
    story = given(LOTS)
    asked = {"from_location": "MAIN", "to_location": "SCRAPYARD"}
    story.when(transfer, goods=2, **asked).then(
        PartTransferred(number="HE-200", goods=goods({"C": 2}), **asked)
    )
    story.when(transfer, goods={"A": 2}, **asked).then(
        PartTransferred(number="HE-200", goods=goods({"A": 2}), **asked)
    )


def test_a_transferred_serial_number_is_in_its_new_place() -> None:
    story = given(SERIALS).when(transfer, from_location="MAIN", to_location="VAN-1", goods=["S2"])
    assert story.part.place("S2") == Place(Bucket.GOOD, "VAN-1")
    story.when(transfer, from_location="MAIN", to_location="VAN-2", goods=["S2"]).refused(SerialElsewhere)


TAKEN_AWAY: list[tuple[Any, dict[str, Any]]] = [
    (transfer, {"from_location": "MAIN", "to_location": "VAN-1"}),
    (quarantine, {"location": "MAIN"}),
    (scrap, {"location": "MAIN", "bucket": Bucket.GOOD}),
]


@pytest.mark.parametrize(("decision", "asked"), TAKEN_AWAY)
def test_what_is_reserved_is_not_taken_away(decision: Any, asked: dict[str, Any]) -> None:
    story = given(FIVE, reserved("MAIN", 4, until="10:00"))
    story.when(decision, goods=2, **asked).refused(NotEnoughStock, reserved=4, available=1)
    answer = story.when(decision, goods=2, when="10:00", **asked).answer
    assert answer[0] == released("MAIN", 4, "expired")
    assert len(answer) == 2


@pytest.mark.parametrize(("decision", "asked"), TAKEN_AWAY)
def test_expired_stock_is_taken_away_unless_a_promise_rests_on_it(
    decision: Any, asked: dict[str, Any]
) -> None:
    promised_all_that_is_fresh = given(LOTS, reserved("MAIN", 7))
    assert promised_all_that_is_fresh.when(decision, goods={"A": 2}, **asked).refusal is None
    promised_it = given(LOTS, reserved("MAIN", {"A": 1}))
    promised_it.when(decision, goods={"A": 2}, **asked).refused(NotEnoughStock, unit="A", available=1)
    promised_more = given(LOTS, reserved("MAIN", 8))
    promised_more.when(decision, goods={"A": 2}, **asked).refused(NotEnoughStock, available=1)


def test_stock_goes_into_quarantine_and_out_of_it() -> None:
    story = given(SERIALS).when(quarantine, location="MAIN", goods=["S1"]).then(quarantined("MAIN", ["S1"]))
    assert (story.on("MAIN").on_hand, story.on("MAIN").quarantined) == (2, 1)
    story.when(reserve, reservation=R1, location="MAIN", goods=["S1"], expires_at=at("17:00")).refused(
        SerialElsewhere, place="quarantine at MAIN"
    )
    story.when(release_quarantine, location="MAIN", goods=2).refused(NotEnoughStock, available=1)
    back = story.when(release_quarantine, location="MAIN", goods=1)
    back.then(QuarantineReleased(number="HE-200", goods=goods(["S1"]), location="MAIN"))
    assert back.units("good", "MAIN") == {"S1": 1, "S2": 1, "S3": 1}


@pytest.mark.parametrize(
    ("bucket", "quantity", "error"),
    [
        ("good", 3, NotEnoughStock),
        ("quarantine", 2, NotEnoughStock),
        ("issued", 2, NotHeld),
        ("removed", 1, NotHeld),
        ("reserved", 1, InvalidValue),
    ],
)
def test_nobody_scraps_more_than_there_is(bucket: str, quantity: int, error: type[DomainError]) -> None:
    story = given(FIVE, quarantined("MAIN", 1), issued("MAIN", 1), reserved("MAIN", 1, promise=R2, ticket=T2))
    place: dict[str, Any] = {"location": "MAIN"}
    if bucket in {"issued", "removed"}:
        place = {"for_ticket": T1}
    story.when(scrap, bucket=Bucket(bucket), goods=quantity, **place).refused(error)
    if bucket in {"good", "quarantine", "issued"}:
        answer = story.when(scrap, bucket=Bucket(bucket), goods=quantity - 1, **place)
        assert answer.refusal is None
        assert answer.part.total(Bucket(bucket)) == story.part.total(Bucket(bucket)) - quantity + 1


def test_scrapped_serial_numbers_never_come_back() -> None:
    story = given(SERIALS, issued("MAIN", ["S1"]), installed("WH-77", ["S1"], out="OLD-5", fate="returned"))
    scrapped = story.when(scrap, bucket=Bucket.REMOVED, goods=1, for_ticket=T1)
    scrapped.then(
        PartScrapped(
            number="HE-200",
            goods=goods(["OLD-5"]),
            bucket=Bucket.REMOVED,
            for_ticket=T1,
            ticket_number=NUMBERS[T1],
        )
    )
    assert scrapped.part.place("OLD-5") == Place(Gone.SCRAPPED)
    scrapped.when(receive, location="MAIN", goods=["OLD-5"]).refused(SerialElsewhere, place="scrapped")


@pytest.mark.parametrize(
    "place",
    [
        {"bucket": Bucket.GOOD, "for_ticket": T1},
        {"bucket": Bucket.QUARANTINE},
        {"bucket": Bucket.ISSUED, "location": "MAIN", "for_ticket": T1},
        {"bucket": Bucket.ISSUED},
    ],
)
def test_goods_are_scrapped_where_they_are(place: dict[str, Any]) -> None:
    given(FIVE, issued("MAIN", 1)).when(scrap, goods=1, **place).refused(InvalidValue)


def test_faulty_returns_wait_in_quarantine_until_they_are_scrapped() -> None:
    story = given(FIVE, issued("MAIN", 2), returned("MAIN", 2, "faulty")).when(
        scrap, bucket=Bucket.QUARANTINE, location="MAIN", goods=2
    )
    assert (story.on("MAIN").on_hand, story.on("MAIN").quarantined) == (3, 0)
