"""Suggestions are read as far as they must be: ten that stand, from at most a hundred that are likely."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from application.database.connect import Database
from domain.ticket.words import Impact
from projections.ticket import duplicates as module
from projections.ticket.duplicates import Asked, Duplicates, duplicates
from tests.projections.histories import Story, at
from tests.projections.views import ask, shown

LIKELY = Asked(subject="热水器不加热", customer="海风酒店", asset="SN-1", product="H-200")


def ended(story: Story, hours: float) -> Story:
    """The same, resolved and closed by then."""
    story.then("assign", hours - 2, team="A").then("classify", hours - 2, category="x", impact=Impact.LOW)
    return story.then("resolve", hours - 1, solution="x").then("close", hours)


def suggested(
    url: str, asked: Asked = LIKELY, *, hours: float = 100, read: list[int] | None = None
) -> Duplicates:
    """What is suggested so many hours after the start.

    Args:
        read: of how many tickets the state was read, each time, is added to it.
    """
    standing: Any = module._standing

    async def counted(conn: Any, likely: Any, now: Any) -> Any:
        if read is not None:
            read.append(len(likely))
        return await standing(conn, likely, now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_standing", counted)
        return ask(url, lambda conn: duplicates(conn, asked, at(hours)))


def serials(found: Duplicates) -> list[int]:
    """The serials of what is suggested, in order."""
    return [int(item.number[-6:]) for item in found.items]


def many(url: str, count: int, *, ended_from: int, **fields: Any) -> None:
    """So many tickets of one asset; those from a serial on ended on the first day."""
    stories = [Story(number, asset="SN-1", **fields) for number in range(1, count + 1)]
    told = [ended(each, 20) if int(each.ticket.number[-6:]) >= ended_from else each for each in stories]
    shown(url, [fact for story in told for fact in story.facts])


def test_of_tickets_that_are_as_likely_the_ten_newest_are_suggested(database: Database) -> None:
    many(database.service_url, 14, ended_from=15)
    read: list[int] = []
    assert serials(suggested(database.service_url, read=read)) == list(range(14, 4, -1))
    assert read == [10]


def test_where_the_newest_ended_long_ago_older_ones_that_stand_take_their_place(database: Database) -> None:
    many(database.service_url, 30, ended_from=8)
    read: list[int] = []
    later = (module.RECENTLY + timedelta(days=2)) / timedelta(hours=1)
    assert serials(suggested(database.service_url, hours=later, read=read)) == list(range(7, 0, -1))
    assert read == [10, 10, 10]
    assert serials(suggested(database.service_url)) == list(range(30, 20, -1))


def test_a_place_in_the_answer_is_by_likeness_whichever_was_read_first(database: Database) -> None:
    chance = random.Random(2)  # noqa: S311
    fields = [
        {"subject": "热水器不加热", "customer": "海风酒店", "product": "H-200"},
        {"subject": "热水器不加热了", "customer": "海风酒店"},
        {"subject": "热水器不加热"},
        {"subject": "发票抬头"},
    ]
    drawn = [chance.randrange(4) for _ in range(13)]
    stories = [Story(serial, asset="SN-1", **fields[kind]) for serial, kind in enumerate(drawn, 1)]
    shown(database.service_url, [fact for story in stories for fact in story.facts])
    by_likeness = sorted(range(1, 14), key=lambda serial: (drawn[serial - 1], -serial))
    found = suggested(database.service_url)
    assert serials(found) == by_likeness[:10]
    scores = [item.score for item in found.items]
    assert scores == sorted(scores, reverse=True)


def test_what_is_suggested_says_how_it_stands_and_never_the_ticket_itself(database: Database) -> None:
    own = Story(1, asset="SN-1", customer="海风酒店")
    other = ended(Story(2, hours=2, asset="SN-1", customer="海风酒店"), 30)
    shown(database.service_url, [*own.facts, *other.facts])
    (one,) = suggested(database.service_url, Asked(asset="SN-1", besides=own.id)).items
    assert (one.id, one.number, one.status, one.reported_at) == (
        other.id, "T-2026-000002", other.ticket.status, other.ticket.reported_at,
    )  # fmt: skip
    assert (one.subject, one.customer, one.asset) == ("热水器不加热", "海风酒店", "SN-1")


def test_no_more_than_a_hundred_are_looked_at(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOKED_AT", 20)
    many(database.service_url, 30, ended_from=8)
    read: list[int] = []
    later = (module.RECENTLY + timedelta(days=2)) / timedelta(hours=1)
    assert suggested(database.service_url, hours=later, read=read).items == ()
    assert read == [10, 10]
