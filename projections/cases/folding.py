"""Folding tickets with their clocks: loaded, advanced and kept set-wise, worked out once for all views."""

from __future__ import annotations

from functools import cached_property
from uuid import UUID

import msgspec

from domain.event import Fact
from domain.promises import Promises
from projections.cases.case import Case, after
from projections.cases.settled import Settled, settle
from projections.engine.batch import Batch
from projections.engine.rows import Rows
from projections.engine.shape import shape

TICKET_EVENTS = ("ticket.",)

SHAPE = shape(Case)
"""What a kept case looks like; a view that keeps cases is rebuilt when this changes."""

_DECODER = msgspec.json.Decoder(Case)
_ENCODER = msgspec.json.Encoder()


class Folded:
    """A case with what is worked out from it once for all views that want it."""

    def __init__(self, case: Case, promises: Promises) -> None:
        self.case = case
        self._promises = promises

    @cached_property
    def state(self) -> bytes:
        """The case as it is kept."""
        return _ENCODER.encode(self.case)

    @cached_property
    def settled(self) -> tuple[Settled, ...]:
        """What is certain about each of its clocks.

        Raises:
            UnknownPlan: the book does not hold a clock's calendar.
        """
        return tuple(settle(clock, self._promises) for clock in self.case.clocks)


class Kept(msgspec.Struct):
    """A case in its table."""

    id: UUID
    state: bytes


class CaseFold:
    """The cases that one projection keeps.

    Args:
        table: its table, with the columns ``id`` and ``state``.
        promises: the book that the clocks' pins name.
    """

    def __init__(self, table: str, promises: Promises) -> None:
        self._table = table
        self._promises = promises

    def advance(self, batch: Batch, rows: Rows) -> list[Folded]:
        """Fold a batch and keep what became of the tickets in it.

        Returns:
            Every ticket that the batch touched, as it stands after it.

        Raises:
            UnknownPlan: a ticket pins a plan that the book does not hold.
        """
        touched = self.touched(batch, rows)
        rows.put(self._table, [Kept(folded.case.ticket.id, folded.state) for folded in touched])
        return touched

    def touched(self, batch: Batch, rows: Rows) -> list[Folded]:
        """The same, for a table whose rows hold more than the case: the caller writes it with its state."""
        told: dict[UUID, list[Fact]] = {}
        for fact in batch.facts():
            told.setdefault(fact.stream_id, []).append(fact)
        known: dict[UUID, Folded] = {}
        unknown: list[UUID] = []
        for ticket, facts in told.items():
            kept = batch.memory.get(ticket)
            if kept is not None and kept.case.version in {facts[0].version - 1, facts[-1].version}:
                known[ticket] = kept
            elif facts[0].version > 1:
                unknown.append(ticket)
        for ticket, row in rows.find(Kept, self._table, unknown).items():
            known[ticket] = Folded(read_case(row.state), self._promises)
        touched = [self._after(known.get(ticket), facts) for ticket, facts in told.items()]
        return [batch.memory.keep(folded.case.ticket.id, folded) for folded in touched if folded is not None]

    def _after(self, known: Folded | None, facts: list[Fact]) -> Folded | None:
        """The ticket after these facts; another view may have worked it out already."""
        if known is not None and known.case.version == facts[-1].version:
            return known
        case = known.case if known else None
        for fact in facts:
            case = after(case, fact, self._promises)
        return Folded(case, self._promises) if case else None


def read_case(state: bytes) -> Case:
    """A case from the bytes it was kept in."""
    return _DECODER.decode(state)
