"""The rows of the tables."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from domain.part.events import PartCatalogued, PartRevised


class PartRow(msgspec.Struct):
    """A part; the quantities are called as the buckets are."""

    id: UUID
    number: str
    revision: str
    name_zh: str
    name_en: str
    unit: str
    tracking: str
    shelf_life_days: int | None
    reorder_point: int
    perishable: bool = False
    good: int = 0
    quarantine: int = 0
    reserved: int = 0
    issued: int = 0
    removed: int = 0
    version: int = 0
    position: int = 0

    def revise(self, event: PartRevised) -> None:
        """Take the new values of the catalogue entry."""
        self.revision = event.revision
        self.name_zh, self.name_en = event.name.zh, event.name.en
        self.shelf_life_days = event.shelf_life_days
        self.reorder_point = event.reorder_point


def begun(part_id: UUID, event: PartCatalogued) -> PartRow:
    """The part as its catalogue entry makes it."""
    return PartRow(
        id=part_id,
        number=event.number,
        revision=event.revision,
        name_zh=event.name.zh,
        name_en=event.name.en,
        unit=event.unit,
        tracking=event.tracking.value,
        shelf_life_days=event.shelf_life_days,
        reorder_point=event.reorder_point,
    )


class StockRow(msgspec.Struct):
    """What a location has of a part; the quantities are called as the buckets are."""

    part_id: UUID
    location: str
    number: str
    good: int = 0
    quarantine: int = 0
    reserved: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is there."""
        return not (self.good or self.quarantine or self.reserved)


class UnitRow(msgspec.Struct):
    """What a bucket of a place holds of one lot or serial number."""

    part_id: UUID
    bucket: str
    place: str
    unit: str
    quantity: int = 0
    ticket: UUID | None = None
    ticket_number: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is there."""
        return not self.quantity


class DayRow(msgspec.Struct):
    """The last good day of a lot or serial number."""

    part_id: UUID
    unit: str
    expires_on: date


class ReservationRow(msgspec.Struct):
    """What is left of a reservation."""

    id: UUID
    part_id: UUID
    location: str
    goods: bytes
    ticket: UUID
    ticket_number: str
    expires_at: datetime
