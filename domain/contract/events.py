"""What can happen to a contract. Days are days of the contract's own time zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from domain.contract.words import Kind, Scope
from domain.errors import InvalidValue
from domain.event import Event, recorded
from domain.money import Money

MOST = 1_000_000_000
MOST_PARTS = 1000
LONGEST = 200
Allowance = Annotated[int, Meta(ge=0, le=MOST)]
PartNumber = Annotated[str, Meta(min_length=1, max_length=LONGEST, pattern=r"^[^\u0000]*$")]


class Allowances(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one term includes; what is not stated is not included.

    Attributes:
        visits: how many.
        hours: working time, in seconds.
        parts: quantity in all, of every part number that has none of its own.
        by_part: quantity of a part number, apart from ``parts``.

    Raises:
        InvalidValue: one of them is below zero or too large to be read again, or a part number is no number.
    """

    visits: Allowance = 0
    hours: Allowance = 0
    parts: Allowance = 0
    by_part: Annotated[dict[PartNumber, Allowance], Meta(max_length=MOST_PARTS)] = {}

    def __post_init__(self) -> None:
        amounts = (self.visits, self.hours, self.parts, *self.by_part.values())
        if not all(0 <= amount <= MOST for amount in amounts):
            raise InvalidValue(f"an allowance is 0 to {MOST:,}", field="/allowances")
        numbers = all(part.strip() and len(part) <= LONGEST and "\0" not in part for part in self.by_part)
        if not numbers or len(self.by_part) > MOST_PARTS:
            raise InvalidValue("an allowance of a part needs its number", field="/allowances/by_part")


def of_assets(serials: Iterable[str]) -> tuple[str, ...]:
    """What contracts that name these serials are found by."""
    return tuple(f"contract of asset/{serial}" for serial in serials)


def of_customer(customer: str) -> tuple[str, ...]:
    """What contracts for all that a customer has are found by."""
    return (f"contract of customer/{customer}",)


@recorded
class ContractDrafted(Event, frozen=True, tag="contract.drafted"):
    """The terms were written down (R13).

    ``starts_on`` is the first day and ``ends_on`` the last, both included. ``assets`` are serials; with scope
    ``customer`` there are none. ``source`` names the row of another system that it was imported from.
    """

    number: str
    customer: str
    title: str
    plan: str
    starts_on: date
    ends_on: date
    zone: str
    price: Money
    allowances: Allowances
    scope: Scope = Scope.ASSETS
    assets: tuple[str, ...] = ()
    source: str | None = None

    @property
    def mentions(self) -> tuple[str, ...]:
        """The serials it names; or the customer, where it is for all that the customer has (SLA 13)."""
        return of_customer(self.customer) if self.scope is Scope.CUSTOMER else of_assets(self.assets)


@recorded
class ContractSigned(Event, frozen=True, tag="contract.signed"):
    """The customer signed: who and on which day."""

    by: str
    on: date


@recorded
class ContractActivated(Event, frozen=True, tag="contract.activated"):
    """It counts from its first day on, be that past or to come."""


@recorded
class ContractAmended(Event, frozen=True, tag="contract.amended"):
    """The terms are others from the begin of ``effective_on`` on; what is not stated stays (R13)."""

    effective_on: date
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    plan: str | None = None
    price: Money | None = None

    @property
    def mentions(self) -> tuple[str, ...]:
        """The serials that were added."""
        return of_assets(self.added)


@recorded
class ContractRenewed(Event, frozen=True, tag="contract.renewed"):
    """Another term follows, with allowances of its own; ``carries`` adds what the last term leaves over."""

    starts_on: date
    ends_on: date
    allowances: Allowances
    carries: bool = False


@recorded
class ContractExpired(Event, frozen=True, tag="contract.expired"):
    """The last day is over, and somebody took note. Coverage ended by the date, not by this."""


@recorded
class ContractTerminated(Event, frozen=True, tag="contract.terminated"):
    """It ends early: ``effective_on`` is the first day without it. The act says why."""

    effective_on: date


@recorded
class EntitlementConsumed(Event, frozen=True, tag="contract.entitlement_consumed"):
    """Something included was used for a ticket.

    ``number`` is the contract's, ``entry`` names the use. ``reported_at`` is the moment that must be covered:
    when the customer reported, however much later the work is done. ``amount`` is visits, seconds or pieces.
    """

    number: str
    entry: UUID
    ticket: UUID
    ticket_number: str
    kind: Kind
    amount: int
    reported_at: datetime
    part: str | None = None
    asset: str | None = None

    @property
    def case(self) -> UUID:
        """The ticket."""
        return self.ticket


@recorded
class EntitlementRestored(Event, frozen=True, tag="contract.entitlement_restored"):
    """A use, or a part of it, did not happen after all: its term has that much again.

    ``amount`` is what is given back; ticket, kind and part are those of the use.
    """

    number: str
    entry: UUID
    ticket: UUID
    ticket_number: str
    kind: Kind
    amount: int
    part: str | None = None

    @property
    def case(self) -> UUID:
        """The ticket."""
        return self.ticket
