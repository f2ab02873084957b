from __future__ import annotations

from collections import Counter
from itertools import count
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection

from application.database.connect import Database
from domain.event import Event, Fact
from domain.part.events import (
    PartCounted,
    PartIssued,
    PartReceived,
    PartReturned,
    PartScrapped,
    PartTransferred,
)
from domain.part.reservations import reserve
from domain.part.state import Part, replay
from domain.part.stocktaking import count as count_stock
from domain.part.storekeeping import receive, transfer
from domain.part.usage import install, issue
from domain.part.words import Bucket, Tracking
from projections.engine.cursor import BadCursor
from projections.engine.runner import Runner
from projections.part_ledger.fold import LedgerProjection
from projections.part_ledger.queries import LedgerFilter, LedgerLine, LedgerPage, ledger
from tests.domain.part.story import R1
from tests.projections.histories import Story, at, record
from tests.projections.parts import LOCATIONS, MAIN, VAN, PartStory, random_parts
from tests.projections.views import ask, shown

ZONE = ZoneInfo("Asia/Shanghai")
T1 = Story(1)
SERIAL = count(11, 10)


def page(url: str, part: UUID, *, limit: int = 50, cursor: str | None = None, **which: Any) -> LedgerPage:
    """A page of a part's ledger."""
    asked = LedgerFilter(**which)
    return ask(url, lambda conn: ledger(conn, part, asked, zone=ZONE, cursor=cursor, limit=limit))


def whole(url: str, part: UUID, *, limit: int) -> list[LedgerLine]:
    """The ledger of a part, page by page."""
    lines: list[LedgerLine] = []
    cursor = None
    while True:
        found = page(url, part, limit=limit, cursor=cursor)
        assert len(found.items) == limit or found.next is None
        assert found.texts.keys() == {line.position for line in found.items}
        lines += found.items
        cursor = found.next
        if cursor is None:
            return lines


def told(lines: tuple[LedgerLine, ...]) -> list[tuple[Any, ...]]:
    """What moved where, and the balance after it."""
    return [(line.position, line.bucket, line.location, line.delta, line.balance) for line in lines]


def test_every_movement_has_its_balance_and_says_who_when_why_and_for_whom(database: Database) -> None:
    story = PartStory(1).then(receive, 1, 5, location=MAIN)
    story.then(issue, 2, 2, location=MAIN, ticket=T1, by="storekeeper:sun", why="for the hotel")
    story.then(install, 3, 1, asset="WH-77", ticket=T1, by="technician:zhao")
    shown(database.service_url, story.facts)
    found = page(database.service_url, story.id)
    assert told(found.items) == [
        (2, Bucket.GOOD, MAIN, +5, 5),
        (3, Bucket.GOOD, MAIN, -2, 3),
        (3, Bucket.ISSUED, None, +2, 2),
        (4, Bucket.ISSUED, None, -1, 1),
    ]
    taken = found.items[1]
    assert (taken.type, taken.line, taken.actor, taken.reason) == (
        "part.issued",
        1,
        "storekeeper:sun",
        "for the hotel",
    )
    assert (taken.ticket, taken.ticket_number) == (T1.id, T1.ticket.number)
    assert taken.occurred_at == at(2)
    assert taken.recorded_at > taken.occurred_at
    assert found.texts.keys() == {2, 3, 4}
    assert T1.ticket.number in found.texts[3].zh
    assert found.texts[4].en != found.texts[4].zh


def test_lots_and_serial_numbers_have_lines_of_their_own_and_their_place_one_balance(
    database: Database,
) -> None:
    lots = PartStory(1, Tracking.LOT).then(receive, 1, {"A": 2, "B": 3}, location=MAIN)
    serials = PartStory(2, Tracking.SERIAL).then(receive, 1, ["S1", "S2"], location=VAN)
    shown(database.service_url, [*lots.facts, *serials.facts])
    assert [(one.lot, one.delta, one.balance) for one in page(database.service_url, lots.id).items] == [
        ("A", 2, 2),
        ("B", 3, 5),
    ]
    assert [(one.serial, one.line, one.balance) for one in page(database.service_url, serials.id).items] == [
        ("S1", 1, 1),
        ("S2", 2, 2),
    ]


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ({"location": MAIN}, [(2, +9), (3, -3), (4, +2), (6, -2)]),
        ({"location": VAN}, [(3, +3)]),
        ({"bucket": Bucket.RESERVED}, [(4, +2)]),
        ({"bucket": Bucket.GOOD, "location": MAIN}, [(2, +9), (3, -3), (6, -2)]),
        ({"ticket": T1.id}, [(4, +2), (6, -2), (6, +2)]),
        ({"location": "nowhere"}, []),
    ],
)
def test_movements_are_found_by_place_bucket_and_ticket(
    moved: tuple[str, UUID], which: dict[str, Any], expected: list[tuple[int, int]]
) -> None:
    assert [(line.position, line.delta) for line in page(*moved, **which).items] == expected


