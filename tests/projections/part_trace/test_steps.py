"""Steps and movements tell the same of the same event."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given

from domain.event import Event
from domain.part.events import PartCounted, PartScrapped
from domain.part.movements import movements
from domain.part.words import SHELVED, Bucket
from projections.part_trace.steps import At, Step, Stop, steps
from tests.domain.part.invented import anything
from tests.domain.part.story import NUMBERS, T1, goods, installed, issued, received, reserved, returned

MAIN, TICKET, ASSET = At(Stop.GOOD, "MAIN"), At(Stop.ISSUED, NUMBERS[T1]), At(Stop.INSTALLED, "WH-77")
QUARANTINE, REMOVED, LOST = At(Stop.QUARANTINE, "MAIN"), At(Stop.REMOVED, NUMBERS[T1]), At(Stop.LOST)
HOLDING = {bucket.value for bucket in Bucket}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (received("MAIN", {"A": 5}), [(At(Stop.SUPPLIER, "Hefei Heating"), MAIN, "A", 5)]),
        (issued("MAIN", ["S1", "S2"]), [(MAIN, TICKET, "S1", 1), (MAIN, TICKET, "S2", 1)]),
        (installed("WH-77", 2), [(TICKET, ASSET, None, 2)]),
        (
            installed("WH-77", ["S1"], out="OLD", fate="returned"),
            [(TICKET, ASSET, "S1", 1), (ASSET, REMOVED, "OLD", 1)],
        ),
        (
            installed("WH-77", ["S1"], out="OLD", fate="kept_by_customer"),
            [(TICKET, ASSET, "S1", 1), (ASSET, At(Stop.KEPT_BY_CUSTOMER), "OLD", 1)],
        ),
        (returned("MAIN", 1, "good"), [(TICKET, MAIN, None, 1)]),
        (returned("MAIN", ["OLD"], "faulty", removed=True), [(REMOVED, QUARANTINE, "OLD", 1)]),
        (
            PartCounted(number="HE-200", goods=goods(7), location="MAIN", fewer=goods({"A": 2})),
            [(MAIN, LOST, "A", 2)],
        ),
        (
            PartCounted(number="HE-200", goods=goods(7), location="MAIN", more=goods(["S3"])),
            [(LOST, MAIN, "S3", 1)],
        ),
        (
            PartScrapped(
                number="HE-200",
                goods=goods(["OLD"]),
                bucket=Bucket.REMOVED,
                for_ticket=T1,
                ticket_number=NUMBERS[T1],
            ),
            [(REMOVED, At(Stop.SCRAPPED), "OLD", 1)],
        ),
        (reserved("MAIN", 5), []),
    ],
)
def test_from_where_to_where_an_event_brings_goods(
    event: Event, expected: list[tuple[At, At, str | None, int]]
) -> None:
    assert [
        (step.came_from, step.went_to, step.lot or step.serial, step.quantity) for step in steps(event)
    ] == expected


def test_what_went_in_and_what_came_out_name_each_other() -> None:
    went_in, came_out = steps(installed("WH-77", ["S1"], out="OLD", fate="lost"))
    assert (went_in.serial, went_in.swapped, went_in.asset) == ("S1", "OLD", "WH-77")
    assert (came_out.serial, came_out.swapped, came_out.asset) == ("OLD", "S1", "WH-77")


@given(anything("HE-200"))
def test_steps_change_every_holding_as_the_movements_do(event: Event) -> None:
    if isinstance(event, PartScrapped) and event.bucket is Bucket.RESERVED:
        return  # a promise cannot be scrapped; its trace says what became of the goods
    moved: Counter[tuple[str, str, str]] = Counter()
    for each in movements(event):
        if each.bucket is not Bucket.RESERVED:
            place = each.location if each.bucket in SHELVED else each.ticket_number
            moved[each.bucket.value, place or "", each.unit] += each.delta
    told: Counter[tuple[str, str, str]] = Counter()
    for step in steps(event):
        for at, sign in ((step.came_from, -1), (step.went_to, +1)):
            if at.stop.value in HOLDING:
                told[at.stop.value, at.place, unit_of(step)] += sign * step.quantity
    assert without_nothing(told) == without_nothing(moved)


def unit_of(step: Step) -> str:
    """The lot or serial number, or ``""``."""
    return step.lot or step.serial or ""


def without_nothing(counted: Counter[tuple[str, str, str]]) -> dict[tuple[str, str, str], int]:
    """What is not zero."""
    return {key: quantity for key, quantity in counted.items() if quantity}
