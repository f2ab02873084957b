"""The spare parts of a ticket: what it has, what is promised to it, and what became of the rest (R17)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import msgspec
from litestar import get
from litestar.datastructures import State

from interfaces.http.auth import READER
from interfaces.http.conditions import WaitForPosition
from interfaces.http.freshness import fresh_case
from interfaces.http.openapi import ITEM_ANSWERS
from interfaces.http.params import TicketReference
from interfaces.http.service import service
from projections.part_trace.filters import TraceFilter
from projections.part_trace.reach import ReachLine, reached
from projections.stock.held import HeldFilter, HeldLine, held
from projections.stock.reservations import OpenReservation, ReservationFilter, reservations

Item_co = TypeVar("Item_co", covariant=True)
MOST = 500


class TicketParts(msgspec.Struct, frozen=True, kw_only=True):
    """The spare parts of one ticket; each list is whole.

    Attributes:
        held: issued and not accounted for, which keeps the ticket from ending; or taken out and not back.
        reserved: promised to it.
        used: what became of everything that was issued for it or came out of an asset on it.
    """

    held: tuple[HeldLine, ...]
    reserved: tuple[OpenReservation, ...]
    used: tuple[ReachLine, ...]


class Page(Protocol[Item_co]):
    """A page of a list."""

    @property
    def items(self) -> tuple[Item_co, ...]: ...
    @property
    def next(self) -> str | None: ...


async def _whole(ask: Callable[..., Awaitable[Page[Item_co]]], *asked: Any) -> tuple[Item_co, ...]:
    """A list whose length is that of one ticket's work."""
    page = await ask(*asked, limit=MOST)
    items = page.items
    while page.next is not None:
        page = await ask(*asked, cursor=page.next, limit=MOST)
        items += page.items
    return items


@get(
    "/tickets/{ticket:str}/parts",
    operation_id="GetTicketParts",
    summary="The spare parts of a ticket",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_parts(
    state: State, ticket: TicketReference, wait_for_position: WaitForPosition = 0
) -> TicketParts:
    """What it has, what is promised to it, and what became of everything it had (R17, R18)."""
    known = service(state)
    async with fresh_case(known, ("stock", "part_trace"), ticket, wait_for_position) as (conn, ticket_id):
        return TicketParts(
            held=await _whole(held, conn, HeldFilter(ticket=ticket_id)),
            reserved=await _whole(reservations, conn, ReservationFilter(ticket=ticket_id)),
            used=await _whole(reached, conn, TraceFilter(ticket=ticket_id)),
        )
