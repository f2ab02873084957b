from __future__ import annotations

from datetime import date

from application.database.connect import Database
from domain.part.reservations import reserve
from domain.part.stocktaking import count
from domain.part.storekeeping import quarantine, receive, scrap, transfer
from domain.part.words import Bucket, Tracking
from projections.stock import shelves
from tests.domain.part.story import R1, R2
from tests.projections.histories import at
from tests.projections.parts import MAIN, VAN, PartStory
from tests.projections.stock.asked import LATER, T1, part, seen, stock
from tests.projections.views import ask


def test_a_location_that_owes_more_than_it_has_takes_nothing_from_another(database: Database) -> None:
    """MAIN promised fresh goods that have expired since: what the van can spare is all there is."""
    story = PartStory(1, Tracking.LOT)
    story.then(receive, 1, {"A": 5}, location=MAIN, expires_on={"A": date(2026, 4, 1)})
    story.then(receive, 1, {"B": 3}, location=VAN)
    story.then(reserve, 2, 4, location=MAIN, reservation=R1, expires_at=at(9000), ticket=T1)
    url = seen(database, story)
    assert part(url, story).available == 1 + 3
    assert stock(url, LATER)[MAIN, "HE-001"] == (5, 4, 5, 0, 0)
    assert (part(url, story, LATER).expired, part(url, story, LATER).available) == (5, 3)


def test_the_last_good_day_is_still_good(database: Database) -> None:
    story = PartStory(1, Tracking.LOT)
    story.then(receive, 1, {"A": 5}, location=MAIN, expires_on={"A": date(2026, 4, 1)})
    url = seen(database, story)
    assert part(url, story, date(2026, 4, 1)).available == 5
    assert part(url, story, date(2026, 4, 2)).available == 0


def test_a_lot_that_gets_its_last_good_day_later_has_it_everywhere(database: Database) -> None:
    story = PartStory(1, Tracking.LOT).then(receive, 1, {"A": 5}, location=MAIN)
    story.then(receive, 2, {"A": 1}, location=VAN, expires_on={"A": date(2026, 4, 1)})
    story.then(receive, 3, {"A": 1}, location=VAN)
    url = seen(database, story)
    assert {place: line[2] for place, line in stock(url, LATER).items()} == {
        (MAIN, "HE-001"): 5,
        (VAN, "HE-001"): 2,
    }


def test_stock_is_found_by_part_and_by_location(database: Database) -> None:
    one, other = PartStory(1), PartStory(2)
    for story in (one, other):
        story.then(receive, 1, 5, location=MAIN).then(transfer, 2, 2, from_location=MAIN, to_location=VAN)
    one.then(scrap, 3, 2, bucket=Bucket.GOOD, location=VAN)
    url = seen(database, one, other)
    assert [*stock(url)] == [(VAN, "HE-002"), (MAIN, "HE-001"), (MAIN, "HE-002")]
    assert [*stock(url, part=one.id)] == [(MAIN, "HE-001")]
    assert [*stock(url, location=VAN)] == [(VAN, "HE-002")]
    assert stock(url, location=VAN, part=one.id) == {}


def test_lots_are_listed_the_first_to_expire_first(database: Database) -> None:
    story = PartStory(1, Tracking.LOT)
    days = {"A": date(2026, 9, 1), "B": date(2026, 4, 1)}
    story.then(receive, 1, {"A": 2, "B": 3, "C": 4}, location=MAIN, expires_on=days)
    story.then(reserve, 2, {"A": 1}, location=MAIN, reservation=R1, expires_at=at(50), ticket=T1)
    story.then(reserve, 2, 2, location=MAIN, reservation=R2, expires_at=at(50), ticket=T1)
    story.then(quarantine, 3, {"C": 1}, location=MAIN)
    story.then(transfer, 3, {"C": 1}, from_location=MAIN, to_location=VAN)
    url = seen(database, story)
    page = ask(url, lambda conn: shelves.units(conn, story.id, MAIN, today=LATER))
    assert [(one.unit, one.on_hand, one.reserved, one.quarantined) for one in page.items] == [
        ("B", 3, 0, 0),
        ("A", 2, 1, 0),
        (None, 0, 2, 0),
        ("C", 2, 0, 1),
    ]
    assert [(one.expires_on, one.expired) for one in page.items] == [
        (days["B"], True),
        (days["A"], False),
        (None, False),
        (None, False),
    ]
    everywhere = ask(url, lambda conn: shelves.units(conn, story.id, today=LATER))
    assert (everywhere.items[0].location, everywhere.items[0].unit) == (VAN, "C")
    assert len(everywhere.items) == 5


def test_a_count_sets_the_stock_to_what_was_found(database: Database) -> None:
    story = PartStory(1).then(receive, 1, 9, location=MAIN)
    story.then(count, 2, 7, location=MAIN, why="two are missing").then(count, 3, 2, location=VAN, why="found")
    assert stock(seen(database, story)) == {
        (VAN, "HE-001"): (2, 0, 0, 0, 2),
        (MAIN, "HE-001"): (7, 0, 0, 0, 7),
    }
