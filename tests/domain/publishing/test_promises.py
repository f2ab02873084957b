"""What a new ticket pins of what was published (SLA 2, 8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.event import Event, Fact
from domain.promises import NotOffered, Promises, UnknownPlan, WithoutCalendar
from domain.ticket.events import PlanPin
from tests.domain.publishing.story import (
    calendar,
    calendar_published,
    calendar_withdrawn,
    day,
    plan,
    published,
    shipped,
    told,
    withdrawn,
)


def book(*events: Event, base: Promises | None = None) -> Promises:
    """The shipped calendar and what was published of the plan."""
    found = base or shipped()
    found.learn(told(list(events)))
    return found


@pytest.mark.parametrize(
    ("reported", "version"),
    [("02-28", 1), ("03-01", 1), ("03-09", 1), ("03-10", 2), ("03-31", 2), ("04-01", 4), ("05-01", 4)],
)
def test_a_ticket_pins_the_newest_version_that_counted_when_the_customer_reported(
    reported: str, version: int
) -> None:
    """Version 3 was to count from May on; version 4 followed it, and counts earlier."""
    found = book(published(1, "01-01"), published(2, "03-10"), published(3, "05-01"), published(4, "04-01"))
    assert found.pin("gold", day(reported)).plan_version == version


def test_before_its_first_day_and_once_it_is_withdrawn_a_plan_is_not_offered() -> None:
    found = book(published(1, "02-01"), withdrawn("03-01"), published(2, "04-01"))
    assert found.pin("gold", day("02-28")).plan_version == 1
    assert found.pin("gold", day("04-01")).plan_version == 2
    for reported, why in (("01-31", "counts from 2026-02-01"), ("03-01", "is withdrawn from 2026-03-01")):
        with pytest.raises(NotOffered, match=why) as no:
            found.pin("gold", day(reported))
        assert (no.value.code, no.value.field) == ("plan-not-offered", "/plan")
    found.offers("gold")
    with pytest.raises(NotOffered):
        book(withdrawn("06-01"), base=shipped(plan())).offers("gold")


def test_one_moment_earlier_the_version_before_counts() -> None:
    found = book(published(2, "03-10"), base=shipped(plan()))
    assert found.pin("gold", day("03-10") - timedelta(microseconds=1)).plan_version == 1
    assert found.pin("gold", day("03-10")).plan_version == 2


def test_what_was_published_stands_where_a_release_brings_the_same_version() -> None:
    found = book(published(2, "03-10", hours=2), base=shipped(plan(1), plan(2, hours=9)))
    assert found.plan(found.pin("gold", day("03-10"))) == plan(2, hours=2)


def test_a_plan_takes_the_newest_calendar_unless_it_names_a_version() -> None:
    found = shipped(plan(), plan(name="fixed", calendar_version=1))
    found.learn(told([calendar_published(2, "03-10", saturdays=True)], "calendar:office"))
    pins = [found.pin(name, day(at)) for name in ("gold", "fixed") for at in ("03-09", "03-10")]
    assert [pin.calendar_version for pin in pins] == [1, 2, 1, 1]
    assert found.calendar(pins[1]) == calendar(2, saturdays=True)


@pytest.mark.parametrize(
    ("name", "reported", "version"),
    [
        ("gold", "03-09", 1),
        ("gold", "03-10", None),
        ("gold", "03-31", None),
        ("gold", "04-01", 2),
        ("fixed", "03-09", 1),
        ("fixed", "03-10", None),
        ("fixed", "04-01", None),
    ],
)
def test_a_plan_whose_calendar_is_withdrawn_is_not_offered_until_it_has_one_again(
    name: str, reported: str, version: int | None
) -> None:
    """A plan that names a version of it needs another version; that one is withdrawn for good."""
    found = shipped(plan(), plan(name="fixed", calendar_version=1))
    pinned = found.pin(name, day("03-09"))
    found.learn(
        told([calendar_withdrawn("03-10"), calendar_published(2, "04-01", saturdays=True)], "calendar:office")
    )
    assert found.calendar(pinned) == calendar()
    if version is not None:
        assert found.pin(name, day(reported)).calendar_version == version
        return
    with pytest.raises(WithoutCalendar, match=r"office, which is withdrawn from 2026-03-10") as no:
        found.pin(name, day(reported))
    assert (no.value.code, no.value.field) == ("plan-not-offered", "/plan")


def test_nobody_is_promised_a_plan_whose_calendar_is_withdrawn_be_it_later() -> None:
    found = shipped(plan())
    found.learn(told([calendar_withdrawn("12-01")], "calendar:office"))
    with pytest.raises(WithoutCalendar):
        found.offers("gold")
    found.learn(told([calendar_published(2, "12-01")], "calendar:office", 2))
    found.offers("gold")


def test_a_pin_that_the_book_does_not_hold_is_looked_up_once() -> None:
    asked: list[str] = []

    def look(name: str) -> list[Fact]:
        asked.append(name)
        return told([published(1, "01-01"), published(2, "03-01", hours=2)])

    found = Promises([], [calendar()], look=look)
    pin = PlanPin(plan="gold", plan_version=2, calendar="office", calendar_version=1)
    assert found.plan(pin) == found.plan(pin) == plan(2, hours=2)
    assert asked == ["plan:gold"]
    with pytest.raises(UnknownPlan, match="no plan gold v3"):
        found.plan(PlanPin(plan="gold", plan_version=3, calendar="office", calendar_version=1))


def test_what_is_told_twice_or_too_early_changes_nothing() -> None:
    facts = told([published(1, "01-01"), published(2, "03-01"), withdrawn("05-01")])
    found = shipped()
    found.learn(facts[1:])
    with pytest.raises(UnknownPlan):
        found.plan_editions("gold")
    for _ in range(2):
        found.learn(facts)
        assert found.plan_editions("gold").events == 3


EVENTS = st.lists(st.tuples(st.booleans(), st.integers(1, 28), st.integers(1, 99)), min_size=1, max_size=12)


@given(EVENTS, st.integers(0, 12), st.integers(1, 28))
def test_a_bigger_book_says_the_same_of_what_a_smaller_one_holds(
    drawn: list[tuple[bool, int, int]], known: int, reported: int
) -> None:
    """So whoever has read further answers the same about every pin that stands in the log (SLA 8)."""
    events: list[Event] = []
    for withdraws, since, hours in drawn:
        version = 1 + sum(event.__class__ is published(1, "01-01").__class__ for event in events)
        events.append(
            withdrawn(f"03-{since:02}") if withdraws else published(version, f"03-{since:02}", hours)
        )
    facts = told(events)
    small, big = shipped(), shipped()
    small.learn(facts[:known])
    big.learn(facts)
    for each in small.plans:
        pin = PlanPin(plan="gold", plan_version=each.version, calendar="office", calendar_version=1)
        assert big.plan(pin) == small.plan(pin)
    try:
        pin = small.pin("gold", day(f"03-{reported:02}"))
    except (UnknownPlan, NotOffered):
        return
    assert big.plan(pin) == small.plan(pin)
    assert big.calendar(pin) == small.calendar(pin)
