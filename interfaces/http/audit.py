"""The audit log: who did what to what, when it happened, when it was recorded, and why."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from litestar import Router, get
from litestar.datastructures import State
from litestar.params import FromQuery

from application.access import Permission
from interfaces.http.auth import may
from interfaces.http.conditions import WaitForPosition
from interfaces.http.freshness import fresh
from interfaces.http.openapi import READ_ANSWERS
from interfaces.http.params import Cursor, Id, Limit, Moment, Words, moment
from interfaces.http.service import service
from projections.audit_log import queries

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


@get(
    "/audit/events",
    operation_id="ListAuditEvents",
    summary="Events by who, what, when and why",
    guards=AUDITOR,
    responses=READ_ANSWERS,
)
async def list_events(
    state: State,
    actor: Words = None,
    type: Words = None,  # noqa: A002 - the name of the column
    number: Words = None,
    stream_id: Id = None,
    correlation_id: Id = None,
    causation_id: Id = None,
    idempotency_key: Words = None,
    occurred_from: Moment = None,
    occurred_to: Moment = None,
    recorded_from: Moment = None,
    recorded_to: Moment = None,
    reason: Words = None,
    reason_contains: Words = None,
    order: FromQuery[Order] = Order.NEWEST,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for_position: WaitForPosition = 0,
) -> queries.AuditPage:
    """Filters add up; `…_from` is included, `…_to` is not."""
    which = queries.AuditFilter(
        actor=actor,
        type=type,
        number=number,
        stream_id=stream_id,
        correlation_id=correlation_id,
        causation_id=causation_id,
        idempotency_key=idempotency_key,
        occurred_from=moment(occurred_from, "occurred_from"),
        occurred_to=moment(occurred_to, "occurred_to"),
        recorded_from=moment(recorded_from, "recorded_from"),
        recorded_to=moment(recorded_to, "recorded_to"),
        reason=reason,
        reason_contains=reason_contains,
    )
    known = service(state)
    async with fresh(known, "audit_log", wait_for_position) as conn:
        newest = order is Order.NEWEST
        return await queries.page(conn, which, cursor=cursor, limit=limit, newest_first=newest)


@get(
    "/audit/counts",
    operation_id="CountAuditEvents",
    summary="Events counted by type, actor or reason",
    guards=AUDITOR,
    responses=READ_ANSWERS,
)
async def count_events(
    state: State,
    by: FromQuery[CountBy] = CountBy.TYPE,
    actor: Words = None,
    type: Words = None,  # noqa: A002 - the name of the column
    occurred_from: Moment = None,
    occurred_to: Moment = None,
    recorded_from: Moment = None,
    recorded_to: Moment = None,
    reason: Words = None,
    wait_for_position: WaitForPosition = 0,
) -> AuditCounts:
    """Exact counts. Of imported events the reason is the source's own word for the activity."""
    which = queries.AuditFilter(
        actor=actor,
        type=type,
        occurred_from=moment(occurred_from, "occurred_from"),
        occurred_to=moment(occurred_to, "occurred_to"),
        recorded_from=moment(recorded_from, "recorded_from"),
        recorded_to=moment(recorded_to, "recorded_to"),
        reason=reason,
    )
    known = service(state)
    async with fresh(known, "audit_log", wait_for_position) as conn:
        return AuditCounts(
            total=await queries.count(conn, which),
            items=await queries.counts(conn, by=by.value, which=which),
        )


audit = Router("/", route_handlers=[list_events, count_events], tags=["Audit"])
