"""How a part begins, and how its catalogue entry changes (R16)."""

from __future__ import annotations

from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.part.events import PartCatalogued, PartName, PartRevised
from domain.part.state import Part
from domain.part.words import Tracking, must_say

LONGEST = 36_500
"""Days of the longest shelf life: a hundred years."""


def catalogue(
    *,
    number: str,
    revision: str,
    name: PartName,
    unit: str,
    tracking: Tracking = Tracking.NONE,
    shelf_life_days: int | None = None,
    reorder_point: int = 0,
) -> PartCatalogued:
    """Take a part number into the catalogue.

    Args:
        number: what people call it; its place in the catalogue is its own.
        revision: which issue of the drawing or data sheet it is made to.
        name: in both languages.
        unit: what a quantity of 1 is: the smallest that is ever moved.
        tracking: how closely single pieces are followed.
        shelf_life_days: how long it is good after receipt, where a delivery names no expiry.
        reorder_point: at or below how much good stock in all it should be ordered; 0 for never.

    Raises:
        InvalidValue: something is blank or negative, or a shelf life that no lot or serial number could keep.
    """
    for field, text in (("number", number), ("unit", unit)):
        must_say(field, text)
    _must_be_sound(tracking, revision, name, shelf_life_days, reorder_point)
    return PartCatalogued(
        number=number,
        revision=revision,
        name=name,
        unit=unit,
        tracking=tracking,
        shelf_life_days=shelf_life_days,
        reorder_point=reorder_point,
    )


def revise(
    part: Part,
    *,
    revision: str,
    name: PartName,
    shelf_life_days: int | None,
    reorder_point: int,
    by: Act,  # noqa: ARG001 - as all decide
) -> tuple[Event, ...]:
    """Change the catalogue entry; number, unit and tracking stay, as all stock is counted in them.

    Raises:
        InvalidValue: see ``catalogue``.
    """
    _must_be_sound(part.tracking, revision, name, shelf_life_days, reorder_point)
    revised = PartRevised(
        number=part.number,
        revision=revision,
        name=name,
        shelf_life_days=shelf_life_days,
        reorder_point=reorder_point,
    )
    return (revised,)


def _must_be_sound(
    tracking: Tracking, revision: str, name: PartName, shelf_life_days: int | None, reorder_point: int
) -> None:
    for field, text in (("revision", revision), ("name/zh", name.zh), ("name/en", name.en)):
        must_say(field, text)
    if reorder_point < 0:
        raise InvalidValue("a reorder point is not negative", field="/reorder_point")
    if shelf_life_days is None:
        return
    if not 0 < shelf_life_days <= LONGEST:
        raise InvalidValue(f"a shelf life is 1 to {LONGEST} days", field="/shelf_life_days")
    if tracking is Tracking.NONE:
        raise InvalidValue("a shelf life needs lots or serial numbers", field="/tracking")
