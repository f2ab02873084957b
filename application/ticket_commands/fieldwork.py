"""Work at the customer's, and parts on the way there."""

from __future__ import annotations

from typing import Any, ClassVar

from application.commands import Decision, Moment, Name, Text, in_utc
from application.ticket_commands.shapes import Count, TicketAction
from domain.ticket import fieldwork
from domain.ticket.words import TravelBand


class DispatchTechnician(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Send a technician; `band` says how far it is, and holds from the report on (R25, SLA 14)."""

    action: ClassVar[str] = "dispatch"
    decision: ClassVar[Decision] = fieldwork.dispatch

    technician: Name
    planned_at: Moment | None = None
    band: TravelBand | None = None

    def arguments(self) -> dict[str, Any]:
        """Times in UTC."""
        planned_at = in_utc(self.planned_at, "/planned_at") if self.planned_at else None
        return super().arguments() | {"planned_at": planned_at}


class ArriveOnSite(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Be on site; ``occurred_at`` is when, however late it is recorded (B02)."""

    action: ClassVar[str] = "arrive"
    decision: ClassVar[Decision] = fieldwork.arrive

    technician: Name | None = None


class WorkAroundTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say how the customer can work until the fault is dealt with."""

    action: ClassVar[str] = "work-around"
    decision: ClassVar[Decision] = fieldwork.work_around

    workaround: Text


class OrderPart(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Have a part brought to the customer (R19)."""

    action: ClassVar[str] = "order-part"
    decision: ClassVar[Decision] = fieldwork.order_part

    part: Name
    quantity: Count = 1


class DeliverPart(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say that an ordered part is there; `order` is its place among the ticket's orders."""

    action: ClassVar[str] = "deliver-part"
    decision: ClassVar[Decision] = fieldwork.deliver_part

    order: Count
