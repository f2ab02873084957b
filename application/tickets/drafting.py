"""What a report will be recorded as: the promise it falls under, and the priority that is worked out."""

from __future__ import annotations

from datetime import date, datetime

from application.choosing import Choosing, Chosen
from application.log.append import Basis
from application.ticket_commands.intake import RegisterTicket
from domain.event import Act
from domain.ticket.events import TicketRegistered
from domain.ticket.registration import register
from domain.ticket.triage import Triage
from domain.ticket.words import Priority


class Drafting:
    """Drafts registrations.

    Args:
        choosing: finds the contract and the plan.
        triage: what tickets are sorted by.
    """

    def __init__(self, choosing: Choosing, triage: Triage) -> None:
        self._choosing = choosing
        self._triage = triage

    async def drafted(
        self, command: RegisterTicket, act: Act, today: date, *, fresh: bool
    ) -> tuple[TicketRegistered, Basis]:
        """A report as it will be recorded, but for its number, and what that was settled by.

        Args:
            command: the report.
            act: who, when and why.
            today: the day on which it was reported, where the firm is.
            fresh: settle it by what the log has now; else by what is at hand, on which nobody is refused.

        Raises:
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """
        chosen, basis = await self._choosing.chosen(
            asset=command.asset,
            customer=command.customer,
            product=command.product,
            customer_class=command.customer_class,
            moment=act.occurred_at,
            named=command.plan,
            fresh=fresh,
        )
        said = {"contract": chosen.contract, "choice": chosen.choice}
        self._triage.must_know(command.category, None, today)
        priority, matrix = command.priority or Priority.P3, None
        if command.priority is None and command.impact and command.urgency:
            priority, matrix = self._triage.priority(command.impact, command.urgency)
        arguments = command.arguments() | {"priority": priority, "matrix": matrix}
        return register(number="", pin=chosen.pin, **said, **arguments), basis

    async def would_choose(
        self,
        *,
        asset: str | None,
        customer: str | None,
        product: str | None,
        customer_class: str | None,
        moment: datetime,
    ) -> Chosen:
        """What a ticket would go by that is reported at a moment, as the log has it now (SLA 13).

        Raises:
            UnknownPlan, NotOffered: what is promised cannot be pinned then.
            LogUnavailable: the database does not answer.
        """
        chosen, _ = await self._choosing.chosen(
            asset=asset,
            customer=customer,
            product=product,
            customer_class=customer_class,
            moment=moment,
            named=None,
            fresh=True,
        )
        return chosen
