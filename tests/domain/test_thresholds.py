"""What a clock passes: thresholds and deadlines, whenever one looks (SLA 12)."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.calendar import Calendar, Year
from domain.clock import Clock, Milestone, cancel, pause, repin, resume, retarget, start, stop, waive
from domain.reading import Verdict, read, reading
from domain.thresholds import DEADLINE, Passing, passings
from domain.ticket.events import PlanPin
from domain.wall import Weekday
from tests.domain.test_clock import ALWAYS, MONDAY, OFFICE, PIN, promise

WARNINGS = (50, 90)
LUNCH = Calendar(
    "lunch",
    1,
    week=dict.fromkeys(list(Weekday)[:5], ("08:59-09:01", "09:02-17:00")),
    years={2026: Year()},
)
BOOK = {each.name: each for each in (ALWAYS, OFFICE, LUNCH)}

seconds = st.integers(0, 120)
steps = st.lists(
    st.tuples(st.sampled_from(["pause", "resume", "target", "stop", "waive"]), seconds, st.integers(1, 60)),
    max_size=7,
)


def second(number: float) -> datetime:
    """So many seconds into Monday's work."""
    return MONDAY + timedelta(hours=9, seconds=number)


def told(steps: list[tuple[str, int, int]], target: int = 40) -> Clock:
    """A clock to which all of this happened, in this order of recording."""
    clock = start(Milestone.RESOLVE, pin=PIN, target=promise(target, since=second(0)))
    for what, at, length in steps:
        match what:
            case "target":
                clock = retarget(clock, promise(length, since=second(at)))
            case _:
                change = {"pause": pause, "resume": resume, "stop": stop, "waive": waive}[what]
                clock = change(clock, second(at))
    return clock


def calendar_of(pin: PlanPin) -> Calendar:
    """The calendar of a pin."""
    return BOOK.get(pin.calendar, ALWAYS)


def passed(clock: Clock, calendar: Calendar, *warnings: int) -> list[Passing]:
    """Everything that it passes in a calendar."""
    return [*passings(clock, lambda _: calendar, lambda _: warnings or WARNINGS)]


def missed(clock: Clock, now: datetime, calendar: Calendar = ALWAYS) -> list[Passing]:
    """The deadlines that it has passed by now."""
    found = passed(clock, calendar)
    return [each for each in found if each.percent == DEADLINE and each.certain_at <= now]


@settings(max_examples=600)
@given(steps, st.sampled_from([ALWAYS, OFFICE]))
def test_the_first_deadline_passed_is_the_one_that_breaks_the_promise(
    happened: list[tuple[str, int, int]], calendar: Calendar
) -> None:
    clock, now = told(happened), second(300)
    shown = reading(clock, calendar, now)
    first = next(iter(missed(clock, now, calendar)), None)
    assert (shown.verdict is Verdict.BREACHED) == (first is not None)
    if first is not None:
        assert (shown.breached_at, shown.cause) == (first.at, first.cause)


@settings(max_examples=400)
@given(steps, st.lists(st.tuples(seconds, st.integers(1, 60), st.sampled_from(list(BOOK))), max_size=3))
def test_so_it_is_for_a_clock_that_went_by_several_calendars(
    happened: list[tuple[str, int, int]], repinned: list[tuple[int, int, str]]
) -> None:
    clock, now = told(happened), second(300)
    for at, length, name in repinned:
        pin = replace(PIN, calendar=name)
        clock = retarget(repin(clock, pin), promise(length, since=second(at)))
    shown = read(clock, calendar_of, now)
    found = [*passings(clock, calendar_of, lambda _: WARNINGS)]
    late = [each for each in found if each.percent == DEADLINE and each.certain_at <= now]
    assert (shown.verdict is Verdict.BREACHED) == bool(late)
    if late:
        assert (shown.breached_at, shown.cause) == (late[0].at, late[0].cause)


