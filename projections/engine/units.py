"""What a view keeps together: an event that cannot be folded holds up the later ones of it, and no others."""

from __future__ import annotations

from enum import StrEnum
from typing import LiteralString, cast
from uuid import UUID

from application.log.stored import COLUMNS, Row


class Unit(StrEnum):
    """By which column of the log a view's events belong together."""

    STREAM = "stream_id"
    """A ticket, a part, a contract."""
    CASE = "correlation_id"
    """A service case, whichever streams its events are in."""

    def of(self, row: Row) -> UUID:
        """The unit that an event belongs to."""
        return cast(UUID, row[PLACES[self]])

    @property
    def column(self) -> LiteralString:
        """Its column, for a query."""
        return "stream_id" if self is Unit.STREAM else "correlation_id"


PLACES = {unit: COLUMNS.split(", ").index(unit.value) for unit in Unit}
