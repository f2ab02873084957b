"""How we kept our own times: accepting, working on a tier, waiting for parts and for others."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.datastructures import State
from litestar.openapi import ResponseSpec
from litestar.params import FromQuery, QueryParameter

from domain.clock import Milestone
from domain.reading import Verdict
from domain.ticket.internal import INTERNAL
from domain.ticket.words import Priority, Tier
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
from interfaces.http.params import Cursor, Limit, Moment, Words, WrongParameter, given, given_or_none, moment
from interfaces.http.service import service
from interfaces.http.sla import Clocks, Month, Quarter
from interfaces.http.travel import Position
from projections.sla_compliance.clocks import ClockPage
from projections.sla_compliance.filters import OWN_GROUPS, OwnFilter
from projections.sla_compliance.own import OwnTable, own_times
from projections.sla_compliance.question import question
from projections.sla_compliance.sources import OWN

OwnGroup = StrEnum("OwnGroup", {name.upper(): name for name in OWN_GROUPS})
"""What our own times can be grouped by."""
GroupBy = Annotated[
    list[OwnGroup] | None,
    QueryParameter(required=False, max_items=len(OWN_GROUPS), description="Repeatable."),
]
USUAL = ["month", "tier", "team", "milestone"]
REFUSED = {406: problem_answer("None of the forms is acceptable.")}
FILES = {200: ResponseSpec(OwnTable, description="The table.", generate_examples=False), **REFUSED}
LISTS = {200: ResponseSpec(ClockPage, description="The clocks.", generate_examples=False), **REFUSED}


def own_filter(
    month: Month = None,
    quarter: Quarter = None,
    tier: FromQuery[Tier | None] = None,
    team: Words = None,
    person: Words = None,
    milestone: FromQuery[Milestone | None] = None,
    priority: FromQuery[Priority | None] = None,
    plan: Words = None,
    product: Words = None,
    customer: Words = None,
) -> OwnFilter:
    """The clocks that the table and the list are about.

    Raises:
        WrongParameter: the milestone is promised to customers.
    """
    if milestone is not None and milestone not in INTERNAL:
        raise WrongParameter("it is promised to customers: see /sla/compliance", "milestone")
    return OwnFilter(
        month=given(month),
        quarter=given(quarter),
        tier=given(tier),
        team=given_or_none(team),
        person=given_or_none(person),
        milestone=given(milestone),
        priority=given(priority),
        plan=given(plan),
        product=given_or_none(product),
        customer=given_or_none(customer),
    )


@get(
    "/reports/own-times",
    operation_id="GetOwnTimes",
    operation_class=InManyForms,
    summary="How we kept our own times",
    guards=READER,
    responses=READ_ANSWERS | UNCHANGED | FILES,
    response_headers=[CONTENT_HEADER],
)
@filtered(own_filter)
async def get_own_times(
    request: Request[Any, Any, Any],
    state: State,
    which: OwnFilter,
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
    """Handovers, tiers, waits and liaisons: how many, in time, late, mean, p50, p90, with a total (R07).

    By month, tier, team and milestone unless `group_by` says otherwise. Promises to customers are in
    `/sla/compliance`, and never here. `as_of`, `position`, `format` and `language` mean the same as there.
    """
    known = service(state)
    wanted = question(moment(as_of, "as_of") or known.now(), which, group_by or USUAL, OWN_GROUPS)
    form = wanted_form(request, format, TableForm)
    how = Told(form, wanted_language(request, language), bom, position, wait_for_position, if_none_match)
    return await tabled(known, wanted, how, own_times, OWN, clocks=clocks)


@get(
    "/reports/own-times/clocks",
    operation_id="ListOwnClocks",
    operation_class=InManyForms,
    summary="The clocks behind our own times",
    guards=READER,
    responses=READ_ANSWERS | UNCHANGED | LISTS,
)
@filtered(own_filter)
async def list_own_clocks(
    request: Request[Any, Any, Any],
    state: State,
    which: OwnFilter,
    verdict: FromQuery[Verdict | None] = None,
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
    """The same filters as the table, and the verdict: the clocks that a figure counts.

    JSON comes in pages; CSV holds all of them.
    """
    which = msgspec.structs.replace(which, verdict=given(verdict), overdue=given(overdue))
    known = service(state)
    wanted = question(moment(as_of, "as_of") or known.now(), which)
    form = wanted_form(request, format, ListForm)
    how = Told(form, wanted_language(request, language), bom, position, wait_for_position, if_none_match)
    return await listed(known, wanted, how, OWN, cursor, limit)


own_reports = Router("/", route_handlers=[get_own_times, list_own_clocks], tags=["Reports"])
