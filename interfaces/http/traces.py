"""Where lots and serial numbers came from and went to, whom they reached, and back from an asset (R18)."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get
from litestar.datastructures import State
from litestar.params import FromQuery, PathParameter

from application.commands import NO_NUL
from interfaces.http.auth import READER
from interfaces.http.conditions import WaitForPosition
from interfaces.http.filtering import filtered, id_of
from interfaces.http.freshness import fresh
from interfaces.http.openapi import READ_ANSWERS
from interfaces.http.params import Cursor, Limit, Named, Words, WrongParameter
from interfaces.http.service import Service, service
from projections.part_trace.filters import TraceFilter
from projections.part_trace.history import TracePage, history
from projections.part_trace.reach import CustomerPage, ReachPage, customers, reached
from projections.part_trace.whereabouts import PlaceFilter, PlacePage, whereabouts

UnitName = Annotated[str, PathParameter(min_length=1, max_length=200, pattern=NO_NUL)]


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Of which goods a trace is wanted; parts and tickets by id or number."""

    serial: str | None = None
    lot: str | None = None
    part: str | None = None
    asset: str | None = None
    ticket: str | None = None
    customer: str | None = None


def some_goods(
    serial: Words = None,
    lot: Words = None,
    part: Named = None,
    asset: Words = None,
    ticket: Named = None,
    customer: Words = None,
) -> Sought:
    """Forward from a serial number or lot, back from an asset, ticket or customer.

    Raises:
        WrongParameter: nothing is named.
    """
    return _named(Sought(serial=serial, lot=lot, part=part, asset=asset, ticket=ticket, customer=customer))


def placed_goods(serial: Words = None, lot: Words = None, part: Named = None, asset: Words = None) -> Sought:
    """Goods that are somewhere; raises as ``some_goods`` does."""
    return _named(Sought(serial=serial, lot=lot, part=part, asset=asset))


def _named(which: Sought) -> Sought:
    if which == Sought():
        raise WrongParameter(
            "say what to trace, such as a serial number, a lot, a part or an asset", "serial"
        )
    return which


async def _meant(known: Service, which: Sought) -> TraceFilter:
    return TraceFilter(
        serial=which.serial,
        lot=which.lot,
        part=await id_of(known.desks.parts, which.part, "part"),
        asset=which.asset,
        ticket=await id_of(known.desks.tickets, which.ticket, "ticket"),
        customer=which.customer,
    )


async def _steps(known: Service, which: Sought, cursor: str | None, limit: int, position: int) -> TracePage:
    meant = await _meant(known, which)
    async with fresh(known, "part_trace", position) as conn:
        return await history(conn, meant, zone=known.zone, cursor=cursor, limit=limit)


@get(
    "/traces/serials/{serial:str}",
    operation_id="TraceSerial",
    summary="Every step of a serial number",
    guards=READER,
    responses=READ_ANSWERS,
)
async def trace_serial(
    state: State,
    serial: UnitName,
    part: Named = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for_position: WaitForPosition = 0,
) -> TracePage:
    """From the supplier to where it is, in the order of recording; of every part that has one like it.

    None where nothing is known of it. A slash in the number is written %2F.
    """
    return await _steps(service(state), Sought(serial=serial, part=part), cursor, limit, wait_for_position)


@get(
    "/traces/lots/{lot:str}",
    operation_id="TraceLot",
    summary="Every step of a lot",
    guards=READER,
    responses=READ_ANSWERS,
)
async def trace_lot(
    state: State,
    lot: UnitName,
    part: Named = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for_position: WaitForPosition = 0,
) -> TracePage:
    """From the supplier to every asset, ticket and customer it reached; of every part that has one like it.

    None where nothing is known of it. A slash in its number is written %2F.
    """
    return await _steps(service(state), Sought(lot=lot, part=part), cursor, limit, wait_for_position)


@get(
    "/traces/assets/{asset:str}",
    operation_id="TraceAsset",
    summary="Every part that went into an asset or came out",
    guards=READER,
    responses=READ_ANSWERS,
)
async def trace_asset(
    state: State,
    asset: UnitName,
    part: Named = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for_position: WaitForPosition = 0,
) -> TracePage:
    """In the order of recording, with the ticket of each. None where nothing is known of the asset.

    A slash in its serial number is written %2F.
    """
    return await _steps(service(state), Sought(asset=asset, part=part), cursor, limit, wait_for_position)


@get(
    "/traces/steps",
    operation_id="ListTraceSteps",
    summary="Steps of goods, by any of their names",
    guards=READER,
    responses=READ_ANSWERS,
)
@filtered(some_goods)
async def list_steps(
    state: State,
    which: Sought,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for_position: WaitForPosition = 0,
) -> TracePage:
    """The same steps, also of a part, a ticket or a customer. Filters add up; one is needed."""
    return await _steps(service(state), which, cursor, limit, wait_for_position)


@get(
    "/traces/places",
    operation_id="ListTracePlaces",
    summary="Where goods are and were, in quantities",
    guards=READER,
    responses=READ_ANSWERS,
)
@filtered(placed_goods)
async def list_places(
    state: State,
    which: Sought,
    now: FromQuery[bool] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for_position: WaitForPosition = 0,
) -> PlacePage:
    """How much came to each place and left it; with `now`, only where something is.

    Filters add up; one is needed.
    """
    known = service(state)
    meant = await _meant(known, which)
    of = PlaceFilter(serial=meant.serial, lot=meant.lot, part=meant.part, asset=meant.asset)
    async with fresh(known, "part_trace", wait_for_position) as conn:
        return await whereabouts(conn, of, now=now, cursor=cursor, limit=limit)


@get(
    "/traces/reach",
    operation_id="ListTraceReach",
    summary="Which tickets and assets goods reached",
    guards=READER,
    responses=READ_ANSWERS,
)
@filtered(some_goods)
async def list_reach(
    state: State,
    which: Sought,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for_position: WaitForPosition = 0,
) -> ReachPage:
    """What became of them on each ticket, by customer. Filters add up; one is needed."""
    known = service(state)
    meant = await _meant(known, which)
    async with fresh(known, "part_trace", wait_for_position) as conn:
        return await reached(conn, meant, cursor=cursor, limit=limit)


@get(
    "/traces/customers",
    operation_id="ListTraceCustomers",
    summary="Which customers goods reached",
    guards=READER,
    responses=READ_ANSWERS,
)
@filtered(some_goods)
async def list_customers(
    state: State,
    which: Sought,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for_position: WaitForPosition = 0,
) -> CustomerPage:
    """On how many tickets, into how many assets, and what became of them. Filters add up; one is needed."""
    known = service(state)
    meant = await _meant(known, which)
    async with fresh(known, "part_trace", wait_for_position) as conn:
        return await customers(conn, meant, cursor=cursor, limit=limit)


tracing = [
    *(trace_serial, trace_lot, trace_asset),
    *(list_steps, list_places, list_reach, list_customers),
]
