"""What a merge does to the clocks of the ticket that goes on (SLA 11).

What still waits for its milestone starts at the earlier of the two reports, and of its time before its own
report the waits of the other ticket do not count. What either of the two has reached is reached.

A verdict that was given is not given again (SLA 8): what has stopped by then stays as it is, whatever the
other ticket shows, and what is broken by then keeps its start and stays broken; if the other ticket had
reached the milestone, it stops with the merge at the latest. Cycles after a reopening began with that, not
with a report, and stay as they are.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from domain.calendar import CalendarGap
from domain.clock import Clock, Pause, stop
from domain.event import Act
from domain.promises import Promises
from domain.reading import Verdict, read
from domain.ticket.promised import AT_REPORT, Clocks
from domain.ticket.triage_events import Brought, TicketAbsorbed


def absorbed(clocks: Clocks, event: TicketAbsorbed, act: Act, promises: Promises) -> Clocks:
    """The survivor's clocks."""
    brought = {each.milestone: each for each in event.brought}

    def moved(clock: Clock) -> Clock:
        if clock.milestone not in AT_REPORT or clock.cycle > 1 or not clock.unstopped:
            return clock
        other = brought.get(clock.milestone)
        if not _is_broken(clock, act.occurred_at, promises):
            return _rebased(clock, event, other)
        if other is None or other.reached_at is None:
            return clock
        late = _is_broken(clock, other.reached_at, promises)
        return stop(clock, other.reached_at if late else act.occurred_at)

    return tuple(map(moved, clocks))


def _is_broken(clock: Clock, at: datetime, promises: Promises) -> bool:
    """Whether a promise is broken at a moment. Where the calendar has a gap nothing is judged (SLA 7)."""
    try:
        return read(clock, promises.calendar, at).verdict is Verdict.BREACHED
    except CalendarGap:
        return False


def _rebased(clock: Clock, event: TicketAbsorbed, brought: Brought | None) -> Clock:
    start = min(clock.started_at, event.reported_at)
    waits = brought.pauses if brought else ()
    before = (Pause(max(each.since, start), min(each.until, clock.started_at)) for each in waits)
    first, *later = clock.targets
    moved = replace(
        clock,
        started_at=start,
        targets=(replace(first, since=start), *later),
        pauses=clock.pauses + tuple(each for each in before if each.since < each.until),
    )
    return stop(moved, brought.reached_at) if brought and brought.reached_at else moved
