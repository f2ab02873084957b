"""What a ticket is after its events, for deciding what may happen next.

Evolving never fails: an event is a fact, and a fact that looks impossible today still happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import singledispatch
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.contract.choice import Choice
from domain.event import Act, Event, Fact
from domain.ticket.care_events import ComplaintAnswered, ComplaintMade, CustomerCalledBack
from domain.ticket.events import (
    PlanPin,
    QuestionAnswered,
    QuestionRaised,
    ResolutionConfirmed,
    ResolutionRejected,
    TicketAssigned,
    TicketCancelled,
    TicketClassified,
    TicketClosed,
    TicketContacted,
    TicketEscalated,
    TicketHeld,
    TicketPrioritised,
    TicketRegistered,
    TicketReopened,
    TicketResolved,
    TicketResumed,
)
from domain.ticket.field_events import (
    PartDelivered,
    PartOrdered,
    TechnicianArrived,
    TechnicianDispatched,
    TicketAcknowledged,
    WorkaroundGiven,
)
from domain.ticket.words import (
    Channel,
    HoldReason,
    Impact,
    Obstacle,
    Priority,
    Reaction,
    Status,
    Tier,
    TravelBand,
)


class Hold(msgspec.Struct, frozen=True):
    """Why work waits, since when, and when somebody looks at it again."""

    reason: HoldReason
    since: datetime
    review_at: datetime | None = None


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a person must decide; see ``QuestionRaised``."""

    id: UUID
    reaction: Reaction
    obstacle: Obstacle
    detail: str
    subject: str | None
    since: datetime


class PartOrder(msgspec.Struct, frozen=True):
    """A part that was ordered for the ticket; see ``PartOrdered``."""

    order: int
    part: str
    quantity: int
    delivered_at: datetime | None = None


class Complaint(msgspec.Struct, frozen=True):
    """What the customer is not content with; see ``ComplaintMade``."""

    complaint: int
    text: str
    made_at: datetime
    answered_at: datetime | None = None


