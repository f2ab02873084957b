"""Parts in and out of a case, and what it used of contracts (R17, R18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from domain.contract.events import EntitlementConsumed, EntitlementRestored
from domain.contract.words import Kind
from domain.event import Event, Fact
from domain.part.events import (
    MovedForTicket,
    MovedInStock,
    PartInstalled,
    PartIssued,
    PartReceived,
    PartReserved,
    PartReturned,
    PartScrapped,
    ReservationReleased,
)
from domain.part.movements import movements
from domain.part.words import Bucket, Condition, Fate


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """Where a serial number that came out went in the end: back to a location, or scrapped (no location)."""

    position: int
    location: str | None
    condition: Condition | None


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """What went into an asset and what came out of it.

    Attributes:
        number: the part.
        lots: of what went in, with the quantity of each.
        serials: of what went in.
        serial_out: what came out.
        fate: what was said then would become of it.
        brought: where it is known to have gone since.
    """

    position: int
    number: str
    quantity: int
    lots: dict[str, int]
    serials: tuple[str, ...]
    asset: str
    serial_out: str | None
    fate: Fate | None
    brought: Return | None
    occurred_at: datetime
    actor: str


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a part the case moved, and what it still has of it.

    Attributes:
        received: delivered to stock for the case.
        reserved: what is still promised to it.
        returned: issued and brought back unused.
        removed: taken out of assets and brought back.
        scrapped: whatever it was before.
        outstanding: issued and not accounted for.
    """

    number: str
    received: int
    reserved: int
    issued: int
    installed: int
    returned: int
    removed: int
    scrapped: int
    outstanding: int
    positions: tuple[int, ...]


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """Something used of a contract (``amount`` above zero) or given back to it (below).

    Attributes:
        number: the contract.
        amount: visits, pieces, or seconds of working time.
    """

    position: int
    number: str
    kind: Kind
    amount: int
    part: str | None
    occurred_at: datetime
    actor: str


def exchanges(facts: Sequence[Fact]) -> tuple[Exchange, ...]:
    """Every installation, in position order."""
    return tuple(
        _exchange(fact, fact.event, facts) for fact in facts if isinstance(fact.event, PartInstalled)
    )


def balances(facts: Sequence[Fact]) -> tuple[Balance, ...]:
    """Every part number that the case moved, by number."""
    moved: dict[str, list[Fact]] = {}
    for fact in facts:
        if isinstance(fact.event, MovedForTicket | MovedInStock):
            moved.setdefault(fact.event.number, []).append(fact)
    return tuple(_balance(number, its) for number, its in sorted(moved.items()))


def uses(facts: Sequence[Fact]) -> tuple[Use, ...]:
    """Every use of a contract and everything given back, in position order."""
    return tuple(
        Use(
            position=fact.position,
            number=event.number,
            kind=event.kind,
            amount=event.amount if isinstance(event, EntitlementConsumed) else -event.amount,
            part=event.part,
            occurred_at=fact.act.occurred_at,
            actor=fact.act.actor,
        )
        for fact in facts
        for event in (fact.event,)
        if isinstance(event, EntitlementConsumed | EntitlementRestored)
    )


def _exchange(fact: Fact, event: PartInstalled, facts: Sequence[Fact]) -> Exchange:
    return Exchange(
        position=fact.position,
        number=event.number,
        quantity=event.goods.quantity,
        lots=event.goods.lots,
        serials=event.goods.serials,
        asset=event.asset,
        serial_out=event.serial_out,
        fate=event.fate,
        brought=_brought(fact, event, facts) if event.serial_out else None,
        occurred_at=fact.act.occurred_at,
        actor=fact.act.actor,
    )


def _brought(fact: Fact, event: PartInstalled, facts: Sequence[Fact]) -> Return | None:
    for later in facts:
        moved = later.event
        if later.position <= fact.position or not isinstance(moved, PartReturned | PartScrapped):
            continue
        if moved.number != event.number or event.serial_out not in moved.goods.serials:
            continue
        if isinstance(moved, PartReturned) and moved.removed:
            return Return(position=later.position, location=moved.location, condition=moved.condition)
        if isinstance(moved, PartScrapped) and moved.bucket is Bucket.REMOVED:
            return Return(position=later.position, location=None, condition=None)
    return None


def _balance(number: str, facts: Sequence[Fact]) -> Balance:
    def total(kind: type[MovedForTicket | MovedInStock], **having: bool) -> int:
        return sum(_quantity(fact.event, kind, having) for fact in facts)

    left = [move for fact in facts for move in movements(fact.event)]
    return Balance(
        number=number,
        received=total(PartReceived),
        reserved=max(0, total(PartReserved) - total(ReservationReleased)),
        issued=total(PartIssued),
        installed=total(PartInstalled),
        returned=total(PartReturned, removed=False),
        removed=total(PartReturned, removed=True),
        scrapped=total(PartScrapped),
        outstanding=max(0, sum(move.delta for move in left if move.bucket is Bucket.ISSUED)),
        positions=tuple(fact.position for fact in facts),
    )


def _quantity(event: Event, kind: type[MovedForTicket | MovedInStock], having: dict[str, bool]) -> int:
    fits = isinstance(event, kind) and all(getattr(event, name) is value for name, value in having.items())
    return event.goods.quantity if isinstance(event, kind) and fits else 0
