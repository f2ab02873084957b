"""How events make the audit log. They need not be understood for it, so no event can stop it."""

from __future__ import annotations

from typing import ClassVar, LiteralString

from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows

RANGE: LiteralString = "position > %(after)s AND position <= %(upto)s"
CHOSEN: LiteralString = "position = ANY(%(only)s)"
"""Where nothing may be taken between."""
ENTRIES: LiteralString = """
    INSERT INTO audit_log (position, stream_id, version, type, occurred_at, recorded_at, actor, reason,
                           correlation_id, causation_id, idempotency_key)
    SELECT position, stream_id, version, type, occurred_at, recorded_at, actor, reason,
           correlation_id, causation_id, idempotency_key
    FROM log.event WHERE PLACE
"""
STREAMS: LiteralString = """
    INSERT INTO audit_stream (stream_id, number)
    SELECT stream_id, named.number FROM log.event,
           LATERAL (SELECT convert_from(data, 'UTF8')::json AS told) AS its,
           LATERAL (SELECT coalesce(told ->> 'number', told #>> '{plan,name}',
                                    CASE split_part(type, '.', 1)
                                    WHEN 'plan' THEN told ->> 'plan'
                                    WHEN 'calendar' THEN told ->> 'calendar' END) AS number) AS named
    WHERE PLACE AND version = 1 AND named.number IS NOT NULL
    ON CONFLICT DO NOTHING
"""
COUNTS: LiteralString = """
    INSERT INTO audit_count AS c (dimension, digest, value, events)
    SELECT said.dimension, md5(said.value)::uuid, said.value, sum(alike.events)
    FROM (SELECT type, actor, reason, count(*) AS events FROM audit_log WHERE PLACE
          GROUP BY type, actor, reason) AS alike,
         LATERAL (VALUES ('type', type), ('actor', actor), ('reason', reason)) AS said (dimension, value)
    WHERE said.value IS NOT NULL
    GROUP BY said.dimension, said.value
    ON CONFLICT (dimension, digest) DO UPDATE SET events = c.events + excluded.events
"""


class AuditProjection(Projection):
    """Keeps the audit log."""

    name: ClassVar[str] = "audit_log"
    version: ClassVar[int] = 1
    by_sql: ClassVar[bool] = True

    def fold(self, batch: Batch, rows: Rows) -> None:
        """Index the events where they lie."""
        place: LiteralString = RANGE if batch.only is None else CHOSEN
        which = {"after": batch.starts_after, "upto": batch.position, "only": batch.only}
        for statement in (ENTRIES, STREAMS, COUNTS):
            rows.conn.execute(statement.replace("PLACE", place), which)
