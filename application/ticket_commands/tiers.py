"""Who works on it, on which tier, and who answers for it."""

from __future__ import annotations

from typing import ClassVar

from application.commands import Decision, Name, Text
from application.ticket_commands.shapes import TicketAction
from domain.ticket import tiers
from domain.ticket.words import Tier


class AssignTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give the ticket to a team and perhaps a person (R05)."""

    action: ClassVar[str] = "assign"
    decision: ClassVar[Decision] = tiers.assign

    team: Name
    person: Name | None = None


class OwnTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Name who answers for the ticket; ``reason`` is required where somebody does already (R05)."""

    action: ClassVar[str] = "own"
    decision: ClassVar[Decision] = tiers.own

    person: Name


class EscalateTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hand the case to a higher support tier, which accepts or refuses it (R07)."""

    action: ClassVar[str] = "escalate"
    decision: ClassVar[Decision] = tiers.escalate

    tier: Tier
    team: Name | None = None


class AcceptHandover(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take a case that was handed over (R07)."""

    action: ClassVar[str] = "accept-handover"
    decision: ClassVar[Decision] = tiers.accept_handover

    person: Name | None = None


class RefuseHandover(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Send a case back to where it came from; ``reason`` is required (R07)."""

    action: ClassVar[str] = "refuse-handover"
    decision: ClassVar[Decision] = tiers.refuse_handover


class HandBackTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give the case back to a lower tier, with what was found (R06, R07)."""

    action: ClassVar[str] = "hand-back"
    decision: ClassVar[Decision] = tiers.hand_back

    tier: Tier
    finding: Text
    team: Name | None = None
