"""Complaints, and the call after closing."""

from __future__ import annotations

from typing import ClassVar

from application.commands import Decision, Text
from application.ticket_commands.shapes import Count, TicketAction
from domain.ticket import aftercare


class ComplainAboutTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take a complaint, which has a deadline of its own (R32)."""

    action: ClassVar[str] = "complain"
    decision: ClassVar[Decision] = aftercare.complain

    text: Text


class AnswerComplaint(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tell the customer what became of a complaint; `complaint` is its place on the ticket (R32)."""

    action: ClassVar[str] = "answer-complaint"
    decision: ClassVar[Decision] = aftercare.answer_complaint

    complaint: Count
    answer: Text


class CallCustomerBack(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Log the call after closing; only one that reached the customer counts (R30)."""

    action: ClassVar[str] = "call-back"
    decision: ClassVar[Decision] = aftercare.call_back

    reached: bool
    satisfied: bool | None = None
    remark: Text | None = None
