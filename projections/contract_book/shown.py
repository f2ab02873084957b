"""What a contract includes as people read it: visits and pieces are numbers, hours are durations."""

from __future__ import annotations

from datetime import datetime

import msgspec

from domain.contract.balance import balances
from domain.contract.events import Allowances
from domain.contract.state import Contract
from domain.contract.words import Kind
from projections.cases.duration import iso

Amount = int | str
"""Visits or pieces as a number; working time as an ISO 8601 duration."""


class ShownBalance(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted together, at one moment.

    Attributes:
        part: a part number with an allowance of its own; ``None`` of parts is all the others.
        granted: what the term has in all, what it carried over included.
        remaining: what is left of it.
    """

    kind: Kind
    part: str | None
    granted: Amount
    remaining: Amount


class ShownAllowances(msgspec.Struct, frozen=True, kw_only=True):
    """What one term includes.

    Attributes:
        visits: how many.
        hours: working time, ISO 8601.
        parts: quantity in all, of every part number that has none of its own.
        by_part: quantity of a part number, apart from ``parts``.
    """

    visits: int
    hours: str
    parts: int
    by_part: dict[str, int]


def amount(kind: Kind, quantity: int) -> Amount:
    """A quantity of what is included, as people read it."""
    return iso(quantity) if kind is Kind.HOURS else quantity


def shown_balances(contract: Contract, moment: datetime) -> tuple[ShownBalance, ...]:
    """Every pool of the term that a moment lies in; none outside of all terms."""
    return tuple(
        ShownBalance(
            kind=each.pool.kind,
            part=each.pool.part,
            granted=amount(each.pool.kind, each.granted),
            remaining=amount(each.pool.kind, each.remaining),
        )
        for each in balances(contract, moment)
    )


def shown_allowances(allowances: Allowances) -> ShownAllowances:
    """What was agreed for one term."""
    return ShownAllowances(
        visits=allowances.visits,
        hours=iso(allowances.hours),
        parts=allowances.parts,
        by_part=allowances.by_part,
    )
