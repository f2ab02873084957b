"""The course of the work: waits, the solution, and the end."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from application.commands import Decision, Line, Moment, Name, Reference, Text, in_utc
from application.ticket_commands.shapes import Articles, TicketAction
from domain.ticket import decisions
from domain.ticket.words import HoldReason


class HoldTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Put the ticket on hold (SLA 4).

    Without `review_at` it is looked at again as long after the hold as `AFTERSALES_HOLD_REVIEW` says.
    """

    action: ClassVar[str] = "hold"
    decision: ClassVar[Decision] = decisions.hold

    hold: HoldReason
    review_at: Moment | None = None

    def arguments(self) -> dict[str, Any]:
        """``hold`` is the reason that pauses; ``reason`` stays the actor's own words."""
        review_at = in_utc(self.review_at, "/review_at") if self.review_at else None
        return {"reason": self.hold, "review_at": review_at}


class ResumeTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take the work up again."""

    action: ClassVar[str] = "resume"
    decision: ClassVar[Decision] = decisions.resume


class ResolveTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say the fault is dealt with: how, why it was, and by which knowledge articles (R06, R08)."""

    action: ClassVar[str] = "resolve"
    decision: ClassVar[Decision] = decisions.resolve

    solution: Text
    cause: Line | None = None
    cause_code: Name | None = None
    articles: Articles = ()


class ConfirmTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The customer accepts the resolution (R08)."""

    action: ClassVar[str] = "confirm"
    decision: ClassVar[Decision] = decisions.confirm

    confirmed_by: Name | None = None


class RejectTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The customer does not accept it; ``reason`` is required (R08)."""

    action: ClassVar[str] = "reject"
    decision: ClassVar[Decision] = decisions.reject


class CloseTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Close a resolved ticket (R08)."""

    action: ClassVar[str] = "close"
    decision: ClassVar[Decision] = decisions.close


class ReopenTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fault is back; ``reason`` is required (SLA 10)."""

    action: ClassVar[str] = "reopen"
    decision: ClassVar[Decision] = decisions.reopen


class CancelTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """It should not have been a ticket; ``reason`` is required (SLA 11)."""

    action: ClassVar[str] = "cancel"
    decision: ClassVar[Decision] = decisions.cancel

    duplicate_of: Reference | None = None

    def arguments(self) -> dict[str, Any]:
        """``duplicate_of`` has become an id by now: the desk looks a number up."""
        return {"duplicate_of": None if self.duplicate_of is None else UUID(str(self.duplicate_of))}
