"""A whole service case as people read it, at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import msgspec

from domain.contract.words import Kind
from domain.part.goods import Goods
from domain.promises import Promises
from projections.contract_book.shown import Amount, amount
from projections.part_trace.steps import At, Stop
from projections.ticket.detail import TicketDetail
from projections.ticket.detail import detail as ticket_detail
from projections.travel.case import CasePart, Use, WholeCase


class CaseReservation(msgspec.Struct, frozen=True, kw_only=True):
    """Goods that are promised to the case, before ``expires_at``."""

    reservation: UUID
    location: str
    goods: Goods
    expires_at: datetime


class CaseGoods(msgspec.Struct, frozen=True, kw_only=True):
    """What the case brought to a place and has not taken away since.

    Attributes:
        at: where: issued for the ticket, installed in an asset, removed from one and on the way back, on a
            shelf again, scrapped, lost or with the customer.
        units: how much of each lot or serial number, where any is named.
    """

    at: At
    quantity: int
    units: dict[str, int]


class CasePartLine(msgspec.Struct, frozen=True, kw_only=True):
    """What the case did with one part: ``part`` is its id, ``number`` what people call it."""

    part: UUID
    number: str
    reserved: tuple[CaseReservation, ...]
    goods: tuple[CaseGoods, ...]


class CaseUse(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the case used of a contract.

    Attributes:
        entry: the id of the use.
        contract: the contract's number.
        standing: how much of it has not been given back.
        reported_at: when the customer reported: the moment that had to be covered.
    """

    entry: UUID
    contract: str
    kind: Kind
    part: str | None
    asset: str | None
    amount: Amount
    standing: Amount
    reported_at: datetime
    consumed_at: datetime


class CaseDetail(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in a service case as it was at a moment.

    Attributes:
        position: of its last event by then: the version of a case; the ``ETag``.
        events: how many events it had.
        moment: for which clocks are read.
        ticket: with its clocks and its open questions.
        parts: what was reserved, issued and installed for it, by part number.
        entitlements: what it used of contracts, as recorded.
    """

    position: int
    events: int
    moment: datetime
    ticket: TicketDetail
    parts: tuple[CasePartLine, ...]
    entitlements: tuple[CaseUse, ...]


def detail(whole: WholeCase, promises: Promises, moment: datetime) -> CaseDetail | None:
    """Show a case at a moment; ``None`` while its ticket was not registered."""
    if whole.ticket is None:
        return None
    return CaseDetail(
        position=whole.position,
        events=whole.events,
        moment=moment,
        ticket=ticket_detail(whole.ticket, promises, moment),
        parts=tuple(_part(number, part) for number, part in sorted(whole.parts.items())),
        entitlements=tuple(_use(entry, use) for entry, use in whole.uses.items()),
    )


def _part(number: str, part: CasePart) -> CasePartLine:
    reserved = sorted(part.reserved.items(), key=lambda each: (each[1].expires_at, each[0]))
    return CasePartLine(
        part=part.id,
        number=number,
        reserved=tuple(
            CaseReservation(
                reservation=reservation,
                location=promised.location,
                goods=promised.goods,
                expires_at=promised.expires_at,
            )
            for reservation, promised in reserved
        ),
        goods=tuple(_goods(part)),
    )


def _goods(part: CasePart) -> Iterator[CaseGoods]:
    for kind, places in sorted(part.goods.items()):
        for place, stock in sorted(places.items()):
            units = {unit: quantity for unit, quantity in sorted(stock.units.items()) if unit}
            yield CaseGoods(at=At(Stop(kind.value), place), quantity=stock.total, units=units)


def _use(entry: UUID, use: Use) -> CaseUse:
    return CaseUse(
        entry=entry,
        contract=use.contract,
        kind=use.kind,
        part=use.part,
        asset=use.asset,
        amount=amount(use.kind, use.amount),
        standing=amount(use.kind, use.standing),
        reported_at=use.reported_at,
        consumed_at=use.consumed_at,
    )
