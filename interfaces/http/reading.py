"""Tickets for readers: lists, one ticket now or as it was, its history, its service levels."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from litestar import Response, get
from litestar.datastructures import State
from litestar.openapi import ResponseSpec
from litestar.params import FromQuery, QueryParameter

from application.access import Permission
from application.tickets import NotFound
from domain.event import Fact
from domain.ticket.words import Priority, Status
from interfaces.http.auth import may
from interfaces.http.conditions import VERSION_HEADER, IfNoneMatch, WaitForPosition
from interfaces.http.freshness import seen, seen_ticket, tagged
from interfaces.http.openapi import ITEM_ANSWERS, READ_ANSWERS
from interfaces.http.params import Cursor, Limit, Moment, TicketReference, Words, WrongParameter, moment
from interfaces.http.service import Service, service
from projections.cases.case import replay
from projections.cases.shown import ShownClock
from projections.sla_compliance.clocks import clocks
from projections.ticket import queries
from projections.ticket.detail import TicketDetail, detail
from projections.timeline import queries as timeline

READER = [may(Permission.READ)]


class Basis(StrEnum):
    """Which of a fact's two times ``as_of`` means (B02)."""

    OCCURRED = "occurred"
    """What had happened by then, as we know it now."""
    RECORDED = "recorded"
    """What the log knew by then."""


@get("/tickets", operation_id="ListTickets", summary="List tickets", guards=READER, responses=READ_ANSWERS)
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
    text: Words = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for_position: WaitForPosition = 0,
) -> queries.TicketPage:
    """Newest number first. `source` finds an imported row, for example `helpdesk/Case 1`."""
    which = queries.TicketFilter(
        status=status,
        priority=priority,
        team=team,
        person=person,
        customer=customer,
        product=product,
        asset=asset,
        source=source,
        text=text,
    )
    await seen(service(state), "ticket", wait_for_position)
    async with service(state).log.connection() as conn:
        return await queries.search(conn, which, cursor=cursor, limit=limit)


@get(
    "/tickets/{ticket:str}",
    operation_id="GetTicket",
    summary="Read a ticket, now or as it was",
    guards=READER,
    responses=ITEM_ANSWERS | {304: ResponseSpec(None, description="Nothing has happened to it since.")},
    response_headers=[VERSION_HEADER],
)
async def get_ticket(
    state: State,
    ticket: TicketReference,
    as_of: Moment = None,
    basis: FromQuery[Basis] = Basis.OCCURRED,
    version: Annotated[
        int | None,
        QueryParameter(required=False, ge=1, le=2**31, description="As it was after this version."),
    ] = None,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[TicketDetail]:
    """Never older than the log when it was asked. `as_of` and `version` travel in time (B01)."""
    known = service(state)
    then = moment(as_of, "as_of")
    if then is not None or version is not None:
        return Response(await _as_it_was(known, ticket, then, basis, version))
    ticket_id = await seen_ticket(known, "ticket", ticket, wait_for_position)
    async with known.log.connection() as conn:
        found = await queries.one(conn, known.promises, ticket_id, datetime.now(UTC))
    if found is None:
        raise NotFound(f"there is no ticket {ticket}")
    return tagged(found, str(found.version), if_none_match)


async def _as_it_was(
    known: Service, reference: str, then: datetime | None, basis: Basis, version: int | None
) -> TicketDetail:
    """The ticket after the events that a version or a moment includes."""
    if then is not None and version is not None:
        raise WrongParameter("ask for as_of or for version, not for both", "version")
    facts = await known.desk.facts(reference)
    if version is not None:
        if version > facts[-1].version:
            raise NotFound(f"{reference} has no version {version}; it is at version {facts[-1].version}")
        facts = facts[:version]
        now = max(fact.act.occurred_at for fact in facts)
    else:
        now = then or datetime.now(UTC)
        facts = [fact for fact in facts if _time(fact, basis) <= now]
    case = replay(facts, known.promises)
    if case is None:
        raise NotFound(f"there was no ticket {reference} at that moment")
    return detail(case, known.promises, now)


def _time(fact: Fact, basis: Basis) -> datetime:
    recorded_at = fact.recorded_at or fact.act.occurred_at
    return fact.act.occurred_at if basis is Basis.OCCURRED else recorded_at


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
) -> timeline.TimelinePage:
    """Every event of the service case as it was recorded, with both times, in Chinese and English."""
    known = service(state)
    ticket_id = await seen_ticket(known, "timeline", ticket, wait_for_position)
    async with known.log.connection() as conn:
        return await timeline.history(conn, ticket_id, cursor=cursor, limit=limit)


@get(
    "/tickets/{ticket:str}/sla",
    operation_id="GetTicketSla",
    summary="Every clock of a ticket",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_sla(
    state: State, ticket: TicketReference, wait_for_position: WaitForPosition = 0
) -> tuple[ShownClock, ...]:
    """Milestones and cycles with start, stop, pauses, target, elapsed, verdict and cause (SLA 1, 15)."""
    known = service(state)
    ticket_id = await seen_ticket(known, "sla_compliance", ticket, wait_for_position)
    async with known.log.connection() as conn:
        found = await clocks(conn, known.promises, ticket_id, datetime.now(UTC))
    if found is None:
        raise NotFound(f"there is no ticket {ticket}")
    return found


reading = [list_tickets, get_ticket, get_history, get_sla]
