"""Which events of the log an auditor asks for, and what that says of the places where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec


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

OF_EVENTS: Mapping[str, LiteralString] = {
    "actor": "e.actor = %(actor)s",
    "type": "e.type = %(type)s",
    "stream_id": "e.stream_id = %(stream_id)s",
    "number": "e.stream_id = ANY(ARRAY(SELECT stream_id FROM view.audit_stream WHERE number = %(number)s))",
    "correlation_id": "e.correlation_id = %(correlation_id)s",
    "causation_id": "e.causation_id = %(causation_id)s",
    "idempotency_key": "e.idempotency_key = %(idempotency_key)s",
    "late": "(e.recorded_at - e.occurred_at > interval '60 s') = %(late)s",
    "occurred_from": "e.occurred_at >= %(occurred_from)s",
    "occurred_to": "e.occurred_at < %(occurred_to)s",
    "recorded_from": "e.recorded_at >= %(recorded_from)s",
    "recorded_to": "e.recorded_at < %(recorded_to)s",
    "reason": "e.reason = %(reason)s",
    "reason_contains": "e.reason ILIKE %(reason_contains)s",
    "position": "e.position <= %(position)s",
}
"""What is so of an event in the log that is meant: nothing is shown without having been looked at there."""

OF_SPANS: Mapping[str, LiteralString] = {
    "late": "s.kept & CASE WHEN %(late)s THEN s.late ELSE ~s.late END <> 0",
    "occurred_from": "s.last_occurred >= %(occurred_from)s",
    "occurred_to": "s.first_occurred < %(occurred_to)s",
    "recorded_from": "s.last_recorded >= %(recorded_from)s",
    "recorded_to": "s.first_recorded < %(recorded_to)s",
    "position": "s.span <= %(position)s::bigint >> 6",
}
"""What is so of a span that has one."""

OF_COUNTS: Mapping[str, LiteralString] = {
    "type": "type = %(type)s",
    "actor": "actor = %(actor)s",
    "reason": "reason = %(reason)s",
    "reason_contains": "reason ILIKE %(reason_contains)s",
}
"""By what events are counted already."""

MASKED: Mapping[str, str] = {
    "type": "t",
    "actor": "a",
    "reason": "r",
    "causation_id": "c",
    "idempotency_key": "i",
}
"""What masks say, by the letter of its dimension."""

BY_INDEX = {"stream_id", "number", "correlation_id"}
"""What the log has an index of its own for."""


def given(which: AuditFilter) -> set[str]:
    """The fields of a filter that say something."""
    return {name for name in which.__struct_fields__ if getattr(which, name) is not None}
