"""Which tickets a flow report is about, by what they may be grouped, and which of them a figure counts."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, LiteralString

import msgspec
from msgspec import UNSET, UnsetType

from domain.ticket.words import Priority, Tier

COLUMNS: dict[LiteralString, LiteralString] = {
    "month": "to_char(first_at AT TIME ZONE %(zone)s, 'YYYY-MM')",
    "quarter": "to_char(first_at AT TIME ZONE %(zone)s, 'YYYY-\"Q\"Q')",
    "priority": "priority",
    "product": "product",
    "plan": "plan",
    "team": "team",
    "customer": "customer",
    "source": "source",
    "highest_tier": "highest_tier",
}
"""What a ticket is grouped and filtered by. Months are those of the firm's time zone, ``zone``."""

GROUPS: tuple[LiteralString, ...] = tuple(COLUMNS)


class Figure(StrEnum):
    """A figure that counts tickets, and can be asked which."""

    RESOLVED = "resolved"
    FIRST_LINE = "first_line"
    ESCALATED = "escalated"
    REFUSED = "refused"
    HANDED_OFF = "handed_off"
    RETURNED = "returned"
    PING_PONGED = "ping_ponged"
    WAITED = "waited"
    REOPENED = "reopened"


COUNTED: dict[Figure, LiteralString] = {
    Figure.RESOLVED: "resolved_at IS NOT NULL",
    Figure.FIRST_LINE: "resolved_at IS NOT NULL AND highest_tier = 'L1'",
    Figure.ESCALATED: "highest_tier > 'L1'",
    Figure.REFUSED: "refusals > 0",
    Figure.HANDED_OFF: "hand_offs > 0",
    Figure.RETURNED: "returns > 0",
    Figure.PING_PONGED: "ping_pongs > 0",
    Figure.WAITED: "waits > 0",
    Figure.REOPENED: "reopenings > 0",
}
"""Which tickets each of them counts."""

WAITED: LiteralString = (
    "waited + coalesce(greatest(floor(extract(epoch FROM last_at - waiting_since)), 0), 0)::bigint"
)
"""Seconds on hold for the customer; a hold that is still open counts up to the last event."""
WHOLE: LiteralString = "floor(extract(epoch FROM last_at - first_at))::bigint"
SOLVED: LiteralString = (
    "CASE WHEN resolved_at IS NOT NULL THEN "
    "greatest(floor(extract(epoch FROM resolved_at - first_at)), 0) END::bigint"
)

FLOWN: LiteralString = (
    "(SELECT id, number, first_at, last_at, resolved_at, tier_moves, refusals, hand_offs, returns, "  # noqa: S608
    "ping_pongs, reopenings, waits, "
    + (WAITED + " AS waited, " + WHOLE + " AS whole, " + SOLVED + " AS solved, ")
    + ", ".join([column + " AS " + name for name, column in COLUMNS.items()])
    + " FROM view.flow WHERE NOT cancelled) AS flow"
)
"""Every ticket but those that should not have been one."""


class FlowFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tickets are meant: those that fit everything that is set. ``None`` means those that have none.

    Attributes:
        month: in which the customer reported, where the firm is: "2026-03".
        quarter: likewise, "2026-Q1".
        team: that has it, or had it last.
        source: the system that it was imported from.
        highest_tier: the highest tier it came to.
    """

    month: str | UnsetType = UNSET
    quarter: str | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    product: str | UnsetType | None = UNSET
    plan: str | UnsetType = UNSET
    team: str | UnsetType | None = UNSET
    customer: str | UnsetType | None = UNSET
    source: str | UnsetType | None = UNSET
    highest_tier: Tier | UnsetType = UNSET


EVERY = FlowFilter()


def where(which: FlowFilter, zone: str) -> tuple[LiteralString, dict[str, Any]]:
    """The condition on ``FLOWN``, and the parameters of both."""
    query: LiteralString = " WHERE true"
    params: dict[str, Any] = {"zone": zone}
    for name in COLUMNS:
        value = getattr(which, name)
        if value is None:
            query += " AND " + name + " IS NULL"
        elif value is not UNSET:
            query += " AND " + name + " = %(" + name + ")s"
            params[name] = str(value)
    return query, params
