"""What may be asked of a part's stock: receive, transfer, quarantine, scrap (R16, R17).

Every decision takes the part, its arguments and the act, and returns the events that follow.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.part.events import (
    PartQuarantined,
    PartReceived,
    PartScrapped,
    PartTransferred,
    QuarantineReleased,
)
from domain.part.goods import Goods
from domain.part.picking import first_expired, held, must_be_nowhere, spared
from domain.part.reservations import give_way
from domain.part.state import Part
from domain.part.words import SHELVED, Bucket, must_say


def receive(
    part: Part,
    *,
    location: str,
    goods: Goods,
    supplier: str,
    document: str,
    expires_on: dict[str, date] | None = None,
    today: date,
    by: Act,  # noqa: ARG001 - as all decide
) -> tuple[Event, ...]:
    """Take a delivery into stock (R16).

    Args:
        part: the part.
        location: where it is put.
        goods: how much, and which lots or serial numbers.
        supplier: who sent it.
        document: the delivery note.
        expires_on: the last good day by lot or serial number; one that is left out has the day its lot had
            before, or the part's shelf life from today, or none.
        today: the calendar day of the location.
        by: who, when and why.

    Raises:
        InvalidValue: no sensible quantity, something is blank, or another expiry than the lot has.
        SerialElsewhere: a serial number is here already, or known to be somewhere else.
    """
    goods.must_suit(part.tracking)
    goods.must_be_named(part.tracking)
    for field, text in (("location", location), ("supplier", supplier), ("document", document)):
        must_say(field, text)
    must_be_nowhere(part, goods.serials)
    received = PartReceived(
        number=part.number,
        goods=goods,
        location=location,
        supplier=supplier,
        document=document,
        expires_on=_last_days(part, goods, expires_on or {}, today),
    )
    return (received,)


def transfer(
    part: Part,
    *,
    from_location: str,
    to_location: str,
    goods: Goods,
    for_ticket: UUID | None = None,
    ticket_number: str | None = None,
    today: date,
    by: Act,
) -> tuple[Event, ...]:
    """Bring free good stock to another location: named goods, or of the lots the first to expire.

    Expired goods can be brought elsewhere, too, but must be named.

    Raises:
        InvalidValue: no sensible quantity, nothing named that must be, or no other location.
        UnknownUnit, SerialElsewhere, NotEnoughStock: the goods are not there or not free.
    """
    goods.must_suit(part.tracking)
    must_say("to_location", to_location)
    if from_location == to_location:
        raise InvalidValue(f"the goods are at {to_location} already", field="/to_location")
    freed, part = give_way(part, from_location, goods, today=today, by=by)
    if goods.named:
        goods = spared(part, from_location, goods, today=today)
    else:
        goods = first_expired(part, from_location, goods, today=today)
    transferred = PartTransferred(
        number=part.number,
        goods=goods,
        from_location=from_location,
        to_location=to_location,
        for_ticket=for_ticket,
        ticket_number=ticket_number,
    )
    return *freed, transferred


def quarantine(part: Part, *, location: str, goods: Goods, today: date, by: Act) -> tuple[Event, ...]:
    """Set free good stock aside until somebody has decided (ISO 8.7).

    Raises:
        InvalidValue: no sensible quantity, or nothing named that must be.
        UnknownUnit, SerialElsewhere, NotEnoughStock: the goods are not there or not free.
    """
    goods.must_suit(part.tracking)
    freed, part = give_way(part, location, goods, today=today, by=by)
    return *freed, PartQuarantined(
        number=part.number, goods=spared(part, location, goods, today=today), location=location
    )


def release_quarantine(
    part: Part,
    *,
    location: str,
    goods: Goods,
    by: Act,  # noqa: ARG001 - as all decide
) -> tuple[Event, ...]:
    """Find quarantined stock good after all.

    Raises:
        InvalidValue: no sensible quantity, or nothing named that must be.
        UnknownUnit, SerialElsewhere, NotEnoughStock: the goods are not in quarantine there.
    """
    goods.must_suit(part.tracking)
    return (
        QuarantineReleased(
            number=part.number, goods=held(part, Bucket.QUARANTINE, location, goods), location=location
        ),
    )


def scrap(
    part: Part,
    *,
    bucket: Bucket,
    goods: Goods,
    location: str | None = None,
    for_ticket: UUID | None = None,
    ticket_number: str | None = None,
    today: date,
    by: Act,
) -> tuple[Event, ...]:
    """Do away with goods for good.

    Args:
        part: the part.
        bucket: what they were there for: good or quarantined at a location, issued or removed for a ticket.
        goods: how much, and which; not needed where only one lot or serial number can be meant.
        location: where they were on a shelf.
        for_ticket: the ticket that had them, or that they were scrapped for.
        ticket_number: and its number.
        today: the calendar day of the location.
        by: who, when and why.

    Raises:
        InvalidValue: no sensible quantity, nothing named that must be, or no place.
        UnknownUnit, SerialElsewhere, NotEnoughStock, NotHeld: the goods are not there or not free.
    """
    goods.must_suit(part.tracking)
    where = location if bucket in SHELVED else for_ticket
    if bucket is Bucket.RESERVED:
        raise InvalidValue("release the reservation first", field="/bucket")
    if not where or (bucket not in SHELVED and location is not None):
        field = "/location" if bucket in SHELVED or location else "/ticket"
        raise InvalidValue("goods are scrapped at a location, or by the ticket that has them", field=field)
    freed: tuple[Event, ...] = ()
    if bucket is Bucket.GOOD and location:
        freed, part = give_way(part, location, goods, today=today, by=by)
        goods = spared(part, location, goods, today=today)
    else:
        goods = held(part, bucket, where, goods, ticket_number)
    scrapped = PartScrapped(
        number=part.number,
        goods=goods,
        bucket=bucket,
        location=location,
        for_ticket=for_ticket,
        ticket_number=ticket_number,
    )
    return *freed, scrapped


def _last_days(part: Part, goods: Goods, expires_on: dict[str, date], today: date) -> dict[str, date]:
    stray = expires_on.keys() - goods.units.keys()
    if stray or (expires_on and not goods.named):
        raise InvalidValue(
            f"an expiry is of a lot or serial number that came: {', '.join(sorted(stray))}",
            field="/expires_on",
        )
    usual = today + timedelta(days=part.shelf_life_days) if part.shelf_life_days else date.max
    days: dict[str, date] = {}
    for unit in goods.units:
        before = part.last_day(unit) if goods.lots else date.max
        day = expires_on.get(unit, usual if before == date.max else before)
        if before not in {date.max, day}:
            raise InvalidValue(f"{unit} is good until {before.isoformat()}", field="/expires_on")
        days[unit] = day
    return {unit: day for unit, day in days.items() if day < date.max}
