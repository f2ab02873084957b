"""Which tickets a rule may soon apply to: proposed by moment, decided on the ticket itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection

from domain.ticket.rule_events import EscalationRule
from domain.ticket.words import When

Candidate = tuple[datetime, UUID]

SINCE: dict[When, LiteralString] = {
    When.UNASSIGNED: "CASE WHEN team IS NULL THEN first_at END",
    When.IN_TIER: "CASE WHEN handover_since IS NULL THEN tier_since END",
    When.UNACCEPTED: "handover_since",
    When.WARNED: "CASE WHEN warned_percent >= %s THEN warned_at END",
}
"""Since when a ticket has been what a rule is about."""

OF_MOMENT: LiteralString = "'|' || %s || '@' || extract(epoch FROM since)::text || '|'"
OF_CYCLE: LiteralString = "'|' || %s || '@'"
"""What stands in ``applied`` when a rule was; one about warnings applies once a cycle."""

PROPOSED: LiteralString = """
    SELECT at, id FROM (
        SELECT since + %s AS at, id FROM (SELECT {since} AS since, * FROM view.flow WHERE is_open) AS open
        WHERE since IS NOT NULL AND source IS NULL AND priority = ANY(%s) AND (%s::text IS NULL OR tier = %s)
          AND strpos(applied, {key}) = 0
    ) AS proposed WHERE (at, id) > (%s, %s) ORDER BY at, id LIMIT %s
"""


def upcoming(
    rules: Sequence[EscalationRule],
) -> Callable[[AsyncConnection[Any], Candidate, int], Awaitable[Sequence[Candidate]]]:
    """Asks for the tickets that these rules may apply to, in the order of the moments.

    Of a rule in working time the moment is the earliest that it can be.
    """

    async def proposed(conn: AsyncConnection[Any], after: Candidate, limit: int) -> Sequence[Candidate]:
        found: set[Candidate] = set()
        for rule in rules:
            key = OF_CYCLE if rule.when is When.WARNED else OF_MOMENT
            query = PROPOSED.replace("{since}", SINCE[rule.when]).replace("{key}", key)
            asked: list[object] = [
                timedelta(seconds=rule.after),
                *([rule.percent] if rule.when is When.WARNED else []),
                [priority.value for priority in rule.priorities],
                rule.tier and rule.tier.value,
                rule.tier and rule.tier.value,
                rule.name,
                *after,
                limit,
            ]
            found.update(await (await conn.execute(query, asked)).fetchall())
        return sorted(found)[:limit]

    return proposed
