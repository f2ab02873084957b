"""What a report will be recorded as: the promise it falls under, and the priority that is worked out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from application.book import Book
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
        book: has what tickets are sorted by.
    """

    def __init__(self, choosing: Choosing, book: Book) -> None:
        self._choosing = choosing
        self._book = book

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
        told = {"contract": chosen.contract, "choice": chosen.choice, **self._judged(command, act, today)}
        return register(number="", pin=chosen.pin, **command.arguments() | told), basis

    def _judged(self, command: RegisterTicket, act: Act, today: date) -> dict[str, Any]:
        """The priority and the names of codes, where something is to be judged.

        Raises:
            InvalidValue: a code is not given.
        """
        given = command.priority or not (command.impact and command.urgency)
        if given and command.category is None:
            return {"priority": command.priority or Priority.P3}
        return told_by(self._book.triage(act.occurred_at), command, today)

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


def told_by(triage: Triage, command: RegisterTicket, today: date) -> dict[str, Any]:
    """What a triage says of a report.

    Raises:
        InvalidValue: a code is not given.
    """
    priority, matrix = command.priority or Priority.P3, None
    if command.priority is None and command.impact and command.urgency:
        priority, matrix = triage.priority(command.impact, command.urgency)
    return {"priority": priority, "matrix": matrix, "triage": triage.judged(command.category, None, today)}
