"""Queues: what is open, the nearest deadline first."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, Router, get
from litestar.datastructures import State
from litestar.openapi import ResponseSpec
from litestar.params import FromQuery, PathParameter

from application.commands import NO_NUL
from domain.ticket.words import Priority, Status
from interfaces.http.auth import READER
from interfaces.http.conditions import WaitForPosition
from interfaces.http.freshness import fresh
from interfaces.http.openapi import READ_ANSWERS
from interfaces.http.params import Cursor, Limit, Words
from interfaces.http.service import service
from projections.queue import queries

QueueName = Annotated[
    str,
    PathParameter(
        description="A team's name, or `all`, or `unassigned`.", min_length=1, max_length=200, pattern=NO_NUL
    ),
]


@get(
    "/queues",
    operation_id="ListQueues",
    summary="Every queue in numbers",
    guards=READER,
    responses=READ_ANSWERS,
)
async def list_queues(state: State, wait_for_position: WaitForPosition = 0) -> list[queries.QueueCounts]:
    """Exact counts of open, late and paused tickets: `all` and `unassigned` first, then every team."""
    known = service(state)
    async with fresh(known, "queue", wait_for_position) as conn:
        return await queries.overview(conn, known.now())


@get(
    "/queues/{name:str}",
    operation_id="GetQueue",
    summary="One queue, the nearest deadline first",
    guards=READER,
    responses=READ_ANSWERS
    | {200: ResponseSpec(queries.QueuePage, description="A page of the queue.", generate_examples=False)},
)
async def get_queue(
    state: State,
    name: QueueName,
    priority: FromQuery[Priority | None] = None,
    status: FromQuery[Status | None] = None,
    person: Words = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for_position: WaitForPosition = 0,
) -> Response[bytes]:
    """Open tickets with their next milestone and the working time that remains (SLA 1, 6).

    A team without open tickets has an empty queue.
    """
    known = service(state)
    async with fresh(known, "queue", wait_for_position) as conn:
        page = await queries.page(
            conn,
            known.promises,
            name,
            now=known.now(),
            cursor=cursor,
            limit=limit,
            priority=priority,
            status=status,
            person=person,
        )
    return Response(page, media_type="application/json")


queues = Router("/", route_handlers=[list_queues, get_queue], tags=["Queues"])
