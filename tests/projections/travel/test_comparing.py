"""Differences asked of the log: the same by way of kept states, whichever two points are meant."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from application.database.connect import Database
from application.log import snapshots
from application.log.event_log import EventLog
from application.log.snapshots import Until
from domain.event import Fact
from domain.part.events import PartRevised
from projections.travel import diff
from projections.travel.comparing import Asked, WrongPoint, diff_of
from projections.travel.differences import pointer
from projections.travel.points import Basis, Point, point
from tests.application.log.appending import WHEN
from tests.application.log.committing import on_the_log
from tests.domain.part.story import NAME, PART, catalogued, received
from tests.projections.histories import random_facts
from tests.projections.travel.past import KINDS, PARTS, recorded

LATE = 5
"""The version of a fact that happened before all of its neighbours."""


def happens(version: int) -> datetime:
    """A minute a version; the late fact happened as the second did."""
    return WHEN + timedelta(minutes=2 if version == LATE else version)


def long_stream() -> list[Fact]:
    """A part with deliveries and revisions in turns, one of them recorded late."""
    events = [
        catalogued(),
        *(
            received("MAIN", version)
            if version % 2
            else PartRevised(number="HE-200", revision=str(version), name=NAME, reorder_point=version)
            for version in range(2, 11)
        ),
    ]
    template = recorded(random_facts(1, 0))[0]
    return [
        replace(
            template,
            stream_id=PART,
            correlation_id=PART,
            version=version,
            position=0,
            recorded_at=None,
            event=event,
            act=replace(
                template.act, occurred_at=WHEN + timedelta(minutes=2 if version == LATE else version)
            ),
        )
        for version, event in enumerate(events, 1)
    ]


def asked(begin: Point | None, end: Point | None, basis: Basis = Basis.OCCURRED) -> Asked:
    return Asked(begin=begin, end=end, basis=basis, zone=ZoneInfo("Asia/Shanghai"))


def test_by_way_of_kept_states_it_is_what_all_events_say(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "EVERY", 3)

    async def story(log: EventLog) -> None:
        await log.append(long_stream())
        facts = await log.stream(PART)
        await log.snapshots.replayed(KINDS.part.form, KINDS.part.replay, PART)
        await log.snapshots.settled()
        minutes = [WHEN + timedelta(minutes=minute) for minute in range(11)]
        pairs: list[tuple[Point, Point, Until, Until]] = [
            (first, second, Until(version=first), Until(version=second))
            for first in range(11)
            for second in range(first, 11)
        ]
        pairs += [
            (first, second, Until(occurred=first), Until(occurred=second))
            for place, first in enumerate(minutes)
            for second in minutes[place:]
        ]
        pairs += [(2, minute, Until(version=2), Until(occurred=minute)) for minute in minutes[2:]]
        for begin, end, first, second in pairs:
            found = await diff_of(log, KINDS.part, PART, asked(begin, end))
            whole = PARTS.compared(facts, first, second)
            assert found is not None
            assert [(each.path, each.events) for each in found.changes] == [
                (pointer(each.path), tuple(fact.position for fact in by)) for each, by in whole.changes
            ]
            assert [each.position for each in found.events] == [fact.position for fact in whole.between]
            assert (found.before.version, found.after.version) == tuple(
                last.version if last else 0 for last in (whole.before, whole.after)
            )

    on_the_log(database, story)


def test_an_earlier_version_that_knows_of_something_later_is_refused(database: Database) -> None:
    async def story(log: EventLog) -> None:
        await log.append(long_stream())
        with pytest.raises(WrongPoint) as wrong:
            await diff_of(log, KINDS.part, PART, asked(4, WHEN + timedelta(minutes=3)))
        assert wrong.value.which == "from"

    on_the_log(database, story)


def test_two_points_with_too_much_between_them_are_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diff, "MOST", 4)

    async def story(log: EventLog) -> None:
        await log.append(long_stream())
        found = await diff_of(log, KINDS.part, PART, asked(4, 8))
        assert found is not None
        assert len(found.events) == 4
        with pytest.raises(WrongPoint, match="5 events lie between; 4 are compared at once") as wrong:
            await diff_of(log, KINDS.part, PART, asked(3, 8))
        assert wrong.value.which == "from"

    on_the_log(database, story)


@settings(max_examples=20, deadline=None)
@for_all(st.integers(0, 7), st.integers(1, 15))
def test_a_ticket_with_its_clocks_goes_on_from_what_was_kept(seed: int, split: int) -> None:
    form, replay = KINDS.ticket.form, KINDS.ticket.replay
    facts = recorded(random_facts(1, 14, seed))
    kept = replay(facts[:split])
    assert kept is not None
    again = form.read(form.write(kept))
    assert again == kept
    assert replay(facts[split:], again) == replay(facts)


@pytest.mark.parametrize(
    ("text", "meant"),
    [("0", 0), ("12", 12), ("2026-03-02T09:00:00Z", WHEN), ("2026-03-02T17:00:00+08:00", WHEN)],
)
def test_a_point_is_a_version_or_a_time(text: str, meant: Point) -> None:
    assert point(text) == meant


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1.5", "٣", "now", "2026-03-02", "2026-03-02T09:00", "9" * 16]
)
def test_anything_else_is_no_point(text: str) -> None:
    with pytest.raises(ValueError, match="a version such as 7"):
        point(text)
