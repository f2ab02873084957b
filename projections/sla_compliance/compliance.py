"""How promises were kept, in tables that add up."""

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
from projections.sla_compliance.penalties import penalties
from projections.sla_compliance.question import Question
from projections.sla_compliance.standing import Standing, standing

FIRST: LiteralString = "milestone = 'resolve' AND cycle = 1 AND state = 'stopped'"

MEASURES: LiteralString = f"""
    count(*) FILTER (WHERE verdict = 'met'), count(*) FILTER (WHERE verdict = 'breached'),
    count(*) FILTER (WHERE verdict = 'breached' AND cause = 'reclassified'),
    count(*) FILTER (WHERE overdue),
    count(*) FILTER (WHERE verdict = 'pending'), count(*) FILTER (WHERE verdict = 'cancelled'),
    count(*) FILTER (WHERE verdict = 'none'), count(*),
    percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY elapsed) FILTER (WHERE state = 'stopped'),
    count(*) FILTER (WHERE {FIRST}),
    count(*) FILTER (WHERE {FIRST} AND verdict = 'met'),
    count(*) FILTER (WHERE {FIRST} AND verdict = 'breached'),
    percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY elapsed) FILTER (WHERE {FIRST}),
    count(total), count(*) FILTER (WHERE total <= target), count(*) FILTER (WHERE total > target),
    percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY total) FILTER (WHERE total IS NOT NULL)
"""
MEASURED: LiteralString = ", state, target, total, " + ELAPSED + " AS elapsed"


class Resolutions(msgspec.Struct, frozen=True, kw_only=True):
    """How long it took until tickets were resolved (SLA 10).

    Attributes:
        tickets: those that were.
        met: in the time that was promised to them.
        breached: in more.
        p50: half of them took this much working time or less, in ISO 8601.
        p90: likewise nine tenths.
    """

    tickets: int
    met: int
    breached: int
    p50: str | None
    p90: str | None


class Compliance(msgspec.Struct, frozen=True, kw_only=True):
    """How the promises of some clocks were kept.

    Attributes:
        group: what the clocks have in common, by the names that were asked for; empty in the total.
        breached: late or reclassified; a running clock counts from the moment its time ran out.
        reclassified: of the breached, those made late by a new target (SLA 9).
        overdue: of the breached, those that are late by now and still not reached.
        pending: neither reached nor late at `as_of`.
        cancelled: neither met nor missed (SLA 11).
        none: nothing was promised.
        clocks: all of them.
        met_percent: met of met and breached, to two decimals; ``None`` when there are neither.
        p50: half of the stopped clocks took this much working time or less, in ISO 8601.
        p90: likewise nine tenths.
        first_resolution: from the report to the first resolution, by the clocks of cycle 1 alone (SLA 10).
        total_resolution: from the report to the resolution that stands, less pauses, against the first
            cycle's target: what a reopened ticket took in all.
        penalties: what being late costs, by currency (SLA 14); of clocks that run, up to `as_of`.
    """

    group: dict[str, str | None]
    met: int
    breached: int
    reclassified: int
    overdue: int
    pending: int
    cancelled: int
    none: int
    clocks: int
    met_percent: float | None
    p50: str | None
    p90: str | None
    first_resolution: Resolutions
    total_resolution: Resolutions
    penalties: dict[str, str]


class ComplianceTable(msgspec.Struct, frozen=True, kw_only=True):
    """Compliance by group; the rows add up to the total.

    Attributes:
        filters: which clocks it is about, as it was asked; ``None`` is no value.
        as_of: the moment at which running clocks were judged.
        position: the last event of the log that counts. Asked for again with both, the table is the same.
        held_back: tickets that are left out, because one of their events cannot be read.
        plans: all plans and calendars that the clocks keep.
    """

    group_by: tuple[str, ...]
    filters: dict[str, str | None]
    as_of: datetime
    position: int
    held_back: int
    plans: tuple[UsedPlan, ...]
    rows: tuple[Compliance, ...]
    total: Compliance


async def compliance(
    conn: AsyncConnection[Any], promises: Promises, wanted: Question, *, position: int | None = None
) -> ComplianceTable:
    """Met, breached, pending and cancelled by the given groups, and in total.

    Raises:
        TooLongAgo: the view has moved on too far from the position.
    """
    async with standing(conn, promises, position) as stands:
        return await answer(conn, promises, wanted, stands)


async def answer(
    conn: AsyncConnection[Any], promises: Promises, wanted: Question, stands: Standing
) -> ComplianceTable:
    """The table that rows make which stand somewhere."""
    found = await measured(conn, promises, wanted, stands, MEASURES, MEASURED)
    pins = [each.pin for each in found.plans]
    owed = await penalties(conn, [promises.plan(pin) for pin in pins], stands, wanted.names, found.asked)
    return ComplianceTable(
        group_by=wanted.names,
        filters=wanted.which.given,
        as_of=wanted.as_of,
        position=stands.position,
        held_back=stands.held_back,
        plans=found.plans,
        rows=tuple(_compliance(group, measures, owed.of(group)) for group, measures in found.groups),
        total=_compliance({}, found.total, owed.total),
    )


def _compliance(
    group: Mapping[Any, str | None], measures: Sequence[Any], owed: Mapping[str, str]
) -> Compliance:
    met, breached, reclassified, overdue, pending, cancelled, none, clocks, times, *resolved = measures
    kept = met + breached
    p50, p90 = times or (None, None)
    return Compliance(
        group=dict(group),
        met=met,
        breached=breached,
        reclassified=reclassified,
        overdue=overdue,
        pending=pending,
        cancelled=cancelled,
        none=none,
        clocks=clocks,
        met_percent=round(100 * met / kept, 2) if kept else None,
        p50=iso_or_none(p50),
        p90=iso_or_none(p90),
        first_resolution=_resolutions(*resolved[:4]),
        total_resolution=_resolutions(*resolved[4:]),
        penalties=dict(owed),
    )


def _resolutions(tickets: int, met: int, breached: int, times: Sequence[int] | None) -> Resolutions:
    p50, p90 = times or (None, None)
    return Resolutions(
        tickets=tickets, met=met, breached=breached, p50=iso_or_none(p50), p90=iso_or_none(p90)
    )
