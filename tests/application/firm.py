"""A small firm on a database of its own: its desks, its people, and a clock that is set by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from application.access import Caller, Role
from application.contract_commands import ActivateContract, DraftContract, SignContract
from application.database.connect import Database
from application.desk import Receipt
from application.desks import Desks, open_desks
from application.log.event_log import EventLog, open_log
from application.part_commands import CataloguePart, IssuePart, PartTitle, ReceivePart, ReservePart
from application.plans import shipped_promises
from application.ticket_commands.course import ResolveTicket
from application.ticket_commands.intake import RegisterTicket
from domain.contract.events import Allowances
from domain.event import Fact
from domain.money import Money

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOON = NOW + timedelta(hours=8)
PEOPLE = {role: Caller("li.wei", role, uuid4()) for role in Role}
AGENT, STOREKEEPER, MANAGER = (PEOPLE[role] for role in (Role.AGENT, Role.STOREKEEPER, Role.CONTRACT_MANAGER))
EARLIER: dict[str, Any] = {"occurred_at": NOW - timedelta(hours=2), "reason": "from the paper book"}
"""What happened two hours ago, and why it is told now."""
YEAR: dict[str, Any] = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
PART = "HE-200"
SHELF = "SH-MAIN"


class Firm:
    """One process of the service.

    Attributes:
        now: what its clock shows.
    """

    def __init__(self, log: EventLog, zone: str = "Asia/Shanghai") -> None:
        self.log = log
        self.now = NOW
        self.desks: Desks = open_desks(log, shipped_promises(), time_zone=zone, now=lambda: self.now)

    async def ticket(self, **fields: Any) -> Receipt:
        """Somebody reported something."""
        return await self.desks.tickets.register(RegisterTicket(**{"subject": "冷水", **fields}), AGENT)

    async def resolved(self, **fields: Any) -> Receipt:
        """A ticket that may be closed."""
        ticket = await self.ticket(**fields)
        await self.desks.tickets.send(ticket.number, ResolveTicket(solution="x"), AGENT)
        return ticket

    async def part(self, number: str = PART, **fields: Any) -> Receipt:
        """A part in the catalogue."""
        return await self.desks.parts.catalogue(cataloguing(number=number, **fields), STOREKEEPER)

    async def receive(self, number: str = PART, location: str = SHELF, **goods: Any) -> Receipt:
        """A delivery."""
        delivery = ReceivePart(location=location, supplier="S", document="D", **goods)
        return await self.desks.parts.send(number, delivery, STOREKEEPER)

    async def reserve(self, ticket: str, number: str = PART, **fields: Any) -> UUID:
        """Goods kept for a ticket: the reservation."""
        wanted = ReservePart(**{"location": SHELF, "ticket": ticket, "expires_at": SOON, **fields})
        made = (await self.desks.parts.send(number, wanted, AGENT)).made
        assert made is not None
        return made

    async def issue(self, ticket: str, number: str = PART, **fields: Any) -> Receipt:
        """Goods handed out for a ticket."""
        wanted = IssuePart(**{"location": SHELF, "ticket": ticket, **fields})
        return await self.desks.parts.send(number, wanted, AGENT)

    async def draft(self, *assets: str, **fields: Any) -> Receipt:
        """A contract on paper."""
        return await self.desks.contracts.draft(drafting(*assets, **fields), MANAGER)

    async def contract(self, *assets: str, **fields: Any) -> Receipt:
        """A contract that counts."""
        drafted = await self.draft(*assets, **fields)
        for step in (SignContract(signed_by="王芳", signed_on=date(2026, 1, 1)), ActivateContract()):
            await self.desks.contracts.send(drafted.number, step, MANAGER)
        return drafted

    async def last(self, number: int = 1) -> list[Fact]:
        """The last facts of the log."""
        return await self.log.after(await self.log.head() - number, number)


def cataloguing(**fields: Any) -> CataloguePart:
    """The command that takes a part into the catalogue."""
    usual: dict[str, Any] = {
        "number": PART,
        "revision": "A",
        "name": PartTitle("换热器", "Heat exchanger"),
        "unit": "pcs",
    }
    return CataloguePart(**usual | fields)


def drafting(*assets: str, **fields: Any) -> DraftContract:
    """The command that writes a contract down."""
    usual: dict[str, Any] = {
        "customer": "海风酒店",
        "title": "x",
        "plan": "hot-water",
        "price": Money("18600.00", "CNY"),
        "allowances": Allowances(visits=2, hours=7200, parts=5),
        "assets": assets,
    }
    return DraftContract(**usual | YEAR | fields)


def in_the_firm(database: Database, story: Callable[[Firm], Coroutine[Any, Any, None]]) -> None:
    """Run a story in a firm with one process."""

    async def run() -> None:
        async with open_log(database.service_url) as log:
            await story(Firm(log))

    asyncio.run(run())


def in_two_processes(database: Database, story: Callable[[Firm, Firm], Coroutine[Any, Any, None]]) -> None:
    """Run a story in a firm whose service runs in two processes, each with a log and states of its own."""

    async def run() -> None:
        async with open_log(database.service_url) as one, open_log(database.service_url) as two:
            await story(Firm(one), Firm(two))

    asyncio.run(run())
