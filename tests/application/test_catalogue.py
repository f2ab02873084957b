"""A part number has one place in the catalogue, and is any text (R16)."""

from __future__ import annotations

import asyncio
from uuid import UUID

import msgspec
import pytest

from application.access import Forbidden, Role
from application.database.connect import Database
from application.desk import NotFound
from application.log.append import Request
from application.log.errors import KeyReused
from domain.part.errors import AlreadyCatalogued
from domain.part.events import PartCatalogued, PartName
from domain.part.words import Tracking
from tests.application.firm import (
    EARLIER,
    PART,
    PEOPLE,
    STOREKEEPER,
    Firm,
    cataloguing,
    in_the_firm,
    in_two_processes,
)


@pytest.mark.parametrize("role", [Role.AGENT, Role.CONTRACT_MANAGER, Role.AUDITOR])
def test_not_everybody_catalogues(database: Database, role: Role) -> None:
    async def story(firm: Firm) -> None:
        with pytest.raises(Forbidden):
            await firm.desks.parts.catalogue(cataloguing(), PEOPLE[role])
        assert await firm.log.head() == 0

    in_the_firm(database, story)


class TestCatalogue:
    """A part number has one place (R16)."""

    def test_it_is_recorded_whole(self, database: Database) -> None:
        async def story(firm: Firm) -> None:
            command = cataloguing(tracking=Tracking.LOT, shelf_life_days=30, reorder_point=4, **EARLIER)
            receipt = await firm.desks.parts.catalogue(command, STOREKEEPER)
            (fact,) = await firm.desks.parts.facts(PART)
            assert fact.event == PartCatalogued(
                number=PART,
                revision="A",
                name=PartName("换热器", "Heat exchanger"),
                unit="pcs",
                tracking=Tracking.LOT,
                shelf_life_days=30,
                reorder_point=4,
            )
            assert (fact.act.actor, fact.act.occurred_at) == ("storekeeper:li.wei", EARLIER["occurred_at"])
            assert (receipt.id, receipt.number, receipt.version, receipt.made) == (
                *(fact.stream_id, PART, 1, None),
            )
            assert fact.correlation_id == fact.stream_id

        in_the_firm(database, story)

    def test_a_number_is_there_once(self, database: Database) -> None:
        async def story(here: Firm, there: Firm) -> None:
            answers = await asyncio.gather(
                *(firm.part() for firm in (here, there, here, there)), return_exceptions=True
            )
            assert sorted(type(answer).__name__ for answer in answers) == [
                *["AlreadyCatalogued"] * 3,
                "Receipt",
            ]
            refused = next(answer for answer in answers if isinstance(answer, AlreadyCatalogued))
            assert (refused.number, refused.field) == (PART, "/number")
            assert await here.log.head() == 1

        in_two_processes(database, story)

    def test_a_repeated_command_is_answered_as_the_first_was(self, database: Database) -> None:
        async def story(here: Firm, there: Firm) -> None:
            key = Request("me", "1", b"c")
            receipts = await asyncio.gather(
                *(
                    firm.desks.parts.catalogue(cataloguing(), STOREKEEPER, key)
                    for firm in (here, there, here, there)
                )
            )
            assert len({msgspec.json.encode(receipt) for receipt in receipts}) == 1
            with pytest.raises(KeyReused):
                await here.desks.parts.catalogue(
                    cataloguing(number="FAN-1"), STOREKEEPER, Request("me", "1", b"other")
                )
            assert await here.log.head() == 1

        in_two_processes(database, story)

    @pytest.mark.parametrize(
        "number",
        ["T-2026-000001", "C-2026-000001", "HE/200 板式", "part/HE", str(UUID(int=7)), "x" * 200],
    )
    def test_a_number_is_any_text(self, database: Database, number: str) -> None:
        """Also one that looks like another thing's; each desk knows its own."""

        async def story(here: Firm, there: Firm) -> None:
            ticket, contract = await here.ticket(), await here.contract("SN-1")
            part = await here.part(number)
            for firm in (here, there):
                assert (await firm.receive(number, quantity=1)).id == part.id
                assert (await firm.receive(str(part.id), quantity=1)).number == number
                assert await firm.desks.tickets.find("T-2026-000001") == ticket.id
                assert await firm.desks.contracts.find("C-2026-000001") == contract.id
            assert {each.event.number for each in await here.last(4)} == {number}  # type: ignore[attr-defined]

        in_two_processes(database, story)

    @pytest.mark.parametrize("reference", ["HE-201", "he-200", "", "x" * 201, "\0", str(UUID(int=9))])
    def test_there_is_no_such_part(self, database: Database, reference: str) -> None:
        async def story(firm: Firm) -> None:
            await firm.part()
            with pytest.raises(NotFound):
                await firm.desks.parts.facts(reference)
            with pytest.raises(NotFound):
                await firm.receive(reference, quantity=1)
            ticket = await firm.ticket()
            with pytest.raises(NotFound):
                await firm.receive(str(ticket.id), quantity=1)

        in_the_firm(database, story)
