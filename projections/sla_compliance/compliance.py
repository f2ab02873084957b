"""How promises were kept, in tables that add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection

from projections.cases.duration import iso_or_none
from projections.sla_compliance.filters import EVERY, GROUPS, JUDGED, ClockFilter, where

MEASURES: LiteralString = """
    count(*) FILTER (WHERE verdict = 'met'), count(*) FILTER (WHERE verdict = 'breached'),
    count(*) FILTER (WHERE verdict = 'breached' AND cause = 'reclassified'),
    count(*) FILTER (WHERE verdict = 'pending'), count(*) FILTER (WHERE verdict = 'cancelled'),
    count(*) FILTER (WHERE verdict = 'none'), count(*),
    percentile_disc(0.5) WITHIN GROUP (ORDER BY elapsed) FILTER (WHERE state = 'stopped'),
    percentile_disc(0.9) WITHIN GROUP (ORDER BY elapsed) FILTER (WHERE state = 'stopped')
"""


class UnknownGroup(ValueError):
    """Compliance cannot be grouped by this."""


class Compliance(msgspec.Struct, frozen=True, kw_only=True):
    """How the promises of some clocks were kept.

    Attributes:
        group: what the clocks have in common, by the names that were asked for; empty in the total.
        breached: late or reclassified; a running clock counts from the moment its time ran out.
        reclassified: of the breached, those made late by a new target (SLA 9).
        cancelled: neither met nor missed (SLA 11).
        none: nothing was promised.
        clocks: all of them.
        met_percent: met of met and breached, to two decimals; ``None`` when there are neither.
        p50: half of the stopped clocks took this much working time or less, in ISO 8601.
        p90: likewise nine tenths.
    """

    group: dict[str, str | None]
    met: int
    breached: int
    reclassified: int
    pending: int
    cancelled: int
    none: int
    clocks: int
    met_percent: float | None
    p50: str | None
    p90: str | None


class ComplianceTable(msgspec.Struct, frozen=True, kw_only=True):
    """Compliance by group; the rows add up to the total.

    Attributes:
        now: the moment at which running clocks were judged.
    """

    group_by: tuple[str, ...]
    now: datetime
    rows: tuple[Compliance, ...]
    total: Compliance


async def compliance(
    conn: AsyncConnection[Any], group_by: Iterable[str], which: ClockFilter = EVERY, *, now: datetime
) -> ComplianceTable:
    """Met, breached, pending and cancelled by the given groups, and in total.

    Raises:
        UnknownGroup: not one of ``GROUPS``.
    """
    asked = set(group_by)
    if unknown := asked.difference(GROUPS):
        raise UnknownGroup(f"group by {', '.join(GROUPS)}, not by {', '.join(sorted(unknown))}")
    names: list[LiteralString] = [name for name in GROUPS if name in asked]
    found = await conn.execute(_query(names, which), {**where(which)[1], "now": now})
    rows = await found.fetchall()
    width = len(names)
    judged = [(row[width], dict(zip(names, row[:width], strict=True)), row[width + 1 :]) for row in rows]
    return ComplianceTable(
        group_by=tuple(names),
        now=now,
        rows=tuple(_compliance(group, measures) for is_total, group, measures in judged if not is_total),
        total=next(_compliance({}, measures) for is_total, _, measures in judged if is_total),
    )


def _query(names: list[LiteralString], which: ClockFilter) -> LiteralString:
    """The total is a grouping set of its own, so it exists even when nothing fits."""
    start: LiteralString = " FROM " + JUDGED + where(which)[0]
    if not names:
        return "SELECT true, " + MEASURES + start
    listed: LiteralString = ", ".join(names)
    return (
        "SELECT " + listed + ", grouping(" + listed + ") > 0, " + MEASURES + start
        + " GROUP BY GROUPING SETS ((" + listed + "), ()) ORDER BY " + listed
    )  # fmt: skip


def _compliance(group: Mapping[Any, str | None], measures: Sequence[Any]) -> Compliance:
    met, breached, reclassified, pending, cancelled, none, clocks, p50, p90 = measures
    judged = met + breached
    return Compliance(
        group=dict(group),
        met=met,
        breached=breached,
        reclassified=reclassified,
        pending=pending,
        cancelled=cancelled,
        none=none,
        clocks=clocks,
        met_percent=round(100 * met / judged, 2) if judged else None,
        p50=iso_or_none(p50),
        p90=iso_or_none(p90),
    )
