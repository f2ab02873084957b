"""The same action on many tickets, with an answer for each."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.params import JSONBody

from application.access import Caller, Permission
from application.bulk import ActOnTickets, Answered, act_on_tickets
from application.desk import Receipt
from interfaces.http.auth import may
from interfaces.http.conditions import POSITION_HEADER, IdempotencyKey
from interfaces.http.openapi import CREATE_ANSWERS
from interfaces.http.problem import Problem
from interfaces.http.problems import HANDLERS
from interfaces.http.service import service


class TicketAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one of the tickets.

    Attributes:
        ticket: as it was asked for.
        status: what the command alone would have been answered with.
        receipt: when it was recorded.
        problem: when it was refused.
    """

    ticket: str
    status: int
    receipt: Receipt | None = None
    problem: Problem | None = None


class BulkAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of all of them.

    Attributes:
        done: how many were recorded.
        refused: how many were not.
        position: of the last event of them all; for `Wait-For-Position`. 0 when there is none.
        items: in the order in which they were asked for.
    """

    done: int
    refused: int
    position: int
    items: tuple[TicketAnswer, ...]


@post(
    "/tickets/bulk",
    operation_id="ActOnTickets",
    summary="The same action on many tickets",
    status_code=200,
    guards=[may(Permission.WORK)],
    responses=CREATE_ANSWERS,
    response_headers=[POSITION_HEADER],
)
async def act_on_many(
    request: Request[Caller, Any, Any],
    state: State,
    data: JSONBody[ActOnTickets],
    idempotency_key: IdempotencyKey = None,
) -> Response[BulkAnswer]:
    """Every ticket is a command of its own: some may be recorded and others refused, and `items` says which.

    With an `Idempotency-Key` the whole may be sent again: what was recorded is answered as it was, what was
    refused is tried again.
    """
    answers = await act_on_tickets(service(state).desks.tickets, data, request.user, idempotency_key)
    items = tuple(_told(request, each) for each in answers)
    positions = [each.receipt.position for each in items if each.receipt]
    answer = BulkAnswer(
        done=len(positions),
        refused=len(items) - len(positions),
        position=max(positions, default=0),
        items=items,
    )
    return Response(answer, headers={"Log-Position": str(answer.position)} if positions else {})


def _told(request: Request[Caller, Any, Any], each: Answered) -> TicketAnswer:
    if isinstance(each.answer, Receipt):
        return TicketAnswer(ticket=each.ticket, status=200, receipt=each.answer)
    handler = next(HANDLERS[kind] for kind in type(each.answer).__mro__ if kind in HANDLERS)
    answer = cast("Response[bytes]", handler(request, each.answer))
    told = msgspec.structs.replace(msgspec.json.decode(answer.content, type=Problem), instance=None)
    return TicketAnswer(ticket=each.ticket, status=told.status, problem=told)
