"""Service plans and calendars: publishing and withdrawing them, reading them, and checking a calendar."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import PathParameter, QueryParameter

from application.desk import NotFound
from application.publishing_commands import CALENDAR_ACTIONS, PLAN_ACTIONS
from interfaces.http.auth import READER
from interfaces.http.commanding import actions
from interfaces.http.conditions import VERSION_HEADER, IfNoneMatch
from interfaces.http.freshness import tagged
from interfaces.http.openapi import ITEM_ANSWERS, READ_ANSWERS, UNCHANGED
from interfaces.http.params import WrongParameter, moment
from interfaces.http.service import service
from projections.book.hours import WorkingTime, working_time
from projections.book.shown import (
    CalendarBook,
    CalendarHistory,
    PlanBook,
    PlanHistory,
    ShownCalendar,
    ShownPlan,
    calendar_book,
    plan_book,
    shown_calendar,
    shown_plan,
)

PlanName = Annotated[str, PathParameter(description="The plan's name, such as hot-water.", max_length=80)]
CalendarName = Annotated[
    str, PathParameter(description="The calendar's name, such as cn-office.", max_length=80)
]
Number = Annotated[int, PathParameter(description="Its version.", ge=1)]
Since = Annotated[
    str,
    QueryParameter(name="from", max_length=40, format="date-time", description="A time with offset."),
]
Until = Annotated[
    str,
    QueryParameter(
        name="to", max_length=40, format="date-time", description="A later time, not included itself."
    ),
]
OfVersion = Annotated[
    int | None,
    QueryParameter(required=False, ge=1, description="By which version; the one that counts at `from`."),
]


@get(
    "/plans",
    operation_id="ListPlans",
    summary="List service plans",
    guards=READER,
    responses=READ_ANSWERS,
)
async def list_plans(state: State) -> PlanBook:
    """The newest version of each, the one that counts now, and calendars that end soon (SLA 7)."""
    known = service(state)
    await known.desks.plans.book.refresh()
    return plan_book(known.promises, known.now())


@get(
    "/plans/{plan:str}",
    operation_id="GetPlan",
    summary="Read a service plan with all its versions",
    guards=READER,
    responses=ITEM_ANSWERS | UNCHANGED,
    response_headers=[VERSION_HEADER],
)
async def get_plan(state: State, plan: PlanName, if_none_match: IfNoneMatch = None) -> Response[PlanHistory]:
    """The newest first. A version never changes: tickets keep the one they pinned (SLA 8)."""
    editions = await service(state).desks.plans.read(plan)
    if not editions.all:
        raise NotFound(f"there is no plan {plan}")
    items = tuple(map(shown_plan, reversed(editions.all)))
    return tagged(PlanHistory(plan, editions.events, items), str(editions.events), if_none_match)


@get(
    "/plans/{plan:str}/versions/{version:int}",
    operation_id="GetPlanVersion",
    summary="Read one version of a service plan",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_plan_version(state: State, plan: PlanName, version: Number) -> ShownPlan:
    """What it promises, as it can be published again."""
    return shown_plan(await service(state).desks.plans.edition(plan, version))


@get(
    "/calendars",
    operation_id="ListCalendars",
    summary="List calendars",
    guards=READER,
    responses=READ_ANSWERS,
)
async def list_calendars(state: State) -> CalendarBook:
    """The newest version of each, the one that counts now, and those that end soon (SLA 7)."""
    known = service(state)
    await known.desks.calendars.book.refresh()
    return calendar_book(known.promises, known.now())


@get(
    "/calendars/{calendar:str}",
    operation_id="GetCalendar",
    summary="Read a calendar with all its versions",
    guards=READER,
    responses=ITEM_ANSWERS | UNCHANGED,
    response_headers=[VERSION_HEADER],
)
async def get_calendar(
    state: State, calendar: CalendarName, if_none_match: IfNoneMatch = None
) -> Response[CalendarHistory]:
    """The newest first. A version never changes: clocks keep the one they pinned (SLA 8)."""
    editions = await service(state).desks.calendars.read(calendar)
    if not editions.all:
        raise NotFound(f"there is no calendar {calendar}")
    items = tuple(map(shown_calendar, reversed(editions.all)))
    return tagged(CalendarHistory(calendar, editions.events, items), str(editions.events), if_none_match)


@get(
    "/calendars/{calendar:str}/versions/{version:int}",
    operation_id="GetCalendarVersion",
    summary="Read one version of a calendar",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_calendar_version(state: State, calendar: CalendarName, version: Number) -> ShownCalendar:
    """Its hours and every day off, as it can be published again."""
    return shown_calendar(await service(state).desks.calendars.edition(calendar, version))


@get(
    "/calendars/{calendar:str}/working-time",
    operation_id="GetWorkingTime",
    summary="Count working time, day by day",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_working_time(
    state: State, calendar: CalendarName, since: Since, until: Until, version: OfVersion = None
) -> WorkingTime:
    """The working time in [from, to), with the hours of each day, to check a calendar by (SLA 5)."""
    start, end = moment(since, "from"), moment(until, "to")
    editions = await service(state).desks.calendars.read(calendar)
    if start is None or end is None or end < start:
        raise WrongParameter("it lies before `from`", "to")
    found = editions.of(version) if version else editions.at(start)
    if found is None:
        raise NotFound(f"there is no calendar {calendar}{f' v{version}' if version else ''}")
    try:
        return working_time(found.body, start, end)
    except ValueError as wrong:
        raise WrongParameter(str(wrong), "to") from None


plans = [*actions("/plans", "plan", PlanName, PLAN_ACTIONS, lambda known: known.desks.plans)]
plans += [list_plans, get_plan, get_plan_version]
calendars = [
    *actions("/calendars", "calendar", CalendarName, CALENDAR_ACTIONS, lambda known: known.desks.calendars)
]
calendars += [list_calendars, get_calendar, get_calendar_version, get_working_time]
