"""Who is looking at a ticket, and who edits it: for the others, while it lasts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, delete, get, put
from litestar.datastructures import State
from litestar.params import JSONBody

from application.access import Caller
from application.desk import NotFound
from application.presence import Doing, Present
from interfaces.http.auth import READER
from interfaces.http.openapi import ITEM_ANSWERS, SENT_ANSWERS
from interfaces.http.params import TicketReference
from interfaces.http.service import Service, service


class BePresent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say that you are at a ticket.

    Attributes:
        doing: whether you look at it or edit it.
    """

    doing: Doing = Doing.LOOK


class TicketPresence(msgspec.Struct, frozen=True, kw_only=True):
    """Who is at a ticket.

    Attributes:
        people: the first to come first.
    """

    id: UUID
    number: str
    people: tuple[Present, ...]


@put(
    "/tickets/{ticket:str}/presence",
    operation_id="PutPresence",
    summary="Say that you look at a ticket, or edit it",
    guards=READER,
    responses=ITEM_ANSWERS | SENT_ANSWERS,
)
async def put_presence(
    request: Request[Caller, Any, Any], state: State, ticket: TicketReference, data: JSONBody[BePresent]
) -> TicketPresence:
    """It holds for 30 seconds: say it again while it lasts. It is no event, and nothing keeps it."""
    known = service(state)
    ticket_id, number = await _ticket(known, ticket)
    await known.presence.put(ticket_id, request.user, data.doing)
    return await _people(known, ticket_id, number)


@delete(
    "/tickets/{ticket:str}/presence",
    operation_id="EndPresence",
    summary="Say that you have left a ticket",
    status_code=204,
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def end_presence(request: Request[Caller, Any, Any], state: State, ticket: TicketReference) -> None:
    """At once, where the others would else see you for some seconds more."""
    known = service(state)
    ticket_id, _ = await _ticket(known, ticket)
    await known.presence.leave(ticket_id, request.user)


@get(
    "/tickets/{ticket:str}/presence",
    operation_id="GetPresence",
    summary="Who looks at a ticket, and who edits it",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_presence(state: State, ticket: TicketReference) -> TicketPresence:
    """Everybody who has said so in the last 30 seconds, to whichever process."""
    known = service(state)
    return await _people(known, *await _ticket(known, ticket))


async def _ticket(known: Service, reference: str) -> tuple[UUID, str]:
    ticket_id = await known.desks.tickets.find(reference)
    held = await known.desks.tickets.streams.near(ticket_id)
    if held is None:
        raise NotFound(f"there is no ticket {reference}")
    return ticket_id, held.state.number


async def _people(known: Service, ticket_id: UUID, number: str) -> TicketPresence:
    return TicketPresence(id=ticket_id, number=number, people=await known.presence.at(ticket_id))


presence = [put_presence, end_presence, get_presence]
