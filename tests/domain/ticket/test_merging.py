"""One ticket merged into another: what becomes of the clocks of both (SLA 11), and who refuses."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.clock import Milestone
from domain.errors import InvalidValue, NotAllowed
from domain.event import Act
from domain.reading import State, Verdict, reading
from domain.ticket.clocks import advance, fold
from domain.ticket.errors import Unsettled
from domain.ticket.pairing import absorb
from domain.ticket.promised import AT_REPORT
from domain.ticket.triage_events import TicketMerged
from domain.ticket.words import Status
from tests.domain.story import (
    ALWAYS,
    PROMISES,
    Happening,
    Story,
    at,
    contacted,
    given,
    happened,
    held,
    hours,
    registered,
    reopened,
    resolved,
    resumed,
)
from tests.domain.ticket.story import OTHER, SURVIVOR, raised
from tests.domain.ticket.story import given as standing
from tests.domain.ticket.test_clocks_in_any_order import happenings

INTO = TicketMerged(into=OTHER, number="T-2026-000007")


def merged(other: tuple[Happening, ...], survivor: tuple[Happening, ...], when: str) -> Story:
    """The survivor after another ticket was merged into it."""
    by = Act(actor="agent:li.wei", occurred_at=at(when))
    event = absorb(standing(*other).ticket, given(*other).clocks, by)
    return given(*survivor, (event, by))


class Row(NamedTuple):
    """What happened to both, and what the survivor shows at 14:00, an hour after the merge."""

    says: str
    other: tuple[Happening, ...]
    survivor: tuple[Happening, ...]
    response: tuple[Verdict, float]
    resolve: tuple[Verdict, float]


PENDING, MET, BREACHED = Verdict.PENDING, Verdict.MET, Verdict.BREACHED
TABLE = [
    Row(
        "the earlier report is the survivor's own: nothing moves",
        (registered("12:00"),),
        (registered("11:00"),),
        (PENDING, 3),
        (PENDING, 3),
    ),
    Row(
        "the other was reported earlier: what runs starts there",
        (registered("10:30"),),
        (registered("12:00"),),
        (PENDING, 3.5),
        (PENDING, 3.5),
    ),
    Row(
        "the earlier start may break a promise",
        (registered("09:00"),),
        (registered("12:00"),),
        (BREACHED, 5),
        (PENDING, 5),
    ),
    Row(
        "whoever was answered on the other ticket was answered",
        (registered("09:00"), contacted("09:30")),
        (registered("12:00"),),
        (MET, 0.5),
        (PENDING, 5),
    ),
    Row(
        "also when the survivor was reported first",
        (registered("11:00"), contacted("12:30")),
        (registered("10:00"),),
        (MET, 2.5),
        (PENDING, 4),
    ),
    Row(
        "a machine's answer on the other ticket is none here either",
        (registered("11:00"), contacted("11:01", party="automatic")),
        (registered("12:00"),),
        (PENDING, 3),
        (PENDING, 3),
    ),
    Row(
        "a verdict that the survivor has is not given again, though the other was late",
        (registered("06:00"),),
        (registered("12:00"), contacted("12:15")),
        (MET, 0.25),
        (PENDING, 8),
    ),
    Row(
        "nor is a bad one taken back because the other was answered in time",
        (registered("05:30"), contacted("05:45")),
        (registered("06:00"), contacted("11:00")),
        (BREACHED, 5),
        (PENDING, 8.5),
    ),
    Row(
        "what is broken and runs on stays broken",
        (registered("12:00"),),
        (registered("08:00"),),
        (BREACHED, 6),
        (PENDING, 6),
    ),
    Row(
        "also where the other was answered before: it stops with the merge, where nobody is owed it any more",
        (registered("07:00"), contacted("07:30")),
        (registered("08:00"),),
        (BREACHED, 5),
        (PENDING, 7),
    ),
    Row(
        "or when the other was answered late",
        (registered("12:00"), contacted("12:30")),
        (registered("08:00"),),
        (BREACHED, 4.5),
        (PENDING, 6),
    ),
    Row(
        "waits of the other do not count before the survivor's own report",
        (registered("08:00", plan="lenient"), held("09:00", "waiting_for_part")),
        (registered("12:00", plan="lenient"), contacted("12:30")),
        (MET, 0.5),
        (PENDING, 3),
    ),
    Row(
        "from then on its own waits count, and no others",
        (registered("12:00", plan="lenient"), held("12:00", "waiting_for_part")),
        (
            registered("10:00", plan="lenient"),
            held("10:30", "waiting_for_part"),
            resumed("11:00"),
        ),
        (PENDING, 3.5),
        (PENDING, 3.5),
    ),
    Row(
        "an earlier solution of the other, which did not hold, solves nothing here",
        (registered("10:00"), resolved("10:30"), reopened("11:00")),
        (registered("12:00"),),
        (PENDING, 4),
        (PENDING, 4),
    ),
    Row(
        "a survivor that is resolved keeps that verdict; the answer is still owed from the earlier report on",
        (registered("11:00"),),
        (registered("12:00"), resolved("12:30")),
        (PENDING, 3),
        (MET, 0.5),
    ),
    Row(
        "a cycle after a reopening did not begin with a report",
        (registered("08:00"),),
        (registered("10:00"), contacted("10:15"), resolved("11:00"), reopened("12:00")),
        (MET, 0.25),
        (PENDING, 2),
    ),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.says)
def test_the_survivors_clocks(row: Row) -> None:
    shown = merged(row.other, row.survivor, "13:00").at("14:00")
    read = [(each.verdict, each.elapsed) for each in (shown.first_response, shown.resolve)]
    assert read == [(verdict, hours(elapsed)) for verdict, elapsed in (row.response, row.resolve)]


@pytest.mark.parametrize(
    "before",
    [
        (),
        (contacted("09:30"),),
        (held("09:30", "waiting_for_customer"),),
        (resolved("10:00"), reopened("11:00")),
    ],
)
def test_the_merged_tickets_clocks_are_neither_met_nor_missed(before: tuple[Happening, ...]) -> None:
    shown = given(registered("09:00"), *before, happened(INTO, "12:00")).at("20:00")
    assert (shown.resolve.state, shown.resolve.verdict) == (State.CANCELLED, Verdict.CANCELLED)
    assert shown.first_response.verdict is Verdict.CANCELLED


def test_it_says_where_it_went_and_has_ended() -> None:
    ticket = standing(registered("09:00")).when("merge", survivor=SURVIVOR).then(INTO)
    assert (ticket.status, ticket.merged_into.number) == (Status.CANCELLED, "T-2026-000007")  # type: ignore[union-attr]
    assert ticket.closed_at == at("10:00")


def test_the_survivor_says_what_came_and_was_reported_when_the_first_of_both_was() -> None:
    story = merged((registered("08:00"),), (registered("09:00"),), "10:00")
    ticket = standing(*[(fact.event, fact.act) for fact in story.facts]).ticket
    assert ticket.reported_at == at("08:00")
    assert [each.number for each in ticket.absorbed] == ["T-2026-000001"]


def test_a_ticket_is_not_merged_into_itself() -> None:
    story = standing(registered("09:00"))
    story.when("merge", survivor=story.ticket).refused(InvalidValue, "/into")


@pytest.mark.parametrize("status", [Status.CLOSED, Status.CANCELLED])
def test_nothing_is_merged_into_what_has_ended(status: Status) -> None:
    ended = replace(SURVIVOR, status=status)
    error = standing(registered("09:00")).when("merge", survivor=ended).refused(NotAllowed)
    assert isinstance(error, NotAllowed)
    assert error.state == status.value


def test_an_unsettled_ticket_is_not_merged() -> None:
    asked = standing(registered("09:00"), raised("09:30"))
    asked.when("merge", survivor=SURVIVOR).refused(Unsettled)
    standing(registered("09:00")).when("merge", survivor=SURVIVOR, owing={"HE-200": 1}).refused(Unsettled)


def test_nothing_is_merged_before_the_survivor_was_reported() -> None:
    late = replace(SURVIVOR, reported_at=at("11:00"))
    standing(registered("09:00")).when("merge", "10:00", survivor=late).refused(InvalidValue, "/occurred_at")


WHENS = st.builds(
    "{} {:02}:{:02}".format, st.sampled_from(["mon", "tue"]), st.integers(0, 23), st.integers(0, 59)
)
LIVES = st.tuples(st.builds(registered, WHENS), st.lists(happenings, max_size=8))


@for_any(LIVES, LIVES, WHENS, st.lists(happenings, max_size=4))
def test_whatever_happened_to_both(
    other: tuple[Happening, list[Happening]],
    survivor: tuple[Happening, list[Happening]],
    when: str,
    later: list[Happening],
) -> None:
    ended = (other[0], *other[1])
    own = (survivor[0], *survivor[1])
    before = given(*own).clocks
    story = merged(ended, own, when)
    after = story.clocks
    earliest = min(reported(ended), reported(own))
    for was, now in zip(before, after, strict=True):
        waits = was.milestone in AT_REPORT and was.cycle == 1 and was.unstopped
        broken = reading(was, ALWAYS, at(when)).verdict is Verdict.BREACHED
        moves = waits and not broken
        assert now.started_at == (min(was.started_at, earliest) if moves else was.started_at)
        assert waits or now == was
        assert not (waits and broken) or reading(now, ALWAYS, at("fri 12:00")).verdict is Verdict.BREACHED
    gone = given(*ended, happened(INTO, when)).clocks
    assert all(clock.cancelled_at is not None or not clock.unstopped for clock in gone)
    newest = max(clock.cycle for clock in gone if clock.milestone is Milestone.RESOLVE)
    assert all(c.cancelled_at for c in gone if c.milestone is Milestone.RESOLVE and c.cycle == newest)
    whole = given(*[(fact.event, fact.act) for fact in story.facts], *later)
    step_by_step = after
    for event, act in later:
        step_by_step = advance(step_by_step, event, act, PROMISES)
    assert step_by_step == fold(whole.facts, PROMISES)


def reported(story: tuple[Happening, ...]) -> datetime:
    """When the ticket was reported: a second registration changes nothing."""
    return story[0][1].occurred_at
