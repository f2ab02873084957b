"""What of a part is free, and which of it is taken: first expired, first out.

Available is the good stock of a location less what is expired and less what is reserved, never below zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import msgspec

from domain.part.errors import ExpiredStock, NotEnoughStock, NotHeld, SerialElsewhere, UnknownUnit
from domain.part.goods import Goods, goods_of
from domain.part.holdings import Place
from domain.part.state import Part
from domain.part.words import OUT_OF_SIGHT, SHELVED, Bucket, Tracking

NOTHING = Goods(0)


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """The stock of one location on one day.

    Attributes:
        on_hand: good stock, what is reserved or expired included.
        reserved: of it, promised to tickets.
        expired: of it, past its last good day.
        quarantined: beside it, not to be used.
    """

    location: str
    on_hand: int
    reserved: int
    expired: int
    quarantined: int

    @property
    def available(self) -> int:
        """What anybody may have."""
        return max(0, self.on_hand - self.expired - self.reserved)


def shelf(part: Part, location: str, today: date) -> Shelf:
    """What a location has, on a calendar day of that location."""
    good = part.stock(Bucket.GOOD, location)
    expired = (quantity for unit, quantity in good.units.items() if part.expired(unit, today))
    return Shelf(
        location=location,
        on_hand=good.total,
        reserved=part.stock(Bucket.RESERVED, location).total,
        expired=sum(expired) if part.perishable else 0,
        quarantined=part.stock(Bucket.QUARANTINE, location).total,
    )


def usable(part: Part, location: str, goods: Goods, *, today: date, own: Goods = NOTHING) -> Goods:
    """The goods, once it is sure that they are there, free and not expired.

    Args:
        part: the part.
        location: where they shall come from.
        goods: what is asked for.
        today: the calendar day of the location.
        own: what is reserved for the one who asks.

    Raises:
        UnknownUnit, SerialElsewhere, ExpiredStock, NotEnoughStock: they are not.
    """
    known(part, goods)
    for unit in goods.units:
        if part.expired(unit, today):
            raise ExpiredStock(unit, part.last_day(unit), field="/lots" if goods.lots else "/serials")
    present(part, goods, Place(Bucket.GOOD, location))
    must_spare(part, location, goods.units, today=today, own=own)
    return goods


def first_expired(part: Part, location: str, goods: Goods, *, today: date, own: Goods = NOTHING) -> Goods:
    """Usable goods with their lots: those that were named, or else the first to expire.

    Raises:
        InvalidValue: serial numbers must be named, and none is.
        UnknownUnit, SerialElsewhere, ExpiredStock, NotEnoughStock: see ``usable``.
    """
    if not goods.named and own.serials and goods.quantity == own.quantity:
        goods = own
    if part.tracking is not Tracking.LOT or goods.named:
        goods.must_be_named(part.tracking)
        return usable(part, location, goods, today=today, own=own)
    usable(part, location, goods, today=today, own=own)
    free = {
        lot: min(own.lots.get(lot, 0) if own.named else quantity, _spare(part, location, lot, own))
        for lot, quantity in part.stock(Bucket.GOOD, location).units.items()
        if not part.expired(lot, today)
    }
    chosen: dict[str, int] = {}
    left = goods.quantity
    for lot in sorted(free, key=lambda lot: (part.last_day(lot), lot)):
        taken = min(left, max(0, free[lot]))
        if taken:
            chosen[lot] = taken
            left -= taken
    if left:
        raise _short(shelf(part, location, today), goods.quantity, goods.quantity - left)
    return goods_of(chosen, Tracking.LOT)


def spared(part: Part, location: str, goods: Goods, *, today: date) -> Goods:
    """Free good stock, expired or not; where only one lot can be meant it need not be named.

    Raises:
        InvalidValue: lots or serial numbers must be named.
        UnknownUnit, SerialElsewhere, NotEnoughStock: the goods are not there or not free.
    """
    goods = only(part, Bucket.GOOD, location, goods)
    known(part, goods)
    present(part, goods, Place(Bucket.GOOD, location))
    must_spare(part, location, goods.units, today=today)
    return goods


def must_spare(
    part: Part, location: str, leaving: dict[str, int], *, today: date, own: Goods = NOTHING
) -> None:
    """Check that good stock may go down by so much, by lot or serial number, and every reservation stay kept.

    What is expired may leave without being free, as nobody can be given it.

    Raises:
        NotEnoughStock: stock, or what is free of it, would become negative.
    """
    seen = shelf(part, location, today)
    promised = seen.reserved - own.quantity
    for unit, quantity in leaving.items():
        spare = max(0, _spare(part, location, unit, own))
        if unit and quantity > spare:
            raise _short(seen, quantity, spare, unit)
    fresh = sum(quantity for unit, quantity in leaving.items() if not part.expired(unit, today))
    all_leaving = sum(leaving.values())
    free = seen.on_hand - seen.expired - promised
    if fresh > max(0, free):
        raise _short(seen, fresh, max(0, free))
    if all_leaving > max(0, seen.on_hand - promised):
        raise _short(seen, all_leaving, max(0, seen.on_hand - promised))


def held(
    part: Part, bucket: Bucket, where: str | UUID, goods: Goods, ticket_number: str | None = None
) -> Goods:
    """The goods out of another bucket than the good stock, once it is sure that they are there.

    Where none is named and there is only one lot or serial number, or all is asked for, that is meant.

    Raises:
        InvalidValue: lots or serial numbers must be named.
        UnknownUnit, SerialElsewhere, NotEnoughStock, NotHeld: they are not there.
    """
    goods = only(part, bucket, where, goods)
    known(part, goods)
    present(part, goods, Place(bucket, where))
    stock = part.stock(bucket, where)
    for unit, quantity in goods.units.items():
        there = max(0, stock.of(unit) if unit else stock.total)
        if quantity <= there:
            continue
        of = f" of {unit}" if unit else ""
        if bucket in SHELVED:
            message = f"{where} has {there} {part.unit}{of} in {bucket.value}, not {quantity}"
            raise NotEnoughStock(
                message, location=str(where), on_hand=there, available=there, unit=unit or None
            )
        message = f"{ticket_number} has {there} {part.unit}{of} {bucket.value}, not {quantity}"
        raise NotHeld(message, ticket=ticket_number or str(where), held=there)
    return goods


def only(part: Part, bucket: Bucket, where: str | UUID, goods: Goods) -> Goods:
    """The goods with their lots or serial numbers, where only these can be meant.

    Raises:
        InvalidValue: several could be meant.
    """
    stock = part.stock(bucket, where)
    if goods.named or part.tracking is Tracking.NONE or goods.quantity > stock.total:
        return goods
    if goods.quantity == stock.total:
        return goods_of(dict(sorted(stock.units.items())), part.tracking)
    if part.tracking is Tracking.LOT and len(stock.units) == 1:
        return goods_of({lot: goods.quantity for lot, _ in stock.units.items()}, Tracking.LOT)
    goods.must_be_named(part.tracking)
    return goods


def known(part: Part, goods: Goods) -> None:
    """Check that every lot and serial number once came in.

    Raises:
        UnknownUnit: one did not.
    """
    for unit in goods.units:
        if unit and part.units.get(unit) is None:
            raise UnknownUnit(unit, field="/lots" if goods.lots else "/serials")


def present(part: Part, goods: Goods, place: Place) -> None:
    """Check that every serial number is in this place.

    Raises:
        SerialElsewhere: one is in another.
    """
    for serial in goods.serials:
        at = part.place(serial)
        if at != place:
            raise SerialElsewhere(serial, str(at))


def must_be_nowhere(part: Part, serials: Iterable[str]) -> None:
    """Check that serial numbers may turn up: new ones, lost ones, and those a customer kept.

    Raises:
        SerialElsewhere: one is known to be somewhere, or was scrapped.
    """
    for serial in serials:
        at = part.place(serial)
        if at is not None and at.kind not in OUT_OF_SIGHT:
            raise SerialElsewhere(serial, str(at))


def _spare(part: Part, location: str, unit: str, own: Goods) -> int:
    promised = part.stock(Bucket.RESERVED, location).of(unit) - own.units.get(unit, 0)
    return part.stock(Bucket.GOOD, location).of(unit) - promised


def _short(seen: Shelf, wanted: int, available: int, unit: str | None = None) -> NotEnoughStock:
    of = f" of {unit}" if unit else ""
    return NotEnoughStock(
        f"{seen.location} can spare {available}{of}, not {wanted}: "
        f"{seen.on_hand} on hand, {seen.reserved} reserved, {seen.expired} expired",
        location=seen.location,
        unit=unit or None,
        on_hand=seen.on_hand,
        reserved=seen.reserved,
        expired=seen.expired,
        available=available,
    )
