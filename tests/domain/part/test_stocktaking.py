"""Counting stock, told as stories (R17)."""

from __future__ import annotations

import pytest

from domain.errors import InvalidValue
from domain.event import Event
from domain.part.errors import NotEnoughStock, SerialElsewhere, UnknownUnit
from domain.part.events import PartCounted
from domain.part.holdings import Place
from domain.part.stocktaking import count
from domain.part.words import Bucket, Gone
from tests.domain.part.story import (
    FIVE,
    LOTS,
    SERIALS,
    Written,
    given,
    goods,
    reserved,
)


def test_a_count_that_agrees_needs_no_reason_and_changes_nothing() -> None:
    story = given(FIVE).when(count, location="MAIN", goods=5)
    story.then(PartCounted(number="HE-200", goods=goods(5), location="MAIN"))
    assert story.on("MAIN").on_hand == 5


@pytest.mark.parametrize(
    ("first", "counted", "more", "fewer", "difference"),
    [
        (FIVE, 3, 0, 2, -2),
        (FIVE, 0, 0, 5, -5),
        (FIVE, 8, 3, 0, 3),
        (LOTS, {"B": 5, "C": 1}, {"B": 2}, {"C": 3}, -1),
        (LOTS, {"A": 0}, {}, {"A": 2}, -2),
        (SERIALS, ["S3"], [], ["S1", "S2"], -2),
        (SERIALS, [], [], ["S1", "S2", "S3"], -3),
    ],
)
def test_a_count_sets_the_books_right(
    first: Event, counted: Written, more: Written, fewer: Written, difference: int
) -> None:
    story = given(first)
    story.when(count, location="MAIN", goods=counted).refused(InvalidValue, field="/reason")
    before = story.on("MAIN").on_hand
    story = story.when(count, location="MAIN", goods=counted, reason="cycle count")
    [event] = story.answer
    assert event == PartCounted(
        number="HE-200", goods=goods(counted), location="MAIN", more=goods(more), fewer=goods(fewer)
    )
    assert event.difference == difference
    assert story.on("MAIN").on_hand == before + difference


def test_less_than_was_promised_is_not_counted_before_the_promise_is_released() -> None:
    story = given(FIVE, reserved("MAIN", 4))
    story.when(count, location="MAIN", goods=3, reason="broken").refused(NotEnoughStock, reserved=4)
    late = story.when(count, location="MAIN", goods=3, reason="broken", when="17:00")
    assert late.on("MAIN").on_hand == 3


def test_a_lost_serial_number_may_turn_up_in_a_count_and_another_may_not() -> None:
    story = given(SERIALS).when(count, location="MAIN", goods=["S1", "S2"], reason="gone")
    assert story.part.place("S3") == Place(Gone.LOST)
    found = story.when(count, location="VAN-1", goods=["S3"], reason="was in the van")
    assert found.part.place("S3") == Place(Bucket.GOOD, "VAN-1")
    story.when(count, location="VAN-1", goods=["S1"], reason="?").refused(
        SerialElsewhere, place="good at MAIN"
    )
    story.when(count, location="MAIN", goods=["S1", "S9"], reason="?").refused(UnknownUnit)
    given(LOTS).when(count, location="MAIN", goods={"Q": 1}, reason="?").refused(UnknownUnit)
    given(LOTS).when(count, location="MAIN", goods=9).refused(InvalidValue, "name its lots")
    given(SERIALS).when(count, location="MAIN", goods=3).refused(InvalidValue, "name its serials")
