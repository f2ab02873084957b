"""Another plan or calendar for a ticket, which two people decide."""

from __future__ import annotations

from typing import Any, ClassVar

from application.access import Permission
from application.commands import Decision, Name
from application.ticket_commands.shapes import Count, TicketAction
from domain.errors import InvalidValue
from domain.ticket import pinning


class RepinTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask that the ticket go by another plan or calendar; somebody else must approve it (SLA 8).

    `reason` is required. `GET /tickets/{ticket}/repin` shows beforehand what it would do to every clock.

    Attributes:
        plan: its newest version, unless `plan_version` says another; the ticket's own when absent.
        calendar: another than the plan's, by `calendar_version`.
    """

    action: ClassVar[str] = "repin"
    needs: ClassVar[Permission] = Permission.REPIN
    decision: ClassVar[Decision] = pinning.repin

    plan: Name | None = None
    plan_version: Count | None = None
    calendar: Name | None = None
    calendar_version: Count | None = None


class ApproveRepin(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let the ticket go by what somebody else asked for, from now on; `request` is the number (SLA 8)."""

    action: ClassVar[str] = "approve-repin"
    needs: ClassVar[Permission] = Permission.CONTRACTS
    decision: ClassVar[Decision] = pinning.approve_repin

    request: Count

    def arguments(self) -> dict[str, Any]:
        """Deadlines that were given are not moved in the past."""
        if self.occurred_at is not None:
            raise InvalidValue("it counts from when it is approved", field="/occurred_at")
        return super().arguments()


class DeclineRepin(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Leave the ticket with the plan and calendar it has; `reason` is required (SLA 8)."""

    action: ClassVar[str] = "decline-repin"
    needs: ClassVar[Permission] = Permission.REPIN
    decision: ClassVar[Decision] = pinning.decline_repin

    request: Count
