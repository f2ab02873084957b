"""Evolving never fails and never loses count, also when events come that no decision would give."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.catalogue import EVENT_TYPES
from domain.event import Act, Event, Fact
from domain.part import events as part_events
from domain.part.events import (
    PartCounted,
    PartScrapped,
    PartTransferred,
    QuarantineReleased,
)
from domain.part.movements import Movement, movements
from domain.part.state import evolve, replay
from domain.part.words import Bucket
from tests.domain.part.invented import anything
from tests.domain.part.story import (
    NUMBERS,
    PART,
    T1,
    at,
    catalogued,
    goods,
    installed,
    issued,
    quarantined,
    received,
    released,
    reserved,
    returned,
)

ACT = Act(actor="agent:any", occurred_at=at("09:00"))
MAIN, QUARANTINE = (Bucket.GOOD, "MAIN"), (Bucket.QUARANTINE, "MAIN")
KEPT, OUT, OLD = (Bucket.RESERVED, "MAIN"), (Bucket.ISSUED, T1), (Bucket.REMOVED, T1)


@pytest.mark.parametrize(
    ("event", "moved"),
    [
        (received("MAIN", 5), {MAIN: +5}),
        (reserved("MAIN", 5), {KEPT: +5}),
        (released("MAIN", 5, "expired"), {KEPT: -5}),
        (issued("MAIN", {"A": 2, "B": 1}), {MAIN: -3, OUT: +3}),
        (installed("WH-77", ["S1"]), {OUT: -1}),
        (installed("WH-77", ["S1"], out="S2", fate="lost"), {OUT: -1}),
        (installed("WH-77", ["S1"], out="S2", fate="returned"), {OUT: -1, OLD: +1}),
        (returned("MAIN", 2, "good"), {OUT: -2, MAIN: +2}),
        (returned("MAIN", 2, "faulty"), {OUT: -2, QUARANTINE: +2}),
        (returned("MAIN", ["S2"], "faulty", removed=True), {OLD: -1, QUARANTINE: +1}),
        (PartCounted(number="HE-200", goods=goods(7), location="MAIN", more=goods(2)), {MAIN: +2}),
        (PartCounted(number="HE-200", goods=goods(7), location="MAIN", fewer=goods(2)), {MAIN: -2}),
        (PartCounted(number="HE-200", goods=goods(7), location="MAIN"), {}),
        (quarantined("MAIN", 1), {MAIN: -1, QUARANTINE: +1}),
        (QuarantineReleased(number="HE-200", goods=goods(1), location="MAIN"), {QUARANTINE: -1, MAIN: +1}),
        (PartScrapped(number="HE-200", goods=goods(1), bucket=Bucket.GOOD, location="MAIN"), {MAIN: -1}),
        (PartScrapped(number="HE-200", goods=goods(1), bucket=Bucket.ISSUED, for_ticket=T1), {OUT: -1}),
        (
            PartTransferred(number="HE-200", goods=goods(4), from_location="MAIN", to_location="VAN-1"),
            {MAIN: -4, (Bucket.GOOD, "VAN-1"): +4},
        ),
        (catalogued(), {}),
    ],
)
def test_what_an_event_moves(event: Event, moved: dict[tuple[Bucket, str | UUID], int]) -> None:
    total: Counter[tuple[Bucket, str | UUID]] = Counter()
    for each in movements(event):
        total[each.bucket, each.where] += each.delta
    assert total == moved


def test_a_movement_names_ticket_place_and_lot() -> None:
    assert movements(issued("MAIN", {"A": 2})) == (
        Movement(
            number="HE-200",
            bucket=Bucket.GOOD,
            delta=-2,
            location="MAIN",
            ticket=T1,
            ticket_number=NUMBERS[T1],
            lot="A",
        ),
        Movement(
            number="HE-200",
            bucket=Bucket.ISSUED,
            delta=+2,
            ticket=T1,
            ticket_number=NUMBERS[T1],
            lot="A",
        ),
    )
    assert [each.serial for each in movements(received("MAIN", ["S1", "S2"]))] == ["S1", "S2"]


def test_every_movement_is_of_an_event_that_can_be_recorded() -> None:
    recorded = {name for name in EVENT_TYPES if name.startswith("part.")}
    mine = {each for each in vars(part_events).values() if each in EVENT_TYPES.values()}
    assert len(recorded) == len(mine) == 13
    assert set(movements.registry) - {object, Event} <= mine


@for_all(st.lists(anything("HE-200"), max_size=15))
def test_no_order_of_events_makes_evolving_fail_or_lose_count(told: list[Event]) -> None:
    facts = [
        Fact(stream_id=PART, version=version, event=event, act=ACT, correlation_id=PART)
        for version, event in enumerate([catalogued(), *told], 1)
    ]
    ledger: Counter[tuple[Bucket, str | UUID, str]] = Counter()
    part = replay(facts[:1])
    assert part is not None
    for fact in facts[1:]:
        part = evolve(fact.event, part, fact.act)
        for each in movements(fact.event):
            ledger[each.bucket, each.where, each.unit] += each.delta
        assert {key: quantity for key, quantity in ledger.items() if quantity} == {
            (bucket, where, unit): quantity
            for bucket, register in part.stocks.items()
            for where, stock in register.items()
            for unit, quantity in stock.units.items()
        }
        for bucket in Bucket:
            booked = sum(quantity for key, quantity in ledger.items() if key[0] is bucket)
            assert part.total(bucket) == booked
    assert replay(facts) == replay(facts[5:], replay(facts[:5])) == part


def test_facts_without_a_beginning_make_no_part() -> None:
    fact = Fact(stream_id=PART, version=1, event=received("MAIN", 1), act=ACT, correlation_id=PART)
    assert replay([fact]) is None
