"""What a contract includes is used for a ticket, once and never beyond (R13)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from application.contract_commands import ConsumeEntitlement, RestoreEntitlement
from application.database.connect import Database
from application.desk import Receipt
from application.log.append import Request
from domain.contract.cover import EntitlementExhausted
from domain.contract.events import EntitlementConsumed
from domain.contract.words import Kind
from domain.errors import InvalidValue
from tests.application.asked_of_contracts import REPORTED, SERIAL
from tests.application.firm import AGENT, NOW, Firm, in_the_firm, in_two_processes

THREE_IN_THE_AFTERNOON = datetime.fromisoformat("2026-03-02T15:00+08:00")


@pytest.mark.parametrize(
    ("stated", "asset", "reported_at"),
    [
        ({}, SERIAL, REPORTED),
        ({"asset": "SN-2"}, "SN-2", REPORTED),
        ({"reported_at": THREE_IN_THE_AFTERNOON}, SERIAL, NOW - timedelta(hours=2)),
        ({"asset": "SN-2", "reported_at": NOW}, "SN-2", NOW),
    ],
)
def test_what_is_not_stated_comes_from_the_ticket(
    database: Database, stated: dict[str, Any], asset: str, reported_at: datetime
) -> None:
    async def story(firm: Firm) -> None:
        firm.now = NOW - timedelta(days=1)
        contract = await firm.contract(SERIAL, "SN-2")
        firm.now = NOW
        ticket = await firm.ticket(asset=SERIAL, occurred_at=REPORTED, reason="x")
        use = ConsumeEntitlement(ticket=ticket.number, kind=Kind.HOURS, amount=60, **stated)
        await firm.desks.contracts.send(contract.number, use, AGENT)
        used = (await firm.last())[0].event
        assert isinstance(used, EntitlementConsumed)
        assert (used.asset, used.reported_at) == (asset, reported_at)

    in_the_firm(database, story)


@pytest.mark.parametrize("reference", ["T-2026-000009", str(UUID(int=9)), "x", "C-2026-000001"])
def test_there_must_be_a_ticket(database: Database, reference: str) -> None:
    async def story(firm: Firm) -> None:
        contract = await firm.contract(SERIAL)
        head = await firm.log.head()
        use = ConsumeEntitlement(ticket=reference, kind=Kind.VISIT, amount=1)
        for ticket in (reference, str(contract.id)):
            with pytest.raises(InvalidValue) as refused:
                await firm.desks.contracts.send(
                    contract.number, msgspec.structs.replace(use, ticket=ticket), AGENT
                )
            assert refused.value.field == "/ticket"
        assert await firm.log.head() == head

    in_the_firm(database, story)


def test_however_many_ask_at_once_no_more_is_used_than_is_included(database: Database) -> None:
    async def story(here: Firm, there: Firm) -> None:
        contract = await here.contract(SERIAL)
        ticket = await here.ticket(asset=SERIAL)
        visit = ConsumeEntitlement(ticket=ticket.number, kind=Kind.VISIT, amount=1)
        answers = await asyncio.gather(
            *(firm.desks.contracts.send(contract.number, visit, AGENT) for firm in (here, there) * 6),
            return_exceptions=True,
        )
        used = [answer for answer in answers if isinstance(answer, Receipt)]
        refused = [answer for answer in answers if isinstance(answer, EntitlementExhausted)]
        assert (len(used), len(refused)) == (2, 10)
        assert len({receipt.made for receipt in used}) == 2
        back = RestoreEntitlement(entry=used[0].made or contract.id, amount=1)
        await there.desks.contracts.send(contract.number, back, AGENT)
        await here.desks.contracts.send(contract.number, visit, AGENT)

    in_two_processes(database, story)


def test_a_use_asked_for_twice_is_one_use(database: Database) -> None:
    """Even the last one that is included; both callers are told the same use."""

    async def story(here: Firm, there: Firm) -> None:
        contract = await here.contract(SERIAL)
        ticket = await here.ticket(asset=SERIAL)
        visits = ConsumeEntitlement(ticket=ticket.number, kind=Kind.VISIT, amount=2)
        key = Request("me", "1", b"v")
        receipts = await asyncio.gather(
            *(
                firm.desks.contracts.send(contract.number, visits, AGENT, request=key)
                for firm in (here, there, here, there)
            )
        )
        used = (await here.last())[0].event
        assert isinstance(used, EntitlementConsumed)
        assert {receipt.made for receipt in receipts} == {used.entry}
        assert len({msgspec.json.encode(receipt) for receipt in receipts}) == 1

    in_two_processes(database, story)
