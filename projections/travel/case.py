"""A whole service case after some of its events: ticket, parts that moved for it, what it used (B01)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.contract.events import EntitlementConsumed, EntitlementRestored
from domain.contract.state import Restoration
from domain.contract.words import Kind
from domain.event import Event, Fact
from domain.part.events import MovedForTicket, MovedInStock, PartReserved, ReservationReleased
from domain.part.goods import Goods
from domain.part.holdings import Stock
from domain.part.words import Bucket, Gone
from domain.promises import Promises
from projections.cases import case as cases
from projections.cases.case import Case
from projections.part_trace.steps import Stop, steps

Brought = dict[Bucket | Gone, dict[str, Stock]]
KINDS: dict[str, Bucket | Gone] = {each.value: each for each in (*Bucket, *Gone)}


class Promised(msgspec.Struct, frozen=True):
    """Goods of a location that the case may still have, before ``expires_at``."""

    location: str
    goods: Goods
    expires_at: datetime


class CasePart(msgspec.Struct, frozen=True, kw_only=True):
    """What the case did with one part.

    Attributes:
        id: of the part.
        reserved: what is promised to the case, by the id of the reservation.
        goods: by kind of place and place, what the case brought there and has not taken away since.
    """

    id: UUID
    reserved: dict[UUID, Promised] = {}
    goods: Brought = {}


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the case used of a contract; see ``EntitlementConsumed``."""

    contract: str
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


class WholeCase(msgspec.Struct, frozen=True, kw_only=True):
    """A service case.

    Attributes:
        ticket: with its clocks; ``None`` while nothing was registered.
        parts: by part number.
        uses: of contracts, by the id of the use.
        position: of the last event in it.
        events: how many these are.
    """

    ticket: Case | None = None
    parts: dict[str, CasePart] = {}
    uses: dict[UUID, Use] = {}
    position: int = 0
    events: int = 0


def replay(facts: Iterable[Fact], promises: Promises, whole: WholeCase | None = None) -> WholeCase | None:
    """Fold facts of a case, in the order of the log, into what they make; ``None`` when there are none."""
    for fact in facts:
        whole = after(whole or WholeCase(), fact, promises)
    return whole


def after(whole: WholeCase, fact: Fact, promises: Promises) -> WholeCase:
    """The case after one more fact.

    Raises:
        UnknownPlan: the ticket pins a plan that the book does not hold.
    """
    event = fact.event
    whole = replace(whole, position=fact.position, events=whole.events + 1)
    if isinstance(event, MovedForTicket | MovedInStock):
        part = whole.parts.get(event.number) or CasePart(id=fact.stream_id)
        return replace(whole, parts={**whole.parts, event.number: _moved(part, event)})
    if isinstance(event, EntitlementConsumed | EntitlementRestored):
        return replace(whole, uses=_used(whole.uses, event, fact.act.occurred_at))
    if fact.stream_id == fact.correlation_id:
        return replace(whole, ticket=cases.after(whole.ticket, fact, promises))
    return whole


def _moved(part: CasePart, event: Event) -> CasePart:
    """A part after one of its events; from nowhere is taken more than the case brought there."""
    goods = {kind: dict(places) for kind, places in part.goods.items()}
    for step in steps(event):
        unit = step.lot or step.serial or ""
        if step.came_from.stop is not Stop.SUPPLIER:
            kind, place = KINDS[step.came_from.stop.value], step.came_from.place
            _put(goods, kind, place, unit, -min(step.quantity, _there(goods, kind, place).of(unit)))
        _put(goods, KINDS[step.went_to.stop.value], step.went_to.place, unit, step.quantity)
    return replace(part, reserved=_promised(part.reserved, event), goods=goods)


def _there(goods: Brought, kind: Bucket | Gone, place: str) -> Stock:
    return goods.get(kind, {}).get(place) or Stock()


def _put(goods: Brought, kind: Bucket | Gone, place: str, unit: str, quantity: int) -> None:
    if not quantity:
        return
    left = _there(goods, kind, place).plus({unit: quantity})
    places = goods.setdefault(kind, {})
    places[place] = left
    if not left.total:
        del places[place]
    if not places:
        del goods[kind]


def _promised(reserved: dict[UUID, Promised], event: Event) -> dict[UUID, Promised]:
    if isinstance(event, PartReserved):
        promised = Promised(event.location, event.goods, event.expires_at)
        return {**reserved, event.reservation: promised}
    if isinstance(event, ReservationReleased) and event.reservation in reserved:
        left = reserved[event.reservation].goods.less(event.goods)
        others = {each: promised for each, promised in reserved.items() if each != event.reservation}
        return (
            {**others, event.reservation: replace(reserved[event.reservation], goods=left)}
            if left.quantity > 0
            else others
        )
    return reserved


def _used(
    uses: dict[UUID, Use], event: EntitlementConsumed | EntitlementRestored, when: datetime
) -> dict[UUID, Use]:
    used = uses.get(event.entry)
    if isinstance(event, EntitlementConsumed):
        made = Use(
            contract=event.number,
            kind=event.kind,
            amount=event.amount,
            reported_at=event.reported_at,
            consumed_at=when,
            part=event.part,
            asset=event.asset,
        )
        return {**uses, event.entry: made}
    if used is None:
        return uses
    restorations = (*used.restorations, Restoration(event.amount, when))
    return {**uses, event.entry: replace(used, restorations=restorations)}
