"""How cases flow through tiers and teams."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from litestar import Router, get
from litestar.datastructures import State
from litestar.params import FromQuery, QueryParameter

from domain.ticket.words import Priority, Tier
from interfaces.http.auth import READER
from interfaces.http.conditions import WaitForPosition
from interfaces.http.filtering import filtered
from interfaces.http.freshness import fresh
from interfaces.http.openapi import READ_ANSWERS
from interfaces.http.params import Cursor, Limit, Words, given, given_or_none
from interfaces.http.service import service
from projections.flow.filters import GROUPS, Figure, FlowFilter
from projections.flow.report import FlowReport, flow
from projections.flow.tickets import FlowTicketPage, tickets

Month = Annotated[
    str | None,
    QueryParameter(
        required=False,
        pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$",
        description="In which the customer reported: 2026-03.",
    ),
]
Quarter = Annotated[
    str | None, QueryParameter(required=False, pattern=r"^[0-9]{4}-Q[1-4]$", description="Likewise: 2026-Q1.")
]
FlowGroup = StrEnum("FlowGroup", {name.upper(): name for name in GROUPS})
"""What the flow can be grouped by."""
GroupBy = Annotated[
    list[FlowGroup] | None, QueryParameter(required=False, max_items=len(GROUPS), description="Repeatable.")
]
USUAL = ["priority", "product"]


def flow_filter(
    month: Month = None,
    quarter: Quarter = None,
    priority: FromQuery[Priority | None] = None,
    product: Words = None,
    plan: Words = None,
    team: Words = None,
    customer: Words = None,
    source: Words = None,
    highest_tier: FromQuery[Tier | None] = None,
) -> FlowFilter:
    """The tickets that the report and the list are about."""
    return FlowFilter(
        month=given(month),
        quarter=given(quarter),
        priority=given(priority),
        product=given_or_none(product),
        plan=given(plan),
        team=given_or_none(team),
        customer=given_or_none(customer),
        source=given_or_none(source),
        highest_tier=given(highest_tier),
    )


@get(
    "/reports/flow",
    operation_id="GetFlowReport",
    summary="Who solves cases, and how long they take",
    guards=READER,
    responses=READ_ANSWERS,
)
@filtered(flow_filter)
async def get_flow(
    state: State,
    which: FlowFilter,
    group_by: GroupBy = None,
    wait_for_position: WaitForPosition = 0,
) -> FlowReport:
    """First-line resolution, tier moves, hand-offs, ping-pong, waits, reopenings and times, with a total.

    By priority and product unless `group_by` says otherwise. `team=none` means no team. What each figure
    means is in docs/reports.md.
    """
    known = service(state)
    async with fresh(known, "flow", wait_for_position) as conn:
        return await flow(conn, group_by or USUAL, which, zone=known.zone.key)


@get(
    "/reports/flow/tickets",
    operation_id="ListFlowTickets",
    summary="The tickets behind a figure of the flow report",
    guards=READER,
    responses=READ_ANSWERS,
)
@filtered(flow_filter)
async def list_flow_tickets(
    state: State,
    which: FlowFilter,
    figure: FromQuery[Figure | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for_position: WaitForPosition = 0,
) -> FlowTicketPage:
    """The same filters as the report, and the figure; `total` is the figure itself."""
    known = service(state)
    async with fresh(known, "flow", wait_for_position) as conn:
        return await tickets(conn, which, figure, zone=known.zone.key, cursor=cursor, limit=limit)


flow_reports = Router("/", route_handlers=[get_flow, list_flow_tickets], tags=["Reports"])
