"""The contract manager's desk: every command, what it records, for which case, and who may send it."""

from __future__ import annotations

import asyncio
from datetime import date, datetime

import msgspec
import pytest

from application.access import Forbidden, Role
from application.contract_commands import ACTIONS, AmendContract, ContractAction
from application.database.connect import Database
from application.desk import NotFound, Receipt
from application.log.append import Request
from application.plans import shipped_promises
from domain.contract.events import Allowances, ContractDrafted, EntitlementConsumed
from domain.contract.state import replay
from domain.contract.words import Scope
from domain.money import Money
from domain.promises import UnknownPlan
from tests.application.asked_of_contracts import (
    ADMIN,
    COMMANDS,
    COUNTS,
    EVERY,
    SERIAL,
    Ask,
    Follows,
    standing,
)
from tests.application.firm import (
    EARLIER,
    MANAGER,
    NOW,
    PEOPLE,
    YEAR,
    Firm,
    drafting,
    in_the_firm,
    in_two_processes,
)

SENDS: dict[Role, set[str]] = {
    Role.AGENT: {"consume", "restore"},
    Role.STOREKEEPER: set(),
    Role.CONTRACT_MANAGER: {"sign", "activate", "amend", "renew", "terminate"},
    Role.AUDITOR: set(),
    Role.INTAKE: set(),
    Role.ADMIN: {command.action for command in ACTIONS},
}
NAMES = [command.action for command in COMMANDS]


def test_the_table_has_every_command() -> None:
    assert {type(command) for command in COMMANDS} == {*ACTIONS}


@pytest.mark.parametrize(("steps", "ask", "follows"), EVERY, ids=NAMES)
def test_a_command_records_its_event(
    database: Database, steps: tuple[ContractAction, ...], ask: Ask, follows: Follows
) -> None:
    async def story(firm: Firm) -> None:
        now = await standing(firm, steps)
        before = len(await firm.desks.contracts.facts(now.contract.number))
        head, command = await firm.log.head(), ask(now)
        receipt = await firm.desks.contracts.send(now.contract.number, command, ADMIN)
        (fact,) = await firm.log.after(head, 10)

        assert fact.event == follows(now._replace(made=receipt.made or now.made))
        act = (fact.act.actor, fact.act.occurred_at, fact.act.reason)
        assert act == ("admin:li.wei", command.occurred_at or NOW, command.reason)
        assert (fact.stream_id, fact.version) == (now.contract.id, before + 1)
        for_ticket = command.action in {"consume", "restore"}
        assert fact.correlation_id == (now.ticket.id if for_ticket else now.contract.id)
        assert receipt == Receipt(
            id=now.contract.id,
            number=now.contract.number,
            version=fact.version,
            position=fact.position,
            recorded_at=fact.recorded_at or NOW,
            made=fact.event.entry if isinstance(fact.event, EntitlementConsumed) else None,
        )
        at_hand = await firm.desks.contracts.streams.near(now.contract.id)
        assert at_hand == (replay(await firm.log.stream(now.contract.id)), receipt.version)

    in_the_firm(database, story)


@pytest.mark.parametrize("role", Role)
def test_what_a_role_may_send(database: Database, role: Role) -> None:
    async def story(firm: Firm) -> None:
        now = await standing(firm, COUNTS)
        head = await firm.log.head()
        for command in (ask(now) for _, ask, _ in EVERY):
            if command.action not in SENDS[role]:
                with pytest.raises(Forbidden):
                    await firm.desks.contracts.send(now.contract.number, command, PEOPLE[role])
        if role not in {Role.CONTRACT_MANAGER, Role.ADMIN}:
            with pytest.raises(Forbidden):
                await firm.desks.contracts.draft(drafting("SN-2"), PEOPLE[role])
        assert await firm.log.head() == head

    in_the_firm(database, story)


