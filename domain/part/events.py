"""What can happen to a spare part and to its stock (R16, R17)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from domain.event import Event, recorded
from domain.part.goods import Goods
from domain.part.words import Bucket, Condition, Fate, Release, Tracking


class PartName(msgspec.Struct, frozen=True):
    """What people call the part."""

    zh: str
    en: str


@recorded
class PartCatalogued(Event, frozen=True, tag="part.catalogued"):
    """A part number was taken into the catalogue; number, unit and tracking stay as they are.

    ``shelf_life_days`` counts from receipt, where a delivery names no expiry of its own.
    """

    number: str
    revision: str
    name: PartName
    unit: str
    tracking: Tracking = Tracking.NONE
    shelf_life_days: int | None = None
    reorder_point: int = 0


@recorded
class PartRevised(Event, frozen=True, tag="part.revised"):
    """The catalogue entry changed; these are its new values."""

    number: str
    revision: str
    name: PartName
    shelf_life_days: int | None = None
    reorder_point: int = 0


class MovedForTicket(Event, frozen=True, kw_only=True):
    """A movement that there would not be without a ticket: of what, how much, which, and for whom."""

    number: str
    goods: Goods
    for_ticket: UUID
    ticket_number: str

    @property
    def case(self) -> UUID:
        """The ticket."""
        return self.for_ticket


class MovedInStock(Event, frozen=True, kw_only=True):
    """A movement that may be for a ticket, and may be for none."""

    number: str
    goods: Goods
    for_ticket: UUID | None = None
    ticket_number: str | None = None

    @property
    def case(self) -> UUID | None:
        """The ticket, where there is one."""
        return self.for_ticket


@recorded
class PartReceived(MovedInStock, frozen=True, tag="part.received"):
    """A delivery came to a location; ``expires_on`` is the last good day of each lot or serial number."""

    location: str
    supplier: str
    document: str
    expires_on: dict[str, date] = {}


@recorded
class PartReserved(MovedForTicket, frozen=True, tag="part.reserved"):
    """Good stock of a location is kept for a ticket, until ``expires_at`` at the latest."""

    reservation: UUID
    location: str
    expires_at: datetime


@recorded
class ReservationReleased(MovedForTicket, frozen=True, tag="part.reservation_released"):
    """A reservation, or these goods of it, is over."""

    reservation: UUID
    location: str
    why: Release


@recorded
class PartIssued(MovedForTicket, frozen=True, tag="part.issued"):
    """Good stock went from a location to the people who work on a ticket."""

    location: str
    reservation: UUID | None = None


@recorded
class PartInstalled(MovedForTicket, frozen=True, tag="part.installed"):
    """Issued goods went into an asset, by its serial number; ``serial_out`` is what came out (R18)."""

    asset: str
    serial_out: str | None = None
    fate: Fate | None = None


@recorded
class PartReturned(MovedForTicket, frozen=True, tag="part.returned"):
    """Goods came back from a ticket, good or faulty.

    ``removed`` when they had come out of an asset, otherwise they had been issued and not used.
    """

    location: str
    condition: Condition
    removed: bool = False


@recorded
class PartTransferred(MovedInStock, frozen=True, tag="part.transferred"):
    """Good stock went from one location to another."""

    from_location: str
    to_location: str


@recorded
class PartCounted(MovedInStock, frozen=True, tag="part.counted"):
    """Good stock was counted: ``goods`` were there, ``more`` and ``fewer`` is how the books were wrong.

    Only the lots that are named were counted, but always every serial number of the location.
    """

    location: str
    more: Goods = msgspec.field(default_factory=lambda: Goods(0))
    fewer: Goods = msgspec.field(default_factory=lambda: Goods(0))

    @property
    def difference(self) -> int:
        """What was counted less what the books said."""
        return self.more.quantity - self.fewer.quantity


@recorded
class PartQuarantined(MovedInStock, frozen=True, tag="part.quarantined"):
    """Good stock of a location may not be used until somebody has decided (ISO 8.7)."""

    location: str


@recorded
class QuarantineReleased(MovedInStock, frozen=True, tag="part.quarantine_released"):
    """Quarantined stock of a location is good after all."""

    location: str


@recorded
class PartScrapped(MovedInStock, frozen=True, tag="part.scrapped"):
    """Goods are gone for good: off a shelf of a location, or issued for a ticket or removed on one."""

    bucket: Bucket
    location: str | None = None
