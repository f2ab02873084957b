"""What is asked of our own departments and of suppliers, and what they say (R06)."""

from __future__ import annotations

from datetime import datetime

from domain.event import Event, recorded
from domain.ticket.words import Counterpart


@recorded
class OthersAsked(Event, frozen=True, tag="ticket.liaison_asked"):
    """A department of ours or a supplier was asked something, to be answered by a time (R06).

    Attributes:
        liaison: its place among those of this ticket, from 1.
        counterpart: whether a department of ours or a supplier.
        who: which one, by name.
        question: what was asked.
        due_at: by when an answer is due.
        person: who of ours sees to it that it comes (R09).
        came_with: the number of the ticket for which it was asked first, which was merged into this one.
    """

    liaison: int
    counterpart: Counterpart
    who: str
    question: str
    due_at: datetime
    person: str
    came_with: str | None = None


@recorded
class OthersAnswered(Event, frozen=True, tag="ticket.liaison_answered"):
    """What was asked has been answered (R06).

    Attributes:
        liaison: which.
        answer: what they say.
        answered_by: who of theirs said it.
    """

    liaison: int
    answer: str
    answered_by: str | None = None


@recorded
class LiaisonMoved(Event, frozen=True, tag="ticket.liaison_moved"):
    """Another time was agreed by which the answer is due. That it was late by then stays so.

    Attributes:
        liaison: which.
        due_at: from now on.
        before: until now.
    """

    liaison: int
    due_at: datetime
    before: datetime


@recorded
class LiaisonWithdrawn(Event, frozen=True, tag="ticket.liaison_withdrawn"):
    """No answer is needed any more."""

    liaison: int
