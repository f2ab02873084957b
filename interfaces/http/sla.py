"""Service levels over many tickets."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.datastructures import State
from litestar.openapi import ResponseSpec
from litestar.params import FromQuery, QueryParameter
from msgspec import UNSET, UnsetType

from domain.clock import Milestone
from domain.reading import Cause, Verdict
from domain.ticket.words import Priority, TravelBand
from interfaces.http.auth import READER
from interfaces.http.clock_tables import Told, listed, tabled
from interfaces.http.conditions import CONTENT_HEADER, IfNoneMatch, WaitForPosition
from interfaces.http.downloads import (
    Bom,
    InManyForms,
    ListForm,
    Spoken,
    TableForm,
    wanted_form,
    wanted_language,
)
from interfaces.http.filtering import filtered
from interfaces.http.openapi import READ_ANSWERS, UNCHANGED, problem_answer
from interfaces.http.params import (
    NONE,
    Cursor,
    Limit,
    Moment,
    Words,
    given,
    given_or_none,
    moment,
)
from interfaces.http.service import service
from interfaces.http.travel import Position
from projections.sla_compliance.clocks import ClockPage
from projections.sla_compliance.compliance import ComplianceTable, compliance
from projections.sla_compliance.filters import GROUPS, ClockFilter
from projections.sla_compliance.question import question
from projections.sla_compliance.sources import PROMISED

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


FILES = {
    200: ResponseSpec(ComplianceTable, description="The table.", generate_examples=False),
    406: problem_answer("None of the forms is acceptable."),
}
LISTS = {200: ResponseSpec(ClockPage, description="The clocks.", generate_examples=False), 406: FILES[406]}
Region = StrEnum("Region", {band.name: band.value for band in TravelBand} | {"NONE": NONE})
"""How far it is to the customer: what a ticket knows of its region."""
PlanVersion = Annotated[
    str | None,
    QueryParameter(
        required=False, min_length=1, max_length=300, description="Name and version: standard v1."
    ),
]
Cycle = Annotated[
    int | None, QueryParameter(required=False, ge=1, le=10_000, description="1 for first resolutions.")
]
Clocks = Annotated[
    bool,
    QueryParameter(required=False, description="A second sheet of XLSX with the clocks behind the table."),
]


def clock_filter(
    month: Month = None,
    quarter: Quarter = None,
    priority: FromQuery[Priority | None] = None,
    team: Words = None,
    person: Words = None,
    technician: Words = None,
    plan: Words = None,
    plan_version: PlanVersion = None,
    milestone: FromQuery[Milestone | None] = None,
    cycle: Cycle = None,
    customer: Words = None,
    contract: Words = None,
    region: FromQuery[Region | None] = None,
    product: Words = None,
    category: Words = None,
) -> ClockFilter:
    """The clocks that the table and the list are about."""
    return ClockFilter(
        month=given(month),
        quarter=given(quarter),
        priority=given(priority),
        team=given_or_none(team),
        person=given_or_none(person),
        technician=given_or_none(technician),
        plan=given(plan),
        plan_version=given(plan_version),
        milestone=given(milestone),
        cycle=given(cycle),
        customer=given_or_none(customer),
        contract=given_or_none(contract),
        region=_band(region),
        product=given_or_none(product),
        category=given_or_none(category),
    )


def _band(region: Region | None) -> TravelBand | UnsetType | None:
    if region is None:
        return UNSET
    return None if region.value == NONE else TravelBand(region.value)


@get(
    "/sla/compliance",
    operation_id="GetCompliance",
    operation_class=InManyForms,
    summary="Promises kept and missed",
    guards=READER,
    responses=READ_ANSWERS | UNCHANGED | FILES,
    response_headers=[CONTENT_HEADER],
)
@filtered(clock_filter)
async def get_compliance(
    request: Request[Any, Any, Any],
    state: State,
    which: ClockFilter,
    group_by: GroupBy = None,
    as_of: Moment = None,
    position: Position = None,
    format: FromQuery[TableForm | None] = None,  # noqa: A002 - as it is asked
    language: FromQuery[Spoken | None] = None,
    bom: Bom = False,
    clocks: Clocks = False,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[Any]:
    """Met, breached, pending and cancelled clocks, met %, p50 and p90, with a total that adds up (SLA 15).

    By month, priority, team and plan unless `group_by` says otherwise. `team=none` means no team. Clocks that
    run are judged at `as_of`, now unless it is given. The answer names its `as_of` and `position`: asked for
    with both it has the same bytes again. As JSON, CSV or XLSX: by `format`, else by `Accept`.
    """
    known = service(state)
    wanted = question(moment(as_of, "as_of") or known.now(), which, group_by or USUAL)
    form = wanted_form(request, format, TableForm)
    how = Told(form, wanted_language(request, language), bom, position, wait_for_position, if_none_match)
    return await tabled(known, wanted, how, compliance, PROMISED, clocks=clocks)


@get(
    "/sla/clocks",
    operation_id="ListClocks",
    operation_class=InManyForms,
    summary="The clocks behind a compliance row",
    guards=READER,
    responses=READ_ANSWERS | UNCHANGED | LISTS,
)
@filtered(clock_filter)
async def list_clocks(
    request: Request[Any, Any, Any],
    state: State,
    which: ClockFilter,
    verdict: FromQuery[Verdict | None] = None,
    cause: FromQuery[Cause | None] = None,
    overdue: FromQuery[bool | None] = None,
    as_of: Moment = None,
    position: Position = None,
    format: FromQuery[ListForm | None] = None,  # noqa: A002 - as it is asked
    language: FromQuery[Spoken | None] = None,
    bom: Bom = False,
    cursor: Cursor = None,
    limit: Limit = 50,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[Any]:
    """The same filters as the table, and the verdict: the rows that a figure came from (SLA 15).

    JSON comes in pages; CSV holds all of them.
    """
    which = msgspec.structs.replace(which, verdict=given(verdict), cause=given(cause), overdue=given(overdue))
    known = service(state)
    wanted = question(moment(as_of, "as_of") or known.now(), which)
    form = wanted_form(request, format, ListForm)
    how = Told(form, wanted_language(request, language), bom, position, wait_for_position, if_none_match)
    return await listed(known, wanted, how, PROMISED, cursor, limit)


sla = Router("/", route_handlers=[get_compliance, list_clocks], tags=["Service levels"])