@pytest.fixture(scope="module")
def moved(module_database: Database) -> tuple[str, UUID]:
    """A part that was received, brought to the van, promised, counted as booked, and issued."""
    story = PartStory(1).then(receive, 1, 9, location=MAIN)
    story.then(transfer, 2, 3, from_location=MAIN, to_location=VAN)
    story.then(reserve, 3, 2, location=MAIN, reservation=R1, expires_at=at(50), ticket=T1)
    story.then(count_stock, 4, 6, location=MAIN).then(issue, 5, 2, location=MAIN, ticket=T1)
    shown(module_database.service_url, story.facts)
    return module_database.service_url, story.id


def test_a_cursor_of_another_list_is_refused(moved: tuple[str, UUID]) -> None:
    with pytest.raises(BadCursor):
        page(*moved, cursor="x")


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), batch=st.sampled_from((1, 7, 5000)), limit=st.integers(3, 40))
def test_after_every_event_the_balances_are_the_stock(
    module_database: Database, seed: int, batch: int, limit: int
) -> None:
    url = module_database.service_url
    parts, facts = random_parts(Random(seed), steps=45, first=next(SERIAL))  # noqa: S311
    before = ask(url, head)
    record(url, facts)
    with Runner(url, [LedgerProjection()], batch=batch) as runner:
        runner.run_once()
    for part in parts:
        lines = whole(url, part.id, limit=limit)
        order = [(line.position, line.line) for line in lines]
        assert order == sorted(set(order))
        own = [
            (fact, [line for line in lines if line.position == position])
            for position, fact in enumerate(facts, before + 1)
            if fact.stream_id == part.id
        ]
        balances_are_the_stock(own)
        assert sum(len(of_event) for _, of_event in own) == len(lines)


def balances_are_the_stock(history: list[tuple[Fact, list[LedgerLine]]]) -> None:
    """Event by event: as a replay has it, and receipts less issues and adjustments in every location."""
    balances: dict[tuple[Bucket, object], int] = {}
    account: Counter[str] = Counter()
    part: Part | None = None
    for fact, lines in history:
        for line in lines:
            place = line.bucket, line.location or line.ticket
            assert line.balance == balances.get(place, 0) + line.delta
            balances[place] = line.balance
        part = replay([fact], part)
        assert part is not None
        assert {place: balance for place, balance in balances.items() if balance} == {
            (bucket, where): stock.total
            for bucket, register in part.stocks.items()
            for where, stock in register.items()
        }
        keep_account(account, fact.event)
        for location in LOCATIONS:
            shelved = (balances.get((bucket, location), 0) for bucket in (Bucket.GOOD, Bucket.QUARANTINE))
            assert sum(shelved) == account[location]


def keep_account(account: Counter[str], event: Event) -> None:
    """What stands on the shelves of every location, counted from the events alone."""
    match event:
        case PartReceived() | PartReturned():
            account[event.location] += event.goods.quantity
        case PartIssued():
            account[event.location] -= event.goods.quantity
        case PartTransferred():
            account[event.from_location] -= event.goods.quantity
            account[event.to_location] += event.goods.quantity
        case PartCounted():
            account[event.location] += event.difference
        case PartScrapped(location=str(location)):
            account[location] -= event.goods.quantity
        case _:
            pass


async def head(conn: AsyncConnection[Any]) -> int:
    """The position of the last event."""
    (position,) = await (await conn.execute("SELECT position FROM log.head")).fetchone() or (0,)
    return position
