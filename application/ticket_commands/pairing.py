"""Tickets that belong together, or apart."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from application.commands import Decision, Line, Moment, Name, Reference, Text
from application.ticket_commands.shapes import Sha256, TicketAction
from domain.ticket import pairing
from domain.ticket.words import Link, Priority


class MergeTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """End the ticket because `into` goes on for both, from the earlier report on (SLA 11)."""

    action: ClassVar[str] = "merge"
    decision: ClassVar[Decision] = pairing.merge

    into: Reference

    def arguments(self) -> dict[str, Any]:
        """The desk finds the survivor."""
        return {}


class LinkTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say what the ticket has to do with another one, which shows it as well (R02)."""

    action: ClassVar[str] = "link"
    decision: ClassVar[Decision] = pairing.link

    to: Reference
    link: Link

    def arguments(self) -> dict[str, Any]:
        """The desk finds the other ticket."""
        return {"link": self.link}


class UnlinkTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take back a link that the ticket has of its own."""

    action: ClassVar[str] = "unlink"
    decision: ClassVar[Decision] = pairing.unlink

    to: Reference
    link: Link

    def arguments(self) -> dict[str, Any]:
        """The desk finds the other ticket."""
        return {"link": self.link}


class SplitTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let a part of what was reported become a ticket of its own; ``reason`` is required.

    Attributes:
        subject: what moves; the new ticket's subject.
        description: of the new ticket.
        priority: of the new ticket; that of this one where absent.
        category: of the new ticket.
        reported_at: when the customer reported what moves; with this ticket where absent (SLA 2).
        files: those of this ticket's files that belong to the new one as well, by their SHA-256.
    """

    action: ClassVar[str] = "split"
    decision: ClassVar[Decision] = pairing.split

    subject: Line
    description: Text | None = None
    priority: Priority | None = None
    category: Name | None = None
    reported_at: Moment | None = None
    files: Annotated[tuple[Sha256, ...], Meta(max_length=100)] = ()
