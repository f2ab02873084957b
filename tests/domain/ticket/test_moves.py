"""Every move of every deadline: why, from where to where (B04)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.clock import last_moment
from domain.event import Fact
from domain.reading import State, deadline, read
from domain.ticket.clocks import fold
from domain.ticket.moves import Move, moves
from tests.domain.story import (
    Happening,
    at,
    cancelled,
    closed,
    contacted,
    held,
    hours,
    prioritised,
    registered,
    reopened,
    resolved,
    resumed,
)
from tests.domain.ticket.story import facts
from tests.domain.ticket.test_pinning import BOOK, happenings, repinned, whens

WAITING = "waiting_for_customer"


def told(*happened: Happening, milestone: str = "resolve") -> list[Move]:
    """The moves of one milestone's deadlines."""
    return [move for move in moves(facts(happened), BOOK) if move.milestone == milestone]


def due(move: Move) -> tuple[str, datetime | None, int | None]:
    """Why it moved, and where it stands then: the deadline, or without one what remains."""
    stands = move.after
    return move.cause.value, stands.due_at, None if stands.due_at else stands.remaining


BEGIN = registered("09:00", priority="P1")
ROWS: list[tuple[tuple[Happening, ...], list[tuple[str, str | None, float | None]]]] = [
    ((), [("started", "17:00", None)]),
    ((held("10:00", WAITING),), [("started", "17:00", None), ("paused", None, 7)]),
    (
        (held("10:00", WAITING), resumed("12:00")),
        [("started", "17:00", None), ("paused", None, 7), ("resumed", "19:00", None)],
    ),
    ((held("10:00", "waiting_for_part"),), [("started", "17:00", None)]),
    ((prioritised("10:00", "P2"),), [("started", "17:00", None), ("priority", "tue 09:00", None)]),
    ((prioritised("10:00", "P4"),), [("started", "17:00", None), ("priority", None, None)]),
    (
        (held("10:00", WAITING), prioritised("11:00", "P2")),
        [("started", "17:00", None), ("paused", None, 7), ("priority", None, 23)],
    ),
    ((repinned("10:00", "office"),), [("started", "17:00", None), ("repinned", "17:00", None)]),
    ((repinned("10:00", "nothing"),), [("started", "17:00", None), ("repinned", None, None)]),
    ((resolved("11:00"),), [("started", "17:00", None), ("reached", None, 6)]),
    ((resolved("19:00"),), [("started", "17:00", None), ("reached", None, -2)]),
    ((cancelled("11:00"),), [("started", "17:00", None), ("cancelled", None, None)]),
    (
        (resolved("11:00"), reopened("12:00")),
        [("started", "17:00", None), ("reached", None, 6), ("next_cycle", "20:00", None)],
    ),
    ((contacted("10:00"),), [("started", "17:00", None)]),
]


@pytest.mark.parametrize(("happened", "expected"), ROWS)
def test_row(happened: tuple[Happening, ...], expected: list[tuple[str, str | None, float | None]]) -> None:
    assert [due(move) for move in told(BEGIN, *happened)] == [
        (cause, when and at(when), None if left is None else hours(left)) for cause, when, left in expected
    ]


def test_what_was_never_promised_has_no_deadline_to_move() -> None:
    assert told(registered("09:00", priority="P4"), held("10:00", WAITING), resolved("11:00")) == []


def test_each_move_begins_where_the_one_before_ended_and_names_its_event() -> None:
    found = told(BEGIN, contacted("09:30"), held("10:00", WAITING), resumed("12:00"), closed("13:00"))
    assert [move.before for move in found] == [None, *(move.after for move in found[:-1])]
    assert [move.fact.version for move in found] == [1, 3, 4, 5]
    assert found[-1].after.pin == BOOK.pin("always", at("09:00"))


def test_a_fact_that_is_recorded_late_says_so() -> None:
    on_time, late = facts((BEGIN, held("10:00", WAITING)))
    recorded: list[Fact] = [
        replace(on_time, recorded_at=at("09:00") + timedelta(seconds=60)),
        replace(late, recorded_at=at("10:00") + timedelta(seconds=61)),
    ]
    assert [move.late for move in moves(recorded, BOOK) if move.milestone == "resolve"] == [False, True]


@settings(deadline=None)
@for_any(st.sampled_from(["always", "office", "lenient"]), st.lists(happenings, max_size=10), whens)
def test_the_last_move_of_a_clock_ends_where_its_reading_stands(
    plan: str, happened: list[Happening], later: str
) -> None:
    known = facts((registered("09:00", plan=plan), *happened))
    last = {(move.milestone, move.cycle): move.after for move in moves(known, BOOK)}
    for clock in fold(known, BOOK):
        moment = max(last_moment(clock), at(later))
        shows = read(clock, BOOK.calendar, moment)
        stands = last.get((clock.milestone, clock.cycle))
        if shows.target is None:
            assert stands is None or stands.target is None
            continue
        assert stands is not None
        assert (stands.due_at, stands.target, stands.pin) == (shows.due_at, shows.target, shows.pin)
        if shows.state is not State.RUNNING:
            assert (stands.state, stands.remaining) == (shows.state, shows.remaining)
        assert deadline(clock, BOOK.calendar, moment)[:4] == (
            shows.state,
            shows.target,
            shows.due_at,
            shows.remaining,
        )
