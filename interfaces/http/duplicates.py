"""Suggestions: has this been reported before? (R02)"""

from __future__ import annotations

from litestar import get
from litestar.datastructures import State

from application.desk import NotFound
from interfaces.http.auth import READER
from interfaces.http.conditions import WaitForPosition
from interfaces.http.freshness import fresh, fresh_own
from interfaces.http.openapi import ITEM_ANSWERS, READ_ANSWERS
from interfaces.http.params import TicketReference, Words, WrongParameter
from interfaces.http.service import service
from projections.ticket import queries
from projections.ticket.duplicates import Asked, Duplicates, duplicates


@get(
    "/tickets/{ticket:str}/duplicates",
    operation_id="ListTicketDuplicates",
    summary="Tickets that may be about the same",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def of_ticket(
    state: State, ticket: TicketReference, wait_for_position: WaitForPosition = 0
) -> Duplicates:
    """Open tickets, and those that ended in the last 30 days, by asset, customer, product and words."""
    known = service(state)
    async with fresh_own(known, "ticket", known.desks.tickets, ticket, wait_for_position) as (
        conn,
        ticket_id,
    ):
        case = await queries.case_of(conn, ticket_id)
        if case is None:
            raise NotFound(f"there is no ticket {ticket}")
        own = case.ticket
        asked = Asked(
            subject=own.subject,
            customer=own.customer,
            asset=own.asset,
            product=own.product,
            besides=own.id,
        )
        return await duplicates(conn, asked, known.now())


@get(
    "/duplicates",
    operation_id="FindDuplicates",
    summary="Has this been reported before?",
    guards=READER,
    responses=READ_ANSWERS,
)
async def of_report(
    state: State,
    subject: Words = None,
    customer: Words = None,
    asset: Words = None,
    product: Words = None,
    wait_for_position: WaitForPosition = 0,
) -> Duplicates:
    """The same before a ticket is registered. At least one of the four is needed."""
    if not (subject or customer or asset or product):
        raise WrongParameter("say a subject, customer, asset or product", "subject")
    known = service(state)
    asked = Asked(subject=subject or "", customer=customer, asset=asset, product=product)
    async with fresh(known, "ticket", wait_for_position) as conn:
        return await duplicates(conn, asked, known.now())


suggestions = [of_ticket, of_report]
