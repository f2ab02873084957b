"""What the stock, as it stands, does not let happen: another day it might."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from domain.errors import DomainError


class StockConflict(DomainError):
    """The stock as it stands does not let this happen now."""

    code = "stock-conflict"


class NotEnoughStock(StockConflict):
    """Stock, or what of it is free, would become negative (R17).

    Attributes:
        location: where.
        unit: the lot or serial number, when it is about one.
        on_hand: good stock there.
        reserved: how much of it is promised to others.
        expired: how much of it is past its last good day.
        available: how much the caller could have.
    """

    code = "not-enough-stock"

    def __init__(
        self,
        message: str,
        *,
        location: str,
        on_hand: int,
        available: int,
        reserved: int = 0,
        expired: int = 0,
        unit: str | None = None,
    ) -> None:
        super().__init__(message, field="/quantity")
        self.location = location
        self.unit = unit
        self.on_hand = on_hand
        self.reserved = reserved
        self.expired = expired
        self.available = available


class ExpiredStock(StockConflict):
    """A lot or serial number is past its last good day (R16)."""

    code = "expired-stock"

    def __init__(self, unit: str, expires_on: date, *, field: str) -> None:
        super().__init__(f"{unit} was good until {expires_on.isoformat()}", field=field)
        self.unit = unit
        self.expires_on = expires_on


class UnknownUnit(StockConflict):
    """No such lot or serial number of this part ever came in."""

    code = "unknown-unit"

    def __init__(self, unit: str, *, field: str) -> None:
        super().__init__(f"no {unit} of this part ever came in", field=field)
        self.unit = unit


class SerialElsewhere(StockConflict):
    """A serial number is in one place, and it is not this one (R18).

    Attributes:
        serial: the serial number.
        place: where it is, for example ``good at SH-MAIN``.
    """

    code = "serial-elsewhere"

    def __init__(self, serial: str, place: str, *, field: str = "/serials") -> None:
        super().__init__(f"{serial} is {place}", field=field)
        self.serial = serial
        self.place = place


class UnknownReservation(StockConflict):
    """There is no such reservation: never made, used up, or released."""

    code = "unknown-reservation"

    def __init__(self, reservation: UUID) -> None:
        super().__init__(f"there is no reservation {reservation}", field="/reservation")
        self.reservation = reservation


class ReservationExpired(StockConflict):
    """The reservation was good for a while, and that is over."""

    code = "reservation-expired"

    def __init__(self, reservation: UUID, expired_at: datetime) -> None:
        super().__init__(
            f"reservation {reservation} expired at {expired_at.isoformat()}", field="/reservation"
        )
        self.reservation = reservation
        self.expired_at = expired_at


class NotHeld(StockConflict):
    """The ticket does not have so much of this part.

    Attributes:
        ticket: the ticket's number.
        held: how much of it the ticket has, issued or removed from assets.
    """

    code = "not-held-by-ticket"

    def __init__(self, message: str, *, ticket: str, held: int) -> None:
        super().__init__(message, field="/quantity")
        self.ticket = ticket
        self.held = held


class AlreadyCatalogued(StockConflict):
    """The part number has its place in the catalogue already (R16)."""

    code = "already-catalogued"

    def __init__(self, number: str) -> None:
        super().__init__(f"part {number} is catalogued already", field="/number")
        self.number = number
