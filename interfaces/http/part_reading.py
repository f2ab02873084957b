"""Spare parts for readers: the catalogue, one part now or as it was, its ledger, stock and promises."""

from __future__ import annotations

from functools import partial

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromQuery

from application.desk import NotFound
from domain.part.words import Bucket, Tracking
from interfaces.http.auth import READER
from interfaces.http.conditions import VERSION_HEADER, VIEW_HEADER, IfNoneMatch, WaitForPosition
from interfaces.http.filtering import id_of
from interfaces.http.freshness import fresh, fresh_own, tagged, while_same
from interfaces.http.openapi import ITEM_ANSWERS, READ_ANSWERS, UNCHANGED
from interfaces.http.params import Cursor, Limit, Moment, Named, PartReference, Words, moment
from interfaces.http.service import service
from interfaces.http.travel import Version, back
from projections.part_ledger import queries as ledger
from projections.stock import parts, reservations, shelves
from projections.stock.detail import PartDetail, current, detail
from projections.travel.points import Basis


@get(
    "/parts",
    operation_id="ListParts",
    summary="List parts",
    guards=READER,
    responses=READ_ANSWERS | UNCHANGED,
    response_headers=[VIEW_HEADER],
)
async def list_parts(
    state: State,
    text: Words = None,
    tracking: FromQuery[Tracking | None] = None,
    below_reorder: FromQuery[bool | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[parts.PartPage]:
    """The catalogue by number, with the quantities of all places together.

    `text` is part of the number or of a name, in any case; `below_reorder` finds what should be ordered.
    """
    known = service(state)
    which = parts.PartFilter(text=text, tracking=tracking, below_reorder=below_reorder)
    async with fresh(known, "stock", wait_for_position) as conn:
        today = known.today
        ask = partial(parts.search, conn, which, today=today, cursor=cursor, limit=limit)
        return await while_same(conn, "stock", if_none_match, ask, today)


@get(
    "/parts/{part:str}",
    operation_id="GetPart",
    summary="Read a part, now or as it was",
    guards=READER,
    responses=ITEM_ANSWERS | UNCHANGED,
    response_headers=[VERSION_HEADER],
)
async def get_part(
    state: State,
    part: PartReference,
    as_of: Moment = None,
    basis: FromQuery[Basis] = Basis.OCCURRED,
    version: Version = None,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[PartDetail]:
    """Its catalogue entry and what every location has. `as_of` and `version` travel in time (B01)."""
    known = service(state)
    then = await back(known, known.desks.parts, known.kinds.part, part, as_of, basis, version)
    if then is not None:
        return Response(detail(then[0], known.day(then[1])))
    async with fresh_own(known, "stock", known.desks.parts, part, wait_for_position) as (conn, part_id):
        found = await current(conn, part_id, known.today)
    if found is None:
        raise NotFound(f"there is no part {part}")
    return tagged(found, str(found.version), if_none_match)


@get(
    "/parts/{part:str}/ledger",
    operation_id="GetPartLedger",
    summary="Every movement of a part",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_ledger(
    state: State,
    part: PartReference,
    location: Words = None,
    bucket: FromQuery[Bucket | None] = None,
    ticket: Named = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for_position: WaitForPosition = 0,
) -> ledger.LedgerPage:
    """In the order of recording, each with the balance after it, who did it, when and why (R17)."""
    known = service(state)
    for_ticket = await id_of(known.desks.tickets, ticket, "ticket")
    which = ledger.LedgerFilter(location=location, bucket=bucket, ticket=for_ticket)
    async with fresh_own(known, "part_ledger", known.desks.parts, part, wait_for_position) as (conn, part_id):
        return await ledger.ledger(conn, part_id, which, zone=known.zone, cursor=cursor, limit=limit)


@get(
    "/parts/{part:str}/units",
    operation_id="GetPartUnits",
    summary="The lots or serial numbers of a part that are in stock",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_units(
    state: State,
    part: PartReference,
    location: Words = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for_position: WaitForPosition = 0,
) -> shelves.UnitPage:
    """By location, the first to expire first (R16)."""
    known = service(state)
    async with fresh_own(known, "stock", known.desks.parts, part, wait_for_position) as (conn, part_id):
        today = known.today
        return await shelves.units(conn, part_id, location, today=today, cursor=cursor, limit=limit)


@get(
    "/stock",
    operation_id="ListStock",
    summary="What every location has of every part",
    guards=READER,
    responses=READ_ANSWERS | UNCHANGED,
    response_headers=[VIEW_HEADER],
)
async def list_stock(
    state: State,
    location: Words = None,
    part: Named = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[shelves.StockPage]:
    """By location, then by part number; a location has no line for a part of which it has nothing."""
    known = service(state)
    which = shelves.StockFilter(part=await id_of(known.desks.parts, part, "part"), location=location)
    async with fresh(known, "stock", wait_for_position) as conn:
        today = known.today
        ask = partial(shelves.stock, conn, which, today=today, cursor=cursor, limit=limit)
        return await while_same(conn, "stock", if_none_match, ask, today)


@get(
    "/reservations",
    operation_id="ListReservations",
    summary="What is promised to tickets",
    guards=READER,
    responses=READ_ANSWERS | UNCHANGED,
    response_headers=[VIEW_HEADER],
)
async def list_reservations(
    state: State,
    ticket: Named = None,
    part: Named = None,
    location: Words = None,
    overdue_at: Moment = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[reservations.ReservationPage]:
    """The first to expire first. `overdue_at` finds those that were to be used by then."""
    known = service(state)
    which = reservations.ReservationFilter(
        ticket=await id_of(known.desks.tickets, ticket, "ticket"),
        part=await id_of(known.desks.parts, part, "part"),
        location=location,
        overdue_at=moment(overdue_at, "overdue_at"),
    )
    async with fresh(known, "stock", wait_for_position) as conn:
        ask = partial(reservations.reservations, conn, which, cursor=cursor, limit=limit)
        return await while_same(conn, "stock", if_none_match, ask)


reading = [list_parts, get_part, get_ledger, get_units, list_stock, list_reservations]
