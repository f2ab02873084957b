"""How each deadline came to be where it is: every move of it, worked out from the ticket's events (B04).

A move is what an event did to a clock: the deadline as it was known before the event was recorded, and as it
is known after. Nothing of it is stored, so moves and readings cannot contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from domain.clock import Clock, Milestone, last_moment
from domain.event import LATE, Fact
from domain.plan import FIELDWORK
from domain.promises import Promises
from domain.reading import Deadline, State, deadline
from domain.ticket.clocks import advance
from domain.ticket.pinning_events import TicketRepinned
from domain.ticket.promised import Clocks
from domain.ticket.words import MoveCause


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One move of one deadline.

    Attributes:
        fact: the event that moved it: who, why, when it happened and was recorded, and where it stands.
        late: whether that was recorded long after it happened.
        before: ``None`` where there was no clock.
    """

    milestone: Milestone
    cycle: int
    cause: MoveCause
    late: bool
    before: Deadline | None
    after: Deadline
    fact: Fact


def moves(facts: Iterable[Fact], promises: Promises) -> Iterator[Move]:
    """Every move of every deadline of a ticket, in the order in which they were recorded.

    Where nothing was promised before and nothing is after, there is no deadline to move.

    Args:
        facts: of the ticket, in version order.
        promises: the book that its pins name.
    """
    clocks: Clocks = ()
    stand: dict[tuple[Milestone, int], Deadline] = {}
    for fact in facts:
        before, clocks = clocks, advance(clocks, fact.event, fact.act, promises)
        if clocks is before:
            continue
        known = {(clock.milestone, clock.cycle): clock for clock in before}
        for clock in clocks:
            name = clock.milestone, clock.cycle
            old = known.get(name)
            if old == clock:
                continue
            was, now = stand.get(name), deadline(clock, promises.calendar, last_moment(clock))
            stand[name] = now
            if was is None or _place(was) != _place(now):
                promised = now.target is not None or (was is not None and was.target is not None)
                if promised:
                    yield _move(fact, old, clock, was, now)


def _place(stands: Deadline) -> tuple[object, ...]:
    """What makes it another deadline. What remains of a running clock changes by itself."""
    return stands._replace(remaining=None) if stands.state is State.RUNNING else stands


def _move(fact: Fact, old: Clock | None, new: Clock, was: Deadline | None, now: Deadline) -> Move:
    recorded = fact.recorded_at
    return Move(
        milestone=new.milestone,
        cycle=new.cycle,
        cause=MoveCause.REPINNED if isinstance(fact.event, TicketRepinned) else _cause(old, new),
        late=recorded is not None and recorded - fact.act.occurred_at > LATE,
        before=was,
        after=now,
        fact=fact,
    )


def _cause(old: Clock | None, new: Clock) -> MoveCause:
    """What changed about a clock; its end before all else."""
    if old is None:
        again = new.cycle > 1 and new.milestone in FIELDWORK
        return MoveCause.NEXT_CYCLE if again else MoveCause.STARTED
    return next((cause for cause, differs in DIFFERS.items() if differs(old, new)), MoveCause.OTHER)


def _other(name: str) -> Callable[[Clock, Clock], bool]:
    """Whether one of its times is another."""
    return lambda old, new: getattr(old, name) != getattr(new, name)


def _condition(name: str) -> Callable[[Clock, Clock], bool]:
    """Whether the values that a condition of the promise had, one after the other, are others."""

    def values(clock: Clock) -> list[object]:
        found: list[object] = []
        for target in clock.targets:
            value = getattr(target, name)
            if not found or found[-1] != value:
                found.append(value)
        return found

    return lambda old, new: values(old) != values(new)


DIFFERS: dict[MoveCause, Callable[[Clock, Clock], bool]] = {
    MoveCause.CANCELLED: _other("cancelled_at"),
    MoveCause.REACHED: lambda old, new: new.stopped_at is not None and old.stopped_at != new.stopped_at,
    MoveCause.NOT_NEEDED: _other("waived_at"),
    MoveCause.EARLIER_START: _other("started_at"),
    MoveCause.PAUSED: lambda old, new: new.paused_since is not None and old.paused_since != new.paused_since,
    MoveCause.RESUMED: lambda old, new: old.paused_since is not None and new.paused_since is None,
    MoveCause.PRIORITY: _condition("priority"),
    MoveCause.CATEGORY: _condition("category"),
    MoveCause.BAND: _condition("band"),
}
"""By what the cause of a move is known; of several, the first."""
