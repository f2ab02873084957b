"""Clocks and what they show (SLA 5, 6, 9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from domain.calendar import Calendar, CalendarGap, Year
from domain.clock import (
    Clock,
    Milestone,
    Target,
    cancel,
    pause,
    repin,
    resume,
    retarget,
    start,
    stop,
    waive,
)
from domain.reading import Cause, State, Verdict, reading
from domain.ticket.events import PlanPin
from domain.ticket.words import Priority
from domain.wall import Weekday

PIN = PlanPin(plan="any", plan_version=1, calendar="any", calendar_version=1)
ALWAYS = Calendar("always", 1)
OFFICE = Calendar("office", 1, week=dict.fromkeys(list(Weekday)[:5], ("09:00-17:00",)), years={2026: Year()})
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = 3600


def t(hours: float) -> datetime:
    """Hours after midnight of a Monday."""
    return MONDAY + timedelta(hours=hours)


def promise(seconds: int | None, *, since: datetime, priority: Priority = Priority.P2) -> Target:
    """A target."""
    return Target(since, priority, seconds)


def started(hours: float = 9, *, target: int | None = 4 * HOUR) -> Clock:
    """A resolve clock that began at some hour of Monday."""
    return start(Milestone.RESOLVE, pin=PIN, target=promise(target, since=t(hours)))


def paused(clock: Clock, since: float, until: float) -> Clock:
    """A clock after a wait."""
    return resume(pause(clock, t(since)), t(until))


def test_a_running_clock_shows_what_is_left_and_when() -> None:
    shown = reading(started(), OFFICE, t(10))
    assert (shown.state, shown.verdict, shown.cause) == (State.RUNNING, Verdict.PENDING, None)
    assert (shown.priority, shown.target, shown.elapsed, shown.paused) == ("P2", 4 * HOUR, HOUR, 0)
    assert (shown.remaining, shown.due_at) == (3 * HOUR, t(13))
    assert shown.due_mark == OFFICE.mark(t(13))
    assert shown.breached_at is shown.gap is None


@pytest.mark.parametrize(
    ("stopped", "verdict", "remaining"),
    [(12.5, Verdict.MET, HOUR // 2), (13, Verdict.MET, 0), (13 + 1 / HOUR, Verdict.BREACHED, -1)],
)
def test_a_stop_on_the_deadline_itself_is_in_time(stopped: float, verdict: Verdict, remaining: int) -> None:
    shown = reading(stop(started(), t(stopped)), ALWAYS, t(30))
    assert (shown.state, shown.verdict, shown.remaining) == (State.STOPPED, verdict, remaining)
    assert (shown.due_at, shown.due_mark) == (None, None)


def test_a_running_clock_breaks_the_second_after_its_deadline() -> None:
    assert reading(started(), ALWAYS, t(13)).verdict is Verdict.PENDING
    late = reading(started(), ALWAYS, t(13) + timedelta(seconds=1))
    assert (late.verdict, late.cause, late.remaining) == (Verdict.BREACHED, Cause.LATE, -1)
    assert late.due_at == late.breached_at == t(13)


def test_the_verdict_goes_by_working_time_not_by_the_wall() -> None:
    """Due at Monday's close; a stop that evening used no more working time, so it is in time."""
    due_at_close = started(13)
    assert reading(due_at_close, OFFICE, t(14)).due_at == t(17)
    assert reading(stop(due_at_close, t(20)), OFFICE, t(48)).verdict is Verdict.MET
    assert (
        reading(stop(due_at_close, t(33) + timedelta(seconds=1)), OFFICE, t(48)).verdict is Verdict.BREACHED
    )


def test_a_clock_counts_whole_seconds() -> None:
    assert reading(started(), ALWAYS, t(10) + timedelta(microseconds=999_999)).elapsed == HOUR


def test_a_clock_without_a_promise_has_no_verdict() -> None:
    for clock in (started(target=None), stop(started(target=None), t(11))):
        shown = reading(clock, ALWAYS, t(12))
        assert shown.verdict is Verdict.NONE
        assert shown.target is shown.remaining is shown.due_at is shown.due_mark is None
        assert shown.elapsed > 0


def test_a_paused_clock_has_no_deadline_only_time_remaining_and_cannot_break() -> None:
    waiting = pause(started(), t(10))
    for now in (10, 13, 400):
        shown = reading(waiting, OFFICE, t(now))
        assert (shown.state, shown.verdict) == (State.PAUSED, Verdict.PENDING)
        assert (shown.elapsed, shown.remaining) == (HOUR, 3 * HOUR)
        assert shown.due_at is shown.due_mark is None


def test_pauses_move_the_deadline_by_their_working_time_not_by_the_wall() -> None:
    """Held at 16:00 until Tuesday 10:00: 18 hours on the wall, two of work."""
    shown = reading(paused(started(14), 16, 34), OFFICE, t(35))
    assert (shown.elapsed, shown.paused) == (3 * HOUR, 2 * HOUR)
    assert shown.due_at == t(36)


