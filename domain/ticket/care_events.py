"""What a customer says of us, and what we ask them when the work is done."""

from __future__ import annotations

from domain.event import Event, recorded


@recorded
class ComplaintMade(Event, frozen=True, tag="ticket.complained"):
    """The customer is not content with the service itself; a complaint has its own deadline (R32).

    Attributes:
        complaint: its place among the complaints on this ticket, from 1.
        text: what it is about.
    """

    complaint: int
    text: str


@recorded
class ComplaintAnswered(Event, frozen=True, tag="ticket.complaint_answered"):
    """The customer was told what became of it (R32)."""

    complaint: int
    answer: str


@recorded
class CustomerCalledBack(Event, frozen=True, tag="ticket.called_back"):
    """The call after closing (R30). Only one that reached the customer counts.

    Attributes:
        reached: whether anybody answered.
        satisfied: what they said; ``None`` when it was not asked.
    """

    reached: bool
    satisfied: bool | None = None
    remark: str | None = None
