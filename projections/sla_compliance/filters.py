"""Which clocks are meant, and by what they may be grouped."""

from __future__ import annotations

from typing import LiteralString

import msgspec
from msgspec import UNSET, UnsetType

from domain.clock import Milestone
from domain.reading import Cause, Verdict
from domain.ticket.words import Priority

COLUMNS: dict[LiteralString, LiteralString] = {
    "month": "month",
    "quarter": "substr(month, 1, 4) || '-Q' || (substr(month, 6, 2)::int + 2) / 3",
    "priority": "priority",
    "team": "team",
    "person": "person",
    "plan": "plan",
    "milestone": "milestone",
    "customer": "customer",
    "product": "product",
    "verdict": "CASE WHEN verdict = 'pending' AND breaks_at <= %(now)s THEN 'breached' ELSE verdict END",
    "cause": "CASE WHEN verdict = 'pending' AND breaks_at <= %(now)s THEN 'late' ELSE cause END",
}
"""What a clock is grouped and filtered by."""

GROUPS: tuple[LiteralString, ...] = tuple(name for name in COLUMNS if name not in {"verdict", "cause"})
"""What compliance may be grouped by."""

JUDGED: LiteralString = (
    "(SELECT ticket_id, number, cycle, state, elapsed, "  # noqa: S608
    + ", ".join([column + " AS " + name for name, column in COLUMNS.items()])
    + " FROM view.sla_clock) AS clock"
)
"""The clocks as they stand at ``now``: one whose time has run out is breached."""


class ClockFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which clocks are meant: those that fit everything that is set. ``None`` means those that have none.

    Attributes:
        month: in which the clock started, "2026-03", on the wall of its calendar.
        quarter: likewise, "2026-Q1".
        team: that had the ticket when the clock ended, or has it now.
    """

    month: str | UnsetType = UNSET
    quarter: str | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    team: str | UnsetType | None = UNSET
    person: str | UnsetType | None = UNSET
    plan: str | UnsetType = UNSET
    milestone: Milestone | UnsetType = UNSET
    customer: str | UnsetType | None = UNSET
    product: str | UnsetType | None = UNSET
    verdict: Verdict | UnsetType = UNSET
    cause: Cause | UnsetType | None = UNSET


EVERY = ClockFilter()


def where(which: ClockFilter) -> tuple[LiteralString, dict[str, object]]:
    """The condition on ``JUDGED``, and its parameters beside ``now``."""
    query: LiteralString = " WHERE true"
    params: dict[str, object] = {}
    for name in COLUMNS:
        value = getattr(which, name)
        if value is None:
            query += " AND " + name + " IS NULL"
        elif value is not UNSET:
            query += " AND " + name + " = %(" + name + ")s"
            params[name] = str(value)
    return query, params