class Ticket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One ticket as it stands.

    Attributes:
        number: the number people say, for example T-2026-000123.
        reported_at: when the customer reported it: the start of its clocks (SLA 2).
        cycle: 1, and one more for every rejected resolution and every reopening (SLA 10).
        prioritised_at: when the priority that stands was given; one from before changes nothing any more.
        hand_offs: how often the ticket went from one team to another (R05).
        last_contact_at: when anybody last spoke or wrote, in or out.
        contract: the contract it falls under, and those that do not apply (SLA 13).
        questions: what the service could not do by itself and a person must decide.
        band: how far it is to the customer, as far as that is known (SLA 14).
        technician: who was sent last, or is there.
        workaround: what lets the customer work until the fault is dealt with.
        orders: the parts that were ordered for it, in order.
        complaints: in order.
        called_back_at: when the customer was reached after closing (R30).
    """

    id: UUID
    number: str
    subject: str
    reported_at: datetime
    pin: PlanPin
    priority: Priority
    status: Status = Status.NEW
    prioritised_at: datetime | None = None
    description: str | None = None
    customer: str | None = None
    contact: str | None = None
    site: str | None = None
    product: str | None = None
    asset: str | None = None
    channel: Channel = Channel.OTHER
    category: str | None = None
    fault_code: str | None = None
    impact: Impact | None = None
    team: str | None = None
    person: str | None = None
    tier: Tier = Tier.L1
    hold: Hold | None = None
    cycle: int = 1
    hand_offs: int = 0
    solution: str | None = None
    cause: str | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    last_contact_at: datetime | None = None
    duplicate_of: UUID | None = None
    contract: Choice | None = None
    questions: tuple[Question, ...] = ()
    band: TravelBand | None = None
    technician: str | None = None
    acknowledged_at: datetime | None = None
    dispatched_at: datetime | None = None
    arrived_at: datetime | None = None
    workaround: str | None = None
    orders: tuple[PartOrder, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    called_back_at: datetime | None = None
    source: str | None = None
    attributes: dict[str, str] = {}

    @property
    def working(self) -> Status:
        """The status of a ticket somebody may work on: assigned once a team has it, new before."""
        return Status.ASSIGNED if self.team else Status.NEW


def begin(ticket_id: UUID, event: TicketRegistered, act: Act) -> Ticket:
    """The ticket as its registration makes it."""
    return Ticket(
        id=ticket_id,
        number=event.number,
        subject=event.subject,
        reported_at=act.occurred_at,
        pin=event.pin,
        priority=event.priority,
        prioritised_at=act.occurred_at,
        description=event.description,
        customer=event.customer,
        contact=event.contact,
        site=event.site,
        product=event.product,
        asset=event.asset,
        channel=event.channel,
        category=event.category,
        band=event.band,
        contract=event.contract,
        source=event.source,
        attributes=event.attributes,
    )


@singledispatch
def evolve(event: Event, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001 - the signature of every rule below
    """The ticket after one more event; an event that changes nothing leaves it as it is."""
    return ticket


@evolve.register
def _(event: TicketClassified, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(
        ticket,
        category=event.category,
        fault_code=event.fault_code or ticket.fault_code,
        impact=event.impact or ticket.impact,
    )


@evolve.register
def _(event: TicketPrioritised, ticket: Ticket, act: Act) -> Ticket:
    if ticket.prioritised_at is not None and act.occurred_at < ticket.prioritised_at:
        return ticket
    return replace(ticket, priority=event.priority, prioritised_at=act.occurred_at)


@evolve.register
def _(event: TicketAssigned, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(_moved(ticket, event.team), person=event.person)


@evolve.register
def _(event: TicketEscalated, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    moved = _moved(ticket, event.team) if event.team else ticket
    return replace(moved, tier=event.tier)


@evolve.register
def _(event: TicketContacted, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    last = ticket.last_contact_at
    return replace(ticket, last_contact_at=max(last, act.occurred_at) if last else act.occurred_at)


@evolve.register
def _(event: TicketHeld, ticket: Ticket, act: Act) -> Ticket:
    return replace(
        ticket, status=Status.ON_HOLD, hold=Hold(event.hold, since=act.occurred_at, review_at=event.review_at)
    )


@evolve.register
def _(event: TicketResumed, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, status=ticket.working, hold=None)


@evolve.register
def _(event: TicketResolved, ticket: Ticket, act: Act) -> Ticket:
    return replace(
        ticket,
        status=Status.RESOLVED,
        hold=None,
        solution=event.solution,
        cause=event.cause,
        resolved_at=act.occurred_at,
    )


@evolve.register
def _(event: ResolutionConfirmed, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, status=Status.CONFIRMED)


@evolve.register(ResolutionRejected)
@evolve.register(TicketReopened)
def _(event: ResolutionRejected | TicketReopened, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(
        ticket,
        status=ticket.working,
        cycle=event.cycle,
        resolved_at=None,
        closed_at=None,
        called_back_at=None,
    )


@evolve.register
def _(event: TicketClosed, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, status=Status.CLOSED, hold=None, closed_at=act.occurred_at)


@evolve.register
def _(event: TicketCancelled, ticket: Ticket, act: Act) -> Ticket:
    return replace(
        ticket,
        status=Status.CANCELLED,
        hold=None,
        closed_at=act.occurred_at,
        duplicate_of=event.duplicate_of,
    )


@evolve.register
def _(event: QuestionRaised, ticket: Ticket, act: Act) -> Ticket:
    question = Question(
        id=event.question,
        reaction=event.reaction,
        obstacle=event.obstacle,
        detail=event.detail,
        subject=event.subject,
        since=act.occurred_at,
    )
    return replace(ticket, questions=(*ticket.questions, question))


@evolve.register
def _(event: QuestionAnswered, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    left = tuple(question for question in ticket.questions if question.id != event.question)
    return replace(ticket, questions=left)


@evolve.register
def _(event: TicketAcknowledged, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, acknowledged_at=_earlier(ticket.acknowledged_at, act.occurred_at))


@evolve.register
def _(event: TechnicianDispatched, ticket: Ticket, act: Act) -> Ticket:
    sent = replace(ticket, technician=event.technician, band=event.band or ticket.band)
    return replace(sent, dispatched_at=act.occurred_at)


@evolve.register
def _(event: TechnicianArrived, ticket: Ticket, act: Act) -> Ticket:
    return replace(ticket, technician=event.technician or ticket.technician, arrived_at=act.occurred_at)


@evolve.register
def _(event: WorkaroundGiven, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, workaround=event.workaround)


@evolve.register
def _(event: PartOrdered, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, orders=(*ticket.orders, PartOrder(event.order, event.part, event.quantity)))


@evolve.register
def _(event: PartDelivered, ticket: Ticket, act: Act) -> Ticket:
    orders = (
        replace(order, delivered_at=act.occurred_at) if order.order == event.order else order
        for order in ticket.orders
    )
    return replace(ticket, orders=tuple(orders))


@evolve.register
def _(event: ComplaintMade, ticket: Ticket, act: Act) -> Ticket:
    complaint = Complaint(event.complaint, event.text, made_at=act.occurred_at)
    return replace(ticket, complaints=(*ticket.complaints, complaint))


@evolve.register
def _(event: ComplaintAnswered, ticket: Ticket, act: Act) -> Ticket:
    complaints = (
        replace(complaint, answered_at=act.occurred_at)
        if complaint.complaint == event.complaint
        else complaint
        for complaint in ticket.complaints
    )
    return replace(ticket, complaints=tuple(complaints))


@evolve.register
def _(event: CustomerCalledBack, ticket: Ticket, act: Act) -> Ticket:
    if not event.reached:
        return ticket
    return replace(ticket, called_back_at=_earlier(ticket.called_back_at, act.occurred_at))


def _earlier(known: datetime | None, at: datetime) -> datetime:
    return min(at, known or at)


def _moved(ticket: Ticket, team: str) -> Ticket:
    return replace(
        ticket,
        status=Status.ASSIGNED if ticket.status is Status.NEW else ticket.status,
        team=team,
        hand_offs=ticket.hand_offs + (ticket.team is not None and ticket.team != team),
        person=ticket.person if ticket.team == team else None,
    )


def replay(facts: Iterable[Fact], ticket: Ticket | None = None) -> Ticket | None:
    """Fold facts, in version order, into the ticket they make; ``None`` when there are none."""
    for fact in facts:
        if ticket is not None:
            ticket = evolve(fact.event, ticket, fact.act)
        elif isinstance(fact.event, TicketRegistered):
            ticket = begin(fact.stream_id, fact.event, fact.act)
    return ticket
