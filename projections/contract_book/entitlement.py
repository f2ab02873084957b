"""Whether a customer's asset is entitled to something: by what, what remains, and why not (R13, SLA 13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection

from domain.contract.choice import Loser, Winner, choose
from domain.contract.cover import entitlement, right_amount
from domain.contract.state import Contract
from domain.contract.words import Kind, Why
from domain.errors import InvalidValue
from projections.contract_book.filed import read
from projections.contract_book.shown import Amount, amount

CANDIDATES: LiteralString = (
    "SELECT state FROM view.contract WHERE customer = %(customer)s "
    "OR id = ANY(ARRAY(SELECT contract FROM view.contract_asset WHERE serial = %(asset)s))"
)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for an asset, by its serial, or for anything that a customer has.

    Attributes:
        quantity: visits, seconds or pieces.
        part: the part number, for a part and nothing else.
        reported_at: when the customer reported, which says what is covered; by default the moment of asking.

    Raises:
        InvalidValue: neither asset nor customer is named, less than one is asked, or the kind does not go
            with the part number.
    """

    asset: str | None = None
    customer: str | None = None
    kind: Kind = Kind.VISIT
    quantity: int = 1
    part: str | None = None
    reported_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.asset is None and self.customer is None:
            raise InvalidValue("an entitlement is an asset's or a customer's", field="/asset")
        right_amount(self.kind, self.quantity, self.part)


class EntitlementAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Covered or not, by what, what remains, and why not.

    Attributes:
        covered: whether all that was asked for is included.
        why: why the winner does not give it; ``None`` when it does, and when nobody won.
        winner: the contract that applies; ``None`` when none does.
        losers: the other contracts that name the asset or are the customer's, each with why it lost: those
            that were outranked first, the best of them before, then by number.
        until: the last day of the term it is taken from.
        own_part: whether the part number has an allowance of its own.
        granted: what that term has in all, what it carried over included.
        remaining: what is left of it at the moment.
    """

    covered: bool
    why: Why | None
    winner: Winner | None
    losers: tuple[Loser, ...]
    asset: str | None
    customer: str | None
    kind: Kind
    part: str | None
    asked: Amount
    moment: datetime
    reported_at: datetime
    until: date | None
    own_part: bool
    granted: Amount | None
    remaining: Amount | None


async def check(conn: AsyncConnection[Any], asked: Asked, moment: datetime) -> EntitlementAnswer:
    """The answer of the book at a moment: of every contract that names the asset or is the customer's."""
    named = {"customer": asked.customer, "asset": asked.asset}
    found = await conn.execute(CANDIDATES, named, binary=True)
    return answer([read(row[0]).contract for row in await found.fetchall()], asked, moment)


def answer(contracts: Sequence[Contract], asked: Asked, moment: datetime) -> EntitlementAnswer:
    """The answer of these contracts at a moment."""
    reported = asked.reported_at or moment
    choice = choose(contracts, asset=asked.asset, customer=asked.customer, moment=reported)
    by_id = {contract.id: contract for contract in contracts}
    given = (
        entitlement(
            by_id[choice.winner.contract],
            asked.asset,
            asked.kind,
            asked.quantity,
            moment,
            part=asked.part,
            reported_at=reported,
        )
        if choice.winner
        else None
    )
    return EntitlementAnswer(
        covered=given is not None and given.covered,
        why=given and given.why,
        winner=choice.winner,
        losers=choice.losers,
        asset=asked.asset,
        customer=asked.customer,
        kind=asked.kind,
        part=asked.part,
        asked=amount(asked.kind, asked.quantity),
        moment=moment,
        reported_at=reported,
        until=given and given.until,
        own_part=given is not None and given.own_part,
        granted=given and amount(given.kind, given.granted),
        remaining=given and amount(given.kind, given.remaining),
    )
