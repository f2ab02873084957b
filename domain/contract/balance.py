"""What a contract includes, and how much of it remains.

Each kind is a pool of its own; a part number with an allowance of its own is one too, and all other parts
share one. A use belongs to the term in which its fault was reported, and so does what is given back of it:
a term never has more than was granted. A term that carries adds what the one before leaves over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from domain.contract.events import Allowances
from domain.contract.state import Contract, Entry
from domain.contract.term import period_at
from domain.contract.words import Kind


class Pool(NamedTuple):
    """What is counted together; ``part`` is a part number with an allowance of its own."""

    kind: Kind
    part: str | None = None


class Balance(NamedTuple):
    """A pool at a moment; ``granted`` and ``remaining`` are visits, seconds or pieces."""

    pool: Pool
    granted: int
    remaining: int


def pool_of(contract: Contract, period: int, kind: Kind, part: str | None) -> Pool:
    """The pool from which a period gives this."""
    own = any(part in contract.periods[place].allowances.by_part for place in _carried(contract, period))
    return Pool(kind, part if kind is Kind.PART and own else None)


def balance(contract: Contract, period: int, pool: Pool, moment: datetime) -> Balance:
    """What a period had of a pool, and what was left at a moment; what was used later does not show yet."""
    carried = _carried(contract, period)
    granted = sum(_granted(contract.periods[place].allowances, pool) for place in carried)
    used = sum(
        entry.used(moment) for place, own, entry in _uses(contract) if place in carried and own == pool
    )
    return Balance(pool, granted, granted - used)


def balances(contract: Contract, moment: datetime) -> tuple[Balance, ...]:
    """Every pool of the period that a moment lies in: visits, hours, parts in all, then part numbers."""
    period = period_at(contract, moment)
    if period is None:
        return ()
    named = {
        part for place in _carried(contract, period) for part in contract.periods[place].allowances.by_part
    }
    pools = [*map(Pool, Kind), *(Pool(Kind.PART, part) for part in sorted(named))]
    return tuple(balance(contract, period, pool, moment) for pool in pools)


def room(contract: Contract, period: int, pool: Pool, since: datetime) -> int:
    """How much may be used from ``since`` on without any balance then or later, carried on, below zero."""
    moments = {since, *(each for entry in contract.entries for each in entry.moments if each > since)}
    return min(
        balance(contract, place, pool, moment).remaining
        for place in _carrying(contract, period)
        for moment in moments
    )


def _granted(allowances: Allowances, pool: Pool) -> int:
    if pool.part is not None:
        return allowances.by_part.get(pool.part, 0)
    return {Kind.VISIT: allowances.visits, Kind.HOURS: allowances.hours, Kind.PART: allowances.parts}[
        pool.kind
    ]


def _carried(contract: Contract, period: int) -> range:
    """The period and those before it that it goes on with."""
    first = period
    while first > 0 and contract.periods[first].carries:
        first -= 1
    return range(first, period + 1)


def _carrying(contract: Contract, period: int) -> range:
    """The period and those after it that go on with it."""
    after = period + 1
    while after < len(contract.periods) and contract.periods[after].carries:
        after += 1
    return range(period, after)


def _uses(contract: Contract) -> Iterator[tuple[int, Pool, Entry]]:
    for entry in contract.entries:
        place = period_at(contract, entry.reported_at)
        if place is not None:
            yield place, pool_of(contract, place, entry.kind, entry.part), entry
