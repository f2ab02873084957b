"""How events make the audit log. They need not be understood for it, so no event can stop it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, LiteralString

import msgspec

from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows

RANGE: LiteralString = "position > %(after)s AND position <= %(upto)s"
CHOSEN: LiteralString = "position = ANY(%(only)s)"
"""Where nothing may be taken between."""
SKIPPED: LiteralString = " AND position <> ALL(%(skipped)s)"

SPANS: LiteralString = """
    INSERT INTO audit_span AS s
        (span, kept, late, first_occurred, last_occurred, first_recorded, last_recorded)
    SELECT (position >> 6)::integer, bit_or(1::bigint << (position & 63)::integer),
           bit_or(CASE WHEN recorded_at - occurred_at > interval '60 s'
                       THEN 1::bigint << (position & 63)::integer ELSE 0 END),
           min(occurred_at), max(occurred_at), min(recorded_at), max(recorded_at)
    FROM log.event WHERE PLACE GROUP BY 1
"""
SPANS_AGAIN: LiteralString = """
    ON CONFLICT (span) DO UPDATE SET
        kept = s.kept | excluded.kept,
        late = s.late | excluded.late,
        first_occurred = least(s.first_occurred, excluded.first_occurred),
        last_occurred = greatest(s.last_occurred, excluded.last_occurred),
        first_recorded = least(s.first_recorded, excluded.first_recorded),
        last_recorded = greatest(s.last_recorded, excluded.last_recorded)
"""

DIMENSIONS: Mapping[LiteralString, LiteralString] = {
    "t": "type",
    "a": "actor",
    "r": "reason",
    "c": "causation_id::text",
    "i": "idempotency_key",
}
"""What is found by masks, by the letter that it has there."""
OCCURS: LiteralString = """
    SELECT hashtextextended({value}, 0), (position >> 12)::integer, '{dimension}',
           bit_or(1::bigint << (position >> 6 & 63)::integer)
    FROM log.event WHERE {value} IS NOT NULL AND PLACE GROUP BY 1, 2
"""
MASKS: LiteralString = "INSERT INTO audit_mask AS m (digest, page, dimension, spans)" + "UNION ALL".join(
    OCCURS.format(value=value, dimension=dimension) for dimension, value in DIMENSIONS.items()
)
MASKS_AGAIN: LiteralString = """
    ON CONFLICT (digest, page, dimension) DO UPDATE SET spans = m.spans | excluded.spans
    WHERE m.spans & excluded.spans <> excluded.spans
"""

STREAMS: LiteralString = """
    INSERT INTO audit_stream (stream_id, number)
    SELECT stream_id, named.number FROM log.event,
           LATERAL (SELECT convert_from(data, 'UTF8')::json AS told OFFSET 0) AS its,
           LATERAL (SELECT coalesce(told ->> 'number', told #>> '{plan,name}',
                                    CASE split_part(type, '.', 1)
                                    WHEN 'plan' THEN told ->> 'plan'
                                    WHEN 'calendar' THEN told ->> 'calendar' END) AS number OFFSET 0) AS named
    WHERE PLACE AND version = 1 AND named.number IS NOT NULL
"""
"""With ``OFFSET 0``, so that what an event says is read once."""

COUNTS: LiteralString = """
    INSERT INTO audit_count AS c (digest, type, actor, reason, events)
    SELECT substring(sha256(convert_to(ROW(type, actor, reason)::text, 'UTF8')) FOR 16),
           type, actor, reason, count(*)
    FROM log.event WHERE PLACE GROUP BY type, actor, reason
"""
COUNTS_AGAIN: LiteralString = "ON CONFLICT (digest) DO UPDATE SET events = c.events + excluded.events"

STATEMENTS: Mapping[LiteralString, LiteralString] = {
    SPANS: SPANS_AGAIN,
    MASKS: MASKS_AGAIN,
    STREAMS: "ON CONFLICT (stream_id) DO NOTHING",
    COUNTS: COUNTS_AGAIN,
}
"""What is written, and how where something may be already."""


PLANNED_ONCE: LiteralString = "SET LOCAL plan_cache_mode = force_generic_plan"
PLANNED_AS_BEFORE: LiteralString = "SET LOCAL plan_cache_mode TO DEFAULT"
"""A plan for any positions looks dear beside one for these few, so the server would plan each time anew; and
planning is most of the work of a few events."""


class AuditProjection(Projection):
    """Keeps the audit log."""

    name: ClassVar[str] = "audit_log"
    version: ClassVar[int] = 2
    by_sql: ClassVar[bool] = True

    def fold(self, batch: Batch, rows: Rows) -> None:
        """Index the events where they lie."""
        place: LiteralString = RANGE if batch.only is None else CHOSEN
        if batch.skipped:
            place += SKIPPED
        which = {
            "after": batch.starts_after,
            "upto": batch.position,
            "only": batch.only,
            "skipped": list(batch.skipped),
        }
        if rows.are_new:
            for new in STATEMENTS:
                rows.conn.execute(new.replace("PLACE", place), which)
            return
        rows.conn.execute(PLANNED_ONCE)
        for new, again in STATEMENTS.items():
            if new is not STREAMS or not _is_illegible(batch):
                rows.conn.execute((new + again).replace("PLACE", place), which)
        rows.conn.execute(PLANNED_AS_BEFORE)


def _is_illegible(batch: Batch) -> bool:
    """Whether it is a single event of which the server could not read a number: it is found without one.

    Whoever folds more of them at once finds the one by folding less and less.
    """
    if len(batch) > 1:
        return False
    try:
        return any(_has_nul(msgspec.json.decode(event.state)) for event in batch.stored())
    except (msgspec.DecodeError, UnicodeDecodeError):
        return True


def _has_nul(told: Any) -> bool:
    """Whether a text in it has a character that PostgreSQL cannot keep."""
    if isinstance(told, dict):
        return any(map(_has_nul, (*told.keys(), *told.values())))
    return any(map(_has_nul, told)) if isinstance(told, list) else isinstance(told, str) and "\0" in told
