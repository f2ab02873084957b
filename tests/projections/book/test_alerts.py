"""Which calendars somebody has to see to, and when (SLA 7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.event import Event
from domain.publishing.events import CalendarWithdrawn
from projections.book.alerts import alerts
from tests.domain.publishing.story import (
    calendar_published,
    calendar_withdrawn,
    plan,
    shipped,
    told,
)

END = datetime(2026, 12, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days_before", "published", "expected"),
    [
        (90, [], []),
        (89, [], [("office", 1, 89, ("gold",))]),
        (-3, [], [("office", 1, -3, ("gold",))]),
        (40, [calendar_published(2, "11-20", years=(2026, 2027))], []),
        (40, [calendar_published(2, "11-20", saturdays=True)], [("office", 2, 40, ("gold",))]),
        (40, [calendar_withdrawn("12-01")], []),
    ],
)
def test_an_alert_stands_until_the_next_year_is_published_or_nothing_goes_by_it(
    days_before: int, published: list[Event], expected: list[tuple[str, int, int, tuple[str, ...]]]
) -> None:
    book = shipped(plan())
    book.learn(told(published, "calendar:office"))
    found = alerts(book, END - timedelta(days=days_before))
    assert [(each.calendar, each.version, each.days_left, each.plans) for each in found] == expected
    assert all("2027" in each.zh and "2027" in each.en for each in found)


def test_a_calendar_that_is_withdrawn_only_after_its_last_day_still_lacks_a_year() -> None:
    book = shipped(plan())
    gone = CalendarWithdrawn(calendar="office", effective_from=datetime(2027, 6, 1, tzinfo=UTC))
    book.learn(told([gone], "calendar:office"))
    assert [each.calendar for each in alerts(book, END)] == ["office"]
