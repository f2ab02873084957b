"""What tests ask about the stock."""

from __future__ import annotations

from datetime import date
from typing import Any

from application.database.connect import Database
from domain.event import Fact
from projections.stock import parts, shelves
from projections.stock.parts import PartLine
from projections.stock.shelves import StockFilter
from tests.projections.histories import Story
from tests.projections.parts import PartStory, today
from tests.projections.views import ask, shown

TODAY = today(0)
LATER = date(2026, 6, 1)
T1, T2 = Story(1, customer="海风酒店"), Story(2)


def facts(*stories: PartStory) -> list[Fact]:
    """All their facts, one story after the other."""
    return [fact for story in stories for fact in story.facts]


def seen(database: Database, *stories: PartStory) -> str:
    """Record stories; where to ask about them."""
    shown(database.service_url, facts(*stories))
    return database.service_url


def part(url: str, story: PartStory, day: date = TODAY) -> PartLine:
    """The part's line."""
    found = ask(url, lambda conn: parts.one(conn, story.id, today=day))
    assert found is not None
    return found


def stock(url: str, day: date = TODAY, **which: Any) -> dict[tuple[str, str], tuple[int, ...]]:
    """Every line: on hand, reserved, expired, quarantined, available."""
    page = ask(url, lambda conn: shelves.stock(conn, StockFilter(**which), today=day))
    return {
        (line.location, line.number): (
            line.on_hand,
            line.reserved,
            line.expired,
            line.quarantined,
            line.available,
        )
        for line in page.items
    }
