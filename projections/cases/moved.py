"""The moves of a ticket's deadlines as a reader sees them (B04)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import asdict

from domain.clock import Milestone
from domain.event import Fact
from domain.promises import Promises
from domain.reading import Deadline, State
from domain.ticket.moves import Move, moves
from domain.ticket.words import MoveCause
from projections.cases.duration import iso_or_none
from projections.cases.shown import ShownClock
from projections.engine.facts import Happened, envelope
from projections.words.moved import tell
from projections.words.values import Text


class ShownDeadline(msgspec.Struct, frozen=True, kw_only=True):
    """Where a deadline stood. Durations are working time in ISO 8601.

    Attributes:
        state: what the clock did; only a running one has a deadline (SLA 6).
        target: what was promised; ``None`` for nothing.
        due_at: the deadline.
        remaining: what was left when something last happened to the clock, negative when late.
        gap: the year without holiday data that keeps it from being known (SLA 7).
        plan: what it went by, with versions.
    """

    state: State
    target: str | None
    due_at: datetime | None
    remaining: str | None
    gap: int | None
    plan: str
    plan_version: int
    calendar: str
    calendar_version: int


class ShownMove(Happened, frozen=True, kw_only=True):
    """One move of one deadline: by which event, from where, to where, and why.

    Attributes:
        id: what the event is called as a cause.
        late: whether it was recorded long after it happened.
        before: the deadline as it was known until then; ``None`` where the clock began.
        after: the deadline as it was known from then on.
        text: the same in Chinese and English.
    """

    id: UUID
    milestone: Milestone
    cycle: int
    cause: MoveCause
    late: bool
    before: ShownDeadline | None
    after: ShownDeadline
    text: Text


class ClockStory(ShownClock, frozen=True, kw_only=True):
    """A clock at one moment, and how its deadline came to be where it is.

    Attributes:
        moves: in the order in which they were recorded.
    """

    moves: tuple[ShownMove, ...]


def shown_moves(facts: Iterable[Fact], promises: Promises, zone: ZoneInfo) -> tuple[ShownMove, ...]:
    """Every move of every deadline of a ticket, in the order in which they were recorded."""
    return tuple(_shown(move, zone) for move in moves(facts, promises))


def with_moves(clocks: Iterable[ShownClock], told: Iterable[ShownMove]) -> tuple[ClockStory, ...]:
    """Clocks, each with its own moves."""
    own: dict[tuple[Milestone, int], list[ShownMove]] = {}
    for move in told:
        own.setdefault((move.milestone, move.cycle), []).append(move)
    return tuple(
        ClockStory(**asdict(clock), moves=tuple(own.get((clock.milestone, clock.cycle), ())))
        for clock in clocks
    )


def _shown(move: Move, zone: ZoneInfo) -> ShownMove:
    return ShownMove(
        **envelope(move.fact),
        id=move.fact.id,
        milestone=move.milestone,
        cycle=move.cycle,
        cause=move.cause,
        late=move.late,
        before=_deadline(move.before) if move.before else None,
        after=_deadline(move.after),
        text=tell(move, zone),
    )


def _deadline(deadline: Deadline) -> ShownDeadline:
    return ShownDeadline(
        state=deadline.state,
        target=iso_or_none(deadline.target),
        due_at=deadline.due_at,
        remaining=iso_or_none(deadline.remaining),
        gap=deadline.gap,
        **asdict(deadline.pin),
    )
