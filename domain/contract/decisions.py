"""What may be asked of a contract, and what then happens.

Every decision takes the contract, its arguments and the act (who, when, why), and returns the events that
follow. It raises ``NotAllowed`` when the state forbids it and ``InvalidValue`` when an argument is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from domain.contract.allowed import must_allow
from domain.contract.drafting import days_in_order, needs_text, no_serial_twice, not_negative
from domain.contract.events import (
    Allowances,
    ContractActivated,
    ContractAmended,
    ContractExpired,
    ContractRenewed,
    ContractSigned,
    ContractTerminated,
)
from domain.contract.state import Contract
from domain.contract.term import day_of, ends_at, terms_on
from domain.contract.words import Scope
from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.money import Money

DAY = timedelta(days=1)


def sign(contract: Contract, *, signed_by: str, signed_on: date, by: Act) -> tuple[Event, ...]:
    """The customer signed (R13).

    Raises:
        InvalidValue: nobody is named, or the day is still to come in the contract's zone.
    """
    _may(contract, "sign", by)
    needs_text(signed_by, "a signature needs a name", field="/signed_by")
    if signed_on > day_of(contract, by.occurred_at):
        raise InvalidValue(f"{signed_on} is still to come", field="/signed_on")
    return (ContractSigned(by=signed_by, on=signed_on),)


def activate(contract: Contract, *, by: Act) -> tuple[Event, ...]:
    """Let the contract count, from its first day on (R13).

    Raises:
        InvalidValue: its last day is over.
    """
    _may(contract, "activate", by)
    if by.occurred_at >= ends_at(contract):
        raise InvalidValue(f"{contract.number} ended on {contract.ends_on}", field="/occurred_at")
    return (ContractActivated(),)


def amend(
    contract: Contract,
    *,
    effective_on: date,
    added: Sequence[str] = (),
    removed: Sequence[str] = (),
    plan: str | None = None,
    price: Money | None = None,
    by: Act,
) -> tuple[Event, ...]:
    """Agree on other terms from the begin of a day on (R13). Tickets reported before keep theirs (SLA 8).

    Raises:
        InvalidValue: the day lies outside the contract; a serial comes twice, is covered already or is not;
            no serial would be left then or later; or nothing would change.
    """
    _may(contract, "amend", by)
    _within(contract, effective_on)
    no_serial_twice(added, field="/added")
    no_serial_twice(removed, field="/removed")
    if (added or removed) and contract.scope is Scope.CUSTOMER:
        raise InvalidValue(f"{contract.number} is for all that {contract.customer} has", field="/added")
    agreed = terms_on(contract, effective_on)
    if known := sorted(set(added) & set(agreed.assets)):
        raise InvalidValue(f"{', '.join(known)} is covered already on {effective_on}", field="/added")
    if unknown := sorted(set(removed) - set(agreed.assets)):
        raise InvalidValue(f"{', '.join(unknown)} is not covered on {effective_on}", field="/removed")
    if plan is not None:
        needs_text(plan, "a contract needs a plan", field="/plan")
    if price is not None:
        not_negative(price)
    if not (added or removed) and plan in {None, agreed.plan} and price in {None, agreed.price}:
        raise InvalidValue(f"that is what {contract.number} says on {effective_on}")
    amended = ContractAmended(
        effective_on=effective_on, added=tuple(added), removed=tuple(removed), plan=plan, price=price
    )
    if contract.scope is Scope.ASSETS:
        _keeps_an_asset(contract, amended)
    return (amended,)


def renew(
    contract: Contract,
    *,
    ends_on: date,
    allowances: Allowances,
    carries: bool = False,
    starts_on: date | None = None,
    by: Act,
) -> tuple[Event, ...]:
    """Agree on another term: from the day after the last, or from a later one (R13).

    Its allowances are fresh; with ``carries`` they are added to what the last term leaves over.

    Raises:
        InvalidValue: it would end before it starts, or start before the last term is over.
    """
    _may(contract, "renew", by)
    starts_on = starts_on or contract.ends_on + DAY
    if starts_on <= contract.ends_on:
        raise InvalidValue(f"{contract.number} runs until {contract.ends_on}", field="/starts_on")
    days_in_order(starts_on, ends_on)
    return (ContractRenewed(starts_on=starts_on, ends_on=ends_on, allowances=allowances, carries=carries),)


def expire(contract: Contract, *, by: Act) -> tuple[Event, ...]:
    """Take note that the last day is over; coverage has ended by itself (R13).

    Raises:
        InvalidValue: it is not over yet in the contract's zone.
    """
    _may(contract, "expire", by)
    if by.occurred_at < ends_at(contract):
        raise InvalidValue(f"{contract.number} runs until {contract.ends_on}", field="/occurred_at")
    return (ContractExpired(),)


def terminate(contract: Contract, *, effective_on: date, by: Act) -> tuple[Event, ...]:
    """End the contract early: ``effective_on`` is the first day without it (R13).

    Raises:
        InvalidValue: no reason was given, or the day lies outside the contract.
    """
    _may(contract, "terminate", by)
    _within(contract, effective_on)
    if not (by.reason and by.reason.strip()):
        raise InvalidValue("terminating needs a reason", field="/reason")
    return (ContractTerminated(effective_on=effective_on),)


def _may(contract: Contract, action: str, by: Act) -> None:
    must_allow(contract, action)
    if by.occurred_at < contract.drafted_at:
        raise InvalidValue(
            f"{contract.number} was drafted at {contract.drafted_at.isoformat()}; "
            "nothing can have happened to it before",
            field="/occurred_at",
        )


def _within(contract: Contract, day: date) -> None:
    if not contract.starts_on <= day <= contract.ends_on:
        raise InvalidValue(
            f"{contract.number} runs from {contract.starts_on} to {contract.ends_on}", field="/effective_on"
        )


def _keeps_an_asset(contract: Contract, amended: ContractAmended) -> None:
    after = replace(contract, amendments=(*contract.amendments, amended))
    for day in sorted({each.effective_on for each in after.amendments}):
        if day >= amended.effective_on and not terms_on(after, day).assets:
            raise InvalidValue(f"{contract.number} would cover nothing on {day}", field="/removed")
