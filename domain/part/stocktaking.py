"""How stock is counted, and the books set right (R17)."""

from __future__ import annotations

from datetime import date

from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.part.events import PartCounted
from domain.part.goods import Goods, goods_of
from domain.part.picking import known, must_be_nowhere, must_spare
from domain.part.reservations import give_way
from domain.part.state import Part
from domain.part.words import Bucket, Tracking, must_say


def count(part: Part, *, location: str, goods: Goods, today: date, by: Act) -> tuple[Event, ...]:
    """Count the good stock of a location and set the books right.

    Args:
        part: the part.
        location: where it was counted.
        goods: what was there: of the lots that were counted, or of all serial numbers; nothing is 0.
        today: the calendar day of the location.
        by: who, when and why; a difference needs a reason.

    Raises:
        InvalidValue: no sensible quantity, lots or serials not named, or a difference without a reason.
        UnknownUnit, SerialElsewhere: a lot or serial number was found that never came in, or is elsewhere.
        NotEnoughStock: less was found than is reserved; release what cannot be kept first.
    """
    goods.must_suit(part.tracking, least=0)
    must_say("location", location)
    if part.tracking is Tracking.LOT or goods.quantity:
        goods.must_be_named(part.tracking)
    known(part, goods)
    books = part.stock(Bucket.GOOD, location)
    found = goods.units if part.tracking is not Tracking.NONE else {"": goods.quantity}
    if part.tracking is Tracking.SERIAL:
        found = {serial: 0 for serial, _ in books.units.items()} | found
    differences = {unit: quantity - books.of(unit) for unit, quantity in sorted(found.items())}
    more = {unit: delta for unit, delta in differences.items() if delta > 0}
    fewer = {unit: -delta for unit, delta in differences.items() if delta < 0}
    if (more or fewer) and not (by.reason and by.reason.strip()):
        raise InvalidValue("a difference needs a reason", field="/reason")
    if part.tracking is Tracking.SERIAL:
        must_be_nowhere(part, more)
    freed: tuple[Event, ...] = ()
    if fewer:
        freed, part = give_way(part, location, goods_of(fewer, part.tracking), today=today, by=by)
        must_spare(part, location, {unit: -delta for unit, delta in differences.items()}, today=today)
    counted = PartCounted(
        number=part.number,
        goods=goods,
        location=location,
        more=goods_of(more, part.tracking),
        fewer=goods_of(fewer, part.tracking),
    )
    return *freed, counted
