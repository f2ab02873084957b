"""How cases flow, in tables that add up. Every time in them is clock time, as the customer lived it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection

from projections.cases.duration import iso_or_none
from projections.flow.filters import COUNTED, EVERY, FLOWN, GROUPS, FlowFilter, where

SUMS: tuple[LiteralString, ...] = (
    *(
        "tier_moves",
        "refusals",
        "hand_offs",
        "returns",
        "ping_pongs",
        "waits",
        "waited",
        "reopenings",
        "whole",
    ),
)
SPREAD: LiteralString = (
    "count({0}), floor(avg({0}))::bigint, "
    "floor(percentile_cont(0.5) WITHIN GROUP (ORDER BY {0}))::bigint, "
    "percentile_disc(0.9) WITHIN GROUP (ORDER BY {0})"
)
MEASURES: LiteralString = ", ".join(
    [
        "count(*)",
        *["count(*) FILTER (WHERE " + condition + ")" for condition in COUNTED.values()],
        *["coalesce(sum(" + name + "), 0)::bigint" for name in SUMS],
        SPREAD.replace("{0}", "whole"),
        SPREAD.replace("{0}", "solved"),
    ]
)
POSITION: LiteralString = (
    "(SELECT position FROM log.tracking WHERE projection = 'flow' AND log = 'aftersales')"
)


class UnknownGroup(ValueError):
    """The flow cannot be grouped by this."""


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How long some tickets took, in clock time, ISO 8601.

    Attributes:
        tickets: how many are measured.
        mean: ``None`` where none is; the others likewise.
        median: half of them took less, half more; between the two in the middle of an even number.
        p90: nine tenths of them took this or less.
    """

    tickets: int
    mean: str | None
    median: str | None
    p90: str | None


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """How some tickets flowed. Cancelled ones are left out.

    Attributes:
        group: what they have in common, by the names that were asked for; empty in the total.
        tickets: all of them.
        resolved: those that were ever resolved.
        first_line: of these, those that never left the first tier.
        first_line_percent: of the resolved, to two decimals; ``None`` when there are none.
        escalated: tickets that came to a tier above the first.
        tier_moves: moves from one tier to another, in both directions.
        refused: tickets of which a handover was refused.
        refusals: refused handovers.
        handed_off: tickets that went from one team to another.
        hand_offs: how often.
        returned: tickets that a team held again after another one held them.
        returns: how often.
        ping_ponged: of these, tickets that went from A to B and straight back to A.
        ping_pongs: how often.
        waited: tickets that were put on hold for the customer.
        waits: how often.
        waiting: how long, in clock time.
        waiting_percent: of the throughput time of all tickets, to two decimals.
        reopened: tickets that were reopened, or whose resolution was rejected.
        reopenings: how often.
        throughput: from the first event of a ticket to its last.
        resolution: from the first event of a ticket to its last resolution.
    """

    group: dict[str, str | None]
    tickets: int
    resolved: int
    first_line: int
    first_line_percent: float | None
    escalated: int
    tier_moves: int
    refused: int
    refusals: int
    handed_off: int
    hand_offs: int
    returned: int
    returns: int
    ping_ponged: int
    ping_pongs: int
    waited: int
    waits: int
    waiting: str | None
    waiting_percent: float | None
    reopened: int
    reopenings: int
    throughput: Spread
    resolution: Spread


class FlowReport(msgspec.Struct, frozen=True, kw_only=True):
    """Flow by group; the counts of the rows add up to the total.

    Attributes:
        position: of the last event that it counts. The same position gives the same bytes (B10).
    """

    position: int
    group_by: tuple[str, ...]
    rows: tuple[Flow, ...]
    total: Flow


async def flow(
    conn: AsyncConnection[Any], group_by: Iterable[str], which: FlowFilter = EVERY, *, zone: str
) -> FlowReport:
    """How tickets flowed, by the given groups and in total.

    Args:
        zone: IANA time zone in which months are told.

    Raises:
        UnknownGroup: not one of ``GROUPS``.
    """
    asked = set(group_by)
    if unknown := asked.difference(GROUPS):
        raise UnknownGroup(f"group by {', '.join(GROUPS)}, not by {', '.join(sorted(unknown))}")
    names: list[LiteralString] = [name for name in GROUPS if name in asked]
    condition, params = where(which, zone)
    found = await conn.execute(_query(names, condition), params)
    rows = await found.fetchall()
    told = [
        (is_total, _flow({} if is_total else dict(zip(names, groups, strict=False)), groups[len(names) :]))
        for position, is_total, *groups in rows
    ]
    return FlowReport(
        position=rows[0][0] or 0,
        group_by=tuple(names),
        rows=tuple(row for is_total, row in told if not is_total),
        total=next(row for is_total, row in told if is_total),
    )


def _query(names: list[LiteralString], condition: LiteralString) -> LiteralString:
    """The total is a grouping set of its own, so it exists even when nothing fits."""
    start: LiteralString = " FROM " + FLOWN + condition
    if not names:
        return "SELECT " + POSITION + ", true, " + MEASURES + start
    listed: LiteralString = ", ".join(names)
    return (
        "SELECT " + POSITION + ", grouping(" + listed + ") > 0, " + listed + ", " + MEASURES + start
        + " GROUP BY GROUPING SETS ((" + listed + "), ()) ORDER BY " + listed
    )  # fmt: skip


def _flow(group: dict[Any, str | None], measures: Sequence[Any]) -> Flow:
    tickets, *rest = measures
    counted = dict(zip((figure.value for figure in COUNTED), rest, strict=False))
    sums = dict(zip(SUMS, rest[len(COUNTED) :], strict=False))
    spreads = rest[len(COUNTED) + len(SUMS) :]
    waiting, whole = sums.pop("waited"), sums.pop("whole")
    return Flow(
        group=group,
        tickets=tickets,
        first_line_percent=_percent(counted["first_line"], counted["resolved"]),
        waiting=iso_or_none(waiting),
        waiting_percent=_percent(waiting, whole),
        throughput=_spread(spreads[:4]),
        resolution=_spread(spreads[4:]),
        **counted,
        **sums,
    )


def _spread(measures: Sequence[Any]) -> Spread:
    tickets, *times = measures
    mean, median, p90 = map(iso_or_none, times)
    return Spread(tickets=tickets, mean=mean, median=median, p90=p90)


def _percent(part: int, of: int) -> float | None:
    return round(100 * part / of, 2) if of else None