@settings(max_examples=300)
@given(st.lists(st.tuples(seconds, seconds), max_size=4), st.none() | seconds, st.integers(1, 60), seconds)
def test_a_threshold_is_passed_when_so_much_of_the_target_was_worked(
    waits: list[tuple[int, int]], ends: int | None, target: int, percent: int
) -> None:
    percent = 1 + percent % 99
    clock = start(Milestone.RESOLVE, pin=PIN, target=promise(target, since=second(0)))
    for since, until in waits:
        clock = resume(pause(clock, second(since)), second(until))
    if ends is not None:
        clock = stop(clock, second(ends))
    waited = {at for since, until in waits for at in range(since, until)}
    running = [at for at in range(1000 if ends is None else ends) if at not in waited]
    wanted = -(-target * percent // 100)
    expected = [second(running[wanted - 1] + 1)] if len(running) >= wanted else []
    found = [each for each in passed(clock, ALWAYS, percent) if each.percent == percent]
    assert [each.at for each in found] == expected
    for each in found:
        left = timedelta(seconds=target - wanted)
        assert each.due_at == each.at + left  # whatever wait came after it


@given(steps, st.integers(0, 300), st.integers(0, 300))
def test_what_is_passed_does_not_depend_on_when_one_looks(
    happened: list[tuple[str, int, int]], one: int, other: int
) -> None:
    found = passed(told(happened), ALWAYS)
    early, late = sorted((one, other))
    by = [{each for each in found if each.certain_at <= second(at)} for at in (early, late)]
    assert by[0] <= by[1]
    assert len({(each.percent, each.due_at) for each in found}) == len(found)


def test_what_happens_after_a_threshold_leaves_it_as_it_was() -> None:
    clock = told([])
    before = [each for each in passed(clock, ALWAYS) if each.at <= second(30)]
    for changed in (
        pause(clock, second(30)),
        resume(pause(clock, second(30)), second(50)),
        retarget(clock, promise(80, since=second(30))),
        stop(clock, second(30)),
    ):
        assert [each for each in passed(changed, ALWAYS) if each.at <= second(30)] == before


def test_a_later_deadline_is_warned_of_again_and_an_equal_one_is_not() -> None:
    def at(clock: Clock) -> list[tuple[int, datetime]]:
        return [(each.percent, each.at) for each in passed(clock, ALWAYS)]

    clock = told([])
    assert at(clock) == [(50, second(20)), (90, second(36)), (DEADLINE, second(40))]
    longer = retarget(clock, promise(80, since=second(30)))
    assert at(longer) == [(50, second(20)), (50, second(40)), (90, second(72)), (DEADLINE, second(80))]
    assert at(retarget(clock, promise(40, since=second(30)))) == at(clock)


def test_a_change_that_passes_a_threshold_passes_it_then_or_once_the_wait_is_over() -> None:
    shorter = promise(50, since=second(30))
    clock = retarget(told([], target=100), shorter)
    warned = [(each.percent, each.at, each.due_at) for each in passed(clock, ALWAYS, 50)]
    assert warned == [(50, second(30), second(50)), (DEADLINE, second(50), second(50))]
    waiting = retarget(pause(told([], target=100), second(28)), shorter)
    assert passed(waiting, ALWAYS, 50) == []
    again = passed(resume(waiting, second(70)), ALWAYS, 50)
    assert [(each.at, each.due_at) for each in again if each.percent == 50] == [(second(70), second(92))]


def test_a_change_that_makes_it_late_at_once_warns_of_nothing() -> None:
    clock = retarget(told([]), promise(10, since=second(15)))
    assert [(each.percent, each.at, each.due_at) for each in passed(clock, ALWAYS)] == [
        (DEADLINE, second(15), second(10))
    ]


def test_a_cancelled_clock_passes_nothing_and_a_waived_one_what_it_had_passed() -> None:
    clock = told([])
    assert passed(cancel(clock, second(60)), ALWAYS) == []
    by = [[each.percent for each in passed(waive(clock, second(at)), ALWAYS)] for at in (19, 20, 40, 41)]
    assert by == [[], [50], [50, 90], [50, 90, DEADLINE]]


def test_what_lies_beyond_the_calendar_is_not_guessed() -> None:
    target = 3600 * 8 * 300  # of the working hours of a year that has some 250 days of them
    clock = start(Milestone.RESOLVE, pin=PIN, target=promise(target, since=second(0)))
    found = passed(clock, OFFICE, 1, 90)
    assert [(each.percent, each.due_at) for each in found] == []
    short = start(Milestone.RESOLVE, pin=PIN, target=promise(3600, since=second(0)))
    assert [each.percent for each in passed(short, OFFICE, 1, 90)] == [1, 90, DEADLINE]
