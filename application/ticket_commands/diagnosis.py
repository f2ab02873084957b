"""What is found out, and help from afar."""

from __future__ import annotations

from typing import Any, ClassVar

from application.commands import Decision, Name, Text
from application.ticket_commands.shapes import Articles, CallTime, TicketAction, Url
from domain.ticket import diagnosis
from domain.ticket.words import Guidance


class DiagnoseTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say what was found out about the fault, and by which knowledge articles (R06)."""

    action: ClassVar[str] = "diagnose"
    decision: ClassVar[Decision] = diagnosis.diagnose

    finding: Text
    cause_code: Name | None = None
    articles: Articles = ()


class GuideCustomer(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Log a remote session, or guidance by telephone or in writing: a response to the customer (R06, SLA 3).

    ``solved`` says whether that was the end of it; the ticket is resolved apart.
    """

    action: ClassVar[str] = "guide"
    decision: ClassVar[Decision] = diagnosis.guide

    guidance: Guidance
    summary: Text
    person: Name | None = None
    solved: bool | None = None
    duration: CallTime | None = None
    recording: Url | None = None
    articles: Articles = ()

    def arguments(self) -> dict[str, Any]:
        """The duration in whole seconds."""
        told = super().arguments()
        duration = told.pop("duration")
        return told | {"seconds": None if duration is None else round(duration.total_seconds())}
