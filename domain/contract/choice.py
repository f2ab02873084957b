"""Which of several contracts a ticket falls under, and why the others lost (SLA 13).

Only a contract that is in force for the ticket's asset when the customer reported can win. Of those, in this
order: one that names the serial before one for all its customer has; the term that began on the later day;
the lower number (the shorter, then by its characters); the lower id. No two contracts are equal in all of
that, so neither the order in which they are given nor anything else that happens changes the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from domain.contract.state import Contract
from domain.contract.term import out_of_cover, period_at, terms
from domain.contract.words import Level, Scope, Why

LEVELS = tuple(Level)
LEVEL_OF = {Scope.ASSETS: Level.LINE, Scope.CUSTOMER: Level.CONTRACT}


class Winner(msgspec.Struct, frozen=True, kw_only=True):
    """A contract that applies: at which level it matches, and the plan it promises."""

    number: str
    contract: UUID
    level: Level
    plan: str


class Loser(msgspec.Struct, frozen=True, kw_only=True):
    """A contract that does not apply, and why."""

    number: str
    contract: UUID
    why: Why


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What a ticket records: the contract that applies and those that do not.

    Attributes:
        winner: ``None`` when no contract applies; product, customer class or default then decide.
        losers: those that applied but were outranked, the best first; then the others by number.
    """

    winner: Winner | None = None
    losers: tuple[Loser, ...] = ()


class _Rank(NamedTuple):
    """What is compared, the decisive first; the lowest wins."""

    level: int
    age: int
    number: tuple[int, str]
    id: UUID


OUTRANKED = (Why.LESS_SPECIFIC, Why.OLDER, Why.HIGHER_NUMBER, Why.HIGHER_NUMBER)
"""Why a contract lost, by the first place of its rank that differs from the winner's."""


def choose(
    contracts: Iterable[Contract], *, asset: str | None, customer: str | None, moment: datetime
) -> Choice:
    """The contract for a customer's asset, by its serial, when the customer reported (SLA 13).

    Either may be unknown: a serial alone finds the contract that names it, a customer alone one for all that
    the customer has. A contract of another customer than the ticket's never applies. A contract that is given
    twice counts once.
    """
    return ranked(contracts, asset=asset, customer=customer, moment=moment)[0]


def ranked(
    contracts: Iterable[Contract], *, asset: str | None, customer: str | None, moment: datetime
) -> tuple[Choice, tuple[Winner, ...]]:
    """The same, and every contract that applies, the best first: where the plan of one is not offered, the
    next one's may be."""
    given = {contract.id: contract for contract in contracts}.values()
    applying: list[tuple[_Rank, Contract]] = []
    losers: list[tuple[tuple[int, str], UUID, Loser]] = []
    for contract in given:
        why = _unfit(contract, asset, customer, moment)
        if why is None:
            applying.append((_rank(contract, moment), contract))
        else:
            losers.append((_order(contract.number), contract.id, _lost(contract, why)))
    applying.sort(key=lambda each: each[0])
    others = tuple(loser for *_, loser in sorted(losers, key=lambda each: each[:2]))
    if not applying:
        return Choice(losers=others), ()
    (best, _), *rest = applying
    outranked = tuple(_lost(other, _outranked(rank, best)) for rank, other in rest)
    those = tuple(_promised(contract, moment) for _, contract in applying)
    return Choice(winner=those[0], losers=outranked + others), those


def _unfit(contract: Contract, asset: str | None, customer: str | None, moment: datetime) -> Why | None:
    named = customer is not None or contract.scope is Scope.CUSTOMER
    if named and customer != contract.customer:
        return Why.OTHER_CUSTOMER
    return out_of_cover(contract, asset, moment)


def _rank(contract: Contract, moment: datetime) -> _Rank:
    period = period_at(contract, moment)
    began = contract.periods[period].starts_on if period is not None else date.min
    level = LEVELS.index(LEVEL_OF[contract.scope])
    return _Rank(level, -began.toordinal(), _order(contract.number), contract.id)


def _outranked(rank: _Rank, best: _Rank) -> Why:
    differs = (why for why, own, winning in zip(OUTRANKED, rank, best, strict=True) if own != winning)
    return next(differs)


def _order(number: str) -> tuple[int, str]:
    return len(number), number


def _promised(contract: Contract, moment: datetime) -> Winner:
    return Winner(
        number=contract.number,
        contract=contract.id,
        level=LEVEL_OF[contract.scope],
        plan=terms(contract, moment).plan,
    )


def _lost(contract: Contract, why: Why) -> Loser:
    return Loser(number=contract.number, contract=contract.id, why=why)
