"""How events make the timeline."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import msgspec

from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows
from projections.engine.units import Unit


class TimelineRow(msgspec.Struct):
    """A row of the table."""

    case_id: UUID
    position: int


class TimelineProjection(Projection):
    """Keeps the timelines: every event that this release can read has its place in one."""

    name: ClassVar[str] = "timeline"
    version: ClassVar[int] = 4
    unit: ClassVar[Unit] = Unit.CASE

    def fold(self, batch: Batch, rows: Rows) -> None:
        """One row for every event."""
        rows.add("timeline", [TimelineRow(fact.correlation_id, fact.position) for fact in batch.facts()])
