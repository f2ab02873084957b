"""What may be asked of a ticket, and what then happens.

Every decision takes the ticket, its arguments and the act (who, when, why), and returns the events that
follow. It raises ``NotAllowed`` when the state forbids it and ``InvalidValue`` when an argument is wrong.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.ticket.allowed import OPEN, must_allow, needs_reason
from domain.ticket.errors import Owing, Unsettled
from domain.ticket.events import (
    QuestionAnswered,
    ResolutionConfirmed,
    ResolutionRejected,
    TicketCancelled,
    TicketClassified,
    TicketClosed,
    TicketContacted,
    TicketHeld,
    TicketPrioritised,
    TicketRemarked,
    TicketReopened,
    TicketResolved,
    TicketResumed,
)
from domain.ticket.state import Ticket
from domain.ticket.triage import Triage
from domain.ticket.words import Channel, Direction, HoldReason, Impact, Party, Priority, Urgency

REVIEW_WITHIN = timedelta(days=3)
"""After how long a wait is looked at again, unless the firm or whoever lets it wait says otherwise."""


def classify(
    ticket: Ticket,
    *,
    category: str,
    fault_code: str | UnsetType | None = UNSET,
    impact: Impact | None = None,
    urgency: Urgency | None = None,
    triage: Triage | None = None,
    today: date | None = None,
    by: Act,
) -> tuple[Event, ...]:
    """Say what kind of fault it is, how much it touches and how soon it hurts (R02).

    The event states category and fault code whole: what it does not name the ticket does not have. Of impact
    and urgency follows the priority of an open ticket, once both are known and one is told (R04).

    Args:
        ticket: the ticket.
        category: what kind of fault.
        fault_code: which one; ``None`` for none. Left out, the ticket keeps the one that it has where that
            belongs to the category, too.
        impact: how much it touches; the one that it has, where absent.
        urgency: how soon it hurts; likewise.
        triage: what it is judged by; nothing, for what another system said.
        today: the day on which it is judged, where the firm is.
        by: who, when and why.

    Raises:
        InvalidValue: the triage has a list, and a code does not stand in it.
    """
    must_allow(ticket, "classify", by)
    told = None if fault_code is UNSET else fault_code
    judged = triage and triage.judged(category, told, today or by.occurred_at.date())
    if fault_code is UNSET and _keeps_fault(ticket, category, triage):
        # Only what is told anew is judged anew: a code that is no longer given keeps its name.
        told = ticket.fault_code
        judged = judged and replace(judged, fault_code=ticket.triage.fault_code if ticket.triage else None)
    classified = TicketClassified(
        category=category, fault_code=told, impact=impact, urgency=urgency, triage=judged
    )
    touches, hurts = impact or ticket.impact, urgency or ticket.urgency
    is_told = impact is not None or urgency is not None
    if triage is None or not is_told or touches is None or hurts is None or ticket.status not in OPEN:
        return (classified,)
    priority, matrix = triage.priority(touches, hurts)
    if (priority, matrix) == (ticket.priority, ticket.matrix):
        return (classified,)
    return classified, TicketPrioritised(priority=priority, matrix=matrix)


def _keeps_fault(ticket: Ticket, category: str, triage: Triage | None) -> bool:
    """Whether the fault code that a ticket has is one of a category, too (R02)."""
    if ticket.fault_code is None or category == ticket.category:
        return ticket.fault_code is not None
    return triage is not None and triage.belongs(ticket.fault_code, category)


def prioritise(ticket: Ticket, *, priority: Priority, by: Act) -> tuple[Event, ...]:
    """Change the priority; clocks keep what they have run (R04, SLA 9).

    Raises:
        InvalidValue: it stands against what the matrix gave, and nobody says why.
    """
    must_allow(ticket, "prioritise", by)
    if ticket.matrix is not None:
        needs_reason(by, "another priority than the matrix gave")
    return (TicketPrioritised(priority=priority),)


def contact(
    ticket: Ticket,
    *,
    channel: Channel,
    direction: Direction,
    party: Party,
    person: str | None = None,
    summary: str | None = None,
    address: str | None = None,
    subject: str | None = None,
    message: str | None = None,
    seconds: int | None = None,
    recording: str | None = None,
    by: Act,
) -> tuple[Event, ...]:
    """Log a contact; the customer's own contact ends "waiting for customer" by itself (R01, SLA 4).

    Raises:
        InvalidValue: it was recorded, or took time, though nobody called.
    """
    must_allow(ticket, "contact", by)
    if channel is not Channel.PHONE and (seconds is not None or recording is not None):
        raise InvalidValue("only a call has a duration and a recording", field="/channel")
    contacted = TicketContacted(
        channel=channel,
        direction=direction,
        party=party,
        person=person,
        summary=summary,
        address=address,
        subject=subject,
        message=message,
        seconds=seconds,
        recording=recording,
    )
    waiting = ticket.hold is not None and ticket.hold.reason is HoldReason.WAITING_FOR_CUSTOMER
    if waiting and direction is Direction.INBOUND and party is Party.PERSON:
        return contacted, TicketResumed(by_contact=True)
    return (contacted,)


def hold(
    ticket: Ticket,
    *,
    reason: HoldReason,
    review_at: datetime | None = None,
    review_within: timedelta = REVIEW_WITHIN,
    by: Act,
) -> tuple[Event, ...]:
    """Let the work wait; the plan says which clocks pause for this reason (SLA 4).

    Args:
        ticket: the ticket.
        reason: why it waits.
        review_at: when somebody is to look at it again.
        review_within: how long after the beginning that is, where nobody says when: no wait is without one.
        by: who, when and why.

    Raises:
        InvalidValue: the review lies before the hold.
    """
    must_allow(ticket, "hold", by)
    if review_at is None:
        review_at = by.occurred_at + review_within
    if review_at <= by.occurred_at:
        raise InvalidValue("the review date must lie after the hold", field="/review_at")
    return (TicketHeld(hold=reason, review_at=review_at),)


def resume(ticket: Ticket, *, by: Act) -> tuple[Event, ...]:
    """Take the work up again (SLA 4)."""
    must_allow(ticket, "resume", by)
    return (TicketResumed(),)


def resolve(
    ticket: Ticket,
    *,
    solution: str,
    cause: str | None = None,
    cause_code: str | None = None,
    articles: tuple[str, ...] = (),
    by: Act,
) -> tuple[Event, ...]:
    """Say the fault is dealt with; an open hold ends with it (R06, R08)."""
    must_allow(ticket, "resolve", by)
    return (TicketResolved(solution=solution, cause=cause, cause_code=cause_code, articles=articles),)


def confirm(ticket: Ticket, *, confirmed_by: str | None = None, by: Act) -> tuple[Event, ...]:
    """The customer accepts the resolution (R08, ISO 8.6)."""
    must_allow(ticket, "confirm", by)
    return (ResolutionConfirmed(by=confirmed_by),)


def reject(ticket: Ticket, *, by: Act) -> tuple[Event, ...]:
    """The customer does not accept it; the next cycle starts (R08, SLA 10).

    Raises:
        InvalidValue: no reason was given.
    """
    must_allow(ticket, "reject", by)
    needs_reason(by, "a rejection")
    return (ResolutionRejected(cycle=ticket.cycle + 1),)


def close(ticket: Ticket, *, owing: Owing | None = None, by: Act) -> tuple[Event, ...]:
    """Close a resolved ticket (R08).

    Args:
        ticket: the ticket.
        owing: what was issued for it and is neither installed, nor returned, nor scrapped, by part number.
        by: who, when and why.

    Raises:
        Unsettled: parts are out, or a question is open.
    """
    must_allow(ticket, "close", by)
    must_be_settled(ticket, owing or {})
    return (TicketClosed(),)


def reopen(ticket: Ticket, *, by: Act) -> tuple[Event, ...]:
    """Take up a resolved or closed ticket again; the verdicts it has stay (SLA 10).

    Raises:
        InvalidValue: no reason was given.
    """
    must_allow(ticket, "reopen", by)
    needs_reason(by, "reopening")
    return (TicketReopened(cycle=ticket.cycle + 1),)


def cancel(
    ticket: Ticket, *, duplicate_of: UUID | None = None, owing: Owing | None = None, by: Act
) -> tuple[Event, ...]:
    """End a ticket that should not have been one; its clocks are neither met nor missed (SLA 11).

    Raises:
        Unsettled: parts are out, or a question is open; see ``close``.
        InvalidValue: no reason was given, or the ticket would be its own duplicate.
    """
    must_allow(ticket, "cancel", by)
    needs_reason(by, "cancelling")
    if duplicate_of == ticket.id:
        raise InvalidValue("a ticket is not its own duplicate", field="/duplicate_of")
    must_be_settled(ticket, owing or {})
    return (TicketCancelled(duplicate_of=duplicate_of),)


def remark(ticket: Ticket, *, text: str, by: Act) -> tuple[Event, ...]:
    """Note something that changes nothing."""
    must_allow(ticket, "remark", by)
    return (TicketRemarked(text=text),)


def answer(ticket: Ticket, *, question: UUID, answer: str, by: Act) -> tuple[Event, ...]:
    """Decide what the service could not do by itself.

    Raises:
        InvalidValue: there is no such open question, or the answer says nothing.
    """
    must_allow(ticket, "answer", by)
    if not any(each.id == question for each in ticket.questions):
        raise InvalidValue(f"{ticket.number} has no open question {question}", field="/question")
    if not answer.strip():
        raise InvalidValue("an answer says something", field="/answer")
    return (QuestionAnswered(question=question, answer=answer),)


def must_be_settled(ticket: Ticket, owing: Owing) -> None:
    """Refuse to end a ticket while anything is open on its case.

    Raises:
        Unsettled: parts are out, or a question is open.
    """
    if owing or ticket.questions:
        raise Unsettled(ticket.number, owing, len(ticket.questions))
