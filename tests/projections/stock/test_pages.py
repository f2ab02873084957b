from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from application.database.connect import Database
from domain.part.reservations import reserve
from domain.part.storekeeping import receive
from domain.part.usage import issue
from domain.part.words import Tracking
from projections.engine.cursor import BadCursor
from projections.stock import held, parts, reservations, shelves
from tests.projections.histories import at
from tests.projections.parts import MAIN, VAN, PartStory
from tests.projections.stock.asked import T1, T2, TODAY, seen
from tests.projections.views import ask


def test_pages_follow_each_other_in_every_list(database: Database) -> None:
    stories = [PartStory(number, Tracking.LOT) for number in range(1, 4)]
    for number, story in enumerate(stories, 1):
        for lot, location in (("A", MAIN), ("B", VAN)):
            story.then(receive, 1, {lot: 9, "Z": 9}, location=location)
            story.then(issue, 2, {lot: 1}, location=location, ticket=T1 if lot == "A" else T2)
            promise = UUID(int=number * 10 + (lot == "A"))
            story.then(reserve, 3, 1, location=location, reservation=promise, expires_at=at(9), ticket=T1)
    url = seen(database, *stories)
    first = stories[0].id
    lists: list[Any] = [
        lambda conn, **page: parts.search(conn, today=TODAY, **page),
        lambda conn, **page: shelves.stock(conn, today=TODAY, **page),
        lambda conn, **page: shelves.units(conn, first, today=TODAY, **page),
        reservations.reservations,
        held.held,
    ]
    for query, length in zip(lists, (3, 6, 6, 6, 6), strict=True):
        whole = ask(url, query)
        assert len(whole.items) == length
        assert whole.next is None
        items, cursor = [], None
        while True:
            page = ask(url, lambda conn, at=cursor, query=query: query(conn, cursor=at, limit=2))
            assert len(page.items) == 2 or page.next is None
            items += page.items
            cursor = page.next
            if cursor is None:
                break
        assert tuple(items) == whole.items
        with pytest.raises(BadCursor):
            ask(url, lambda conn, query=query: query(conn, cursor="x"))
