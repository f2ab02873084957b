"""The audit log: who did what to what, when it happened, when it was recorded, and why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, QueryParameter
from psycopg import AsyncConnection

from application.access import Permission
from interfaces.http.auth import may
from interfaces.http.conditions import IfNoneMatch, WaitForPosition
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
from interfaces.http.filtering import filtered, id_of
from interfaces.http.freshness import encoded, fresh
from interfaces.http.openapi import READ_ANSWERS, UNCHANGED, problem_answer
from interfaces.http.params import Cursor, Id, Limit, Moment, Named, Words, WrongParameter, moment
from interfaces.http.service import Service, service
from interfaces.http.travel import Position, must_be_recorded
from projections.audit_log import queries
from projections.audit_log.files import Written, events_csv
from projections.audit_log.filters import AuditFilter

AUDITOR = [may(Permission.AUDIT)]


class Order(StrEnum):
    """Which end of the log comes first."""

    NEWEST = "newest"
    OLDEST = "oldest"


class CountBy(StrEnum):
    """What events are counted by."""

    TYPE = "type"
    ACTOR = "actor"
    REASON = "reason"


class AuditCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many events, in all and by value."""

    total: int
    items: tuple[queries.AuditCount, ...]


Late = Annotated[
    bool | None,
    QueryParameter(required=False, description="Recorded more than a minute after it happened, or not."),
]
LISTS = {
    200: ResponseSpec(queries.AuditPage, description="The events.", generate_examples=False),
    406: problem_answer("None of the forms is acceptable."),
}


def audit_filter(
    actor: Words = None,
    type: Words = None,  # noqa: A002 - the name of the column
    number: Words = None,
    stream_id: Id = None,
    correlation_id: Id = None,
    causation_id: Id = None,
    idempotency_key: Words = None,
    late: Late = None,
    occurred_from: Moment = None,
    occurred_to: Moment = None,
    recorded_from: Moment = None,
    recorded_to: Moment = None,
    reason: Words = None,
    reason_contains: Words = None,
    position: Position = None,
) -> AuditFilter:
    """Filters add up; `…_from` is included, `…_to` is not."""
    return AuditFilter(
        actor=actor,
        type=type,
        number=number,
        stream_id=stream_id,
        correlation_id=correlation_id,
        causation_id=causation_id,
        idempotency_key=idempotency_key,
        late=late,
        occurred_from=moment(occurred_from, "occurred_from"),
        occurred_to=moment(occurred_to, "occurred_to"),
        recorded_from=moment(recorded_from, "recorded_from"),
        recorded_to=moment(recorded_to, "recorded_to"),
        reason=reason,
        reason_contains=reason_contains,
        position=position,
    )


@asynccontextmanager
async def _asked(
    known: Service, which: AuditFilter, case: str | None, wait: int
) -> AsyncIterator[tuple[AsyncConnection[Any], AuditFilter]]:
    """A connection for asking, and the filter with the case that was named.

    Raises:
        WrongParameter: there is no such case, or it is another one; the log does not go so far.
        NotYetVisible: the view did not come so far in time.
    """
    await must_be_recorded(known, which.position)
    named = await id_of(known.desks.tickets, case, "case")
    if named is not None and which.correlation_id not in {None, named}:
        raise WrongParameter("this is another case than that of correlation_id", "case")
    if named is not None:
        which = msgspec.structs.replace(which, correlation_id=named)
    async with fresh(known, "audit_log", max(wait, which.position or 0)) as conn:
        yield conn, which


@get(
    "/audit/events",
    operation_id="ListAuditEvents",
    operation_class=InManyForms,
    summary="Events by who, what, when and why",
    guards=AUDITOR,
    responses=READ_ANSWERS | UNCHANGED | LISTS,
)
@filtered(audit_filter)
async def list_events(
    request: Request[Any, Any, Any],
    state: State,
    which: AuditFilter,
    case: Named = None,
    order: FromQuery[Order] = Order.NEWEST,
    format: FromQuery[ListForm | None] = None,  # noqa: A002 - as it is asked
    language: FromQuery[Spoken | None] = None,
    bom: Bom = False,
    cursor: Cursor = None,
    limit: Limit = 50,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[Any]:
    """Each with what happened in words. Filters add up; `…_from` is included, `…_to` is not.

    `case` is a ticket and everything that was done for it. The answer names its `position`: asked for with
    it, it has the same bytes again. JSON comes in pages; CSV holds all of them.
    """
    known, newest = service(state), order is Order.NEWEST
    form = wanted_form(request, format, ListForm)
    async with _asked(known, which, case, wait_for_position) as (conn, asked):
        if form is TableForm.JSON:
            page = await queries.page(
                conn, asked, zone=known.zone, cursor=cursor, limit=limit, newest_first=newest
            )
            return encoded(page, if_none_match)
        file = File("events")
        how = Written(wanted_language(request, language), known.zone, newest, bom)
        async with known.press:
            await events_csv(file, conn, asked, how)
    return sent(file, form, if_none_match)


@get(
    "/audit/counts",
    operation_id="CountAuditEvents",
    summary="Events counted by type, actor or reason",
    guards=AUDITOR,
    responses=READ_ANSWERS,
)
@filtered(audit_filter)
async def count_events(
    state: State,
    which: AuditFilter,
    by: FromQuery[CountBy] = CountBy.TYPE,
    case: Named = None,
    wait_for_position: WaitForPosition = 0,
) -> AuditCounts:
    """Exact counts, of what the same filters mean. The reason of imported events is the source's own word."""
    async with _asked(service(state), which, case, wait_for_position) as (conn, asked):
        items = await queries.counts(conn, by=by.value, which=asked)
        return AuditCounts(total=sum(item.events for item in items), items=items)


audit = Router("/", route_handlers=[list_events, count_events], tags=["Audit"])
