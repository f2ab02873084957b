"""What a part's state is made of: stocks, lots and serial numbers, reservations."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from domain.part.goods import Goods
from domain.part.register import Register
from domain.part.words import Bucket, Gone


class Stock(msgspec.Struct, frozen=True):
    """What one bucket of one place holds.

    Attributes:
        total: the whole quantity.
        units: the quantity by lot or serial number, ``""`` for what is not named; none is zero.
    """

    total: int = 0
    units: Register[str, int] = Register()

    def plus(self, deltas: dict[str, int]) -> Stock:
        """With these quantities more, or fewer."""
        units = {unit: ((self.units.get(unit) or 0) + delta) or None for unit, delta in deltas.items()}
        return Stock(self.total + sum(deltas.values()), self.units.put(units))

    def of(self, unit: str) -> int:
        """The quantity of a lot or serial number."""
        return self.units.get(unit) or 0


class Place(msgspec.Struct, frozen=True):
    """Where a serial number is: in a bucket of a location or ticket, in an asset, or gone."""

    kind: Bucket | Gone
    where: str | UUID | None = None

    def __str__(self) -> str:
        return self.kind.value if self.where is None else f"{self.kind.value} at {self.where}"


class Unit(msgspec.Struct, frozen=True):
    """A lot or serial number: its last good day, and where it is; a lot is in no one place."""

    expires_on: date | None = None
    place: Place | None = None


class Reservation(msgspec.Struct, frozen=True):
    """Goods of a location that a ticket may still have, before ``expires_at``."""

    id: UUID
    location: str
    goods: Goods
    expires_at: datetime
    ticket: UUID
    ticket_number: str
