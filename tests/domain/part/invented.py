"""What property tests about parts draw from: any event, also one that no decision would give."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from domain.event import Event
from domain.part.events import (
    PartCatalogued,
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
from domain.part.words import Bucket, Condition, Fate, Release
from tests.domain.part.story import NAME, NUMBERS, R1, R2, T1, T2, TODAY, at, goods

contents = st.one_of(
    st.builds(Goods, st.integers(-2, 5)),
    st.dictionaries(st.sampled_from("AB"), st.integers(-2, 5), min_size=1).map(goods),
    st.lists(st.sampled_from(("S1", "S2", "S3")), min_size=1).map(goods),
)
locations = st.sampled_from(("MAIN", "VAN-1"))
promises = st.sampled_from((R1, R2))
days = st.integers(0, 9).map(lambda days: TODAY + timedelta(days=days))
tickets = st.sampled_from((T1, T2))


def entry(number: str) -> PartCatalogued:
    """The catalogue entry of a part with this number."""
    return PartCatalogued(number=number, revision="A", name=NAME, unit="pcs")


def anything(number: str) -> st.SearchStrategy[Event]:
    """Any event of the part with this number."""
    moved = {"number": st.just(number), "goods": contents}
    for_ticket = moved | {"for_ticket": tickets, "ticket_number": tickets.map(NUMBERS.__getitem__)}
    in_stock = moved | {"for_ticket": st.none() | tickets, "location": locations}
    return st.one_of(
        st.just(entry(number)),
        st.builds(PartRevised, number=st.just(number), revision=st.just("Z"), name=st.just(NAME)),
        st.builds(
            PartReceived,
            supplier=st.just("S"),
            document=st.just("D"),
            expires_on=st.dictionaries(st.sampled_from(("A", "S1", "Q")), days),
            **in_stock,
        ),
        st.builds(
            PartReserved,
            reservation=promises,
            location=locations,
            expires_at=st.just(at("17:00")),
            **for_ticket,
        ),
        st.builds(
            ReservationReleased,
            reservation=promises,
            location=locations,
            why=st.sampled_from(Release),
            **for_ticket,
        ),
        st.builds(PartIssued, location=locations, reservation=st.none() | promises, **for_ticket),
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
        st.builds(PartTransferred, from_location=locations, to_location=locations, **moved),
        st.builds(PartCounted, more=contents, fewer=contents, **in_stock),
        st.builds(PartQuarantined, **in_stock),
        st.builds(QuarantineReleased, **in_stock),
        st.builds(
            PartScrapped,
            bucket=st.sampled_from(Bucket),
            **in_stock | {"location": st.none() | locations},
        ),
    )
