"""How we kept our own times, in tables that add up (R07): promises to customers are in none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection

from domain.promises import Promises
from projections.cases.duration import iso_or_none
from projections.sla_compliance.judging import ELAPSED
from projections.sla_compliance.measuring import UsedPlan, measured
from projections.sla_compliance.question import Question
from projections.sla_compliance.sources import OWN
from projections.sla_compliance.standing import Standing, standing

ENDED: LiteralString = "FILTER (WHERE state = 'stopped')"
MEASURES: LiteralString = f"""
    count(*), count(*) FILTER (WHERE verdict = 'met'), count(*) FILTER (WHERE verdict = 'breached'),
    count(*) FILTER (WHERE overdue), count(*) FILTER (WHERE verdict = 'pending'),
    count(*) FILTER (WHERE verdict = 'cancelled'), count(*) FILTER (WHERE verdict = 'none'),
    count(*) {ENDED}, floor(avg(elapsed) {ENDED})::bigint,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY elapsed) {ENDED},
    percentile_disc(0.9) WITHIN GROUP (ORDER BY elapsed) {ENDED}
"""
MEASURED: LiteralString = ", state, " + ELAPSED + " AS elapsed"


class OwnTimes(msgspec.Struct, frozen=True, kw_only=True):
    """How some of our own clocks went. Durations are those of the clocks' own calendars, in ISO 8601.

    Attributes:
        group: what the clocks have in common; empty in the total.
        clocks: all of them: met, breached, pending, cancelled and none add up to it.
        met: within the target of the plan; of what others were asked, by the time it was due.
        breached: late; a running clock counts from the moment its time ran out.
        overdue: of the breached, those that still run.
        pending: neither ended nor late at `as_of`.
        cancelled: nobody needed it any more: neither met nor missed.
        none: measured, and no target stated.
        met_percent: met of met and breached, to two decimals; ``None`` when there are neither.
        ended: those that came to their end, late or not: the times that follow are theirs.
        mean: what they took on average.
        p50: half of them took so much or less.
        p90: likewise nine tenths.
    """

    group: dict[str, str | None]
    clocks: int
    met: int
    breached: int
    overdue: int
    pending: int
    cancelled: int
    none: int
    met_percent: float | None
    ended: int
    mean: str | None
    p50: str | None
    p90: str | None


class OwnTable(msgspec.Struct, frozen=True, kw_only=True):
    """Our own times by group; the rows add up to the total. See ``ComplianceTable``."""

    group_by: tuple[str, ...]
    filters: dict[str, str | None]
    as_of: datetime
    position: int
    held_back: int
    plans: tuple[UsedPlan, ...]
    rows: tuple[OwnTimes, ...]
    total: OwnTimes


async def own_times(
    conn: AsyncConnection[Any], promises: Promises, wanted: Question, *, position: int | None = None
) -> OwnTable:
    """Our own clocks by the given groups, and in total.

    Raises:
        TooLongAgo: the view has moved on too far from the position.
    """
    async with standing(conn, promises, position, OWN) as stands:
        return await own_answer(conn, promises, wanted, stands)


async def own_answer(
    conn: AsyncConnection[Any], promises: Promises, wanted: Question, stands: Standing
) -> OwnTable:
    """The table that rows make which stand somewhere."""
    found = await measured(conn, promises, wanted, stands, MEASURES, MEASURED)
    return OwnTable(
        group_by=wanted.names,
        filters=wanted.which.given,
        as_of=wanted.as_of,
        position=stands.position,
        held_back=stands.held_back,
        plans=found.plans,
        rows=tuple(_times(group, measures) for group, measures in found.groups),
        total=_times({}, found.total),
    )


def _times(group: Mapping[Any, str | None], measures: Sequence[Any]) -> OwnTimes:
    clocks, met, breached, overdue, pending, cancelled, none, ended, *times = measures
    mean, p50, p90 = map(iso_or_none, times)
    kept = met + breached
    return OwnTimes(
        group=dict(group),
        clocks=clocks,
        met=met,
        breached=breached,
        overdue=overdue,
        pending=pending,
        cancelled=cancelled,
        none=none,
        met_percent=round(100 * met / kept, 2) if kept else None,
        ended=ended,
        mean=mean,
        p50=p50,
        p90=p90,
    )
