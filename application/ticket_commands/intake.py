"""A report comes in: what it is, how much it matters, and who reports it."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import UNSET, UnsetType

from application.access import Permission
from application.commands import Command, Decision, Line, Name, Text
from application.ticket_commands.shapes import TicketAction
from domain.ticket import correspondence, decisions, fieldwork
from domain.ticket.words import Channel, Impact, Priority, TravelBand, Urgency


class RegisterTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Report a problem, request or complaint. ``occurred_at`` is when the customer reported it (SLA 2).

    Attributes:
        priority: what impact and urgency give where it is absent, P3 where they are not told either (R04).
    """

    action: ClassVar[str] = "register"
    needs: ClassVar[Permission] = Permission.WORK

    subject: Line
    priority: Priority | None = None
    impact: Impact | None = None
    urgency: Urgency | None = None
    description: Text | None = None
    customer: Name | None = None
    contact: Name | None = None
    site: Name | None = None
    product: Name | None = None
    asset: Name | None = None
    channel: Channel = Channel.OTHER
    category: Name | None = None
    band: TravelBand | None = None
    owner: Name | None = None
    customer_class: Name | None = None
    plan: Name | None = None

    def arguments(self) -> dict[str, Any]:
        """The arguments of ``register``; the plan is pinned by the desk."""
        return {name: value for name, value in super().arguments().items() if name != "plan"}


class ClassifyTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set category, fault code, impact and urgency; the priority follows from the last two (R02, R04).

    Attributes:
        fault_code: null for none. Left out, the one that the ticket has stays where it belongs to the
            category, and goes where it does not.
        impact: the one that it has, where left out.
        urgency: likewise.
    """

    action: ClassVar[str] = "classify"
    decision: ClassVar[Decision] = decisions.classify

    category: Name
    fault_code: Name | UnsetType | None = UNSET
    impact: Impact | None = None
    urgency: Urgency | None = None


class PrioritiseTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change the priority (R04, SLA 9)."""

    action: ClassVar[str] = "prioritise"
    decision: ClassVar[Decision] = decisions.prioritise

    priority: Priority


class IdentifyCustomer(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say who an unknown caller is (R02)."""

    action: ClassVar[str] = "identify"
    decision: ClassVar[Decision] = correspondence.identify

    customer: Name
    contact: Name | None = None
    site: Name | None = None
    product: Name | None = None
    asset: Name | None = None


class AcknowledgeTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take notice of the ticket (R09)."""

    action: ClassVar[str] = "acknowledge"
    decision: ClassVar[Decision] = fieldwork.acknowledge
