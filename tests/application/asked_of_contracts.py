"""Every command a contract takes, and what follows from it, as a table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from application.access import Role
from application.contract_commands import (
    ActivateContract,
    AmendContract,
    ConsumeEntitlement,
    ContractAction,
    RenewContract,
    RestoreEntitlement,
    SignContract,
    TerminateContract,
)
from application.desk import Receipt
from domain.contract.events import (
    Allowances,
    ContractActivated,
    ContractAmended,
    ContractRenewed,
    ContractSigned,
    ContractTerminated,
    EntitlementConsumed,
    EntitlementRestored,
)
from domain.contract.words import Kind
from domain.event import Event
from domain.money import Money
from tests.application.firm import AGENT, EARLIER, MANAGER, NOW, PEOPLE, Firm

SERIAL = "SN-2024-00117"
SIGNED = SignContract(signed_by="王芳", signed_on=date(2026, 1, 1))
REPORTED = NOW - timedelta(hours=3)
ADMIN = PEOPLE[Role.ADMIN]


class Standing(NamedTuple):
    """What there is before: a contract, a ticket of three hours ago for its serial, and perhaps a use."""

    contract: Receipt
    ticket: Receipt
    visit: UUID
    made: UUID = UUID(int=0)

    @property
    def used(self) -> dict[str, Any]:
        """Of which contract, and for whom."""
        return {
            "number": self.contract.number,
            "ticket": self.ticket.id,
            "ticket_number": self.ticket.number,
        }


async def standing(firm: Firm, steps: tuple[ContractAction, ...]) -> Standing:
    """Make it so; a visit can only be used once the contract counts."""
    firm.now = NOW - timedelta(days=1)
    contract = await firm.draft(SERIAL)
    for step in steps:
        await firm.desks.contracts.send(contract.number, step, MANAGER)
    firm.now = NOW
    ticket = await firm.ticket(asset=SERIAL, occurred_at=REPORTED, reason="from the paper book")
    if len(steps) < 2:
        return Standing(contract, ticket, UUID(int=0))
    visit = ConsumeEntitlement(ticket=ticket.number, kind=Kind.VISIT, amount=1)
    used = await firm.desks.contracts.send(contract.number, visit, AGENT)
    assert used.made is not None
    return Standing(contract, ticket, used.made)


Ask = Callable[[Standing], ContractAction]
Follows = Callable[[Standing], Event]
COUNTS = (SIGNED, ActivateContract())

EVERY: list[tuple[tuple[ContractAction, ...], Ask, Follows]] = [
    (
        (),
        lambda now: SignContract(signed_by="王芳", signed_on=date(2026, 3, 1), **EARLIER),
        lambda now: ContractSigned(by="王芳", on=date(2026, 3, 1)),
    ),
    ((SIGNED,), lambda now: ActivateContract(**EARLIER), lambda now: ContractActivated()),
    (
        COUNTS,
        lambda now: AmendContract(
            effective_on=date(2026, 7, 1),
            added=("SN-2",),
            removed=(SERIAL,),
            plan="standard",
            price=Money("1.50", "CNY"),
            **EARLIER,
        ),
        lambda now: ContractAmended(
            effective_on=date(2026, 7, 1),
            added=("SN-2",),
            removed=(SERIAL,),
            plan="standard",
            price=Money("1.50", "CNY"),
        ),
    ),
    (
        COUNTS,
        lambda now: RenewContract(
            ends_on=date(2027, 12, 31), allowances=Allowances(visits=1), carries=True, **EARLIER
        ),
        lambda now: ContractRenewed(
            starts_on=date(2027, 1, 1),
            ends_on=date(2027, 12, 31),
            allowances=Allowances(visits=1),
            carries=True,
        ),
    ),
    (
        COUNTS,
        lambda now: TerminateContract(effective_on=date(2026, 6, 1), **EARLIER),
        lambda now: ContractTerminated(effective_on=date(2026, 6, 1)),
    ),
    (
        COUNTS,
        lambda now: ConsumeEntitlement(
            ticket=str(now.ticket.id), kind=Kind.PART, part="HE-200", amount=3, **EARLIER
        ),
        lambda now: EntitlementConsumed(
            entry=now.made,
            kind=Kind.PART,
            amount=3,
            part="HE-200",
            asset=SERIAL,
            reported_at=REPORTED,
            **now.used,
        ),
    ),
    (
        COUNTS,
        lambda now: RestoreEntitlement(entry=now.visit, amount=1),
        lambda now: EntitlementRestored(entry=now.visit, kind=Kind.VISIT, amount=1, **now.used),
    ),
]
"""What the contract has been through, what is asked of it then, and what follows."""

SAMPLE = Receipt(id=uuid4(), number="C-2026-000009", version=1, position=1, recorded_at=NOW)
COMMANDS = [ask(Standing(SAMPLE, SAMPLE, uuid4())) for _, ask, _ in EVERY]
