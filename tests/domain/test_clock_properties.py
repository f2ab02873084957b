"""What holds for every clock, however it was paused, stopped and retargeted (SLA 5, 6, 9)."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clock import Milestone, pause, resume, retarget, start, stop
from domain.reading import Verdict, reading
from tests.domain.test_clock import ALWAYS, MONDAY, OFFICE, PIN, promise, started, t

seconds = st.integers(0, 120)
spans = st.lists(st.tuples(seconds, seconds), max_size=6)


def second(number: int) -> datetime:
    """So many seconds into Monday."""
    return MONDAY + timedelta(seconds=number)


@settings(max_examples=400)
@given(seconds, seconds, spans, st.none() | seconds)
def test_elapsed_is_start_to_stop_minus_the_union_of_pauses(
    begin: int, end: int, waits: list[tuple[int, int]], open_since: int | None
) -> None:
    clock = start(Milestone.RESOLVE, pin=PIN, target=promise(30, since=second(begin)))
    for since, until in waits:
        clock = resume(pause(clock, second(since)), second(until))
    if open_since is not None:
        clock = pause(clock, second(open_since))
    shown = reading(stop(clock, second(end)), ALWAYS, second(200))
    whole = set(range(begin, end))
    every = waits if open_since is None else [*waits, (open_since, end)]
    waited = {at for since, until in every for at in range(since, until)}
    assert shown.elapsed == len(whole - waited)
    assert shown.paused == len(whole & waited)
    assert (shown.verdict is Verdict.MET) == (shown.elapsed <= 30)


@given(spans)
def test_pausing_twice_over_the_same_time_counts_once(waits: list[tuple[int, int]]) -> None:
    once = started()
    for since, until in waits:
        once = resume(pause(once, t(9 + since / 30)), t(9 + until / 30))
    twice = once
    for since, until in waits:
        twice = resume(pause(twice, t(9 + since / 30)), t(9 + until / 30))
    assert reading(twice, OFFICE, t(100)) == reading(once, OFFICE, t(100))


@given(spans, st.integers(1, 60), st.lists(st.integers(0, 300), min_size=2, max_size=4))
def test_remaining_counts_down_to_the_due_mark_until_something_happens(
    waits: list[tuple[int, int]], minutes: int, later: list[int]
) -> None:
    clock = started(target=minutes * 60)
    for since, until in waits:
        clock = resume(pause(clock, t(9 + since / 60)), t(9 + until / 60))
    shown = [reading(clock, OFFICE, t(11) + timedelta(minutes=each)) for each in sorted(later)]
    assert len({each.due_mark for each in shown}) == 1
    for each, after in zip(shown, sorted(later), strict=True):
        assert each.due_mark is not None
        assert each.remaining is not None
        assert each.remaining == each.due_mark - OFFICE.mark(t(11) + timedelta(minutes=after))
        # A wait that began with the deadline itself lies behind it, and before the mark.
        if each.due_at and each.remaining > 0:
            assert OFFICE.mark(each.due_at) == each.due_mark


@given(st.lists(st.tuples(seconds, st.none() | st.integers(1, 90)), max_size=5), seconds, seconds)
def test_a_verdict_of_breached_never_goes_away(
    swaps: list[tuple[int, int | None]], now: int, later: int
) -> None:
    clock = start(Milestone.RESOLVE, pin=PIN, target=promise(40, since=MONDAY))
    for since, target in swaps:
        clock = retarget(clock, promise(target, since=second(since)))
    early, late = (reading(clock, ALWAYS, second(each)) for each in sorted((now, later)))
    if early.verdict is Verdict.BREACHED:
        assert (late.verdict, late.cause, late.breached_at) == (early.verdict, early.cause, early.breached_at)
