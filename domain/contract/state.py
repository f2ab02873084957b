"""What a contract is after its events, for deciding what may happen next.

Evolving never fails: an event is a fact, and a fact that looks impossible today still happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import singledispatch
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.contract.events import (
    Allowances,
    ContractActivated,
    ContractAmended,
    ContractDrafted,
    ContractExpired,
    ContractRenewed,
    ContractSigned,
    ContractTerminated,
    EntitlementConsumed,
    EntitlementRestored,
)
from domain.contract.words import Kind, Scope, Status
from domain.event import Act, Event, Fact
from domain.money import Money


class Terms(msgspec.Struct, frozen=True):
    """What was agreed and can be amended; ``assets`` are serials."""

    assets: tuple[str, ...]
    plan: str
    price: Money


class Period(msgspec.Struct, frozen=True):
    """One term, first and last day included; ``carries`` adds what the term before leaves over."""

    starts_on: date
    ends_on: date
    allowances: Allowances
    carries: bool = False


class Restoration(msgspec.Struct, frozen=True):
    """How much of a use was given back, and when."""

    amount: int
    at: datetime


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One use of something included; see ``EntitlementConsumed``."""

    id: UUID
    ticket: UUID
    ticket_number: str
    kind: Kind
    amount: int
    reported_at: datetime
    consumed_at: datetime
    part: str | None = None
    asset: str | None = None
    restorations: tuple[Restoration, ...] = ()

    @property
    def standing(self) -> int:
        """How much of it has not been given back."""
        return self.amount - sum(back.amount for back in self.restorations)

    @property
    def moments(self) -> tuple[datetime, ...]:
        """When it changed what remains."""
        return self.consumed_at, *(back.at for back in self.restorations)

    def used(self, moment: datetime) -> int:
        """How much of it was in use at a moment."""
        if moment < self.consumed_at:
            return 0
        return self.amount - sum(back.amount for back in self.restorations if back.at <= moment)


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """One contract as it stands.

    Attributes:
        number: the number people say, for example C-2026-000012.
        zone: IANA time zone of all its days.
        drafted_terms: as first written; ``term.terms`` says which applied at a moment.
        periods: its terms in order, one more for every renewal.
        amendments: as recorded; each counts from its own day on.
        entries: what was used, as recorded.
        activated: whether it ever counted.
        terminated_on: the first day without it.
    """

    id: UUID
    number: str
    customer: str
    title: str
    zone: str
    scope: Scope
    drafted_terms: Terms
    periods: tuple[Period, ...]
    drafted_at: datetime
    status: Status = Status.DRAFT
    amendments: tuple[ContractAmended, ...] = ()
    entries: tuple[Entry, ...] = ()
    signed_by: str | None = None
    signed_on: date | None = None
    activated: bool = False
    terminated_on: date | None = None
    source: str | None = None

    @property
    def starts_on(self) -> date:
        """Its first day."""
        return self.periods[0].starts_on

    @property
    def ends_on(self) -> date:
        """Its last day as renewed, whether or not it is terminated before."""
        return self.periods[-1].ends_on

    def entry(self, entry_id: UUID) -> Entry | None:
        """The use of that name."""
        return next((entry for entry in self.entries if entry.id == entry_id), None)


def begin(contract_id: UUID, event: ContractDrafted, act: Act) -> Contract:
    """The contract as its draft makes it."""
    return Contract(
        id=contract_id,
        number=event.number,
        customer=event.customer,
        title=event.title,
        zone=event.zone,
        scope=event.scope,
        drafted_terms=Terms(event.assets, event.plan, event.price),
        periods=(Period(event.starts_on, event.ends_on, event.allowances),),
        drafted_at=act.occurred_at,
        source=event.source,
    )


@singledispatch
def evolve(event: Event, contract: Contract, act: Act) -> Contract:  # noqa: ARG001 - the signature of every rule below
    """The contract after one more event; an event that changes nothing leaves it as it is."""
    return contract


@evolve.register
def _(event: ContractSigned, contract: Contract, act: Act) -> Contract:  # noqa: ARG001
    return replace(contract, status=Status.SIGNED, signed_by=event.by, signed_on=event.on)


@evolve.register
def _(event: ContractActivated, contract: Contract, act: Act) -> Contract:  # noqa: ARG001
    return replace(contract, status=Status.ACTIVE, activated=True)


@evolve.register
def _(event: ContractAmended, contract: Contract, act: Act) -> Contract:  # noqa: ARG001
    return replace(contract, amendments=(*contract.amendments, event))


@evolve.register
def _(event: ContractRenewed, contract: Contract, act: Act) -> Contract:  # noqa: ARG001
    period = Period(event.starts_on, event.ends_on, event.allowances, event.carries)
    return replace(contract, status=Status.ACTIVE, periods=(*contract.periods, period))


@evolve.register
def _(event: ContractExpired, contract: Contract, act: Act) -> Contract:  # noqa: ARG001
    return replace(contract, status=Status.EXPIRED)


@evolve.register
def _(event: ContractTerminated, contract: Contract, act: Act) -> Contract:  # noqa: ARG001
    return replace(contract, status=Status.TERMINATED, terminated_on=event.effective_on)


@evolve.register
def _(event: EntitlementConsumed, contract: Contract, act: Act) -> Contract:
    entry = Entry(
        id=event.entry,
        ticket=event.ticket,
        ticket_number=event.ticket_number,
        kind=event.kind,
        amount=event.amount,
        reported_at=event.reported_at,
        consumed_at=act.occurred_at,
        part=event.part,
        asset=event.asset,
    )
    return replace(contract, entries=(*contract.entries, entry))


@evolve.register
def _(event: EntitlementRestored, contract: Contract, act: Act) -> Contract:
    back = Restoration(event.amount, act.occurred_at)
    entries = tuple(
        replace(entry, restorations=(*entry.restorations, back)) if entry.id == event.entry else entry
        for entry in contract.entries
    )
    return replace(contract, entries=entries)


def replay(facts: Iterable[Fact], contract: Contract | None = None) -> Contract | None:
    """Fold facts, in version order, into the contract they make; ``None`` when there are none."""
    for fact in facts:
        if contract is not None:
            contract = evolve(fact.event, contract, fact.act)
        elif isinstance(fact.event, ContractDrafted):
            contract = begin(fact.stream_id, fact.event, fact.act)
    return contract
