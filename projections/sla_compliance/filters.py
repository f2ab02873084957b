"""Which clocks are meant, and by what they may be grouped."""

from __future__ import annotations

from typing import LiteralString

import msgspec
from msgspec import UNSET, UnsetType

from domain.clock import Milestone
from domain.reading import Cause, Verdict
from domain.ticket.words import Priority, Tier, TravelBand

LATE_BY_NOW: LiteralString = "(verdict = 'pending' AND breaks_at <= %(as_of)s)"

COLUMNS: dict[LiteralString, LiteralString] = {
    "month": "month",
    "quarter": "substr(month, 1, 4) || '-Q' || (substr(month, 6, 2)::int + 2) / 3",
    "priority": "priority",
    "team": "team",
    "person": "person",
    "technician": "technician",
    "plan": "plan",
    "plan_version": "plan || ' v' || plan_version",
    "milestone": "milestone",
    "customer": "customer",
    "contract": "contract",
    "region": "band",
    "product": "product",
    "category": "category",
    "verdict": f"CASE WHEN {LATE_BY_NOW} THEN 'breached' ELSE verdict END",
    "cause": f"CASE WHEN {LATE_BY_NOW} THEN 'late' ELSE cause END",
    "overdue": f"state IN ('running', 'paused') AND (verdict = 'breached' OR {LATE_BY_NOW})",
    "cycle": "cycle",
}
"""What a clock is filtered by."""

OWN_COLUMNS: dict[LiteralString, LiteralString] = {**COLUMNS, "tier": "tier"}
"""The same of a clock of our own."""

UNGROUPED = frozenset({"verdict", "cause", "overdue", "cycle"})
GROUPS: tuple[LiteralString, ...] = tuple(name for name in COLUMNS if name not in UNGROUPED)
"""What compliance may be grouped by."""


OWN_GROUPS: tuple[LiteralString, ...] = (
    *("month", "quarter", "tier", "team", "person", "milestone", "priority", "plan", "product", "customer"),
)
"""What our own times may be grouped by."""


class ClockFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which clocks are meant: those that fit everything that is set. ``None`` means those that have none.

    Attributes:
        month: in which the clock started, "2026-03", on the wall of its calendar.
        quarter: likewise, "2026-Q1".
        team: that had the ticket when the clock ended, or has it now.
        technician: who was sent last when the clock ended, or by now.
        plan_version: name and version, "standard v1".
        contract: the number of the contract that the ticket falls under.
        region: how far it is to the customer, as far as the ticket knows.
        overdue: whether it is late and still not reached.
        cycle: 1 for first resolutions (SLA 10).
    """

    month: str | UnsetType = UNSET
    quarter: str | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    team: str | UnsetType | None = UNSET
    person: str | UnsetType | None = UNSET
    technician: str | UnsetType | None = UNSET
    plan: str | UnsetType = UNSET
    plan_version: str | UnsetType = UNSET
    milestone: Milestone | UnsetType = UNSET
    customer: str | UnsetType | None = UNSET
    contract: str | UnsetType | None = UNSET
    region: TravelBand | UnsetType | None = UNSET
    product: str | UnsetType | None = UNSET
    category: str | UnsetType | None = UNSET
    verdict: Verdict | UnsetType = UNSET
    cause: Cause | UnsetType | None = UNSET
    overdue: bool | UnsetType = UNSET
    cycle: int | UnsetType = UNSET

    @property
    def given(self) -> dict[str, str | None]:
        """What is set, as text."""
        stated = {name: getattr(self, name) for name in self.__struct_fields__}
        return {
            name: None if value is None else str(value)
            for name, value in stated.items()
            if value is not UNSET
        }


class OwnFilter(ClockFilter, frozen=True, kw_only=True):
    """Which clocks of our own are meant; see ``ClockFilter``.

    Attributes:
        tier: that had the ticket when the clock ended, or has it now; of a handover, the one that was asked.
    """

    tier: Tier | UnsetType = UNSET


EVERY = ClockFilter()


def where(which: ClockFilter) -> tuple[LiteralString, dict[str, object]]:
    """The condition on judged clocks, and its parameters beside ``as_of``."""
    query: LiteralString = " WHERE true"
    params: dict[str, object] = {}
    for name in OWN_COLUMNS:
        value = getattr(which, name, UNSET)
        if value is None:
            query += " AND " + name + " IS NULL"
        elif value is not UNSET:
            query += " AND " + name + " = %(" + name + ")s"
            params[name] = value if isinstance(value, int) else str(value)
    return query, params