class TestDrafting:
    def test_it_is_recorded_whole_under_the_next_number_of_its_year(self, database: Database) -> None:
        async def story(firm: Firm) -> None:
            command = drafting(SERIAL, "SN-2", zone="Europe/Berlin", **EARLIER)
            receipt = await firm.desks.contracts.draft(command, MANAGER)
            (fact,) = await firm.desks.contracts.facts(receipt.number)
            assert fact.event == ContractDrafted(
                number="C-2026-000001",
                customer="海风酒店",
                title="x",
                plan="hot-water",
                zone="Europe/Berlin",
                price=Money("18600.00", "CNY"),
                allowances=Allowances(visits=2, hours=7200, parts=5),
                scope=Scope.ASSETS,
                assets=(SERIAL, "SN-2"),
                **YEAR,
            )
            assert (receipt.number, receipt.version, receipt.made) == ("C-2026-000001", 1, None)
            assert (fact.act.actor, fact.act.occurred_at) == (
                "contract_manager:li.wei",
                EARLIER["occurred_at"],
            )
            assert fact.correlation_id == fact.stream_id == receipt.id
            firm.now = datetime.fromisoformat("2026-12-31T16:00:00Z")
            assert (await firm.draft("SN-3")).number == "C-2027-000001"

        in_the_firm(database, story)

    def test_tickets_and_contracts_count_for_themselves(self, database: Database) -> None:
        async def story(firm: Firm) -> None:
            numbers = [(await firm.ticket()).number, (await firm.draft("SN")).number]
            numbers += [(await firm.draft("SN")).number, (await firm.ticket()).number]
            assert numbers == ["T-2026-000001", "C-2026-000001", "C-2026-000002", "T-2026-000002"]
            with pytest.raises(NotFound):
                await firm.desks.contracts.facts("T-2026-000001")
            with pytest.raises(NotFound):
                await firm.desks.tickets.facts("C-2026-000001")

        in_the_firm(database, story)

    def test_a_repeated_command_is_answered_as_the_first_was(self, database: Database) -> None:
        async def story(here: Firm, there: Firm) -> None:
            key = Request("me", "1", b"d")
            drafts = (
                firm.desks.contracts.draft(drafting(SERIAL), MANAGER, key)
                for firm in (here, there, here, there)
            )
            receipts = await asyncio.gather(*drafts)
            assert len({msgspec.json.encode(receipt) for receipt in receipts}) == 1
            assert (await there.draft("SN-2")).number == "C-2026-000002"

        in_two_processes(database, story)


class TestPlans:
    """What a contract promises must be in the book."""

    def test_there_is_no_such_plan(self, database: Database) -> None:
        async def story(firm: Firm) -> None:
            with pytest.raises(UnknownPlan) as refused:
                await firm.draft(SERIAL, plan="gold")
            assert refused.value.field == "/plan"
            contract = await firm.contract(SERIAL)
            assert contract.number == "C-2026-000001", "what was refused used up no number"
            for number in (contract.number, (await firm.draft("SN-2")).number):
                amended = AmendContract(effective_on=date(2026, 7, 1), plan="gold")
                with pytest.raises(UnknownPlan) as refused:
                    await firm.desks.contracts.send(number, amended, MANAGER)
                assert refused.value.field == "/plan"

        in_the_firm(database, story)

    @pytest.mark.parametrize("plan", sorted({plan.name for plan in shipped_promises().plans}))
    def test_every_plan_of_the_book_may_be_promised(self, database: Database, plan: str) -> None:
        async def story(firm: Firm) -> None:
            contract = await firm.contract(SERIAL, plan=plan)
            ticket = await firm.ticket(asset=SERIAL)
            (fact,) = await firm.desks.tickets.facts(ticket.number)
            assert fact.event.pin.plan == plan  # type: ignore[attr-defined]
            assert fact.event.contract.winner.number == contract.number  # type: ignore[attr-defined]

        in_the_firm(database, story)
