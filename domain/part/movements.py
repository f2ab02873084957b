"""How much an event moves, from where to where: what the ledger adds up and the state is made of (R17)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch
from uuid import UUID

import msgspec

from domain.event import Event
from domain.part.events import (
    MovedForTicket,
    MovedInStock,
    PartCounted,
    PartInstalled,
    PartIssued,
    PartQuarantined,
    PartReceived,
    PartReserved,
    PartReturned,
    PartScrapped,
    PartTransferred,
    QuarantineReleased,
    ReservationReleased,
)
from domain.part.goods import Goods
from domain.part.words import SHELVED, Bucket, Condition, Fate


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One quantity, of one lot or serial number where one is named, more or fewer in one place.

    Attributes:
        number: the part.
        bucket: what the quantity is there for.
        delta: how much more, or fewer.
        location: the warehouse, centre or van; ``None`` for goods that a ticket has.
        ticket: the ticket it was for.
        ticket_number: and its number.
    """

    number: str
    bucket: Bucket
    delta: int
    location: str | None = None
    ticket: UUID | None = None
    ticket_number: str | None = None
    lot: str | None = None
    serial: str | None = None

    @property
    def where(self) -> str | UUID:
        """The location, or the ticket that has it."""
        return (self.location if self.bucket in SHELVED else self.ticket) or ""

    @property
    def unit(self) -> str:
        """The lot or serial number, or ``""``."""
        return self.lot or self.serial or ""


@singledispatch
def movements(event: Event) -> tuple[Movement, ...]:  # noqa: ARG001 - the signature of every rule below
    """What the event moves; added up from the beginning of a stream they are the part's quantities."""
    return ()


@movements.register
def _(event: PartReceived) -> tuple[Movement, ...]:
    return _moved(event, (Bucket.GOOD, +1, event.location))


@movements.register
def _(event: PartReserved) -> tuple[Movement, ...]:
    return _moved(event, (Bucket.RESERVED, +1, event.location))


@movements.register
def _(event: ReservationReleased) -> tuple[Movement, ...]:
    return _moved(event, (Bucket.RESERVED, -1, event.location))


@movements.register
def _(event: PartIssued) -> tuple[Movement, ...]:
    return _moved(event, (Bucket.GOOD, -1, event.location), (Bucket.ISSUED, +1, None))


@movements.register
def _(event: PartInstalled) -> tuple[Movement, ...]:
    installed = _moved(event, (Bucket.ISSUED, -1, None))
    if event.serial_out is None or event.fate is not Fate.RETURNED:
        return installed
    return installed + _moved(event, (Bucket.REMOVED, +1, None), goods=Goods(1, serials=(event.serial_out,)))


@movements.register
def _(event: PartReturned) -> tuple[Movement, ...]:
    source = Bucket.REMOVED if event.removed else Bucket.ISSUED
    target = Bucket.GOOD if event.condition is Condition.GOOD else Bucket.QUARANTINE
    return _moved(event, (source, -1, None), (target, +1, event.location))


@movements.register
def _(event: PartTransferred) -> tuple[Movement, ...]:
    return _moved(event, (Bucket.GOOD, -1, event.from_location), (Bucket.GOOD, +1, event.to_location))


@movements.register
def _(event: PartCounted) -> tuple[Movement, ...]:
    fewer = _moved(event, (Bucket.GOOD, -1, event.location), goods=event.fewer)
    return fewer + _moved(event, (Bucket.GOOD, +1, event.location), goods=event.more)


@movements.register
def _(event: PartQuarantined) -> tuple[Movement, ...]:
    return _moved(event, (Bucket.GOOD, -1, event.location), (Bucket.QUARANTINE, +1, event.location))


@movements.register
def _(event: QuarantineReleased) -> tuple[Movement, ...]:
    return _moved(event, (Bucket.QUARANTINE, -1, event.location), (Bucket.GOOD, +1, event.location))


@movements.register
def _(event: PartScrapped) -> tuple[Movement, ...]:
    return _moved(event, (event.bucket, -1, event.location))


def _moved(
    event: MovedForTicket | MovedInStock,
    *legs: tuple[Bucket, int, str | None],
    goods: Goods | None = None,
) -> tuple[Movement, ...]:
    return tuple(
        Movement(
            number=event.number,
            bucket=bucket,
            delta=sign * quantity,
            location=location,
            ticket=event.for_ticket,
            ticket_number=event.ticket_number,
            lot=lot,
            serial=serial,
        )
        for bucket, sign, location in legs
        for lot, serial, quantity in _each(event.goods if goods is None else goods)
    )


def _each(goods: Goods) -> Iterable[tuple[str | None, str | None, int]]:
    if goods.lots:
        return ((lot, None, quantity) for lot, quantity in goods.lots.items())
    if goods.serials:
        return ((None, serial, 1) for serial in goods.serials)
    return ((None, None, goods.quantity),) if goods.quantity else ()
