"""How a ticket evolves, event by event.

It never fails: an event is a fact, and a fact that looks impossible today still happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import singledispatch
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from domain.event import Act, Event, Fact
from domain.thresholds import DEADLINE
from domain.ticket import passing
from domain.ticket.care_events import ComplaintAnswered, ComplaintMade, CustomerCalledBack
from domain.ticket.events import (
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
from domain.ticket.file_events import FileAttached, FileWithdrawn
from domain.ticket.mail_events import CustomerIdentified, LetterFailed, LetterWritten
from domain.ticket.pinning_events import RepinDeclined, RepinRequested, TicketRepinned
from domain.ticket.rule_events import RuleApplied
from domain.ticket.state import (
    AttachedFile,
    Complaint,
    Hold,
    Letter,
    Noted,
    OtherTicket,
    PartOrder,
    Question,
    Repin,
    Ticket,
    TicketLink,
)
from domain.ticket.tier_events import HandoverAccepted, HandoverRefused, TicketHandedBack, TicketOwned
from domain.ticket.triage_events import (
    TicketAbsorbed,
    TicketLinked,
    TicketMerged,
    TicketSplit,
    TicketUnlinked,
)
from domain.ticket.watch_events import DeadlineMissed, DeadlineWarned, MissCorrected
from domain.ticket.words import Channel, Direction, Party, Status

THREAD = 20
"""Message-IDs that are kept of a correspondence: what mail programs look at to put a letter in its place."""


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
        owner=event.owner,
        impact=event.impact,
        urgency=event.urgency,
        matrix=event.matrix,
        customer_class=event.customer_class,
        contract=event.contract,
        choice=event.choice,
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
        urgency=event.urgency or ticket.urgency,
    )


@evolve.register
def _(event: TicketPrioritised, ticket: Ticket, act: Act) -> Ticket:
    if ticket.prioritised_at is not None and act.occurred_at < ticket.prioritised_at:
        return ticket
    return replace(ticket, priority=event.priority, prioritised_at=act.occurred_at, matrix=event.matrix)


@evolve.register
def _(event: TicketAssigned, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return passing.assigned(ticket, event.team, event.person)


@evolve.register
def _(event: TicketEscalated, ticket: Ticket, act: Act) -> Ticket:
    return passing.handed_over(ticket, event.tier, event.team, act.occurred_at)


@evolve.register
def _(event: HandoverAccepted, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return passing.accepted(ticket, event)


@evolve.register
def _(event: HandoverRefused, ticket: Ticket, act: Act) -> Ticket:
    return passing.refused(ticket, event, act.occurred_at)


@evolve.register
def _(event: TicketHandedBack, ticket: Ticket, act: Act) -> Ticket:
    return passing.handed_back(ticket, event, act.occurred_at)


@evolve.register
def _(event: RuleApplied, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, applied=(*ticket.applied, (event.rule.name, event.since)))


@evolve.register
def _(event: TicketOwned, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return passing.owned(ticket, event.owner)


@evolve.register
def _(event: TicketContacted, ticket: Ticket, act: Act) -> Ticket:
    if event.letter is not None:
        ticket = _letter(ticket, event.letter, sent_at=act.occurred_at)
    if event.party is Party.AUTOMATIC:
        return ticket
    if event.channel is Channel.EMAIL and event.direction is Direction.INBOUND:
        thread = (*ticket.thread, event.message)[-THREAD:] if event.message else ticket.thread
        ticket = replace(ticket, correspondent=event.address or ticket.correspondent, thread=thread)
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
        handover=None,
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
    return replace(ticket, status=Status.CLOSED, hold=None, handover=None, closed_at=act.occurred_at)


@evolve.register
def _(event: TicketCancelled, ticket: Ticket, act: Act) -> Ticket:
    return replace(
        ticket,
        status=Status.CANCELLED,
        hold=None,
        handover=None,
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


@evolve.register
def _(event: FileAttached, ticket: Ticket, act: Act) -> Ticket:
    file = AttachedFile(
        sha256=event.sha256,
        size=event.size,
        media_type=event.media_type,
        name=event.name,
        kind=event.kind,
        caption=event.caption,
        attached_at=act.occurred_at,
    )
    if all(each.sha256 != event.sha256 for each in ticket.files):
        return replace(ticket, files=(*ticket.files, file))
    return replace(
        ticket, files=tuple(file if each.sha256 == event.sha256 else each for each in ticket.files)
    )


@evolve.register
def _(event: FileWithdrawn, ticket: Ticket, act: Act) -> Ticket:
    files = (
        replace(file, withdrawn_at=act.occurred_at) if file.sha256 == event.sha256 else file
        for file in ticket.files
    )
    return replace(ticket, files=tuple(files))


@evolve.register
def _(event: LetterWritten, ticket: Ticket, act: Act) -> Ticket:
    letter = Letter(
        letter=event.letter,
        to=event.to,
        subject=event.subject,
        written_at=act.occurred_at,
        by=None if event.automatic else act.actor.rpartition(":")[2],
    )
    return replace(ticket, letters=(*ticket.letters, letter))


@evolve.register
def _(event: LetterFailed, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return _letter(ticket, event.letter, trouble=event.trouble)


@evolve.register
def _(event: CustomerIdentified, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    said = {name: getattr(event, name) for name in event.__struct_fields__}
    return replace(ticket, **{name: value for name, value in said.items() if value is not None})


def _letter(ticket: Ticket, which: int, **change: Any) -> Ticket:
    letters = (replace(each, **change) if each.letter == which else each for each in ticket.letters)
    return replace(ticket, letters=tuple(letters))


@evolve.register
def _(event: RepinRequested, ticket: Ticket, act: Act) -> Ticket:
    asked = Repin(
        request=event.request, pin=event.pin, by=act.actor, since=act.occurred_at, reason=act.reason
    )
    return replace(ticket, repin=asked, repins=event.request)


@evolve.register
def _(event: RepinDeclined, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, repin=None)


@evolve.register
def _(event: TicketRepinned, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, pin=event.pin, repin=None)


@evolve.register
def _(event: DeadlineWarned, ticket: Ticket, act: Act) -> Ticket:
    return _noted(ticket, event, event.percent, act)


@evolve.register
def _(event: DeadlineMissed, ticket: Ticket, act: Act) -> Ticket:
    return _noted(ticket, event, DEADLINE, act)


@evolve.register
def _(event: MissCorrected, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    wrong = (event.milestone, event.cycle, event.due_at)
    noted = (
        replace(each, corrected_by=event.fact)
        if each in ticket.misses and (each.milestone, each.cycle, each.due_at) == wrong
        else each
        for each in ticket.noted
    )
    return replace(ticket, noted=tuple(noted))


def _noted(ticket: Ticket, event: DeadlineWarned | DeadlineMissed, percent: int, act: Act) -> Ticket:
    noted = Noted(event.milestone, event.cycle, percent, event.due_at, act.occurred_at, event.detected_at)
    return replace(ticket, noted=(*ticket.noted, noted))


@evolve.register
def _(event: TicketMerged, ticket: Ticket, act: Act) -> Ticket:
    into = OtherTicket(event.into, event.number)
    return replace(ticket, status=Status.CANCELLED, hold=None, closed_at=act.occurred_at, merged_into=into)


@evolve.register
def _(event: TicketAbsorbed, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    absorbed = (*ticket.absorbed, OtherTicket(event.ticket, event.number))
    return replace(ticket, absorbed=absorbed, reported_at=min(ticket.reported_at, event.reported_at))


@evolve.register
def _(event: TicketLinked, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, links=(*ticket.links, TicketLink(event.ticket, event.number, event.link)))


@evolve.register
def _(event: TicketUnlinked, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    gone = TicketLink(event.ticket, event.number, event.link)
    return replace(ticket, links=tuple(each for each in ticket.links if each != gone))


@evolve.register
def _(event: TicketSplit, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, split_off=(*ticket.split_off, OtherTicket(event.ticket, event.number)))


def _earlier(known: datetime | None, at: datetime) -> datetime:
    return min(at, known or at)


def replay(facts: Iterable[Fact], ticket: Ticket | None = None) -> Ticket | None:
    """Fold facts, in version order, into the ticket they make; ``None`` when there are none."""
    for fact in facts:
        if ticket is not None:
            ticket = evolve(fact.event, ticket, fact.act)
        elif isinstance(fact.event, TicketRegistered):
            ticket = begin(fact.stream_id, fact.event, fact.act)
    return ticket
