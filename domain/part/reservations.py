"""What is promised to tickets: reserve, release, expire, and overdue promises that give way.

A reservation holds until somebody releases or uses it, or until it expires. One that is overdue gives way
as soon as its goods are wanted, so nothing waits for the clockwork that expires the others.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.part.errors import ReservationExpired, UnknownReservation
from domain.part.events import PartReserved, ReservationReleased
from domain.part.goods import Goods
from domain.part.holdings import Reservation
from domain.part.picking import shelf, usable
from domain.part.state import Part, after
from domain.part.words import Release


def reserve(
    part: Part,
    *,
    reservation: UUID,
    location: str,
    goods: Goods,
    expires_at: datetime,
    for_ticket: UUID,
    ticket_number: str,
    today: date,
    by: Act,
) -> tuple[Event, ...]:
    """Keep good stock of a location for a ticket; named lots or serial numbers, or whichever comes (R17).

    Args:
        part: the part.
        reservation: the id of the new reservation.
        location: where the goods are.
        goods: how much, and perhaps which.
        expires_at: when the promise ends.
        for_ticket: whom it is for.
        ticket_number: and its number.
        today: the calendar day of the location.
        by: who, when and why.

    Raises:
        InvalidValue: no sensible quantity, the id is taken, or it would have expired already.
        UnknownUnit, SerialElsewhere, ExpiredStock, NotEnoughStock: the goods are not there or not free.
    """
    goods.must_suit(part.tracking)
    if expires_at <= by.occurred_at:
        raise InvalidValue("a reservation must expire after it is made", field="/expires_at")
    if part.reservations.get(reservation) is not None:
        raise InvalidValue(f"there is a reservation {reservation} already", field="/reservation")
    freed, part = give_way(part, location, goods, today=today, by=by)
    reserved = PartReserved(
        number=part.number,
        goods=usable(part, location, goods, today=today),
        reservation=reservation,
        location=location,
        expires_at=expires_at,
        for_ticket=for_ticket,
        ticket_number=ticket_number,
    )
    return *freed, reserved


def release(part: Part, *, reservation: UUID, by: Act) -> tuple[Event, ...]:  # noqa: ARG001 - as all decide
    """Give up what is left of a reservation.

    Raises:
        UnknownReservation: there is none.
    """
    found = part.reservations.get(reservation)
    if found is None:
        raise UnknownReservation(reservation)
    return (released(part, found, found.goods, Release.RELEASED),)


def expire(part: Part, *, by: Act) -> tuple[Event, ...]:
    """End every reservation that is overdue when the act happens; nothing follows when there is none."""
    return overdue(part, by.occurred_at)


def overdue(part: Part, now: datetime, location: str | None = None) -> tuple[Event, ...]:
    """The ends of the reservations that are overdue, everywhere or at a location, the earliest first."""
    late = (
        each
        for each in part.reservations.values()
        if each.expires_at <= now and location in {None, each.location}
    )
    return tuple(
        released(part, each, each.goods, Release.EXPIRED)
        for each in sorted(late, key=lambda each: (each.expires_at, each.id))
    )


def give_way(
    part: Part, location: str, goods: Goods, *, today: date, by: Act
) -> tuple[tuple[Event, ...], Part]:
    """End overdue reservations of a location, but only where these goods may need it; the part after that."""
    if not goods.named and goods.quantity <= shelf(part, location, today).available:
        return (), part
    freed = overdue(part, by.occurred_at, location)
    return freed, after(part, freed, by)


def valid(part: Part, reservation: UUID, by: Act) -> Reservation:
    """The reservation, while it holds.

    Raises:
        UnknownReservation, ReservationExpired: it does not.
    """
    found = part.reservations.get(reservation)
    if found is None:
        raise UnknownReservation(reservation)
    if found.expires_at <= by.occurred_at:
        raise ReservationExpired(reservation, found.expires_at)
    return found


def released(part: Part, reservation: Reservation, goods: Goods, why: Release) -> ReservationReleased:
    """The end of these goods of a reservation."""
    return ReservationReleased(
        number=part.number,
        goods=goods,
        reservation=reservation.id,
        location=reservation.location,
        why=why,
        for_ticket=reservation.ticket,
        ticket_number=reservation.ticket_number,
    )
