"""Whether a contract gives what is asked for an asset: by what, what remains, and why not (R13)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from domain.contract.balance import balance, pool_of
from domain.contract.state import Contract
from domain.contract.term import out_of_cover, period_at, terms
from domain.contract.words import Kind, Why
from domain.errors import DomainError, InvalidValue


class EntitlementExhausted(DomainError):
    """The contract includes less than is asked.

    Attributes:
        remaining: visits, seconds or pieces that are left; 0 also when nothing of the kind is included.
    """

    code = "entitlement-exhausted"

    def __init__(self, message: str, *, remaining: int) -> None:
        super().__init__(message, field="/amount")
        self.remaining = remaining


class Entitlement(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of one contract. Amounts are visits, seconds or pieces.

    Attributes:
        covered: whether all that is asked is included.
        why: why not; ``None`` when covered.
        plan: the service plan that applied, where the contract is in force for the asset.
        until: the last day of the term it is taken from.
        own_part: whether the part number has an allowance of its own.
        granted: what that term has in all, what it carried over included.
        remaining: what is left of it at the moment of asking.
    """

    covered: bool
    why: Why | None = None
    contract: UUID
    number: str
    asset: str | None
    kind: Kind
    part: str | None = None
    asked: int
    plan: str | None = None
    until: date | None = None
    own_part: bool = False
    granted: int = 0
    remaining: int = 0


def entitlement(
    contract: Contract,
    asset: str | None,
    kind: Kind,
    amount: int,
    moment: datetime,
    *,
    part: str | None = None,
    reported_at: datetime | None = None,
) -> Entitlement:
    """What the contract says to ``amount`` of a kind for an asset, asked at ``moment``.

    Whether the asset is covered goes by ``reported_at``, when the customer reported (by default ``moment``);
    what remains, by ``moment``: a visit in January is still included for a fault reported in December.

    Raises:
        InvalidValue: less than one is asked, or the kind does not go with the part number.
    """
    right_amount(kind, amount, part)
    reported = reported_at or moment
    answer = Entitlement(
        covered=False,
        contract=contract.id,
        number=contract.number,
        asset=asset,
        kind=kind,
        part=part,
        asked=amount,
    )
    period = period_at(contract, reported)
    why = out_of_cover(contract, asset, reported)
    if why is not None or period is None:
        return msgspec.structs.replace(answer, why=why)
    left = balance(contract, period, pool_of(contract, period, kind, part), moment)
    return msgspec.structs.replace(
        answer,
        covered=amount <= left.remaining,
        why=_shortfall(amount, left.granted, left.remaining),
        plan=terms(contract, reported).plan,
        until=contract.periods[period].ends_on,
        own_part=left.pool.part is not None,
        granted=left.granted,
        remaining=left.remaining,
    )


def right_amount(kind: Kind, amount: int, part: str | None) -> None:
    """One or more of something that can be counted.

    Raises:
        InvalidValue: less than one is asked, or the kind does not go with the part number.
    """
    if amount < 1:
        raise InvalidValue("an amount is at least 1", field="/amount")
    if (kind is Kind.PART) != bool(part and part.strip()):
        raise InvalidValue("a part, and nothing else, has a part number", field="/part")


def _shortfall(amount: int, granted: int, remaining: int) -> Why | None:
    if amount <= remaining:
        return None
    return Why.EXHAUSTED if granted else Why.NOT_INCLUDED
