"""What a person may ask of maintenance contracts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from application.access import Caller
from application.book import Book
from application.contract_commands import ConsumeEntitlement, ContractAction, DraftContract
from application.desk import Desk, Receipt, wall_clock
from application.ids import uuid7
from application.log.append import Request
from application.log.event_log import EventLog
from application.streams import Decided, Streams
from application.tickets.desk import TicketDesk
from domain.contract.drafting import draft
from domain.contract.events import EntitlementConsumed
from domain.contract.state import Contract
from domain.event import Act, Event

NUMBER = re.compile(r"C-\d{4}-\d{6,}", re.ASCII)


class ContractDesk(Desk[Contract, ContractAction]):
    """The contract manager's desk.

    Args:
        log: the event log.
        streams: the contracts.
        tickets: whom entitlements are used for.
        book: the service plans that a contract can promise.
        time_zone: where the firm is.
        now: the clock.
    """

    noun: ClassVar[str] = "contract"
    makes: ClassVar[dict[type[Event], str]] = {EntitlementConsumed: "entry"}

    def __init__(
        self,
        log: EventLog,
        streams: Streams[Contract],
        tickets: TicketDesk,
        book: Book,
        *,
        time_zone: str,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        super().__init__(log, streams, time_zone=time_zone, now=now)
        self._tickets = tickets
        self._book = book

    def is_number(self, reference: str) -> bool:
        """Whether this looks like C-2026-000012."""
        return NUMBER.fullmatch(reference) is not None

    async def draft(self, command: DraftContract, caller: Caller, request: Request | None = None) -> Receipt:
        """Write a contract down (R13).

        Raises:
            Forbidden: the caller may not.
            UnknownPlan, NotOffered: it promises a plan that there is not, or no longer.
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """
        if before := await self._before(command, caller, request):
            return before
        act = self._act(command, caller)
        await self._book.refresh()
        self._book.promises.offers(command.plan)
        drafted = draft(number="C", **command.arguments())

        def numbered(number: str) -> Event:
            return msgspec.structs.replace(drafted, number=number)

        return await self._numbered("C", numbered, act, request)

    async def _decide(self, command: ContractAction, state: Contract, act: Act, *, fresh: bool) -> Decided:
        arguments: dict[str, Any] = command.arguments()
        if arguments.get("plan") is not None:
            await self._book.refresh()
            self._book.promises.offers(arguments["plan"])
        if isinstance(command, ConsumeEntitlement):
            ticket_id, ticket, _ = await self._tickets.at(command.ticket, "/ticket", fresh=fresh)
            usual = {"asset": ticket.asset, "reported_at": ticket.reported_at}
            told = {"entry": uuid7(), "ticket": ticket_id, "ticket_number": ticket.number}
            arguments = usual | arguments | told
        return Decided(type(command).decision(state, by=act, **arguments))
