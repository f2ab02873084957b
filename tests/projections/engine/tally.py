"""A small projection for tests of the engine: it counts, so folding an event twice or never shows."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import msgspec

from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows


class TallyRow(msgspec.Struct):
    """How many events a stream has."""

    id: UUID
    events: int


class Tally(Projection):
    """Counts the events of every stream, and fails where it is told to: at a position, with an error."""

    name = "tally"
    version = 1
    ddl = "CREATE TABLE tally (id uuid PRIMARY KEY, events bigint NOT NULL);"

    def __init__(
        self, name: str = "tally", *breaks_at: int, error: type[Exception] = ArithmeticError
    ) -> None:
        self.name = name
        self.ddl = type(self).ddl.replace("TABLE tally", f"TABLE {name}")
        self.breaks_at = set(breaks_at)
        self.error = error

    def fold(self, batch: Batch, rows: Rows) -> None:
        """Add what came to what was there."""
        facts = batch.facts()
        counts = Counter(fact.stream_id for fact in facts)
        before = rows.find(TallyRow, self.name, counts)
        rows.put(
            self.name,
            [TallyRow(id, n + (before[id].events if id in before else 0)) for id, n in counts.items()],  # noqa: A001
        )
        if any(fact.position in self.breaks_at for fact in facts):
            raise self.error("cannot count this one\nat all")


def tallied(conn: Any, name: str = "tally") -> dict[UUID, int]:
    """What was counted."""
    return dict(conn.execute(f"SELECT id, events FROM view.{name}").fetchall())
