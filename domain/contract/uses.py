"""Using what a contract includes, and giving it back: decisions like those of ``decisions``."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domain.contract.allowed import must_allow
from domain.contract.balance import pool_of, room
from domain.contract.cover import EntitlementExhausted, right_amount
from domain.contract.events import EntitlementConsumed, EntitlementRestored
from domain.contract.state import Contract
from domain.contract.term import out_of_cover, period_at
from domain.contract.words import Kind, Why
from domain.errors import InvalidValue
from domain.event import Act, Event


def consume(
    contract: Contract,
    *,
    entry: UUID,
    ticket: UUID,
    ticket_number: str,
    kind: Kind,
    amount: int,
    asset: str | None = None,
    part: str | None = None,
    reported_at: datetime | None = None,
    by: Act,
) -> tuple[Event, ...]:
    """Use something included for a ticket, in visits, seconds or pieces (R13).

    The contract must cover the asset at ``reported_at``, by default when the act occurred.

    Raises:
        EntitlementExhausted: less remains, counting also what was recorded before but used later.
        InvalidValue: not covered, used before it was reported, or the entry exists already.
    """
    must_allow(contract, "consume")
    right_amount(kind, amount, part)
    reported = reported_at or by.occurred_at
    if reported > by.occurred_at:
        raise InvalidValue("nothing is used before it was reported", field="/reported_at")
    if contract.entry(entry):
        raise InvalidValue(f"{contract.number} has an entry {entry} already", field="/entry")
    period = period_at(contract, reported)
    why = out_of_cover(contract, asset, reported)
    if why is not None or period is None:
        field = "/asset" if why in {Why.ASSET_UNKNOWN, Why.ASSET_NOT_COVERED} else "/reported_at"
        raise InvalidValue(f"{contract.number} does not cover this: {why}", field=field)
    remaining = room(contract, period, pool_of(contract, period, kind, part), by.occurred_at)
    if amount > remaining:
        raise EntitlementExhausted(
            f"{contract.number} has {remaining} left of {kind.value}, not {amount}", remaining=remaining
        )
    consumed = EntitlementConsumed(
        number=contract.number,
        entry=entry,
        ticket=ticket,
        ticket_number=ticket_number,
        kind=kind,
        amount=amount,
        reported_at=reported,
        part=part,
        asset=asset,
    )
    return (consumed,)


def restore(contract: Contract, *, entry: UUID, amount: int, by: Act) -> tuple[Event, ...]:
    """Give back what was not used after all, to the term it was taken from (R13).

    Raises:
        InvalidValue: there is no such entry, it was used only later, or less than ``amount`` of it stands.
    """
    must_allow(contract, "restore")
    used = contract.entry(entry)
    if used is None:
        raise InvalidValue(f"{contract.number} has no entry {entry}", field="/entry")
    if by.occurred_at < used.consumed_at:
        raise InvalidValue("nothing is given back before it was used", field="/occurred_at")
    if not 1 <= amount <= used.standing:
        raise InvalidValue(f"entry {entry} has {used.standing} to give back, not {amount}", field="/amount")
    restored = EntitlementRestored(
        number=contract.number,
        entry=entry,
        ticket=used.ticket,
        ticket_number=used.ticket_number,
        kind=used.kind,
        amount=amount,
        part=used.part,
    )
    return (restored,)
