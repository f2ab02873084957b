"""What the queues show of a ticket, and where it stands in them.

A column that a ticket has under the same name is one line of ``Front``. To filter by it, it is one line more
in ``QueueRow``, in ``tables.sql`` and in ``QueueFilter``.
"""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec

from domain.clock import Clock, Milestone
from domain.reading import State
from domain.ticket.allowed import OPEN
from domain.ticket.state import Ticket
from domain.ticket.words import Channel, HoldReason, Impact, Priority, Status, Tier, TravelBand
from domain.title import Title
from projections.cases.case import Case
from projections.cases.folding import Folded
from projections.cases.settled import Settled
from projections.words.values import Text, word

PAUSED = 2**40
"""Seconds by which clocks that stand still come behind all that run: more than there are in the calendar."""
NEVER = 2**50
"""The place of a ticket without a deadline: last."""


class Titles(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What codes of a ticket are called, in Chinese and English; what has no title is left out.

    Attributes:
        category: as the triage called it by which it was taken (R02).
        fault_code: likewise.
        hold: why its work waits.
    """

    category: Title | None = None
    fault_code: Title | None = None
    hold: Text | None = None


class Front(msgspec.Struct, frozen=True, kw_only=True):
    """What a queue shows of a ticket, except what depends on the time of asking.

    Attributes:
        titles: what its category, its fault code and the reason of its hold are called.
        owner: who answers for it from the first call to its close (R05).
        hold: why its work waits.
        review_at: when somebody is to look at that again (SLA 4).
        contract: the number of the contract that it falls under.
        is_contract: whether it falls under one; of two tickets that are equally urgent it comes first (R04).
        plan: the service plan that it pins.
        next_milestone: the milestone whose deadline comes first.
        due_at: that deadline; a paused clock has none (SLA 6).
        late_from: the first working second after it: from then on the milestone is late.
        paused: whether that clock stands still.
        gap: the year without holiday data that hides the deadline: alert (SLA 7).
        complaints: how many nobody has answered.
        parts: how many orders of parts have not been delivered.
        questions: how many wait for a person's answer.
        handover_team: the team that has yet to accept it; none where any of the tier may (R07).
        handover_since: since when a tier has yet to accept it.
        liaisons: how many questions to departments of ours and suppliers are open (R06).
        liaison_due_at: by when the first of them is to be answered; overdue from the second after it.
        changed_at: when its last event was recorded.
    """

    id: UUID
    number: str
    subject: str
    customer: str | None
    site: str | None
    product: str | None
    asset: str | None
    channel: Channel
    category: str | None
    fault_code: str | None
    titles: Titles
    impact: Impact | None
    priority: Priority
    status: Status
    team: str | None
    person: str | None
    owner: str | None
    technician: str | None
    tier: Tier
    hold: HoldReason | None
    review_at: datetime | None
    band: TravelBand | None
    contract: str | None
    is_contract: bool
    plan: str
    reported_at: datetime
    changed_at: datetime
    cycle: int
    hand_offs: int
    complaints: int
    parts: int
    questions: int
    handover_team: str | None
    handover_since: datetime | None
    liaisons: int
    liaison_due_at: datetime | None
    version: int
    next_milestone: Milestone | None
    due_at: datetime | None
    late_from: datetime | None
    paused: bool
    gap: int | None


class QueueRow(msgspec.Struct, kw_only=True):
    """A row of the table: what is filtered and sorted by, and the front ready to be sent."""

    id: UUID
    number: str
    is_open: bool
    rank: int
    position: int
    team: str | None
    person: str | None
    owner: str | None
    priority: Priority
    status: Status
    tier: Tier
    hold: HoldReason | None
    channel: Channel
    customer: str | None
    site: str | None
    product: str | None
    asset: str | None
    category: str | None
    fault_code: str | None
    impact: Impact | None
    band: TravelBand | None
    technician: str | None
    plan: str
    contract: str | None
    next_milestone: Milestone | None
    cycle: int
    complaints: int
    parts: int
    questions: int
    handover_team: str | None
    handover_since: datetime | None
    liaisons: int
    liaison_due_at: datetime | None
    review_at: datetime | None
    reported_at: datetime
    changed_at: datetime
    due_at: datetime | None
    late_from: datetime | None
    is_late: bool
    paused: bool
    words: str
    calendar: str
    calendar_version: int
    due_mark: int | None
    left_over: int | None
    front: bytes


UNTITLED = Titles()
WORKED_OUT = frozenset({"hold", "contract", "complaints", "questions", "liaisons"})
"""What a ticket has under the same name in another form."""
FROM_TICKET = tuple(
    name for name in Front.__struct_fields__ if name in Ticket.__struct_fields__ and name not in WORKED_OUT
)
FROM_FRONT = tuple(name for name in QueueRow.__struct_fields__ if name in Front.__struct_fields__)
_of_ticket, _of_front = attrgetter(*FROM_TICKET), attrgetter(*FROM_FRONT)
_encode = msgspec.json.Encoder().encode


def is_listed(case: Case) -> bool:
    """Whether any queue has the ticket: it is open, or a complaint or others' answer is waited for."""
    ticket = case.ticket
    return ticket.status in OPEN or complaints(ticket) > 0 or any(each.is_open for each in ticket.liaisons)


def complaints(ticket: Ticket) -> int:
    """How many complaints nobody has answered."""
    return sum(each.answered_at is None for each in ticket.complaints)


def row_of(folded: Folded, changed_at: datetime) -> QueueRow:
    """The row that a ticket has.

    Args:
        folded: the ticket with its clocks.
        changed_at: when its last event was recorded.

    Raises:
        UnknownPlan: the book does not hold a clock's calendar.
    """
    case, ticket = folded.case, folded.case.ticket
    clock = next_clock(list(zip(case.clocks, folded.settled, strict=True)))
    settled = clock[1] if clock else None
    pin = clock[0].pin if clock else ticket.pin
    shown = settled.reading if settled else None
    paused = settled is not None and settled.state is State.PAUSED
    left_over = shown.remaining if shown and paused else None
    waits = [each.due_at for each in ticket.liaisons if each.is_open]
    handover = ticket.handover
    contract = ticket.contract.winner.number if ticket.contract and ticket.contract.winner else None
    own: dict[str, Any] = dict(zip(FROM_TICKET, _of_ticket(ticket), strict=True))
    front = Front(
        **own,
        titles=_titles(ticket),
        hold=ticket.hold.reason if ticket.hold else None,
        review_at=ticket.hold.review_at if ticket.hold else None,
        contract=contract,
        is_contract=contract is not None,
        plan=ticket.pin.plan,
        changed_at=changed_at,
        complaints=complaints(ticket),
        parts=sum(order.delivered_at is None for order in ticket.orders),
        questions=len(ticket.questions),
        handover_team=handover.team if handover else None,
        handover_since=handover.since if handover else None,
        liaisons=len(waits),
        liaison_due_at=min(waits, default=None),
        version=case.version,
        next_milestone=clock[0].milestone if clock else None,
        due_at=shown.due_at if shown else None,
        late_from=settled.breaks_at if settled else None,
        paused=paused,
        gap=settled.gap if settled else None,
    )
    return QueueRow(
        **dict(zip(FROM_FRONT, _of_front(front), strict=True)),
        is_open=ticket.status in OPEN,
        rank=rank(front.due_at, left_over, is_contract=front.is_contract),
        position=case.position,
        is_late=left_over is not None and left_over < 0,
        words=f"{ticket.number} {ticket.subject}".casefold(),
        calendar=pin.calendar,
        calendar_version=pin.calendar_version,
        due_mark=shown.due_mark if shown else None,
        left_over=left_over,
        front=_encode(front)[:-1],
    )


def _titles(ticket: Ticket) -> Titles:
    hold, triage = ticket.hold, ticket.triage
    if hold is None and triage is None:
        return UNTITLED
    return Titles(
        category=triage.category if triage else None,
        fault_code=triage.fault_code if triage else None,
        hold=word(hold.reason) if hold else None,
    )


def rank(due_at: datetime | None, left_over: int | None, *, is_contract: bool) -> int:
    """The place of a ticket among all: the lower, the sooner it should be worked on (R04).

    Running clocks come by their deadlines, to the second; behind them those that stand still, by the working
    seconds that are left of them; last, tickets without a deadline. Where two are equal, the one under a
    contract comes first: its number is even, the other's odd. So places have one order at any time.
    """
    if due_at is not None:
        second = int(due_at.timestamp())
    else:
        second = NEVER if left_over is None else PAUSED + left_over
    return 2 * second + (not is_contract)


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
