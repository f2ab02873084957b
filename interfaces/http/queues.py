"""Queues: what is open, the nearest deadline first."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.openapi import ResponseSpec
from litestar.params import PathParameter

from application.access import Caller
from application.commands import NO_NUL
from interfaces.http.auth import READER
from interfaces.http.conditions import VIEW_HEADER, IfNoneMatch, WaitForPosition
from interfaces.http.freshness import fresh, is_known, tagged, unchanged
from interfaces.http.openapi import READ_ANSWERS, UNCHANGED
from interfaces.http.queue_asking import OfAPage, asked_of, reader
from interfaces.http.service import Service, service
from projections.engine.marks import Mark, mark_of
from projections.queue import queries
from projections.queue.names import queue_named
from projections.queue.queries import VIEW, Asked

QueueName = Annotated[
    str,
    PathParameter(
        description="`all`, `unassigned`, `mine`, `my-team`, `breaking`, `paused`, `waiting-for-part`, "
        "`reopened`, `complaints`, `handed-to-my-team`, `waiting-on-others`, `others-overdue`, "
        "`review-due`, or a team's name, in which a slash is written %2F. A team that is called as one of "
        "these is found by `team`.",
        min_length=1,
        max_length=200,
        pattern=NO_NUL,
    ),
]
PAGE_ANSWERS = READ_ANSWERS | UNCHANGED
PAGE_ANSWERS |= {200: ResponseSpec(queries.QueuePage, description="A page of it.", generate_examples=False)}


@get(
    "/queues",
    operation_id="ListQueues",
    summary="Every queue in numbers",
    guards=READER,
    responses=READ_ANSWERS | UNCHANGED,
    response_headers=[VIEW_HEADER],
)
async def list_queues(
    request: Request[Caller, Any, Any], state: State, wait_for_position: WaitForPosition = 0
) -> Response[list[queries.QueueCounts]]:
    """Exact counts of open, late and paused tickets: `all` and `unassigned` first, then every team.

    `If-None-Match` with the tag gets 304 within the second that the counts are of.
    """
    known = service(state)
    now = known.now().replace(microsecond=0)
    async with fresh(known, VIEW, wait_for_position) as conn:
        # The mark is read first: a tag that is older than its answer is merely asked for once more.
        tag = f"{(await mark_of(conn, VIEW)).tag}-{_second(now)}"
        if is_known(tag, request.headers.get("If-None-Match")):
            return unchanged(tag, weak=True)
        return tagged(await queries.overview(conn, now), tag, None, weak=True)


@get(
    "/queues/{name:str}",
    operation_id="GetQueue",
    operation_class=OfAPage,
    summary="One queue, the nearest deadline first",
    guards=READER,
    responses=PAGE_ANSWERS,
    response_headers=[VIEW_HEADER],
)
async def get_queue(
    request: Request[Caller, Any, Any],
    state: State,
    name: QueueName,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[Any]:
    """Tickets with their next milestone and the working time that remains (SLA 1, 6); contracts first (R04).

    A team without open tickets has an empty queue. Of several values of one parameter any will do; `none`
    asks for tickets without a value.
    """
    known, who = service(state), reader(request)
    asked = asked_of(request, queue_named(name, who))
    own = who if asked.queue.is_own else ()
    return await queue_page(known, asked, if_none_match, wait_for_position, *own)


async def queue_page(
    known: Service, asked: Asked, if_none_match: str | None, position: int, *besides: object
) -> Response[Any]:
    """A page with its entity tag, or 304 without a look at any row.

    Args:
        position: how far the view must have read.
        besides: what else than the address the page depends on.
    """
    now = known.now().replace(microsecond=0)

    def tag(mark: Mark) -> str:
        moving = f"-{_second(now)}" if asked.moves else ""
        return mark.tag + moving + (f"-{_digest(besides)}" if besides else "")

    async with fresh(known, VIEW, position) as conn:
        if if_none_match and is_known(seen := tag(await mark_of(conn, VIEW)), if_none_match):
            return unchanged(seen)
        body, mark = await queries.page(conn, known.promises, asked, now)
    return Response(body, media_type="application/json", headers={"ETag": f'"{tag(mark)}"'})


def _second(now: datetime) -> str:
    return f"{int(now.timestamp()):x}"


def _digest(besides: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(besides).encode()).hexdigest()[:12]
