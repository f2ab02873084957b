"""Service levels over many tickets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.datastructures import State
from litestar.openapi import ResponseSpec
from litestar.params import FromQuery, QueryParameter
from msgspec import UNSET, UnsetType
from psycopg import AsyncConnection

from domain.clock import Milestone
from domain.reading import Cause, Verdict
from domain.ticket.words import Priority, TravelBand
from interfaces.http.auth import READER
from interfaces.http.conditions import CONTENT_HEADER, IfNoneMatch, WaitForPosition
from interfaces.http.downloads import (
    Bom,
    File,
    InManyForms,
    ListForm,
    Spoken,
    TableForm,
    sent,
    wanted_form,
    wanted_language,
)
from interfaces.http.filtering import filtered
from interfaces.http.freshness import encoded, fresh
from interfaces.http.openapi import READ_ANSWERS, UNCHANGED, problem_answer
from interfaces.http.params import (
    NONE,
    Cursor,
    Limit,
    Moment,
    Words,
    WrongParameter,
    given,
    given_or_none,
    moment,
)
from interfaces.http.service import Service, service
from interfaces.http.travel import Position, must_be_recorded
from projections.sla_compliance.clocks import ClockPage, behind
from projections.sla_compliance.compliance import ComplianceTable, compliance
from projections.sla_compliance.files import TooMany, clocks_csv, table_csv, workbook
from projections.sla_compliance.filters import GROUPS, ClockFilter
from projections.sla_compliance.question import Question, question
from projections.sla_compliance.sheets import Wanted
from projections.sla_compliance.sources import PROMISED, Source
from projections.sla_compliance.standing import TooLongAgo

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


VIEW = "sla_compliance"
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


@asynccontextmanager
async def rows_at(known: Service, position: int | None, wait: int) -> AsyncIterator[AsyncConnection[Any]]:
    """A connection for asking the rows as they were at a position.

    Raises:
        WrongParameter: the log does not go so far, or has gone on too far since.
        NotYetVisible: the view did not come so far in time.
    """
    await must_be_recorded(known, position)
    try:
        async with fresh(known, VIEW, max(wait, position or 0)) as conn:
            yield conn
    except TooLongAgo as gone:
        raise WrongParameter(str(gone), "position") from None


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
    how = Wanted(wanted_language(request, language), known.zone)
    async with rows_at(known, position, wait_for_position) as conn:
        if form is TableForm.XLSX:
            async with known.press:
                return sent(
                    await as_workbook(conn, known, (wanted, how), position, clocks), form, if_none_match
                )
        table = await compliance(conn, known.promises, wanted, position=position)
    if form is TableForm.JSON:
        return encoded(table, if_none_match)
    file = File("compliance")
    table_csv(file, table, how, bom=bom)
    return sent(file, form, if_none_match)


async def as_workbook(
    conn: AsyncConnection[Any],
    known: Service,
    asked: tuple[Question, Wanted],
    position: int | None,
    clocks: bool,
    of: Source = PROMISED,
) -> File:
    """The table, and perhaps the clocks behind it, as XLSX.

    Raises:
        WrongParameter: there are more clocks than a sheet can have rows.
    """
    file = File("compliance" if of.is_promised else "own-times")
    try:
        await workbook(file, conn, known.promises, *asked, position=position, clocks=clocks, of=of)
    except TooMany as many:
        raise WrongParameter(str(many), "clocks") from None
    return file


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
    how = Wanted(wanted_language(request, language), known.zone)
    async with rows_at(known, position, wait_for_position) as conn:
        if form is TableForm.JSON:
            page = await behind(conn, known.promises, wanted, position=position, cursor=cursor, limit=limit)
            return encoded(page, if_none_match)
        file = File("clocks")
        async with known.press:
            await clocks_csv(file, conn, known.promises, wanted, how, position=position, bom=bom)
    return sent(file, form, if_none_match)


sla = Router("/", route_handlers=[get_compliance, list_clocks], tags=["Service levels"])
