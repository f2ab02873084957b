"""An event as the log stores it: bytes and envelope columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent

COLUMNS = (
    "position, stream_id, version, type, schema, data, occurred_at, recorded_at, "
    "actor, reason, correlation_id, causation_id, idempotency_key"
)
"""The columns of ``log.event`` in the order of ``LogEvent.from_row``."""

Row = tuple[
    int, UUID, int, str, int, bytes, datetime, datetime, str, str | None, UUID, UUID | None, str | None
]


@dataclass(frozen=True)
class LogEvent(Notification):
    """The library's stored event and notification in one, with the log's envelope.

    Attributes:
        id: the position; 0 until the log has taken it.
        schema: the schema number of its type that the bytes were written with.
        occurred_at: when it happened; ``None`` means when the log takes it.
        correlation_id: the service case; ``None`` means the stream itself.
        mentions: what the stream can be found by from now on; kept beside the event, not in its row.
    """

    schema: int = 1
    occurred_at: datetime | None = None
    recorded_at: datetime | None = None
    actor: str = "system"
    reason: str | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    idempotency_key: str | None = None
    mentions: tuple[str, ...] = ()

    @property
    def stream_id(self) -> UUID:
        """The originator, which in this log is always a UUID."""
        return cast(UUID, self.originator_id)

    @classmethod
    def from_row(cls, row: Row) -> LogEvent:
        """Read one row of ``COLUMNS``."""
        return cls(
            id=row[0],
            originator_id=row[1],
            originator_version=row[2],
            topic=row[3],
            schema=row[4],
            state=row[5],
            occurred_at=row[6],
            recorded_at=row[7],
            actor=row[8],
            reason=row[9],
            correlation_id=row[10],
            causation_id=row[11],
            idempotency_key=row[12],
        )

    @classmethod
    def of(cls, stored: StoredEvent) -> LogEvent:
        """Give a stored event of the bare library an envelope."""
        if isinstance(stored, cls):
            return stored
        return cls(
            id=0,
            originator_id=stored.originator_id,
            originator_version=stored.originator_version,
            topic=stored.topic,
            state=stored.state,
        )
