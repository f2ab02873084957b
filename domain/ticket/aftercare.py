"""What the customer says of us, and what we ask them when the work is done (R30, R32)."""

from __future__ import annotations

from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.ticket.allowed import must_allow, not_allowed
from domain.ticket.care_events import ComplaintAnswered, ComplaintMade, CustomerCalledBack
from domain.ticket.state import Ticket


def complain(ticket: Ticket, *, text: str, by: Act) -> tuple[Event, ...]:
    """Take a complaint; it gets the next number and its own deadline (R32)."""
    must_allow(ticket, "complain", by)
    return (ComplaintMade(complaint=len(ticket.complaints) + 1, text=text),)


def answer_complaint(ticket: Ticket, *, complaint: int, answer: str, by: Act) -> tuple[Event, ...]:
    """Tell the customer what became of a complaint (R32).

    Raises:
        InvalidValue: there is no such complaint.
        NotAllowed: it was answered before.
    """
    must_allow(ticket, "answer-complaint", by)
    made = next((each for each in ticket.complaints if each.complaint == complaint), None)
    if made is None:
        raise InvalidValue(f"{ticket.number} has no complaint {complaint}", field="/complaint")
    if made.answered_at is not None:
        raise not_allowed(ticket, f"complaint {complaint} on {ticket.number} was answered before")
    return (ComplaintAnswered(complaint=complaint, answer=answer),)


def call_back(
    ticket: Ticket, *, reached: bool, satisfied: bool | None = None, remark: str | None = None, by: Act
) -> tuple[Event, ...]:
    """Call the customer after closing (R30).

    Raises:
        InvalidValue: somebody who was not reached would have said something.
    """
    must_allow(ticket, "call-back", by)
    if satisfied is not None and not reached:
        raise InvalidValue("whoever was not reached has said nothing", field="/satisfied")
    return (CustomerCalledBack(reached=reached, satisfied=satisfied, remark=remark),)
