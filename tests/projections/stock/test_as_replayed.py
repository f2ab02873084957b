"""Whatever happens to parts, the stock shows what a replay of their events gives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count
from random import Random
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.database.connect import Database
from domain.event import Fact
from domain.part.holdings import Stock
from domain.part.picking import shelf
from domain.part.register import Register
from domain.part.state import Part, replay
from domain.part.words import Bucket, Tracking
from projections.engine.runner import Runner
from projections.stock import parts, shelves
from projections.stock.fold import StockProjection
from projections.stock.held import HeldFilter, held
from projections.stock.parts import PartFilter
from projections.stock.reservations import ReservationFilter, reservations
from projections.stock.shelves import StockFilter
from tests.projections.histories import record
from tests.projections.parts import random_parts, today
from tests.projections.views import ask

SERIAL = count(1, 10)
MANY = 1000
EMPTY: Register[str | UUID, Stock] = Register()
ON_SHELVES = (Bucket.GOOD, Bucket.RESERVED, Bucket.QUARANTINE)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32),
    cuts=st.lists(st.integers(0, 150), min_size=3, max_size=6),
    days=st.integers(-1, 12),
)
def test_every_prefix_of_a_history_shows_what_its_replay_gives(
    module_database: Database, seed: int, cuts: list[int], days: int
) -> None:
    url, chance = module_database.service_url, Random(seed)  # noqa: S311
    told, facts = random_parts(chance, steps=45, first=next(SERIAL))
    seen = 0
    with Runner(url, [StockProjection()], batch=chance.choice((1, 7, 500))) as runner:
        for end in sorted({*cuts, len(facts)}):
            record(url, facts[seen:end])
            runner.run_once()
            seen = max(seen, min(end, len(facts)))
            for part in told:
                agrees(url, part.id, facts[:seen], today(chance.uniform(0, 200)) + timedelta(days=days))


def agrees(url: str, part_id: UUID, facts: Sequence[Fact], day: date) -> None:
    """The view and the replay say the same of a part on a day."""
    own = [fact for fact in facts if fact.stream_id == part_id]
    part = replay(own)
    line = ask(url, lambda conn: parts.one(conn, part_id, today=day))
    if part is None:
        assert line is None
        return
    assert line is not None
    assert line.version == own[-1].version
    assert (line.revision, line.reorder_point) == (part.revision, part.reorder_point)
    assert (line.on_hand, line.reserved, line.quarantined) == tuple(map(part.total, ON_SHELVES))
    assert (line.issued, line.removed) == (part.total(Bucket.ISSUED), part.total(Bucket.REMOVED))
    assert line.below_reorder is (0 < part.reorder_point >= line.on_hand - line.expired)
    asked = PartFilter(text=part.number, below_reorder=line.below_reorder)
    assert part_id in {one.id for one in ask(url, lambda conn: parts.search(conn, asked, today=day)).items}
    expired, available = agree_on_shelves(url, part, day)
    assert (line.expired, line.available) == (expired, available)
    agree_on_units(url, part, day)
    agree_on_promises(url, part)


def agree_on_shelves(url: str, part: Part, day: date) -> tuple[int, int]:
    """A location shows the shelf that decisions look at; what is expired and available in all places."""
    page = ask(url, lambda conn: shelves.stock(conn, StockFilter(part=part.id), today=day, limit=MANY))
    stocked = {where for bucket in ON_SHELVES for where, _ in part.stocks.get(bucket, EMPTY).items()}
    assert [line.location for line in page.items] == sorted(map(str, stocked))
    for line in page.items:
        there = shelf(part, line.location, day)
        assert (line.on_hand, line.reserved, line.expired) == (there.on_hand, there.reserved, there.expired)
        assert (line.quarantined, line.available) == (there.quarantined, there.available)
    return sum(line.expired for line in page.items), sum(line.available for line in page.items)


def agree_on_units(url: str, part: Part, day: date) -> None:
    """The same lots and serial numbers are in the same places, no serial number in two."""
    page = ask(url, lambda conn: shelves.units(conn, part.id, today=day, limit=MANY))
    shown = {
        (bucket, line.location, line.unit or ""): quantity
        for line in page.items
        for bucket, quantity in zip(ON_SHELVES, (line.on_hand, line.reserved, line.quarantined), strict=True)
        if quantity
    }
    for each in ask(url, lambda conn: held(conn, HeldFilter(part=part.id), limit=MANY)).items:
        shown |= {(each.bucket, each.ticket, unit): quantity for unit, quantity in each.goods.units.items()}
    assert shown == {
        (bucket, where, unit): quantity
        for bucket, register in part.stocks.items()
        for where, stock in register.items()
        for unit, quantity in stock.units.items()
    }
    for line in page.items:
        assert line.expired is part.expired(line.unit or "", day)
    if part.tracking is Tracking.SERIAL:
        placed = [unit for bucket, _, unit in shown if bucket is not Bucket.RESERVED]
        assert len(placed) == len(set(placed)) == sum(shown.values()) - part.total(Bucket.RESERVED)


def agree_on_promises(url: str, part: Part) -> None:
    """The same reservations hold the same."""
    page = ask(url, lambda conn: reservations(conn, ReservationFilter(part=part.id), limit=MANY))
    assert [(one.id, one.location, one.goods, one.expires_at, one.ticket) for one in page.items] == [
        (one.id, one.location, one.goods, one.expires_at, one.ticket)
        for one in sorted(part.reservations.values(), key=lambda each: (each.expires_at, each.id))
    ]
