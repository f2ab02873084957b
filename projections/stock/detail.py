"""One part in full: its catalogue entry and what every location has of it, now or after some events."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.log.snapshots import Kept
from domain.part.picking import Shelf, shelf
from domain.part.state import Part
from domain.part.words import SHELVED, Bucket
from projections.stock.parts import PartLine, one
from projections.stock.shelves import StockFilter, StockLine, stock

MOST = 500


class PartDetail(PartLine, frozen=True, kw_only=True):
    """A part, with what every location has of it.

    Attributes:
        today: the day that expiry is told for.
        stock: by location; none where there is nothing.
    """

    today: date
    stock: tuple[StockLine, ...]


def detail(kept: Kept[Part], today: date) -> PartDetail:
    """Show a part that was replayed, on a day."""
    part = kept.state
    shelves = [shelf(part, location, today) for location in _locations(part)]
    expired = sum(each.expired for each in shelves)
    good = part.total(Bucket.GOOD)
    return PartDetail(
        id=part.id,
        number=part.number,
        revision=part.revision,
        unit=part.unit,
        tracking=part.tracking,
        shelf_life_days=part.shelf_life_days,
        reorder_point=part.reorder_point,
        on_hand=good,
        reserved=part.total(Bucket.RESERVED),
        expired=expired,
        quarantined=part.total(Bucket.QUARANTINE),
        available=sum(each.available for each in shelves),
        issued=part.total(Bucket.ISSUED),
        removed=part.total(Bucket.REMOVED),
        below_reorder=part.reorder_point > 0 and good - expired <= part.reorder_point,
        version=kept.version,
        position=kept.position,
        name=part.name,
        today=today,
        stock=tuple(_line(part, each) for each in shelves),
    )


async def current(conn: AsyncConnection[Any], part_id: UUID, today: date) -> PartDetail | None:
    """A part as the projection has it, on a day; ``None`` when it has none such."""
    line = await one(conn, part_id, today=today)
    if line is None:
        return None
    lines: list[StockLine] = []
    more: str | None = ""
    while more is not None:
        page = await stock(conn, StockFilter(part=part_id), today=today, cursor=more, limit=MOST)
        lines += page.items
        more = page.next
    own = {name: getattr(line, name) for name in PartLine.__struct_fields__}
    return PartDetail(**own, today=today, stock=tuple(lines))


def _locations(part: Part) -> list[str]:
    kept = (part.stocks.get(bucket) for bucket in SHELVED)
    return sorted({str(place) for places in kept if places for place, _ in places.items()})


def _line(part: Part, told: Shelf) -> StockLine:
    return StockLine(
        part=part.id,
        number=part.number,
        location=told.location,
        on_hand=told.on_hand,
        reserved=told.reserved,
        expired=told.expired,
        quarantined=told.quarantined,
        available=told.available,
        unit=part.unit,
        name=part.name,
    )
