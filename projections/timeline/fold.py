"""How events make the timeline."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from domain.event import Fact, type_name
from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows
from projections.engine.units import Unit
from projections.words import sentences, values


class TimelineRow(msgspec.Struct, kw_only=True):
    """A row of the table."""

    position: int
    case_id: UUID
    stream_id: UUID
    version: int
    type: str
    occurred_at: datetime
    recorded_at: datetime | None
    actor: str
    reason: str | None
    causation_id: UUID | None
    zh: str
    en: str


class SubjectRow(msgspec.Struct, kw_only=True):
    """A row of what the events are about."""

    stream_id: UUID
    number: str


class TimelineProjection(Projection):
    """Keeps the timelines.

    Args:
        zone: IANA time zone in which times inside the texts are told.
    """

    name: ClassVar[str] = "timeline"
    version: ClassVar[int] = 3
    unit: ClassVar[Unit] = Unit.CASE

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    @property
    def ingredients(self) -> bytes:
        """The words, and the zone that times are told in."""
        return b"\0".join((self._zone.key.encode(), sentences.FILE.read_bytes(), values.FILE.read_bytes()))

    def fold(self, batch: Batch, rows: Rows) -> None:
        """One row for every event, and one for every stream whose first event gives it a number."""
        facts = batch.facts()
        rows.add("timeline", map(self._row, facts))
        rows.add(
            "timeline_subject",
            [
                SubjectRow(stream_id=fact.stream_id, number=number)
                for fact in facts
                if fact.version == 1 and (number := getattr(fact.event, "number", None)) is not None
            ],
        )

    def _row(self, fact: Fact) -> TimelineRow:
        text = sentences.tell(fact.event, self._zone)
        return TimelineRow(
            position=fact.position,
            case_id=fact.correlation_id,
            stream_id=fact.stream_id,
            version=fact.version,
            type=type_name(fact.event),
            occurred_at=fact.act.occurred_at,
            recorded_at=fact.recorded_at,
            actor=fact.act.actor,
            reason=fact.act.reason,
            causation_id=fact.causation_id,
            zh=text.zh,
            en=text.en,
        )
