"""What re-pinning a ticket would do, before anybody asks for it or approves it (SLA 8)."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.datastructures import State
from litestar.params import QueryParameter

from application.desk import NotFound
from application.ticket_commands.pinning import RepinTicket
from domain.errors import DomainError
from domain.ticket.evolution import replay
from interfaces.http.auth import READER
from interfaces.http.openapi import ITEM_ANSWERS
from interfaces.http.params import TicketReference, Words, WrongParameter
from interfaces.http.service import service
from projections.cases.repinning import RepinPreview, preview

Version = Annotated[int | None, QueryParameter(required=False, ge=1, le=1_000_000)]


@get(
    "/tickets/{ticket:str}/repin/preview",
    operation_id="PreviewRepin",
    summary="What another plan or calendar would do to every clock",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def preview_repin(
    state: State,
    ticket: TicketReference,
    plan: Words = None,
    plan_version: Version = None,
    calendar: Words = None,
    calendar_version: Version = None,
) -> RepinPreview:
    """Nothing is recorded. With no plan and no calendar it is about the request that is open."""
    known = service(state)
    facts = await known.desks.tickets.facts(ticket)
    stands = replay(facts)
    if stands is None:
        raise NotFound(f"there is no ticket {ticket}")
    asked = RepinTicket(
        plan=plan, plan_version=plan_version, calendar=calendar, calendar_version=calendar_version
    )
    nothing = not any((plan, plan_version, calendar, calendar_version))
    if nothing and stands.repin is None:
        raise WrongParameter(f"say which: no re-pinning of {stands.number} is asked for", "plan")
    desk, now = known.desks.tickets, known.now()
    try:
        open_request = stands.repin.pin if nothing and stands.repin else None
        pin = open_request or await desk.deciding.pin_asked(stands, asked, now)
        found = preview(facts, pin, known.promises, now)
    except DomainError as wrong:
        raise WrongParameter(wrong.message, (wrong.field or "/plan").removeprefix("/")) from None
    if found is None:
        raise NotFound(f"there is no ticket {ticket}")
    return found
