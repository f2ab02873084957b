"""The commands a maintenance contract takes, as they arrive."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from msgspec import Meta

from application.access import Permission
from application.commands import Action, Command, Decision, Line, Moment, Name, Reference, in_utc
from domain.contract import decisions, uses
from domain.contract.events import Allowances
from domain.contract.words import Kind, Scope
from domain.money import Money

Assets = Annotated[tuple[Name, ...], Meta(max_length=10_000)]
Amount = Annotated[int, Meta(ge=1, le=1_000_000_000)]


class DraftContract(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Write down what is to be agreed (R13). Days are days of `zone`, the first and the last included.

    Attributes:
        allowances: what the term includes: visits, `hours` as working seconds, parts.
        scope: `assets` for the serials it names, `customer` for everything its customer has.
    """

    action: ClassVar[str] = "draft"
    needs: ClassVar[Permission] = Permission.CONTRACTS

    customer: Name
    title: Line
    plan: Name
    starts_on: date
    ends_on: date
    zone: Name = "Asia/Shanghai"
    price: Money
    allowances: Allowances = msgspec.field(default_factory=Allowances)
    scope: Scope = Scope.ASSETS
    assets: Assets = ()


class ContractAction(Action, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command to a contract."""

    needs: ClassVar[Permission] = Permission.CONTRACTS


class SignContract(ContractAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The customer signed (R13)."""

    action: ClassVar[str] = "sign"
    decision: ClassVar[Decision] = decisions.sign

    signed_by: Name
    signed_on: date


class ActivateContract(ContractAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let it count, from its first day on (R13)."""

    action: ClassVar[str] = "activate"
    decision: ClassVar[Decision] = decisions.activate


class AmendContract(ContractAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Agree on other terms from the begin of a day on (R13). What is not stated stays."""

    action: ClassVar[str] = "amend"
    decision: ClassVar[Decision] = decisions.amend

    effective_on: date
    added: Assets = ()
    removed: Assets = ()
    plan: Name | None = None
    price: Money | None = None


class RenewContract(ContractAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Agree on another term (R13). With `carries` it adds what the last term leaves over."""

    action: ClassVar[str] = "renew"
    decision: ClassVar[Decision] = decisions.renew

    ends_on: date
    starts_on: date | None = None
    allowances: Allowances = msgspec.field(default_factory=Allowances)
    carries: bool = False


class TerminateContract(ContractAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """End it early; `reason` is required, and `effective_on` is the first day without it (R13)."""

    action: ClassVar[str] = "terminate"
    decision: ClassVar[Decision] = decisions.terminate

    effective_on: date


class ConsumeEntitlement(ContractAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Use something included for a ticket (R13). The receipt's `made` is the use.

    Attributes:
        amount: visits, working seconds or pieces.
        asset: its serial; the ticket's own when absent.
        reported_at: the moment that must be covered; when the ticket was reported when absent.
    """

    action: ClassVar[str] = "consume"
    needs: ClassVar[Permission] = Permission.WORK
    decision: ClassVar[Decision] = uses.consume

    ticket: Reference
    kind: Kind
    amount: Amount
    part: Name | None = None
    asset: Name | None = None
    reported_at: Moment | None = None

    def arguments(self) -> dict[str, Any]:
        """What is stated; the desk knows the rest from the ticket."""
        stated = {name: value for name, value in super().arguments().items() if value is not None}
        if self.reported_at:
            stated["reported_at"] = in_utc(self.reported_at, "/reported_at")
        return stated


class RestoreEntitlement(ContractAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give back what was not used after all, to the term it was taken from (R13)."""

    action: ClassVar[str] = "restore"
    needs: ClassVar[Permission] = Permission.WORK
    decision: ClassVar[Decision] = uses.restore

    entry: UUID
    amount: Amount


ACTIONS: tuple[type[ContractAction], ...] = (
    SignContract,
    ActivateContract,
    AmendContract,
    RenewContract,
    TerminateContract,
    ConsumeEntitlement,
    RestoreEntitlement,
)
"""Everything that may be asked of a contract. Expiring is not: its day comes by itself."""
