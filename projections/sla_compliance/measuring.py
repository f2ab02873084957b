"""Clocks measured by group and in total, whichever kind of them stands in the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString, NamedTuple

import msgspec
from psycopg import AsyncConnection

from domain.promises import Promises
from domain.ticket.events import PlanPin
from projections.sla_compliance.judging import asked, judged, marked
from projections.sla_compliance.question import Question
from projections.sla_compliance.standing import Standing

PLANS: LiteralString = "SELECT DISTINCT plan, pv, calendar, calendar_version FROM "
OF_PLANS: LiteralString = ", plan_version AS pv, calendar, calendar_version"


class UsedPlan(msgspec.Struct, frozen=True):
    """A plan and a calendar, with their versions, that some of the clocks keep (SLA 8)."""

    plan: str
    plan_version: int
    calendar: str
    calendar_version: int

    @property
    def pin(self) -> PlanPin:
        """What a ticket pins to keep them."""
        return PlanPin(
            plan=self.plan,
            plan_version=self.plan_version,
            calendar=self.calendar,
            calendar_version=self.calendar_version,
        )


class Measured(NamedTuple):
    """What was measured of clocks.

    Attributes:
        plans: all plans and calendars that they keep.
        groups: what those of each group have in common, and their measures.
        total: the measures of all of them.
        asked: the condition that they fit, and the parameters of the query.
    """

    plans: tuple[UsedPlan, ...]
    groups: list[tuple[dict[LiteralString, str | None], Sequence[Any]]]
    total: Sequence[Any]
    asked: tuple[LiteralString, Mapping[str, Any]]


async def measured(
    conn: AsyncConnection[Any],
    promises: Promises,
    wanted: Question,
    stands: Standing,
    measures: LiteralString,
    columns: LiteralString,
) -> Measured:
    """Measure the clocks that fit a question.

    Args:
        measures: what is said of a group.
        columns: what this takes, beside what clocks are filtered by.
    """
    condition, params = asked(stands, wanted)
    plans = await _used_plans(conn, stands, condition, params)
    params |= marked(promises, [each.pin for each in plans], wanted.as_of)
    query = _grouped(wanted.names, " FROM " + judged(stands, columns) + condition, measures)
    rows = await (await conn.execute(query, params)).fetchall()
    width = len(wanted.names)
    groups = [
        (dict(zip(wanted.names, row[:width], strict=True)), row[width + 1 :])
        for row in rows
        if not row[width]
    ]
    total = next(row[width + 1 :] for row in rows if row[width])
    return Measured(plans, groups, total, (condition, params))


async def _used_plans(
    conn: AsyncConnection[Any], stands: Standing, condition: LiteralString, params: Mapping[str, Any]
) -> tuple[UsedPlan, ...]:
    used = PLANS + judged(stands, OF_PLANS) + condition + " ORDER BY plan, pv, calendar, calendar_version"
    found = await conn.execute(used, params)
    return tuple(UsedPlan(*row) for row in await found.fetchall())


def _grouped(
    names: tuple[LiteralString, ...], start: LiteralString, measures: LiteralString
) -> LiteralString:
    """The query for a table. The total is a grouping set of its own, so it exists even when nothing fits."""
    if not names:
        return "SELECT true, " + measures + start
    listed: LiteralString = ", ".join(names)
    ordered: LiteralString = ", ".join([name + ' COLLATE "C"' for name in names])
    return (
        "SELECT " + listed + ", grouping(" + listed + ") > 0, " + measures + start
        + " GROUP BY GROUPING SETS ((" + listed + "), ()) ORDER BY " + ordered
    )  # fmt: skip
