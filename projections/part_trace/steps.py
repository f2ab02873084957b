"""From where to where an event brought goods, by lot or serial number: what a trace is made of (R18)."""

from __future__ import annotations

from enum import StrEnum
from functools import singledispatch

import msgspec

from domain.event import Event
from domain.part.events import (
    PartCounted,
    PartInstalled,
    PartIssued,
    PartQuarantined,
    PartReceived,
    PartReturned,
    PartScrapped,
    PartTransferred,
    QuarantineReleased,
)
from domain.part.goods import Goods
from domain.part.words import SHELVED, Bucket, Condition, Fate


class Stop(StrEnum):
    """What kind of place goods can be at."""

    SUPPLIER = "supplier"
    """Before they came."""
    GOOD = "good"
    """On a shelf of a location, fit for use."""
    QUARANTINE = "quarantine"
    """On a shelf of a location, not to be used."""
    ISSUED = "issued"
    """With the people who work on a ticket."""
    REMOVED = "removed"
    """Out of an asset and on the way back, on a ticket."""
    INSTALLED = "installed"
    """In an asset."""
    SCRAPPED = "scrapped"
    KEPT_BY_CUSTOMER = "kept_by_customer"
    LOST = "lost"


STOPS = {bucket: Stop.GOOD if bucket is Bucket.RESERVED else Stop(bucket.value) for bucket in Bucket}
"""Where what a bucket holds is: reserved goods are still on their shelf."""


class At(msgspec.Struct, frozen=True):
    """A place.

    Attributes:
        stop: of what kind.
        place: which: the supplier, the location, the ticket's number, the asset's serial number, or ``""``.
    """

    stop: Stop
    place: str = ""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity that went from one place to another, of one lot or serial number where one is named.

    Attributes:
        asset: the asset it went into or came out of.
        swapped: the serial number that came out as this went in, or went in as this came out.
    """

    came_from: At
    went_to: At
    quantity: int
    lot: str | None = None
    serial: str | None = None
    asset: str | None = None
    swapped: str | None = None


@singledispatch
def steps(event: Event) -> tuple[Step, ...]:  # noqa: ARG001 - the signature of every rule below
    """The steps that an event is. A promise brings nothing anywhere, so it is none."""
    return ()


@steps.register
def _(event: PartReceived) -> tuple[Step, ...]:
    return _each(event.goods, At(Stop.SUPPLIER, event.supplier), At(Stop.GOOD, event.location))


@steps.register
def _(event: PartIssued) -> tuple[Step, ...]:
    return _each(event.goods, At(Stop.GOOD, event.location), At(Stop.ISSUED, event.ticket_number))


@steps.register
def _(event: PartInstalled) -> tuple[Step, ...]:
    asset, ticket = At(Stop.INSTALLED, event.asset), event.ticket_number
    went_in = _each(event.goods, At(Stop.ISSUED, ticket), asset, asset=event.asset, swapped=event.serial_out)
    if event.serial_out is None or event.fate is None:
        return went_in
    back = event.fate is Fate.RETURNED
    came_out = Step(
        came_from=asset,
        went_to=At(Stop.REMOVED, ticket) if back else At(Stop(event.fate.value)),
        quantity=1,
        serial=event.serial_out,
        asset=event.asset,
        swapped=event.goods.serials[0] if len(event.goods.serials) == 1 else None,
    )
    return *went_in, came_out


@steps.register
def _(event: PartReturned) -> tuple[Step, ...]:
    came_from = Stop.REMOVED if event.removed else Stop.ISSUED
    went_to = Stop.GOOD if event.condition is Condition.GOOD else Stop.QUARANTINE
    return _each(event.goods, At(came_from, event.ticket_number), At(went_to, event.location))


@steps.register
def _(event: PartTransferred) -> tuple[Step, ...]:
    return _each(event.goods, At(Stop.GOOD, event.from_location), At(Stop.GOOD, event.to_location))


@steps.register
def _(event: PartCounted) -> tuple[Step, ...]:
    shelf, lost = At(Stop.GOOD, event.location), At(Stop.LOST)
    return _each(event.fewer, shelf, lost) + _each(event.more, lost, shelf)


@steps.register
def _(event: PartQuarantined) -> tuple[Step, ...]:
    return _each(event.goods, At(Stop.GOOD, event.location), At(Stop.QUARANTINE, event.location))


@steps.register
def _(event: QuarantineReleased) -> tuple[Step, ...]:
    return _each(event.goods, At(Stop.QUARANTINE, event.location), At(Stop.GOOD, event.location))


@steps.register
def _(event: PartScrapped) -> tuple[Step, ...]:
    where = event.location if event.bucket in SHELVED else event.ticket_number
    return _each(event.goods, At(STOPS[event.bucket], where or ""), At(Stop.SCRAPPED))


def _each(
    goods: Goods, came_from: At, went_to: At, *, asset: str | None = None, swapped: str | None = None
) -> tuple[Step, ...]:
    return tuple(
        Step(
            came_from=came_from,
            went_to=went_to,
            quantity=quantity,
            lot=lot,
            serial=serial,
            asset=asset,
            swapped=swapped,
        )
        for lot, serial, quantity in _pieces(goods)
    )


def _pieces(goods: Goods) -> list[tuple[str | None, str | None, int]]:
    """Lot, serial number and quantity of each that is named, or of all of it."""
    if goods.lots:
        return [(lot, None, quantity) for lot, quantity in goods.lots.items()]
    if goods.serials:
        return [(None, serial, 1) for serial in goods.serials]
    return [(None, None, goods.quantity)] if goods.quantity else []