def test_a_pause_after_the_deadline_does_not_move_the_deadline_that_was_missed() -> None:
    shown = reading(paused(started(), 14, 15), ALWAYS, t(16))
    assert (shown.due_at, shown.breached_at, shown.remaining) == (t(13), t(13), -2 * HOUR)
    assert shown.due_mark == ALWAYS.mark(t(14))  # the mark that the remaining time counts from


def test_a_pause_that_begins_on_the_deadline_leaves_it_there() -> None:
    shown = reading(paused(started(), 13, 14), ALWAYS, t(14))
    assert (shown.verdict, shown.remaining, shown.due_at) == (Verdict.PENDING, 0, t(13))


def test_overlapping_pauses_count_once() -> None:
    clock = paused(paused(paused(started(), 10, 12), 11, 13), 10.5, 11)
    assert reading(clock, ALWAYS, t(14)).paused == 3 * HOUR


def test_a_pause_outside_the_clock_does_not_count() -> None:
    clock = stop(paused(paused(started(9), 7, 10), 11, 15), t(12))
    shown = reading(clock, ALWAYS, t(20))
    assert (shown.elapsed, shown.paused) == (HOUR, 2 * HOUR)


def test_pausing_again_keeps_the_earlier_start_and_resuming_before_it_keeps_nothing() -> None:
    assert pause(pause(started(), t(11)), t(10)).paused_since == t(10)
    assert pause(pause(started(), t(11)), t(12)).paused_since == t(11)
    assert resume(pause(started(), t(11)), t(10)) == started()
    assert resume(started(), t(10)) == started()


def test_a_stop_ends_an_open_pause() -> None:
    clock = stop(pause(started(), t(10)), t(12))
    assert clock.paused_since is None
    assert reading(clock, ALWAYS, t(20)).elapsed == HOUR


def test_what_has_stopped_neither_pauses_nor_stops_later() -> None:
    done = stop(started(), t(11))
    assert pause(done, t(12)) == done
    assert stop(done, t(12)) == done
    assert stop(done, t(10)).stopped_at == t(10)


def test_a_swapped_target_keeps_start_and_elapsed_time() -> None:
    clock = retarget(started(), promise(2 * HOUR, since=t(10), priority=Priority.P1))
    shown = reading(clock, ALWAYS, t(10.5))
    assert (shown.priority, shown.target, shown.elapsed, shown.due_at) == ("P1", 2 * HOUR, 1.5 * HOUR, t(11))
    assert reading(clock, ALWAYS, t(9.5)).target == 4 * HOUR  # as it was before


@pytest.mark.parametrize(
    ("at", "verdict", "cause", "broken"),
    [
        pytest.param(10, Verdict.BREACHED, Cause.LATE, 11, id="not late at once, and then too late"),
        pytest.param(11, Verdict.BREACHED, Cause.LATE, 11, id="the deadline itself is not late at once"),
        pytest.param(12, Verdict.BREACHED, Cause.RECLASSIFIED, 12, id="late at once"),
        pytest.param(14, Verdict.BREACHED, Cause.LATE, 13, id="late already"),
    ],
)
def test_a_shorter_target(at: float, verdict: Verdict, cause: Cause, broken: float) -> None:
    clock = stop(retarget(started(), promise(2 * HOUR, since=t(at))), t(15))
    shown = reading(clock, ALWAYS, t(20))
    assert (shown.verdict, shown.cause, shown.breached_at) == (verdict, cause, t(broken))


def test_late_by_reclassification_shows_at_once_even_while_paused() -> None:
    clock = retarget(pause(started(), t(12)), promise(2 * HOUR, since=t(13)))
    shown = reading(clock, ALWAYS, t(13))
    assert (shown.state, shown.verdict, shown.cause) == (State.PAUSED, Verdict.BREACHED, Cause.RECLASSIFIED)


def test_a_longer_target_saves_a_clock_only_before_it_breaks() -> None:
    longer = 9 * HOUR
    saved = retarget(started(), promise(longer, since=t(12)))
    broken = retarget(started(), promise(longer, since=t(13) + timedelta(seconds=1)))
    assert reading(stop(saved, t(18)), ALWAYS, t(20)).verdict is Verdict.MET
    shown = reading(stop(broken, t(18)), ALWAYS, t(20))
    assert (shown.verdict, shown.cause, shown.breached_at) == (Verdict.BREACHED, Cause.LATE, t(13))
    assert (shown.target, shown.remaining) == (longer, 0)


def test_a_reclassification_that_made_it_late_is_not_erased_by_the_next_one() -> None:
    clock = retarget(started(), promise(HOUR, since=t(11)))
    clock = retarget(clock, promise(20 * HOUR, since=t(12)))
    assert reading(stop(clock, t(13)), ALWAYS, t(20)).cause is Cause.RECLASSIFIED


def test_a_promise_that_ends_leaves_the_breach_it_had() -> None:
    freed = retarget(started(), promise(None, since=t(12)))
    late = retarget(started(), promise(None, since=t(14)))
    assert reading(freed, ALWAYS, t(40)).verdict is Verdict.NONE
    assert reading(late, ALWAYS, t(40)).verdict is Verdict.BREACHED


