"""Open steps: what is to be done on every ticket, by whom and by when."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromQuery, QueryParameter

from domain.ticket.steps import Ground, StepKind
from domain.ticket.words import Priority
from interfaces.http.auth import READER
from interfaces.http.conditions import VIEW_HEADER, IfNoneMatch, WaitForPosition
from interfaces.http.filtering import filtered
from interfaces.http.freshness import fresh, fresh_own, while_same
from interfaces.http.openapi import ITEM_ANSWERS, READ_ANSWERS, UNCHANGED
from interfaces.http.params import Cursor, Limit, TicketReference, Words, given, given_or_none
from interfaces.http.service import service
from projections.queue.open_steps import StepFilter, StepPage, TicketSteps, steps_of, steps_page
from projections.queue.queries import VIEW

Minutes = Annotated[
    int | None,
    QueryParameter(
        required=False, gt=-1, le=525_600, description="Overdue, or due within so many minutes: 60."
    ),
]


def step_filter(
    kind: FromQuery[StepKind | None] = None,
    priority: FromQuery[Priority | None] = None,
    ground: FromQuery[Ground | None] = None,
    person: Words = None,
    team: Words = None,
    overdue: FromQuery[bool | None] = None,
    due_within: Minutes = None,
    dated: FromQuery[bool | None] = None,
) -> StepFilter:
    """The steps that the list is about."""
    return StepFilter(
        kind=given(kind),
        priority=given(priority),
        ground=given(ground),
        person=given_or_none(person),
        team=given_or_none(team),
        overdue=given(overdue),
        due_within=given(due_within),
        dated=given(dated),
    )


@get(
    "/steps",
    operation_id="ListSteps",
    summary="Every open step, with who is responsible and by when",
    guards=READER,
    responses=READ_ANSWERS | UNCHANGED,
    response_headers=[VIEW_HEADER],
)
@filtered(step_filter)
async def list_steps(
    state: State,
    which: StepFilter,
    count: FromQuery[bool] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[StepPage]:
    """The nearest due time first (R09): promises to customers, our own clocks, handovers to accept, answers
    that others owe, holds to review, planned visits, open questions, complaints and callbacks.

    `person=none` are those that no person is responsible for, `ground=nobody` those that no team has either,
    `dated=false` those that nothing says a time for: defects to be mended. Within a second the tag stays.
    """
    known = service(state)
    now = known.now().replace(microsecond=0)
    async with fresh(known, VIEW, wait_for_position) as conn:
        ask = partial(steps_page, conn, known.promises, which, now, cursor=cursor, limit=limit, count=count)
        return await while_same(conn, VIEW, if_none_match, ask, int(now.timestamp()))


@get(
    "/tickets/{ticket:str}/steps",
    operation_id="GetTicketSteps",
    summary="The open steps of a ticket",
    guards=READER,
    responses=ITEM_ANSWERS | UNCHANGED,
    response_headers=[VIEW_HEADER],
)
async def get_ticket_steps(
    state: State,
    ticket: TicketReference,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[TicketSteps]:
    """What is to be done on it, by whom and by when (R09); never older than the log when it was asked."""
    known = service(state)
    now = known.now().replace(microsecond=0)
    async with fresh_own(known, VIEW, known.desks.tickets, ticket, wait_for_position) as (conn, ticket_id):
        ask = partial(steps_of, conn, known.promises, ticket_id, now)
        return await while_same(conn, VIEW, if_none_match, ask, int(now.timestamp()))
