"""Tickets for readers: lists, one ticket now or as it was, its history, its service levels."""

from __future__ import annotations

from functools import partial

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromQuery

from application.desk import NotFound
from domain.ticket.words import Priority, Status
from interfaces.http.auth import READER
from interfaces.http.conditions import VERSION_HEADER, VIEW_HEADER, IfNoneMatch, WaitForPosition
from interfaces.http.freshness import fresh, fresh_case, fresh_own, tagged, while_same
from interfaces.http.openapi import ITEM_ANSWERS, READ_ANSWERS, UNCHANGED
from interfaces.http.params import Cursor, Limit, Moment, TicketReference, Words
from interfaces.http.service import service
from interfaces.http.travel import Version, back
from projections.cases.moved import ClockStory
from projections.sla_compliance.clocks import stories
from projections.ticket import queries
from projections.ticket.detail import TicketDetail, detail
from projections.ticket.links import TicketLinks, links
from projections.travel.history import TimelinePage, history
from projections.travel.points import Basis


@get(
    "/tickets",
    operation_id="ListTickets",
    summary="List tickets",
    guards=READER,
    responses=READ_ANSWERS | UNCHANGED,
    response_headers=[VIEW_HEADER],
)
async def list_tickets(
    state: State,
    status: FromQuery[Status | None] = None,
    priority: FromQuery[Priority | None] = None,
    team: Words = None,
    person: Words = None,
    customer: Words = None,
    product: Words = None,
    asset: Words = None,
    source: Words = None,
    contract: Words = None,
    questions: FromQuery[bool | None] = None,
    text: Words = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[queries.TicketPage]:
    """Newest number first. `source` finds an imported row, for example `helpdesk/Case 1`.

    `contract` is the number of the contract that a ticket falls under; `questions=true` finds those that wait
    for a person's answer.
    """
    which = queries.TicketFilter(
        status=status,
        priority=priority,
        team=team,
        person=person,
        customer=customer,
        product=product,
        asset=asset,
        source=source,
        contract=contract,
        questions=questions,
        text=text,
    )
    async with fresh(service(state), "ticket", wait_for_position) as conn:
        ask = partial(queries.search, conn, which, cursor=cursor, limit=limit)
        return await while_same(conn, "ticket", if_none_match, ask)


@get(
    "/tickets/{ticket:str}",
    operation_id="GetTicket",
    summary="Read a ticket, now or as it was",
    guards=READER,
    responses=ITEM_ANSWERS | UNCHANGED,
    response_headers=[VERSION_HEADER],
)
async def get_ticket(
    state: State,
    ticket: TicketReference,
    as_of: Moment = None,
    basis: FromQuery[Basis] = Basis.OCCURRED,
    version: Version = None,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[TicketDetail]:
    """Never older than the log when it was asked. `as_of` and `version` travel in time (B01)."""
    known = service(state)
    then = await back(known, known.desks.tickets, known.kinds.ticket, ticket, as_of, basis, version)
    if then is not None:
        return Response(detail(then[0].state, known.promises, then[1]))
    async with fresh_own(known, "ticket", known.desks.tickets, ticket, wait_for_position) as (
        conn,
        ticket_id,
    ):
        found = await queries.one(conn, known.promises, ticket_id, known.now())
    if found is None:
        raise NotFound(f"there is no ticket {ticket}")
    return tagged(found, str(found.version), if_none_match)


@get(
    "/tickets/{ticket:str}/history",
    operation_id="GetTicketHistory",
    summary="Everything that happened, in words",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_history(
    state: State,
    ticket: TicketReference,
    cursor: Cursor = None,
    limit: Limit = 200,
    wait_for_position: WaitForPosition = 0,
) -> TimelinePage:
    """Every event of the service case as it was recorded, with both times, in Chinese and English."""
    known = service(state)
    async with fresh_case(known, (), ticket, wait_for_position) as (conn, ticket_id):
        return await history(
            conn, ticket_id, promises=known.promises, zone=known.zone, cursor=cursor, limit=limit
        )


@get(
    "/tickets/{ticket:str}/sla",
    operation_id="GetTicketSla",
    summary="Every clock of a ticket",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_sla(
    state: State, ticket: TicketReference, wait_for_position: WaitForPosition = 0
) -> tuple[ClockStory, ...]:
    """Milestones and cycles with start, stop, pauses, target, elapsed, verdict and cause (SLA 1, 15).

    `moves` says how each deadline came to be where it is: every event that moved it, from where to where, who
    and why, by which versions of plan and calendar (B04).
    """
    known = service(state)
    async with fresh_own(known, "sla_compliance", known.desks.tickets, ticket, wait_for_position) as (
        conn,
        ticket_id,
    ):
        found = await stories(conn, known.promises, ticket_id, known.now(), known.zone)
    if found is None:
        raise NotFound(f"there is no ticket {ticket}")
    return found


@get(
    "/tickets/{ticket:str}/links",
    operation_id="ListTicketLinks",
    summary="The tickets that a ticket is linked with",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_links(
    state: State, ticket: TicketReference, wait_for_position: WaitForPosition = 0
) -> TicketLinks:
    """Its own links, and those that other tickets have with it (R02)."""
    known = service(state)
    async with fresh_own(known, "ticket", known.desks.tickets, ticket, wait_for_position) as (
        conn,
        ticket_id,
    ):
        case = await queries.case_of(conn, ticket_id)
        if case is None:
            raise NotFound(f"there is no ticket {ticket}")
        return await links(conn, case.ticket)


reading = [list_tickets, get_ticket, get_history, get_sla, get_links]
