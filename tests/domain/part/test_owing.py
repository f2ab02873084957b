"""What a service case still has of spare parts (R17)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.event import Act, Event, Fact
from domain.part.events import PartScrapped
from domain.part.owing import owing
from domain.part.state import replay
from domain.part.words import Bucket
from tests.domain.part.invented import anything, entry
from tests.domain.part.story import (
    NUMBERS,
    PART,
    T1,
    T2,
    at,
    goods,
    installed,
    issued,
    received,
    released,
    reserved,
    returned,
)

ACT = Act(actor="store:wang", occurred_at=at("09:00"))
STREAMS = {"HE-200": PART, "TH-7": UUID("01890000-0000-7000-8000-0000000000bb")}


def scrapped(bucket: str, quantity: int, location: str | None = None) -> PartScrapped:
    """Goods of the ticket thrown away."""
    return PartScrapped(
        number="HE-200",
        goods=goods(quantity),
        bucket=Bucket(bucket),
        location=location,
        for_ticket=T1,
        ticket_number=NUMBERS[T1],
    )


def of(number: str, event: Event) -> Event:
    """The same of another part."""
    return replace(event, number=number)


def case(events: Iterable[Event], ticket: UUID = T1) -> list[Fact]:
    """What happened for a ticket, as the log keeps it in the streams of the parts."""
    return [
        Fact(stream_id=STREAMS[event.number], version=version, event=event, act=ACT, correlation_id=ticket)
        for version, event in enumerate(events, 2)
    ]


OUT = issued("MAIN", 3)
OTHER = of("TH-7", issued("VAN-1", {"A": 1, "B": 1}))


@pytest.mark.parametrize(
    ("events", "owed"),
    [
        ([], {}),
        ([reserved("MAIN", 3), released("MAIN", 1, "released")], {}),
        ([OUT], {"HE-200": 3}),
        ([OUT, issued("VAN-1", 1)], {"HE-200": 4}),
        ([OUT, installed("WH-77", 2)], {"HE-200": 1}),
        ([OUT, installed("WH-77", 3)], {}),
        ([OUT, returned("MAIN", 1, "good"), returned("VAN-1", 1, "faulty")], {"HE-200": 1}),
        ([OUT, returned("MAIN", 3, "good")], {}),
        ([OUT, scrapped("issued", 2)], {"HE-200": 1}),
        ([OUT, installed("WH-77", 1), returned("MAIN", 1, "good"), scrapped("issued", 1)], {}),
        ([OUT, scrapped("good", 3, "MAIN")], {"HE-200": 3}),
        ([OUT, received("MAIN", 3)], {"HE-200": 3}),
        ([OUT, OTHER], {"HE-200": 3, "TH-7": 2}),
        ([OUT, OTHER, installed("WH-77", 3)], {"TH-7": 2}),
        ([OUT, OTHER, of("TH-7", installed("WH-77", {"A": 1}))], {"HE-200": 3, "TH-7": 1}),
    ],
)
def test_what_was_issued_is_owed_until_it_is_accounted_for(events: list[Event], owed: dict[str, int]) -> None:
    assert owing(case(events)) == owed
    assert owing(reversed(case(events))) == owed


def test_what_came_out_of_an_asset_is_not_what_was_issued() -> None:
    exchange = [issued("MAIN", ["S1"]), installed("WH-77", ["S1"], out="OLD-5", fate="returned")]
    assert owing(case(exchange)) == {}
    back = [*exchange, issued("MAIN", ["S2"]), returned("MAIN", ["OLD-5"], "faulty", removed=True)]
    assert owing(case(back)) == {"HE-200": 1}
    assert owing(case([*back, scrapped("removed", 1), returned("MAIN", ["S2"], "good")])) == {}


@for_all(
    told=st.lists(st.sampled_from(sorted(STREAMS)).flatmap(anything), max_size=25),
    data=st.data(),
)
def test_it_is_what_the_parts_say_is_outstanding_for_the_ticket(
    told: list[Event], data: st.DataObject
) -> None:
    streams = {number: [fact_of(entry(number), 1)] for number in STREAMS}
    for event in told:
        stream = streams[event.number]
        stream.append(fact_of(event, len(stream) + 1))
    parts = {number: replay(stream) for number, stream in streams.items()}
    everything = data.draw(st.permutations([fact for stream in streams.values() for fact in stream]))
    for ticket in (T1, T2):
        outstanding = {number: part.outstanding(ticket) for number, part in parts.items() if part}
        assert owing(fact for fact in everything if fact.correlation_id == ticket) == {
            number: quantity for number, quantity in outstanding.items() if quantity > 0
        }


def fact_of(event: Event, version: int) -> Fact:
    """An event in its part's stream; its case is the ticket it was for, or else the part."""
    stream = STREAMS[event.number]
    ticket = getattr(event, "for_ticket", None)
    return Fact(stream_id=stream, version=version, event=event, act=ACT, correlation_id=ticket or stream)
