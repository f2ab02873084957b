"""What re-pinning a ticket would do to its clocks, tried on its history and recorded nowhere (SLA 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from domain.clock import Milestone
from domain.event import Act, Fact
from domain.promises import Promises
from domain.ticket.events import PlanPin
from domain.ticket.pinning import newly_owed
from domain.ticket.pinning_events import TicketRepinned
from projections.cases.case import Case, after, replay
from projections.cases.shown import ShownClock, show


class ClockChange(msgspec.Struct, frozen=True, kw_only=True):
    """One clock with and without the re-pinning.

    Attributes:
        before: as it is; ``None`` for a milestone that only the other plan promises.
        after: as it would be.
        moves: whether its target or its deadline would be another.
        breaks: whether it would be late at once: late by reclassification (SLA 9).
    """

    milestone: Milestone
    cycle: int
    before: ShownClock | None
    after: ShownClock
    moves: bool
    breaks: bool


class RepinPreview(msgspec.Struct, frozen=True, kw_only=True):
    """Every clock of a ticket, as it is and as it would be. Nothing was recorded.

    Attributes:
        version: of the ticket that this was tried on; send it as `If-Match`.
        moment: when it would have happened, and when the clocks were read.
        before: what the ticket goes by.
        after: what it would go by.
        breaks: how many clocks would be late at once.
    """

    number: str
    version: int
    moment: datetime
    before: PlanPin
    after: PlanPin
    breaks: int
    clocks: tuple[ClockChange, ...]


def preview(facts: Sequence[Fact], pin: PlanPin, promises: Promises, now: datetime) -> RepinPreview | None:
    """Try it; ``None`` when the facts are of no ticket.

    Raises:
        UnknownPlan: the book does not hold what is asked for.
    """
    case = replay(facts, promises)
    if case is None:
        return None
    ticket, last = case.ticket, facts[-1]
    event = TicketRepinned(
        request=ticket.repins + 1,
        requested_by="",
        before=ticket.pin,
        pin=pin,
        category=ticket.category,
        begins=newly_owed(facts, pin, promises),
    )
    tried = replace(last, version=last.version + 1, event=event, act=Act(actor="", occurred_at=now))
    changed = after(case, tried, promises) or case
    clocks = _changes(_shown(case, promises, now), _shown(changed, promises, now))
    return RepinPreview(
        number=ticket.number,
        version=case.version,
        moment=now,
        before=ticket.pin,
        after=pin,
        breaks=sum(clock.breaks for clock in clocks),
        clocks=clocks,
    )


def _shown(case: Case, promises: Promises, now: datetime) -> list[ShownClock]:
    pairs = zip(case.clocks, case.traces, strict=True)
    return [show(clock, trace, promises, now, case.ticket.noted) for clock, trace in pairs]


def _changes(before: list[ShownClock], later: list[ShownClock]) -> tuple[ClockChange, ...]:
    was = {(clock.milestone, clock.cycle): clock for clock in before}
    return tuple(_change(was.get((clock.milestone, clock.cycle)), clock) for clock in later)


def _change(before: ShownClock | None, clock: ShownClock) -> ClockChange:
    own = (before.target, before.due_at, before.remaining, before.gap) if before else (None,) * 4
    return ClockChange(
        milestone=clock.milestone,
        cycle=clock.cycle,
        before=before,
        after=clock,
        moves=own != (clock.target, clock.due_at, clock.remaining, clock.gap),
        breaks=clock.breached_at is not None and (before is None or before.breached_at is None),
    )
