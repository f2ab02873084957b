from __future__ import annotations

from datetime import date

import pytest

from application.database.connect import Database
from domain.part.cataloguing import revise
from domain.part.events import PartName
from domain.part.reservations import reserve
from domain.part.storekeeping import quarantine, receive
from domain.part.usage import issue
from domain.part.words import Tracking
from projections.stock import parts
from projections.stock.parts import PartFilter
from tests.domain.part.story import R1
from tests.projections.histories import at
from tests.projections.parts import MAIN, NAME, VAN, PartStory
from tests.projections.stock.asked import LATER, T1, TODAY, part, seen, stock
from tests.projections.views import ask, shown


@pytest.fixture(scope="module")
def catalogue(module_database: Database) -> str:
    """Three parts, of two names."""
    pump = PartName(zh="循环泵", en="Circulation pump")
    others = PartStory(1), PartStory(2, number="HE-100%")
    return seen(module_database, *others, PartStory(3, Tracking.SERIAL, number="CP-9", name=pump))


def numbers(url: str, which: PartFilter, day: date = TODAY) -> list[str]:
    """The numbers of the parts that a filter means, which are as many as are counted."""
    page = ask(url, lambda conn: parts.search(conn, which, today=day))
    assert ask(url, lambda conn: parts.count(conn, which, today=day)) == len(page.items)
    return [line.number for line in page.items]


def test_a_part_shows_its_catalogue_entry_as_it_was_last_revised(database: Database) -> None:
    story = PartStory(1, Tracking.LOT, reorder_point=2)
    story.then(revise, 1, revision="B", name=NAME, shelf_life_days=90, reorder_point=4)
    line = part(seen(database, story), story)
    assert (line.id, line.number, line.revision, line.name, line.unit) == (
        story.id,
        "HE-001",
        "B",
        NAME,
        "pcs",
    )
    assert (line.tracking, line.shelf_life_days, line.reorder_point) == (Tracking.LOT, 90, 4)
    assert (line.version, line.position) == (2, 2)
    assert line.on_hand == line.available == 0


def test_quantities_of_a_part_are_those_of_all_places_together(database: Database) -> None:
    story = PartStory(1)
    story.then(receive, 1, 10, location=MAIN).then(receive, 1, 5, location=VAN)
    story.then(reserve, 2, 2, location=MAIN, reservation=R1, expires_at=at(50), ticket=T1)
    story.then(quarantine, 3, 1, location=VAN)
    story.then(issue, 4, 3, location=MAIN, ticket=T1)
    url = seen(database, story)
    line = part(url, story)
    assert (line.on_hand, line.reserved, line.quarantined) == (11, 2, 1)
    assert (line.available, line.issued, line.removed) == (9, 3, 0)
    assert stock(url) == {("VAN-1", "HE-001"): (4, 0, 0, 1, 4), (MAIN, "HE-001"): (7, 2, 0, 0, 5)}


@pytest.mark.parametrize(
    ("point", "in_stock", "below"), [(0, 0, False), (4, 5, False), (4, 4, True), (4, 0, True)]
)
def test_a_part_is_to_be_ordered_at_its_reorder_point(
    database: Database, point: int, in_stock: int, below: bool
) -> None:
    story = PartStory(1, reorder_point=point)
    if in_stock:
        story.then(receive, 1, in_stock, location=MAIN)
    url = seen(database, story, PartStory(2, reorder_point=0))
    assert part(url, story).below_reorder is below
    assert numbers(url, PartFilter(below_reorder=True)) == ["HE-001"] * below
    assert numbers(url, PartFilter(below_reorder=False)) == ["HE-001"] * (not below) + ["HE-002"]


def test_what_is_expired_does_not_keep_a_part_from_being_ordered(database: Database) -> None:
    story = PartStory(1, Tracking.SERIAL, reorder_point=1)
    story.then(receive, 1, ["S1", "S2"], location=MAIN, expires_on={"S1": date(2026, 4, 1)})
    url = seen(database, story)
    assert not part(url, story).below_reorder
    assert part(url, story, LATER).below_reorder
    assert numbers(url, PartFilter(below_reorder=True)) == []
    assert numbers(url, PartFilter(below_reorder=True), LATER) == ["HE-001"]


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (PartFilter(), ["CP-9", "HE-001", "HE-100%"]),
        (PartFilter(text="he-"), ["HE-001", "HE-100%"]),
        (PartFilter(text="循环泵"), ["CP-9"]),
        (PartFilter(text="PUMP"), ["CP-9"]),
        (PartFilter(text="0%"), ["HE-100%"]),
        (PartFilter(tracking=Tracking.SERIAL), ["CP-9"]),
        (PartFilter(text="element", tracking=Tracking.NONE), ["HE-001", "HE-100%"]),
    ],
)
def test_parts_are_found_by_what_they_are_called(
    catalogue: str, which: PartFilter, expected: list[str]
) -> None:
    assert numbers(catalogue, which) == expected


def test_a_part_that_is_not_there_is_none(database: Database) -> None:
    shown(database.service_url, [])
    assert ask(database.service_url, lambda conn: parts.one(conn, R1, today=TODAY)) is None
