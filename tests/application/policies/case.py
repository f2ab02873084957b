"""A case to react to: a customer under contract, a part in stock, and everybody who works for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from psycopg import AsyncConnection

from application.access import Caller, Role
from application.contract_commands import ActivateContract, ContractAction, DraftContract, SignContract
from application.database.connect import Database
from application.desk import Receipt
from application.desks import Desks, open_desks
from application.log.event_log import EventLog, open_log
from application.part_commands import (
    CataloguePart,
    InstallPart,
    IssuePart,
    PartAction,
    PartTitle,
    ReceivePart,
    ReservePart,
)
from application.plans import shipped_promises
from application.policies.reactor import Reactor
from application.ticket_commands.correspondence import LogContact
from application.ticket_commands.intake import RegisterTicket
from application.ticket_commands.shapes import TicketAction
from domain.contract.events import Allowances
from domain.event import Fact, type_name
from domain.money import Money
from domain.ticket.words import Channel, Direction, Party

ADMIN = Caller("li.wei", Role.ADMIN, uuid4())
BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ON_SITE = LogContact(channel=Channel.ON_SITE, direction=Direction.OUTBOUND, party=Party.PERSON)
INCLUDED = Allowances(visits=2, parts=2)


class Case:
    """A log, its desks, and a clock that moves a minute with everything that is asked."""

    def __init__(self, log: EventLog, url: str) -> None:
        self.log = log
        self.url = url
        self.now = BEGIN
        self.desks: Desks = open_desks(
            log,
            shipped_promises(),
            time_zone="Asia/Shanghai",
            mailboxes=("support",),
            now=lambda: self.now,
        )

        self._takes: tuple[tuple[type, Any], ...] = (
            (TicketAction, self.desks.tickets),
            (PartAction, self.desks.parts),
            (ContractAction, self.desks.contracts),
        )

    def passes(self, **time: float) -> datetime:
        """Time passes."""
        self.now += timedelta(**time)
        return self.now

    async def ask(self, reference: str, *commands: Any) -> Receipt:
        """Ask things of a ticket, a part or a contract, a minute apart."""
        receipt: Receipt | None = None
        for command in commands:
            self.passes(minutes=1)
            desk: Any = next(desk for kind, desk in self._takes if isinstance(command, kind))
            receipt = await desk.send(reference, command, ADMIN)
        assert receipt
        return receipt

    async def contract(self, *assets: str, allowances: Allowances = INCLUDED, **terms: Any) -> Receipt:
        """A contract in force for all of 2026."""
        usual: dict[str, Any] = {
            "customer": "海风酒店",
            "title": "热水系统维保",
            "plan": "hot-water",
            "starts_on": date(2026, 1, 1),
            "ends_on": date(2026, 12, 31),
            "price": Money("18600.00", "CNY"),
            "assets": assets or ("SN-1",),
            "allowances": allowances,
        }
        draft = await self.desks.contracts.draft(DraftContract(**usual | terms), ADMIN)
        signed = SignContract(signed_by="陈总", signed_on=date(2026, 1, 1))
        return await self.ask(draft.number, signed, ActivateContract())

    async def part(self, number: str = "HE-200", quantity: int = 5) -> Receipt:
        """A part with stock at MAIN."""
        title = PartTitle(zh="加热管", en="heating element")
        await self.desks.parts.catalogue(
            CataloguePart(number=number, revision="A", name=title, unit="pcs"), ADMIN
        )
        return await self.ask(
            number, ReceivePart(location="MAIN", supplier="S", document="DN-1", quantity=quantity)
        )

    async def ticket(self, asset: str | None = "SN-1") -> Receipt:
        """A report."""
        self.passes(minutes=1)
        return await self.desks.tickets.register(RegisterTicket(subject="冷水", asset=asset), ADMIN)

    async def installs(self, ticket: str, number: str = "HE-200", quantity: int = 1) -> Receipt:
        """A part is issued and installed."""
        issued = IssuePart(location="MAIN", ticket=ticket, quantity=quantity)
        return await self.ask(number, issued, InstallPart(ticket=ticket, asset="SN-1", quantity=quantity))

    async def reserves(self, ticket: str, number: str = "HE-200", quantity: int = 1, **until: float) -> UUID:
        """A part is reserved."""
        expires_at = self.now + timedelta(**until or {"days": 1})
        reserve = ReservePart(location="MAIN", ticket=ticket, quantity=quantity, expires_at=expires_at)
        made = (await self.ask(number, reserve)).made
        assert made
        return made

    async def react(self, log: Any = None) -> None:
        """A worker comes, reacts to everything, and goes."""
        log = log or self.log
        desks = open_desks(log, shipped_promises(), time_zone="Asia/Shanghai")
        async with await AsyncConnection.connect(self.url, autocommit=True) as conn:
            await Reactor(log, desks, self.url).catch_up(conn)

    async def told(self, case: UUID) -> list[Fact]:
        """What the log holds of a case."""
        return await self.log.case(case)

    async def types(self, case: UUID) -> list[str]:
        """The types of the events of a case."""
        return [type_name(fact.event) for fact in await self.told(case)]


@asynccontextmanager
async def case_on(database: Database) -> AsyncIterator[Case]:
    """A case on a database."""
    async with open_log(database.service_url) as log:
        yield Case(log, database.service_url)


def tell(database: Database, story: Callable[[Case], Coroutine[Any, Any, None]]) -> None:
    """Run a story."""

    async def run() -> None:
        async with case_on(database) as case:
            await story(case)

    asyncio.run(run())
