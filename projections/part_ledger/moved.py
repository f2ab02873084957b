"""What the events of a batch move, worked out once for all views that add it up."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from domain.event import Fact
from domain.part.movements import Movement, movements
from projections.engine.batch import Batch

PART_EVENTS = ("part.",)


class Moved(NamedTuple):
    """A movement.

    Attributes:
        fact: that tells of it.
        line: its place among the movements of that, from 1.
        movement: the quantity.
        place: the location; of what is issued or removed, the ticket.
    """

    fact: Fact
    line: int
    movement: Movement
    place: str

    @property
    def key(self) -> tuple[UUID, str, str]:
        """Whose balance it changes: part, bucket and place."""
        return self.fact.stream_id, self.movement.bucket, self.place


def moved(batch: Batch) -> list[Moved]:
    """Every movement in a batch of ``PART_EVENTS``.

    Raises:
        UnreadableEvent: this release cannot read an event.
    """
    return batch.once(lambda: _moved(batch))


def _moved(batch: Batch) -> list[Moved]:
    return [
        Moved(fact, line, each, str(each.where))
        for fact in batch.facts()
        for line, each in enumerate(movements(fact.event), 1)
    ]
