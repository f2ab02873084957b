"""Tickets are found by any part of their number and subject, whichever way they are looked up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest

from application.database.connect import Database
from projections.engine.runner import Runner
from projections.queue import queries as queue_queries
from projections.queue.filters import QueueFilter
from projections.queue.names import Reader, queue_named
from projections.queue.queries import Asked, QueuePage
from projections.ticket import queries
from projections.ticket.queries import TicketFilter
from projections.ticket.wording import having
from tests.projections.engine.broken import release_without
from tests.projections.histories import Story, record
from tests.projections.views import PROMISES, ask, dumped, rebuilt, shipped, shown, statuses

SUBJECTS = {
    1: "热水器不出热水",
    2: "No HOT water, 3rd floor",
    3: '100%_of \\ "it\'s" leaking\tagain',
    4: "热水 水器",
    5: "ÉCLAIRAGE cassé – 漏",
    6: "🔧 a b c",
}
TEXTS = [
    *("热水", "水器", "热水器", "水器不", "器不出", "不热", "冷水", "热水 水"),
    *("hot", "HOT WATER", "water, 3", "ot wa", "r, 3r", "zebra", "Éclair", "Cassé", "– 漏", "漏", "x"),
    *("0%_o", '\\ "', "it's", '"it', "leaking\tagain", "leaking again", "🔧", "🔧 a", "a b", "c"),
    *("T-2026-000002", "t-2026-00000", "000004", "000004 热水", "-2", "9999", "000003 100%"),
]


@pytest.fixture(scope="module")
def url(module_database: Database) -> str:
    """A few tickets, each with words of its own."""
    shown(module_database.service_url, [fact for story in told().values() for fact in story.facts])
    return module_database.service_url


def told() -> dict[int, Story]:
    """The tickets by their serial."""
    return {number: Story(number, subject=subject) for number, subject in SUBJECTS.items()}


def listed(url: str, text: str) -> list[int]:
    """What the list of tickets finds, and counts."""
    which = TicketFilter(text=text)
    found = [int(item.number[-6:]) for item in ask(url, lambda conn: queries.search(conn, which)).items]
    assert ask(url, lambda conn: queries.count(conn, which)) == len(found)
    return sorted(found)


def queued(url: str, text: str) -> list[int]:
    """What the queue of all finds, and counts."""
    asked = Asked(queue_named("all", Reader("x", ())), QueueFilter(text=text), count=True)

    async def page(conn: Any) -> QueuePage:
        body, _ = await queue_queries.page(conn, PROMISES, asked, datetime(2026, 3, 3, tzinfo=UTC))
        return msgspec.json.decode(body, type=QueuePage)

    found = ask(url, page)
    assert found.count == len(found.items)
    return sorted(int(item.number[-6:]) for item in found.items)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_finds_the_tickets_that_have_it_and_no_others(url: str, text: str) -> None:
    having_it = [
        number
        for number, subject in SUBJECTS.items()
        if text.casefold() in f"T-2026-{number:06d} {subject}".casefold()
    ]
    assert listed(url, text) == queued(url, text) == having_it


def test_few_tickets_are_known_by_name_and_none_where_nobody_has_the_text(url: str) -> None:
    assert near(url, "器不出") == {told()[1].id}
    assert near(url, "锅炉") == set()


def test_a_text_that_many_have_and_one_without_pairs_are_not_looked_up(url: str) -> None:
    assert near(url, "T-2026-") is None
    assert near(url, "漏") is None
    assert near(url, "a b") is None


def near(url: str, text: str) -> set[UUID] | None:
    """The tickets that may have a text."""
    found = ask(url, lambda conn: having(conn, text))
    return found and set(found.tickets)


def test_a_queue_that_is_ahead_of_the_tickets_finds_what_they_do_not_have_yet(database: Database) -> None:
    url = database.service_url
    shown(url, Story(1, subject="Boiler leaks").facts)
    record(url, Story(2, subject="Boiler rattles").facts)
    with Runner(url, [each for each in shipped() if each.name == "queue"]) as runner:
        runner.run_once()
    assert queued(url, "boiler") == [1, 2]
    assert queued(url, "rattles") == [2]
    assert listed(url, "rattles") == []


def test_a_queue_finds_a_ticket_that_the_tickets_hold_back(database: Database) -> None:
    url = database.service_url
    record(url, Story(1, subject="Boiler leaks").facts)
    for name, release in (("queue", shipped()), ("ticket", release_without("standard"))):
        with Runner(url, [each for each in release if each.name == name]) as runner:
            runner.run_once()
    assert statuses(url)["ticket"].parked == 1
    assert queued(url, "leaks") == [1]


def test_words_are_written_once_and_the_same_in_a_rebuild(database: Database) -> None:
    url = database.service_url
    stories = told()
    shown(url, stories[1].facts)
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("UPDATE view.ticket_words SET pairs = '[\"seen\"]'")
    stories[1].then("assign", 1, team="A")
    shown(url, [*stories[1].facts[1:], *stories[2].facts])
    assert dict(dumped(url)["ticket_words"])[stories[1].id] == '["seen"]'
    rebuilt(url)
    again = dict(dumped(url)["ticket_words"])
    assert again.keys() == {stories[1].id, stories[2].id}
    assert '"热水"' in again[stories[1].id]
