"""Whatever happens to parts, a trace tells the same from either end, and where everything is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import count, pairwise
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.database.connect import Database
from domain.event import Fact
from domain.part.events import PartInstalled, PartIssued, PartReturned, PartScrapped
from domain.part.holdings import Place
from domain.part.state import Part
from domain.part.words import Bucket, Tracking
from domain.ticket.events import TicketRegistered
from projections.engine.runner import Runner
from projections.part_trace.filters import TraceFilter
from projections.part_trace.fold import TraceProjection
from projections.part_trace.history import history
from projections.part_trace.reach import customers, reached
from projections.part_trace.steps import At, Stop
from projections.part_trace.whereabouts import PlaceFilter, whereabouts
from tests.projections.histories import record
from tests.projections.parts import ASSETS, random_parts
from tests.projections.views import ask

SERIAL = count(1, 10)
MANY = 1000
ZONE = ZoneInfo("UTC")
OUT_OF_SIGHT = {Stop.LOST, Stop.KEPT_BY_CUSTOMER}
"""From where a serial number may turn up anywhere: delivered, counted, or taken out of an asset."""

Link = tuple[UUID, str, str]
"""A ticket, a part number, and a lot or serial number."""


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), batch=st.sampled_from((1, 7, 5000)))
def test_a_trace_is_the_same_from_both_ends(module_database: Database, seed: int, batch: int) -> None:
    url = module_database.service_url
    parts, facts = random_parts(Random(seed), steps=45, first=next(SERIAL))  # noqa: S311
    record(url, facts)
    with Runner(url, [TraceProjection()], batch=batch) as runner:
        runner.run_once()
    links, assets = told(facts)
    tickets = {fact.stream_id: fact.event for fact in facts if isinstance(fact.event, TicketRegistered)}
    whose = {ticket: event.customer for ticket, event in tickets.items()}
    numbers = {ticket: event.number for ticket, event in tickets.items()}
    for story in parts:
        part = story.part
        of_part = {link: amounts for link, amounts in links.items() if link[1] == part.number}
        assert reach(url, part=part.id) == of_part
        for unit in {unit for _, _, unit in of_part} - {""}:
            asked = {part.tracking.value: unit, "part": part.id}
            mine = {link: amounts for link, amounts in of_part.items() if link[2] == unit}
            assert reach(url, **asked) == mine
            assert named(url, **asked) == {whose[ticket] for ticket, _, _ in mine}
        for asset in ASSETS:
            mine = {link for link in of_part if (*link, asset) in assets}
            assert reach(url, asset=asset, part=part.id).keys() == mine
            assert {line.asset for line in steps(url, asset=asset, part=part.id)} <= {asset}
        everything_is_somewhere(url, part, numbers)
    for ticket, customer in whose.items():
        mine = {link: amounts for link, amounts in links.items() if link[0] == ticket}
        assert reach(url, ticket=ticket) == mine
        assert named(url, ticket=ticket) == {customer for _ in mine}
        if customer is not None:
            assert mine.items() <= reach(url, customer=customer).items()


def told(facts: Iterable[Fact]) -> tuple[dict[Link, dict[str, int]], set[tuple[UUID, str, str, str]]]:
    """What reached tickets and assets, from the events alone."""
    links: dict[Link, dict[str, int]] = defaultdict(lambda: dict.fromkeys(AMOUNTS, 0))
    assets: set[tuple[UUID, str, str, str]] = set()
    for fact in facts:
        event = fact.event
        match event:
            case PartIssued():
                amount = "issued"
            case PartInstalled():
                amount = "installed"
            case PartReturned(removed=False):
                amount = "unused"
            case PartScrapped(bucket=Bucket.ISSUED):
                amount = "scrapped"
            case _:
                continue
        assert event.for_ticket
        for unit, quantity in event.goods.units.items():
            links[event.for_ticket, event.number, unit][amount] += quantity
        if isinstance(event, PartInstalled):
            out = [event.serial_out] if event.serial_out else []
            assets |= {
                (event.for_ticket, event.number, unit, event.asset) for unit in [*event.goods.units, *out]
            }
            for serial in out:
                links[event.for_ticket, event.number, serial]["taken_out"] += 1
    return dict(links), assets


AMOUNTS = ("issued", "installed", "unused", "scrapped", "taken_out")


def reach(url: str, **which: Any) -> dict[Link, dict[str, int]]:
    """Whom something reached, as the view has it."""
    page = ask(url, lambda conn: reached(conn, TraceFilter(**which), limit=MANY))
    return {
        (line.ticket, line.number, line.lot or line.serial or ""): {
            amount: getattr(line, amount) for amount in AMOUNTS
        }
        for line in page.items
    }


def named(url: str, **which: Any) -> set[str | None]:
    """The customers that something reached."""
    return {line.customer for line in ask(url, lambda conn: customers(conn, TraceFilter(**which))).items}


def steps(url: str, **which: Any) -> list[Any]:
    """The steps that a filter means."""
    return list(ask(url, lambda conn: history(conn, TraceFilter(**which), zone=ZONE, limit=MANY)).items)


def everything_is_somewhere(url: str, part: Part, numbers: dict[UUID, str]) -> None:
    """Every serial number is in the one place that decisions know; no piece of a lot came from nowhere."""
    for unit in dict(part.units.items()):
        asked = {part.tracking.value: unit, "part": part.id}
        found = ask(url, lambda conn, asked=asked: whereabouts(conn, PlaceFilter(**asked), limit=MANY)).items
        assert sum(line.came for line in found) == sum(line.went for line in found)
        there = {line.at: line.there for line in found if line.there}
        place = part.place(unit)
        if part.tracking is Tracking.SERIAL:
            assert place
            assert there == {at(place, numbers): 1}
            for one, then in pairwise(steps(url, **asked)):
                assert then.came_from == one.went_to or one.went_to.stop in OUT_OF_SIGHT
        else:
            shelved = {stop for stop in there if stop.stop.value in {*Bucket}}
            assert {stop: there[stop] for stop in shelved} == {
                at(Place(bucket, where), numbers): stock.of(unit)
                for bucket, register in part.stocks.items()
                if bucket is not Bucket.RESERVED
                for where, stock in register.items()
                if stock.of(unit)
            }


def at(place: Place, numbers: dict[UUID, str]) -> At:
    """A place as a trace names it."""
    where = numbers[place.where] if isinstance(place.where, UUID) else place.where
    return At(Stop(place.kind.value), where or "")
