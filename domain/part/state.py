"""What a part is after its events, for deciding what may happen next.

Evolving never fails: an event is a fact, and a fact that looks impossible today still happened. Every
quantity is the sum of the movements before it, so one that came out below zero shows what was wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import singledispatch
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.event import Act, Event, Fact
from domain.part.events import (
    PartCatalogued,
    PartCounted,
    PartInstalled,
    PartName,
    PartReceived,
    PartReserved,
    PartRevised,
    PartScrapped,
    ReservationReleased,
)
from domain.part.holdings import Place, Reservation, Stock, Unit
from domain.part.movements import movements
from domain.part.register import Register
from domain.part.words import Bucket, Fate, Gone, Tracking


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part number as it stands.

    Attributes:
        number: what people call it; unique.
        stocks: what every bucket holds, by location or by ticket; nothing is listed that is empty.
        units: every lot and serial number that ever came in.
        perishable: whether any of them has a last good day.
    """

    id: UUID
    number: str
    revision: str
    name: PartName
    unit: str
    tracking: Tracking
    shelf_life_days: int | None
    reorder_point: int
    stocks: dict[Bucket, Register[str | UUID, Stock]] = {}
    reservations: Register[UUID, Reservation] = Register()
    units: Register[str, Unit] = Register()
    perishable: bool = False

    def stock(self, bucket: Bucket, where: str | UUID) -> Stock:
        """What a bucket holds at a location, or for a ticket."""
        return self._bucket(bucket).get(where) or Stock()

    def total(self, bucket: Bucket) -> int:
        """What a bucket holds in all places together."""
        return sum(stock.total for stock in self._bucket(bucket).values())

    def outstanding(self, ticket: UUID) -> int:
        """Issued for a ticket less installed, returned and scrapped; zero before the ticket may close."""
        return self.stock(Bucket.ISSUED, ticket).total

    def owed_back(self, ticket: UUID) -> int:
        """Taken out of assets on a ticket to be returned, and not back yet."""
        return self.stock(Bucket.REMOVED, ticket).total

    def place(self, serial: str) -> Place | None:
        """Where a serial number is; ``None`` when it never came in."""
        known = self.units.get(serial)
        return known and known.place

    def expired(self, unit: str, today: date) -> bool:
        """Whether a lot or serial number is past its last good day."""
        return self.last_day(unit) < today

    def last_day(self, unit: str) -> date:
        """The last good day of a lot or serial number; the end of time when it has none."""
        known = self.units.get(unit)
        return (known and known.expires_on) or date.max

    def _bucket(self, bucket: Bucket) -> Register[str | UUID, Stock]:
        return self.stocks.get(bucket) or Register()


def begin(part_id: UUID, event: PartCatalogued) -> Part:
    """The part as its catalogue entry makes it."""
    return Part(
        id=part_id,
        number=event.number,
        revision=event.revision,
        name=event.name,
        unit=event.unit,
        tracking=event.tracking,
        shelf_life_days=event.shelf_life_days,
        reorder_point=event.reorder_point,
    )


def evolve(event: Event, part: Part, act: Act) -> Part:  # noqa: ARG001 - as every aggregate evolves
    """The part after one more event; an event that changes nothing leaves it as it is."""
    return _noted(event, _moved(event, part))


def _moved(event: Event, part: Part) -> Part:
    deltas: dict[Bucket, dict[str | UUID, dict[str, int]]] = {}
    places: dict[str, Unit | None] = {}
    for movement in movements(event):
        units = deltas.setdefault(movement.bucket, {}).setdefault(movement.where, {})
        units[movement.unit] = units.get(movement.unit, 0) + movement.delta
        if movement.serial and movement.delta > 0 and movement.bucket is not Bucket.RESERVED:
            places[movement.serial] = _at(part, movement.serial, Place(movement.bucket, movement.where))
    if not deltas:
        return part
    stocks = dict(part.stocks)
    for bucket, wheres in deltas.items():
        held = stocks.get(bucket) or Register[str | UUID, Stock]()
        now = {where: (held.get(where) or Stock()).plus(units) for where, units in wheres.items()}
        stocks[bucket] = held.put({where: stock if stock.units else None for where, stock in now.items()})
    return replace(part, stocks=stocks, units=part.units.put(places) if places else part.units)


def _at(part: Part, serial: str, place: Place) -> Unit:
    return Unit((part.units.get(serial) or Unit()).expires_on, place)


@singledispatch
def _noted(event: Event, part: Part) -> Part:  # noqa: ARG001 - the signature of every rule below
    """What an event changes beside the quantities."""
    return part


@_noted.register
def _(event: PartRevised, part: Part) -> Part:
    return replace(
        part,
        revision=event.revision,
        name=event.name,
        shelf_life_days=event.shelf_life_days,
        reorder_point=event.reorder_point,
    )


@_noted.register
def _(event: PartReceived, part: Part) -> Part:
    known = {unit: part.units.get(unit) or Unit() for unit in event.goods.units if unit}
    dated = {
        unit: replace(was, expires_on=event.expires_on.get(unit, was.expires_on))
        for unit, was in known.items()
    }
    return replace(part, units=part.units.put(dated), perishable=part.perishable or bool(event.expires_on))


@_noted.register
def _(event: PartReserved, part: Part) -> Part:
    made = Reservation(
        event.reservation,
        event.location,
        event.goods,
        event.expires_at,
        event.for_ticket,
        event.ticket_number,
    )
    return replace(part, reservations=part.reservations.put({made.id: made}))


@_noted.register
def _(event: ReservationReleased, part: Part) -> Part:
    reservation = part.reservations.get(event.reservation)
    if reservation is None:
        return part
    left = reservation.goods.less(event.goods)
    kept = replace(reservation, goods=left) if left.quantity > 0 else None
    return replace(part, reservations=part.reservations.put({event.reservation: kept}))


@_noted.register
def _(event: PartInstalled, part: Part) -> Part:
    places = {serial: _at(part, serial, Place(Gone.INSTALLED, event.asset)) for serial in event.goods.serials}
    if event.serial_out is not None and event.fate not in {None, Fate.RETURNED}:
        places[event.serial_out] = _at(part, event.serial_out, Place(Gone(event.fate)))
    return replace(part, units=part.units.put(places))


@_noted.register(PartScrapped)
@_noted.register(PartCounted)
def _(event: PartScrapped | PartCounted, part: Part) -> Part:
    if isinstance(event, PartScrapped):
        gone, goods = Gone.SCRAPPED, event.goods
    else:
        gone, goods = Gone.LOST, event.fewer
    return replace(part, units=part.units.put({each: _at(part, each, Place(gone)) for each in goods.serials}))


def after(part: Part, events: Iterable[Event], act: Act) -> Part:
    """The part after more events of one act."""
    for event in events:
        part = evolve(event, part, act)
    return part


def replay(facts: Iterable[Fact], part: Part | None = None) -> Part | None:
    """Fold facts, in version order, into the part they make; ``None`` when there are none."""
    for fact in facts:
        if part is not None:
            part = evolve(fact.event, part, fact.act)
        elif isinstance(fact.event, PartCatalogued):
            part = begin(fact.stream_id, fact.event)
    return part
