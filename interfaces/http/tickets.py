"""Tickets: registering them, and everything that may be asked of one."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from application.access import Caller, Permission
from application.ticket_commands import (
    AssignTicket,
    CancelTicket,
    ClassifyTicket,
    CloseTicket,
    Command,
    ConfirmTicket,
    EscalateTicket,
    HoldTicket,
    LogContact,
    PrioritiseTicket,
    RegisterTicket,
    RejectTicket,
    RemarkOnTicket,
    ReopenTicket,
    ResolveTicket,
    ResumeTicket,
)
from application.tickets import Receipt
from interfaces.http.auth import may
from interfaces.http.conditions import (
    LOCATION_HEADER,
    POSITION_HEADER,
    VERSION_HEADER,
    IdempotencyKey,
    IfMatch,
    command_request,
    expected_version,
)
from interfaces.http.openapi import COMMAND_ANSWERS, CREATE_ANSWERS
from interfaces.http.params import TicketReference
from interfaces.http.service import desk

ACTIONS: tuple[tuple[str, type[Command]], ...] = (
    ("classify", ClassifyTicket),
    ("prioritise", PrioritiseTicket),
    ("assign", AssignTicket),
    ("contact", LogContact),
    ("hold", HoldTicket),
    ("resume", ResumeTicket),
    ("escalate", EscalateTicket),
    ("resolve", ResolveTicket),
    ("confirm", ConfirmTicket),
    ("reject", RejectTicket),
    ("close", CloseTicket),
    ("reopen", ReopenTicket),
    ("cancel", CancelTicket),
    ("remark", RemarkOnTicket),
)
"""Path segment and command of every action on a ticket."""


def _receipt(receipt: Receipt, **headers: str) -> Response[Receipt]:
    headers |= {"ETag": f'"{receipt.version}"', "Log-Position": str(receipt.position)}
    return Response(receipt, headers=headers)


@post(
    "/tickets",
    operation_id="RegisterTicket",
    summary="Register a ticket",
    guards=[may(Permission.WORK)],
    responses=CREATE_ANSWERS,
    response_headers=[VERSION_HEADER, POSITION_HEADER, LOCATION_HEADER],
    response_description="The ticket is registered.",
)
async def register_ticket(
    request: Request[Caller, Any, Any],
    state: State,
    data: JSONBody[RegisterTicket],
    idempotency_key: IdempotencyKey = None,
) -> Response[Receipt]:
    """Take up a report. ``occurred_at`` is when the customer reported it: the clocks start there."""
    key = await command_request(request, idempotency_key)
    receipt = await desk(state).register(data, request.user, key)
    answer = _receipt(receipt, Location=f"/api/v1/tickets/{receipt.number}")
    answer.status_code = 201
    return answer


def _action(segment: str, command: type[Command]) -> HTTPRouteHandler:
    """The route of one action. They differ in their command only."""

    async def act(
        request: Request[Caller, Any, Any],
        state: State,
        ticket: TicketReference,
        data: Command,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Receipt]:
        receipt = await desk(state).send(
            ticket,
            data,
            request.user,
            expected=expected_version(if_match),
            request=await command_request(request, idempotency_key),
        )
        return _receipt(receipt)

    act.__annotations__["data"] = JSONBody[command]
    act.__doc__ = told = (command.__doc__ or "").replace("``", "`")
    return post(
        f"/tickets/{{ticket:str}}/{segment}",
        operation_id=command.__name__,
        summary=told.partition(".")[0].replace("`", ""),
        status_code=200,
        guards=[may(Permission.WORK)],
        responses=COMMAND_ANSWERS,
        response_headers=[VERSION_HEADER, POSITION_HEADER],
        response_description="It is recorded.",
    )(act)


commands = [register_ticket, *(_action(*row) for row in ACTIONS)]
