"""Service levels over many tickets."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.datastructures import State
from litestar.params import FromQuery, QueryParameter

from domain.clock import Milestone
from domain.reading import Cause, Verdict
from domain.ticket.words import Priority
from interfaces.http.auth import READER
from interfaces.http.conditions import WaitForPosition
from interfaces.http.filtering import filtered
from interfaces.http.freshness import fresh
from interfaces.http.openapi import READ_ANSWERS
from interfaces.http.params import Cursor, Limit, Words, given, given_or_none
from interfaces.http.service import service
from projections.sla_compliance.clocks import ClockPage, behind
from projections.sla_compliance.compliance import ComplianceTable, compliance
from projections.sla_compliance.filters import GROUPS, ClockFilter

Month = Annotated[
    str | None,
    QueryParameter(
        required=False,
        pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$",
        description="In which the clock started: 2026-03.",
    ),
]
Quarter = Annotated[
    str | None, QueryParameter(required=False, pattern=r"^[0-9]{4}-Q[1-4]$", description="Likewise: 2026-Q1.")
]
Group = StrEnum("Group", {name.upper(): name for name in GROUPS})
"""What compliance can be grouped by."""
GroupBy = Annotated[
    list[Group] | None, QueryParameter(required=False, max_items=len(GROUPS), description="Repeatable.")
]
USUAL = ["month", "priority", "team", "plan"]


def clock_filter(
    month: Month = None,
    quarter: Quarter = None,
    priority: FromQuery[Priority | None] = None,
    team: Words = None,
    person: Words = None,
    plan: Words = None,
    milestone: FromQuery[Milestone | None] = None,
    customer: Words = None,
    product: Words = None,
) -> ClockFilter:
    """The clocks that the table and the list are about."""
    return ClockFilter(
        month=given(month),
        quarter=given(quarter),
        priority=given(priority),
        team=given_or_none(team),
        person=given_or_none(person),
        plan=given(plan),
        milestone=given(milestone),
        customer=given_or_none(customer),
        product=given_or_none(product),
    )


@get(
    "/sla/compliance",
    operation_id="GetCompliance",
    summary="Promises kept and missed",
    guards=READER,
    responses=READ_ANSWERS,
)
@filtered(clock_filter)
async def get_compliance(
    state: State,
    which: ClockFilter,
    group_by: GroupBy = None,
    wait_for_position: WaitForPosition = 0,
) -> ComplianceTable:
    """Met, breached, pending and cancelled clocks, met %, p50 and p90, with a total that adds up (SLA 15).

    By month, priority, team and plan unless `group_by` says otherwise. `team=none` means no team.
    """
    known = service(state)
    async with fresh(known, "sla_compliance", wait_for_position) as conn:
        return await compliance(conn, group_by or USUAL, which, now=known.now())


@get(
    "/sla/clocks",
    operation_id="ListClocks",
    summary="The clocks behind a compliance row",
    guards=READER,
    responses=READ_ANSWERS,
)
@filtered(clock_filter)
async def list_clocks(
    state: State,
    which: ClockFilter,
    verdict: FromQuery[Verdict | None] = None,
    cause: FromQuery[Cause | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for_position: WaitForPosition = 0,
) -> ClockPage:
    """The same filters as the table, and the verdict: the rows that a figure came from (SLA 15)."""
    which = msgspec.structs.replace(which, verdict=given(verdict), cause=given(cause))
    known = service(state)
    async with fresh(known, "sla_compliance", wait_for_position) as conn:
        return await behind(conn, known.promises, which, now=known.now(), cursor=cursor, limit=limit)


sla = Router("/", route_handlers=[get_compliance, list_clocks], tags=["Service levels"])
