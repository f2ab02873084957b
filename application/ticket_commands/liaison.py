"""What is asked of our own departments and of suppliers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from application.commands import Decision, Moment, Name, Text, in_utc
from application.ticket_commands.shapes import Count, TicketAction
from domain.ticket import liaison
from domain.ticket.words import Counterpart


class AskOthers(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask a department of ours or a supplier, to be answered by ``due_at``; several may be open (R06).

    Attributes:
        person: who sees to it that an answer comes; whoever works on the ticket where absent (R09).
    """

    action: ClassVar[str] = "liaise"
    decision: ClassVar[Decision] = liaison.liaise

    counterpart: Counterpart
    who: Name
    question: Text
    due_at: Moment
    person: Name | None = None

    def arguments(self) -> dict[str, Any]:
        """The due time in UTC, in whole seconds, as every clock counts."""
        return super().arguments() | {"due_at": _due(self.due_at)}


class AnswerLiaison(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say what they answered; ``occurred_at`` is when they did (R06)."""

    action: ClassVar[str] = "answer-liaison"
    decision: ClassVar[Decision] = liaison.answer_liaison

    liaison: Count
    answer: Text
    answered_by: Name | None = None


class MoveLiaison(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Agree on another due time; ``reason`` is required. What was late by then stays late."""

    action: ClassVar[str] = "move-liaison"
    decision: ClassVar[Decision] = liaison.move_liaison

    liaison: Count
    due_at: Moment

    def arguments(self) -> dict[str, Any]:
        """See ``AskOthers``."""
        return super().arguments() | {"due_at": _due(self.due_at)}


class WithdrawLiaison(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say that no answer is needed any more; ``reason`` is required."""

    action: ClassVar[str] = "withdraw-liaison"
    decision: ClassVar[Decision] = liaison.withdraw_liaison

    liaison: Count


def _due(moment: datetime) -> datetime:
    return in_utc(moment, "/due_at").replace(microsecond=0)
