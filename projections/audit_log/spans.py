"""The spans of the log in which the events of a filter may lie, as the view knows them."""

from __future__ import annotations

from typing import Any, LiteralString, NamedTuple

from psycopg import AsyncConnection

from projections.audit_log.filters import MASKED, OF_SPANS, AuditFilter, given
from projections.engine.filters import meant
from projections.engine.patterns import contains

REASONS_READ = 20_000
"""Counted reasons among which those are looked for that contain a text; of more, every span is read."""
REASONS_FOUND = 100
"""Reasons up to which such a text is worth their masks."""

KEPT: LiteralString = "(s.kept >> (e.position & 63)::integer) & 1 = 1"
"""Whether the view has an event ``e``, which lies in the span ``s``."""
IS_KEPT: LiteralString = (
    "(SELECT " + KEPT + " FROM view.audit_span s WHERE s.span = (e.position >> 6)::integer)"  # noqa: S608
)
EVENTS: LiteralString = (
    "LATERAL (SELECT * FROM log.event "  # noqa: S608
    "WHERE position BETWEEN s.span::bigint << 6 AND (s.span::bigint << 6) + 63 "
    "ORDER BY position LIMIT 64) AS e WHERE " + KEPT
)
"""The events of the spans ``s``. No span has more than the limit, which has each looked up by itself."""

SPANS: LiteralString = "view.audit_span s"
MASKED_SPANS: LiteralString = """
    (SELECT page, bit_and(spans) AS spans
     FROM (SELECT said.dimension, m.page, bit_or(m.spans) AS spans
           FROM unnest(%(dimensions)s::"char"[], %(values)s::text[]) AS said (dimension, value)
           JOIN view.audit_mask m
             ON m.digest = hashtextextended(said.value, 0) AND m.dimension = said.dimension
           GROUP BY said.dimension, m.page) AS each
     GROUP BY page HAVING count(*) = %(asked)s AND bit_and(spans) <> 0) AS p
    JOIN view.audit_span s
      ON s.span BETWEEN p.page << 6 AND (p.page << 6) + 63 AND (p.spans >> (s.span & 63)) & 1 = 1
"""
"""Those in which something of everything occurs that is asked for, a dimension each."""
REASONS: LiteralString = """
    WITH told AS MATERIALIZED (
        SELECT reason FROM view.audit_count WHERE reason IS NOT NULL LIMIT %(read)s)
    SELECT (SELECT count(*) FROM told),
           ARRAY(SELECT DISTINCT reason FROM told WHERE reason ILIKE %(part)s LIMIT %(found)s)
"""


class Spans(NamedTuple):
    """What to select the spans ``s`` from, and on what condition."""

    source: LiteralString
    condition: LiteralString
    params: dict[str, Any]


async def spans_of(conn: AsyncConnection[Any], which: AuditFilter) -> Spans:
    """The spans in which a filter's events may lie."""
    said = [(MASKED[name], str(getattr(which, name))) for name in MASKED if name in given(which)]
    asked = len(said)
    if which.reason_contains is not None and which.reason is None:
        reasons = await _reasons(conn, which.reason_contains)
        if reasons is not None:
            said += [(MASKED["reason"], reason) for reason in reasons]
            asked += 1
    condition, params = meant(which, OF_SPANS)
    if not asked:
        return Spans(SPANS, condition, params)
    masks = {"dimensions": [name for name, _ in said], "values": [value for _, value in said], "asked": asked}
    return Spans(MASKED_SPANS, condition, params | masks)


async def _reasons(conn: AsyncConnection[Any], part: str) -> list[str] | None:
    """The reasons that contain a text; ``None`` where there are too many to look at, or to look for."""
    asked = {"read": REASONS_READ + 1, "part": contains(part), "found": REASONS_FOUND + 1}
    row = await (await conn.execute(REASONS, asked, binary=True)).fetchone()
    read, reasons = row or (0, [])
    return reasons if read <= REASONS_READ and len(reasons) <= REASONS_FOUND else None
