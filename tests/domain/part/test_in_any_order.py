"""Evolving never fails and never loses count, also when events come that no decision would give."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.catalogue import EVENT_TYPES
from domain.event import Act, Event, Fact
from domain.part import events as part_events
from domain.part.events import (
    PartCounted,
    PartInstalled,
    PartIssued,
    PartQuarantined,
    PartReceived,
    PartReserved,
    PartReturned,
    PartRevised,
    PartScrapped,
    PartTransferred,
    QuarantineReleased,
    ReservationReleased,
)
from domain.part.goods import Goods
from domain.part.movements import Movement, movements
from domain.part.state import evolve, replay
from domain.part.words import Bucket, Condition, Fate, Release
from tests.domain.part.story import (
    NAME,
    NUMBERS,
    PART,
    R1,
    R2,
    T1,
    T2,
    TODAY,
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
        (PartCounted(goods=goods(7), location="MAIN", more=goods(2)), {MAIN: +2}),
        (PartCounted(goods=goods(7), location="MAIN", fewer=goods(2)), {MAIN: -2}),
        (PartCounted(goods=goods(7), location="MAIN"), {}),
        (quarantined("MAIN", 1), {MAIN: -1, QUARANTINE: +1}),
        (QuarantineReleased(goods=goods(1), location="MAIN"), {QUARANTINE: -1, MAIN: +1}),
        (PartScrapped(goods=goods(1), bucket=Bucket.GOOD, location="MAIN"), {MAIN: -1}),
        (PartScrapped(goods=goods(1), bucket=Bucket.ISSUED, for_ticket=T1), {OUT: -1}),
        (
            PartTransferred(goods=goods(4), from_location="MAIN", to_location="VAN-1"),
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
            bucket=Bucket.GOOD,
            delta=-2,
            location="MAIN",
            ticket=T1,
            ticket_number=NUMBERS[T1],
            lot="A",
        ),
        Movement(bucket=Bucket.ISSUED, delta=+2, ticket=T1, ticket_number=NUMBERS[T1], lot="A"),
    )
    assert [each.serial for each in movements(received("MAIN", ["S1", "S2"]))] == ["S1", "S2"]


def test_every_movement_is_of_an_event_that_can_be_recorded() -> None:
    recorded = {name for name in EVENT_TYPES if name.startswith("part.")}
    mine = {each for each in vars(part_events).values() if each in EVENT_TYPES.values()}
    assert len(recorded) == len(mine) == 13
    assert set(movements.registry) - {object, Event} <= mine


contents = st.one_of(
    st.builds(Goods, st.integers(-2, 5)),
    st.dictionaries(st.sampled_from("AB"), st.integers(-2, 5), min_size=1).map(goods),
    st.lists(st.sampled_from(("S1", "S2", "S3")), min_size=1).map(goods),
)
locations = st.sampled_from(("MAIN", "VAN-1"))
promises = st.sampled_from((R1, R2))
days = st.integers(0, 9).map(lambda days: TODAY + timedelta(days=days))
numbers = st.sampled_from((T1, T2))
for_ticket = {"goods": contents, "for_ticket": numbers, "ticket_number": numbers.map(NUMBERS.__getitem__)}
in_stock = {"goods": contents, "for_ticket": st.one_of(st.none(), numbers), "location": locations}
anything = st.one_of(
    st.builds(catalogued),
    st.builds(PartRevised, revision=st.just("Z"), name=st.just(NAME)),
    st.builds(
        PartReceived,
        supplier=st.just("S"),
        document=st.just("D"),
        expires_on=st.dictionaries(st.sampled_from(("A", "S1", "Q")), days),
        **in_stock,
    ),
    st.builds(
        PartReserved, reservation=promises, location=locations, expires_at=st.just(at("17:00")), **for_ticket
    ),
    st.builds(
        ReservationReleased,
        reservation=promises,
        location=locations,
        why=st.sampled_from(Release),
        **for_ticket,
    ),
    st.builds(PartIssued, location=locations, reservation=st.one_of(st.none(), promises), **for_ticket),
    st.builds(
        PartInstalled,
        asset=st.just("WH-1"),
        serial_out=st.sampled_from((None, "S1", "OLD")),
        fate=st.sampled_from((None, *Fate)),
        **for_ticket,
    ),
    st.builds(
        PartReturned,
        location=locations,
        condition=st.sampled_from(Condition),
        removed=st.booleans(),
        **for_ticket,
    ),
    st.builds(PartTransferred, from_location=locations, to_location=locations, goods=contents),
    st.builds(PartCounted, more=contents, fewer=contents, **in_stock),
    st.builds(PartQuarantined, **in_stock),
    st.builds(QuarantineReleased, **in_stock),
    st.builds(
        PartScrapped,
        bucket=st.sampled_from(Bucket),
        **in_stock | {"location": st.one_of(st.none(), locations)},
    ),
)


@for_all(st.lists(anything, max_size=15))
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
