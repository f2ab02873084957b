"""One contract in full, at one moment."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from domain.contract.allowed import allowed_actions
from domain.contract.events import ContractAmended
from domain.contract.state import Entry, Period
from domain.contract.term import ends_at, out_of_force, terms
from domain.contract.words import Kind, Scope, Status, Why
from domain.money import Money
from projections.contract_book.filed import Filed
from projections.contract_book.shown import (
    Amount,
    ShownAllowances,
    ShownBalance,
    amount,
    shown_allowances,
    shown_balances,
)


class ShownPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """One term, first and last day included; ``carries`` adds what the term before leaves over."""

    starts_on: date
    ends_on: date
    allowances: ShownAllowances
    carries: bool


class ShownAmendment(msgspec.Struct, frozen=True, kw_only=True):
    """Other terms from the begin of a day on; what is not stated stays."""

    effective_on: date
    added: tuple[str, ...]
    removed: tuple[str, ...]
    plan: str | None
    price: Money | None


class ShownRestoration(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a use was given back, and when."""

    amount: Amount
    at: datetime


class ShownEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One use of something included.

    Attributes:
        standing: how much of it has not been given back.
        reported_at: when the customer reported: the moment that had to be covered.
    """

    id: UUID
    ticket: UUID
    ticket_number: str
    kind: Kind
    part: str | None
    asset: str | None
    amount: Amount
    standing: Amount
    reported_at: datetime
    consumed_at: datetime
    restorations: tuple[ShownRestoration, ...]


class ContractDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A contract. Days are days of its own zone.

    Attributes:
        version: of its stream; the ``ETag``.
        position: of its last event in the log.
        status: how far the paper is; ``in_force`` says whether it counts at the moment.
        actions: what may be asked of it in this state.
        why: why it is not in force; ``None`` when it is.
        assets: the serials it names at the moment; none when it is for all that its customer has.
        plan: the service plan it promises at the moment.
        price: what was agreed for it, at the moment.
        ends_on: the last day as renewed.
        ends_at: the first instant after that: when it is due to expire.
        terminated_on: the first day without it, when it was ended early.
        source: the row of another system that it was imported from.
        periods: its terms in order, one more for every renewal.
        amendments: as recorded; each counts from its own day on.
        balances: what the term of the moment includes, and what remains; none outside of all terms.
        entries: what was used, as recorded.
    """

    id: UUID
    number: str
    version: int
    position: int
    status: Status
    actions: tuple[str, ...]
    in_force: bool
    why: Why | None
    customer: str
    title: str
    scope: Scope
    assets: tuple[str, ...]
    plan: str
    price: Money
    zone: str
    starts_on: date
    ends_on: date
    ends_at: datetime
    drafted_at: datetime
    signed_by: str | None
    signed_on: date | None
    terminated_on: date | None
    source: str | None
    periods: tuple[ShownPeriod, ...]
    amendments: tuple[ShownAmendment, ...]
    balances: tuple[ShownBalance, ...]
    entries: tuple[ShownEntry, ...]


def detail(filed: Filed, moment: datetime) -> ContractDetail:
    """Show a contract at a moment; for one replayed up to some version, the moment meant by that."""
    contract = filed.contract
    agreed = terms(contract, moment)
    why = out_of_force(contract, moment)
    return ContractDetail(
        id=contract.id,
        number=contract.number,
        version=filed.version,
        position=filed.position,
        status=contract.status,
        actions=allowed_actions(contract.status),
        in_force=why is None,
        why=why,
        customer=contract.customer,
        title=contract.title,
        scope=contract.scope,
        assets=agreed.assets,
        plan=agreed.plan,
        price=agreed.price,
        zone=contract.zone,
        starts_on=contract.starts_on,
        ends_on=contract.ends_on,
        ends_at=ends_at(contract),
        drafted_at=contract.drafted_at,
        signed_by=contract.signed_by,
        signed_on=contract.signed_on,
        terminated_on=contract.terminated_on,
        source=contract.source,
        periods=tuple(map(_period, contract.periods)),
        amendments=tuple(map(_amendment, contract.amendments)),
        balances=shown_balances(contract, moment),
        entries=tuple(map(_entry, contract.entries)),
    )


def _period(period: Period) -> ShownPeriod:
    return ShownPeriod(
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        allowances=shown_allowances(period.allowances),
        carries=period.carries,
    )


def _amendment(amended: ContractAmended) -> ShownAmendment:
    return ShownAmendment(
        effective_on=amended.effective_on,
        added=amended.added,
        removed=amended.removed,
        plan=amended.plan,
        price=amended.price,
    )


def _entry(entry: Entry) -> ShownEntry:
    return ShownEntry(
        id=entry.id,
        ticket=entry.ticket,
        ticket_number=entry.ticket_number,
        kind=entry.kind,
        part=entry.part,
        asset=entry.asset,
        amount=amount(entry.kind, entry.amount),
        standing=amount(entry.kind, entry.standing),
        reported_at=entry.reported_at,
        consumed_at=entry.consumed_at,
        restorations=tuple(
            ShownRestoration(amount=amount(entry.kind, back.amount), at=back.at)
            for back in entry.restorations
        ),
    )
