"""What may be asked of a part for a ticket: issue, install, return (R17, R18).

Every decision takes the part, its arguments and the act, and returns the events that follow.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.part.errors import SerialElsewhere
from domain.part.events import PartInstalled, PartIssued, PartReturned
from domain.part.goods import Goods
from domain.part.holdings import Place, Reservation
from domain.part.picking import first_expired, held
from domain.part.reservations import give_way, released, valid
from domain.part.state import Part
from domain.part.words import OUT_OF_SIGHT, Bucket, Condition, Fate, Gone, Release, Tracking, must_say


def issue(
    part: Part,
    *,
    location: str,
    goods: Goods,
    for_ticket: UUID,
    ticket_number: str,
    reservation: UUID | None = None,
    today: date,
    by: Act,
) -> tuple[Event, ...]:
    """Hand out goods for a ticket: named ones, or of the lots the first to expire.

    Args:
        part: the part.
        location: where the goods are.
        goods: how much, and which; serial numbers must be named, except all that a reservation names.
        for_ticket: whom it is for.
        ticket_number: and its number.
        reservation: what was promised; the rest of it stays promised.
        today: the calendar day of the location.
        by: who, when and why.

    Raises:
        InvalidValue: no sensible quantity, nothing named that must be, or not what was reserved.
        UnknownReservation, ReservationExpired: nothing is promised, or not any more.
        UnknownUnit, SerialElsewhere, ExpiredStock, NotEnoughStock: the goods are not there or not free.
    """
    goods.must_suit(part.tracking)
    if reservation is None:
        before, part = give_way(part, location, goods, today=today, by=by)
        picked = first_expired(part, location, goods, today=today)
    else:
        kept = valid(part, reservation, by)
        _must_be_promised(kept, location, goods, for_ticket)
        picked = first_expired(part, location, goods, today=today, own=kept.goods)
        used = picked if kept.goods.named else Goods(goods.quantity)
        before = (released(part, kept, used, Release.USED),)
    issued = PartIssued(
        number=part.number,
        goods=picked,
        location=location,
        reservation=reservation,
        for_ticket=for_ticket,
        ticket_number=ticket_number,
    )
    return *before, issued


def install(
    part: Part,
    *,
    asset: str,
    goods: Goods,
    for_ticket: UUID,
    ticket_number: str,
    serial_out: str | None = None,
    fate: Fate | None = None,
    by: Act,  # noqa: ARG001 - as all decide
) -> tuple[Event, ...]:
    """Put issued goods into an asset, one serial number at a time, and say what came out (R18).

    Args:
        part: the part.
        asset: the serial number of the asset.
        goods: how much, and which; not needed where only one lot or serial number can be meant.
        for_ticket: the ticket that has them.
        ticket_number: and its number.
        serial_out: the serial number of this part that came out, also one that was never in stock.
        fate: what became of it.
        by: who, when and why.

    Raises:
        InvalidValue: no sensible quantity, nothing named that must be, or only one of what came out and why.
        UnknownUnit, SerialElsewhere, NotHeld: the ticket does not have them, or what came out was elsewhere.
    """
    goods.must_suit(part.tracking)
    must_say("asset", asset)
    picked = held(part, Bucket.ISSUED, for_ticket, goods, ticket_number)
    if part.tracking is Tracking.SERIAL and picked.quantity != 1:
        raise InvalidValue("serial numbers are installed one at a time", field="/serials")
    if (serial_out is None) != (fate is None):
        raise InvalidValue("a serial number came out and has a fate, or neither", field="/fate")
    if serial_out is not None:
        _must_come_out(part, serial_out, asset, picked)
    installed = PartInstalled(
        number=part.number,
        goods=picked,
        asset=asset,
        serial_out=serial_out,
        fate=fate,
        for_ticket=for_ticket,
        ticket_number=ticket_number,
    )
    return (installed,)


def give_back(
    part: Part,
    *,
    location: str,
    goods: Goods,
    condition: Condition,
    for_ticket: UUID,
    ticket_number: str,
    by: Act,  # noqa: ARG001 - as all decide
) -> tuple[Event, ...]:
    """Bring issued goods back, or serial numbers that came out of assets; what is faulty is quarantined.

    Args:
        part: the part.
        location: where they are now.
        goods: how much, and which; not needed where only one issued lot or serial number can be meant.
        condition: good or faulty.
        for_ticket: the ticket that had them.
        ticket_number: and its number.
        by: who, when and why.

    Raises:
        InvalidValue: no sensible quantity, nothing named that must be, or a used serial number as good.
        UnknownUnit, SerialElsewhere, NotHeld: the ticket does not have them.
    """
    goods.must_suit(part.tracking)
    must_say("location", location)
    taken_out = Place(Bucket.REMOVED, for_ticket)
    back = [serial for serial in goods.serials if part.place(serial) == taken_out]
    removed = Goods(len(back), serials=tuple(back))
    if back and condition is Condition.GOOD:
        raise InvalidValue("what came out of an asset is returned as faulty and examined", field="/condition")
    events: list[Event] = []
    for part_of, bucket in ((goods.less(removed), Bucket.ISSUED), (removed, Bucket.REMOVED)):
        if part_of.quantity:
            returned = PartReturned(
                number=part.number,
                goods=held(part, bucket, for_ticket, part_of, ticket_number),
                location=location,
                condition=condition,
                removed=bucket is Bucket.REMOVED,
                for_ticket=for_ticket,
                ticket_number=ticket_number,
            )
            events.append(returned)
    return tuple(events)


def _must_be_promised(kept: Reservation, location: str, goods: Goods, for_ticket: UUID) -> None:
    if kept.ticket != for_ticket:
        raise InvalidValue(f"the reservation is for {kept.ticket_number}", field="/ticket")
    if kept.location != location:
        raise InvalidValue(f"the reservation is at {kept.location}", field="/location")
    if goods.quantity > kept.goods.quantity:
        raise InvalidValue(f"the reservation is of {kept.goods.quantity}", field="/quantity")
    if kept.goods.named and goods.named:
        for unit, quantity in goods.units.items():
            promised = kept.goods.units.get(unit, 0)
            if quantity > promised:
                field = "/lots" if goods.lots else "/serials"
                raise InvalidValue(f"the reservation is of {promised} of {unit}", field=field)


def _must_come_out(part: Part, serial_out: str, asset: str, goods: Goods) -> None:
    if part.tracking is not Tracking.SERIAL:
        raise InvalidValue(f"the part's tracking is {part.tracking.value}: no serials", field="/serial_out")
    must_say("serial_out", serial_out)
    if serial_out in goods.serials:
        raise InvalidValue("what came out is not what went in", field="/serial_out")
    place = part.place(serial_out)
    if place and place != Place(Gone.INSTALLED, asset) and place.kind not in OUT_OF_SIGHT:
        raise SerialElsewhere(serial_out, str(place), field="/serial_out")
