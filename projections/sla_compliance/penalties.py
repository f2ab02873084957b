"""What being late costs, by groups of clocks (SLA 14)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, LiteralString

from psycopg import AsyncConnection

from domain.clock import Milestone
from domain.penalties import HOUR, owed
from domain.plan import ServicePlan
from domain.ticket.words import Priority
from projections.sla_compliance.judging import LATE, judged
from projections.sla_compliance.standing import Standing

COSTLY: LiteralString = (
    " AND verdict = 'breached' AND late > 0"
    " AND (plan, pv) IN (SELECT * FROM unnest(%(costly)s::text[], %(costly_versions)s::int[]))"
)
LATENESS: LiteralString = ", plan_version AS pv, (" + LATE + ") AS late"
HOURS: LiteralString = "plan, pv, milestone, priority, (late + 3599) / 3600"


class Owed:
    """Sums of money by group and currency."""

    def __init__(self) -> None:
        self._groups: dict[tuple[Any, ...], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self._total: dict[str, Decimal] = defaultdict(Decimal)

    def add(self, group: tuple[Any, ...], currency: str, amount: Decimal) -> None:
        """Somebody is owed more."""
        self._groups[group][currency] += amount
        self._total[currency] += amount

    def of(self, group: Mapping[Any, Any]) -> dict[str, str]:
        """The sums of one group."""
        return _written(self._groups.get(tuple(group.values()), {}))

    @property
    def total(self) -> dict[str, str]:
        """The sums of all groups."""
        return _written(self._total)


def _written(sums: Mapping[str, Decimal]) -> dict[str, str]:
    return {currency: f"{amount:f}" for currency, amount in sorted(sums.items())}


async def penalties(
    conn: AsyncConnection[Any],
    plans: Iterable[ServicePlan],
    stands: Standing,
    names: tuple[LiteralString, ...],
    asked: tuple[LiteralString, Mapping[str, Any]],
) -> Owed:
    """What is owed for the clocks that fit a condition.

    Clocks that are late by as many hours begun, under one plan, cost the same: they are counted together.

    Args:
        plans: those that the clocks keep.
        names: what they are grouped by.
        asked: the condition with its parameters.
    """
    costly = {(plan.name, plan.version): plan for plan in plans if plan.penalties}
    sums = Owed()
    if not costly:
        return sums
    condition, params = asked
    listed: LiteralString = ", ".join([*names, HOURS])
    found = await conn.execute(
        "SELECT " + listed + ", count(*) FROM " + judged(stands, LATENESS) + condition + COSTLY  # noqa: S608
        + " GROUP BY " + listed,
        {**params, "costly": [plan for plan, _ in costly], "costly_versions": [each for _, each in costly]},
    )  # fmt: skip
    for *group, plan, version, milestone, priority, hours, clocks in await found.fetchall():
        each = owed(costly[plan, version], Milestone(milestone), Priority(priority), hours * HOUR)
        if each is not None:
            sums.add(tuple(group), each.currency, each.exact * clocks)
    return sums
