"""How events make the queues."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from domain.clock import Clock, Milestone
from domain.promises import Promises
from domain.reading import State
from domain.ticket.allowed import OPEN
from domain.ticket.words import HoldReason, Priority, Status, Tier
from projections.cases.folding import SHAPE, TICKET_EVENTS, CaseFold, Folded
from projections.cases.settled import Settled
from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows

NEVER = 2**63 - 1
"""The rank of a ticket without a deadline: last."""


class Front(msgspec.Struct, frozen=True, kw_only=True):
    """What a queue shows of a ticket, except what depends on the time of asking.

    Attributes:
        hold: why its work waits.
        next_milestone: the milestone whose deadline comes first.
        due_at: that deadline; a paused clock has none (SLA 6).
        paused: whether that clock stands still.
        gap: the year without holiday data that hides the deadline: alert (SLA 7).
    """

    id: UUID
    number: str
    subject: str
    customer: str | None
    product: str | None
    asset: str | None
    priority: Priority
    status: Status
    team: str | None
    person: str | None
    tier: Tier
    hold: HoldReason | None
    reported_at: datetime
    cycle: int
    version: int
    next_milestone: Milestone | None
    due_at: datetime | None
    paused: bool
    gap: int | None


class QueueRow(msgspec.Struct, kw_only=True):
    """A row of the table."""

    id: UUID
    number: str
    team: str | None
    person: str | None
    priority: str
    status: str
    rank: int
    breaks_at: datetime | None
    is_late: bool
    is_paused: bool
    calendar: str
    calendar_version: int
    due_mark: int | None
    remaining: int | None
    front: bytes


class QueueProjection(Projection):
    """Keeps the queues."""

    name: ClassVar[str] = "queue"
    version: ClassVar[int] = 2
    wants: ClassVar[tuple[str, ...]] = TICKET_EVENTS

    def __init__(self, promises: Promises) -> None:
        self._cases = CaseFold(promises)

    @property
    def ingredients(self) -> bytes:
        """The shape of the cases it is worked out from."""
        return SHAPE

    def fold(self, batch: Batch, rows: Rows) -> None:
        """Open tickets get a row, others lose theirs."""
        touched = self._cases.touched(batch, rows)
        rows.put("queue", [_row(folded) for folded in touched if _is_open(folded)])
        rows.drop("queue", [folded.case.ticket.id for folded in touched if not _is_open(folded)])


def _is_open(folded: Folded) -> bool:
    return folded.case.ticket.status in OPEN


def _row(folded: Folded) -> QueueRow:
    case, ticket = folded.case, folded.case.ticket
    clock = next_clock(list(zip(case.clocks, folded.settled, strict=True)))
    settled = clock[1] if clock else None
    pin = clock[0].pin if clock else ticket.pin
    shown = settled.reading if settled else None
    paused = settled is not None and settled.state is State.PAUSED
    remaining = shown.remaining if shown and paused else None
    front = Front(
        id=ticket.id,
        number=ticket.number,
        subject=ticket.subject,
        customer=ticket.customer,
        product=ticket.product,
        asset=ticket.asset,
        priority=ticket.priority,
        status=ticket.status,
        team=ticket.team,
        person=ticket.person,
        tier=ticket.tier,
        hold=ticket.hold.reason if ticket.hold else None,
        reported_at=ticket.reported_at,
        cycle=ticket.cycle,
        version=case.version,
        next_milestone=clock[0].milestone if clock else None,
        due_at=shown.due_at if shown else None,
        paused=paused,
        gap=settled.gap if settled else None,
    )
    return QueueRow(
        id=ticket.id,
        number=ticket.number,
        team=ticket.team,
        person=ticket.person,
        priority=ticket.priority.value,
        status=ticket.status.value,
        rank=int(front.due_at.timestamp()) if front.due_at else NEVER,
        breaks_at=settled.breaks_at if settled else None,
        is_late=remaining is not None and remaining < 0,
        is_paused=paused,
        calendar=pin.calendar,
        calendar_version=pin.calendar_version,
        due_mark=shown.due_mark if shown else None,
        remaining=remaining,
        front=msgspec.json.encode(front)[:-1],
    )


def next_clock(clocks: list[tuple[Clock, Settled]]) -> tuple[Clock, Settled] | None:
    """The clock to work for: the nearest deadline; when all stand still, the one with the least left."""
    waiting = [
        (clock, settled)
        for clock, settled in clocks
        if clock.unstopped and clock.targets[-1].seconds is not None
    ]
    return min(waiting, key=lambda pair: _urgency(pair[1]), default=None)


def _urgency(settled: Settled) -> tuple[int, float]:
    shown = settled.reading
    if shown is not None and shown.due_at is not None:
        return 0, shown.due_at.timestamp()
    if shown is not None and settled.state is State.PAUSED and shown.remaining is not None:
        return 1, shown.remaining
    return 2, 0
