"""What may be asked of our own departments and of suppliers for a ticket (R06).

Several may be asked at a time, and each has its own due time. None of it pauses a customer's clock (SLA 4):
it is our business, and has a clock of ours (``domain.ticket.internal``).
"""

from __future__ import annotations

from datetime import datetime

from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.ticket.allowed import must_allow, needs_reason, not_allowed
from domain.ticket.liaison_events import LiaisonMoved, LiaisonWithdrawn, OthersAnswered, OthersAsked
from domain.ticket.state import Liaison, Ticket
from domain.ticket.words import Counterpart


def liaise(
    ticket: Ticket,
    *,
    counterpart: Counterpart,
    who: str,
    question: str,
    due_at: datetime,
    person: str | None = None,
    by: Act,
) -> tuple[Event, ...]:
    """Ask a department of ours or a supplier.

    Args:
        ticket: the ticket.
        counterpart: whether a department or a supplier.
        who: which one.
        question: what is asked.
        due_at: by when an answer is due, to the second.
        person: who sees to it; whoever works on the ticket, or owns it, or asks, where nobody is named (R09).
        by: who, when and why.

    Raises:
        InvalidValue: it would be due before it was asked.
    """
    must_allow(ticket, "liaise", by)
    _must_follow(due_at, by)
    asked = OthersAsked(
        liaison=len(ticket.liaisons) + 1,
        counterpart=counterpart,
        who=who,
        question=question,
        due_at=due_at,
        person=person or ticket.person or ticket.owner or by.actor.rpartition(":")[2],
    )
    return (asked,)


def answer_liaison(
    ticket: Ticket, *, liaison: int, answer: str, answered_by: str | None = None, by: Act
) -> tuple[Event, ...]:
    """Say what they answered; when it was said counts, however late it is recorded (B02).

    Raises:
        InvalidValue: there is none of this number, or it was asked later than that.
        NotAllowed: it is not open.
    """
    must_allow(ticket, "answer-liaison", by)
    asked = _open(ticket, liaison)
    if by.occurred_at < asked.asked_at:
        raise InvalidValue(f"liaison {liaison} was asked later than that", field="/occurred_at")
    return (OthersAnswered(liaison=liaison, answer=answer, answered_by=answered_by),)


def move_liaison(ticket: Ticket, *, liaison: int, due_at: datetime, by: Act) -> tuple[Event, ...]:
    """Agree on another time by which the answer is due.

    Raises:
        InvalidValue: there is none of this number, it is due then already or would be due at once, or no
            reason was given.
        NotAllowed: it is not open.
    """
    must_allow(ticket, "move-liaison", by)
    asked = _open(ticket, liaison)
    if due_at == asked.due_at:
        raise InvalidValue(f"liaison {liaison} is due then already", field="/due_at")
    _must_follow(due_at, by)
    needs_reason(by, "another due time")
    return (LiaisonMoved(liaison=liaison, due_at=due_at, before=asked.due_at),)


def withdraw_liaison(ticket: Ticket, *, liaison: int, by: Act) -> tuple[Event, ...]:
    """Say that no answer is needed any more.

    Raises:
        InvalidValue: there is none of this number, or no reason was given.
        NotAllowed: it is not open.
    """
    must_allow(ticket, "withdraw-liaison", by)
    _open(ticket, liaison)
    needs_reason(by, "withdrawing a question")
    return (LiaisonWithdrawn(liaison=liaison),)


def _open(ticket: Ticket, liaison: int) -> Liaison:
    asked = next((each for each in ticket.liaisons if each.liaison == liaison), None)
    if asked is None:
        raise InvalidValue(f"{ticket.number} has no liaison {liaison}", field="/liaison")
    if not asked.is_open:
        raise not_allowed(ticket, f"liaison {liaison} on {ticket.number} is over")
    return asked


def _must_follow(due_at: datetime, by: Act) -> None:
    if due_at <= by.occurred_at:
        raise InvalidValue("the due time must lie after the asking", field="/due_at")
