"""Which events of the log an auditor asks for."""

from __future__ import annotations

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

CONDITIONS: dict[str, LiteralString] = {
    "actor": "hashtextextended(actor, 0) = hashtextextended(%(actor)s, 0) AND actor = %(actor)s",
    "type": "hashtextextended(type, 0) = hashtextextended(%(type)s, 0) AND type = %(type)s",
    "stream_id": "stream_id = %(stream_id)s",
    "number": "stream_id = ANY(ARRAY(SELECT stream_id FROM view.audit_stream WHERE number = %(number)s))",
    "correlation_id": (
        "position = ANY(ARRAY(SELECT position FROM log.event WHERE correlation_id = %(correlation_id)s))"
    ),
    "causation_id": "causation_id = %(causation_id)s",
    "idempotency_key": "idempotency_key = %(idempotency_key)s",
    "late": "(recorded_at - occurred_at > interval '60 s') = %(late)s",
    "occurred_from": "occurred_at >= %(occurred_from)s",
    "occurred_to": "occurred_at < %(occurred_to)s",
    "recorded_from": "recorded_at >= %(recorded_from)s",
    "recorded_to": "recorded_at < %(recorded_to)s",
    "reason": "hashtextextended(reason, 0) = hashtextextended(%(reason)s, 0) AND reason = %(reason)s",
    "reason_contains": "reason ILIKE %(reason_contains)s",
    "position": "position <= %(position)s",
}


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are meant: those that fit everything that is given.

    Attributes:
        actor: who did it, exactly.
        number: what people call the thing it was done to, for example T-2026-000123.
        correlation_id: the service case: the ticket that it was done for.
        late: whether it was recorded more than a minute after it happened (SLA 2).
        occurred_from: it happened then or later; ``occurred_to`` is the first moment that is too late.
        recorded_from: likewise for when it was recorded.
        reason: why, exactly; of an imported event, the source's own word for the activity.
        reason_contains: part of it, in any case.
        position: of the last event that counts.
    """

    actor: str | None = None
    type: str | None = None
    stream_id: UUID | None = None
    number: str | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    idempotency_key: str | None = None
    late: bool | None = None
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    reason: str | None = None
    reason_contains: str | None = None
    position: int | None = None


EVERYTHING = AuditFilter()