def test_a_target_recorded_late_takes_its_place_in_time() -> None:
    clock = retarget(started(), promise(3 * HOUR, since=t(12)))
    clock = retarget(clock, promise(6 * HOUR, since=t(10)))
    assert [target.seconds for target in clock.targets] == [4 * HOUR, 6 * HOUR, 3 * HOUR]
    clock = retarget(clock, promise(5 * HOUR, since=t(7)))  # before the clock began: from its beginning on
    assert [target.seconds for target in clock.targets] == [5 * HOUR, 6 * HOUR, 3 * HOUR]
    clock = retarget(clock, promise(7 * HOUR, since=t(12)))  # at the same moment: the one recorded last
    assert [target.seconds for target in clock.targets] == [5 * HOUR, 6 * HOUR, 7 * HOUR]


def test_a_target_after_the_stop_changes_no_verdict() -> None:
    done = stop(started(), t(12))
    for since in (10, 12, 15):
        shown = reading(retarget(done, promise(HOUR, since=t(since), priority=Priority.P1)), ALWAYS, t(20))
        assert (shown.verdict, shown.target, shown.priority) == (Verdict.MET, 4 * HOUR, "P2")


def test_a_target_that_comes_as_nobody_needs_the_milestone_any_more_measures_nothing() -> None:
    needless = waive(started(), t(12))
    shown = [reading(retarget(needless, promise(HOUR, since=t(at))), ALWAYS, t(20)) for at in (11, 12, 15)]
    assert [each.verdict for each in shown] == [Verdict.BREACHED, Verdict.CANCELLED, Verdict.CANCELLED]


def test_of_two_targets_at_the_same_instant_each_keeps_its_plan_and_its_place() -> None:
    clock = retarget(started(), promise(3 * HOUR, since=t(12)))
    clock = retarget(repin(clock, replace(PIN, plan="other")), promise(5 * HOUR, since=t(12)))
    assert [target.seconds for target in clock.targets] == [4 * HOUR, 3 * HOUR, 5 * HOUR]
    first = promise(2 * HOUR, since=t(12))
    clock = retarget(clock, replace(first, pin=PIN))
    assert [target.seconds for target in clock.targets] == [4 * HOUR, 2 * HOUR, 5 * HOUR]
    assert reading(clock, ALWAYS, t(12)).cause is Cause.RECLASSIFIED


def test_a_cancelled_clock_is_neither_met_nor_missed() -> None:
    for clock in (started(), stop(started(), t(10)), stop(started(), t(16)), pause(started(), t(10))):
        shown = reading(cancel(clock, t(17)), ALWAYS, t(20))
        assert (shown.state, shown.verdict) == (State.CANCELLED, Verdict.CANCELLED)
        assert shown.cause is shown.remaining is shown.due_at is shown.due_mark is shown.breached_at is None
    ended = cancel(started(), t(10))
    assert reading(ended, ALWAYS, t(20)).elapsed == HOUR
    assert stop(ended, t(11)) == retarget(ended, promise(1, since=t(11))) == pause(ended, t(11)) == ended
    assert cancel(ended, t(12)) == ended


def test_a_clock_can_be_read_at_an_earlier_moment() -> None:
    clock = cancel(stop(paused(started(), 10, 11), t(12)), t(13))
    shown = [reading(clock, ALWAYS, t(now)) for now in (8, 9.5, 10.5, 11.5, 12, 13)]
    assert [each.state for each in shown] == [
        "running",
        "running",
        "paused",
        "running",
        "stopped",
        "cancelled",
    ]
    assert [each.elapsed for each in shown] == [0, HOUR / 2, HOUR, 1.5 * HOUR, 2 * HOUR, 2 * HOUR]
    assert [each.due_at for each in shown[:4]] == [t(13), t(13), None, t(14)]


def test_a_stop_before_the_start_took_no_time() -> None:
    shown = reading(stop(started(9), t(8)), ALWAYS, t(20))
    assert (shown.elapsed, shown.verdict) == (0, Verdict.MET)


def test_a_deadline_in_a_year_without_holiday_data_is_an_alert_beside_exact_time() -> None:
    last_day = datetime(2026, 12, 31, 15, tzinfo=UTC)
    clock = start(Milestone.RESOLVE, pin=PIN, target=promise(4 * HOUR, since=last_day))
    shown = reading(clock, OFFICE, last_day + timedelta(hours=1))
    assert (shown.gap, shown.due_at, shown.remaining) == (2027, None, 3 * HOUR)
    with pytest.raises(CalendarGap, match="2027"):
        reading(clock, OFFICE, last_day + timedelta(days=1))


def test_a_clock_survives_being_written_down() -> None:
    clock = cancel(stop(retarget(paused(started(), 10, 11), promise(None, since=t(12))), t(13)), t(14))
    for codec in (msgspec.json, msgspec.msgpack):
        assert codec.decode(codec.encode(clock), type=Clock) == clock
