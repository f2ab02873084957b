"""Folding tickets with their clocks: found and advanced set-wise, worked out once for all views."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import LiteralString
from uuid import UUID

import msgspec

from application.log.mapper import fact_of
from application.log.stored import COLUMNS
from domain.event import Fact
from domain.promises import Promises
from projections.cases.case import Case, replay
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
        return tuple([settle(clock, self._promises) for clock in self.case.clocks])

    @cached_property
    def settled_internal(self) -> tuple[Settled, ...]:
        """The same of our own clocks.

        Raises:
            UnknownPlan: the book does not hold a clock's calendar.
        """
        return tuple([settle(clock, self._promises) for clock in self.case.internal])


EARLIER: LiteralString = f"""
    SELECT {COLUMNS} FROM unnest(%b::uuid[], %b::bigint[]) AS told (stream, until)
    JOIN log.event ON stream_id = stream AND version < until
    WHERE position <> ALL(%b::bigint[]) ORDER BY stream_id, version
"""  # noqa: S608


class Kept(msgspec.Struct):
    """A case in its table."""

    id: UUID
    state: bytes


class CaseFold:
    """The cases of one projection. All share what one of them has worked out; the rest is replayed.

    Args:
        promises: the book that the clocks' pins name.
        table: where the projection keeps them, if it does, in the columns ``id`` and ``state``.
    """

    def __init__(self, promises: Promises, table: str | None = None) -> None:
        self._promises = promises
        self._table = table

    def touched(self, batch: Batch, rows: Rows) -> list[Folded]:
        """Every ticket that a batch touches, as it stands after it.

        Raises:
            UnknownPlan: a ticket pins a plan that the book does not hold.
            UnreadableEvent: this release cannot read one of its events.
        """
        return batch.once(lambda: self._worked_out(batch, rows))

    def _worked_out(self, batch: Batch, rows: Rows) -> list[Folded]:
        told = batch.told()
        known: dict[UUID, Folded] = {}
        unknown: dict[UUID, int] = {}
        for ticket, facts in told.items():
            kept = batch.memory.get(ticket)
            if kept is not None and kept.case.version in {facts[0].version - 1, facts[-1].version}:
                known[ticket] = kept
            elif facts[0].version > 1:
                unknown[ticket] = facts[0].version
        known |= self._kept(unknown, rows) if self._table else self._replayed(unknown, batch, rows)
        touched = [self._after(known.get(ticket), facts) for ticket, facts in told.items()]
        return [batch.memory.keep(folded.case.ticket.id, folded) for folded in touched if folded is not None]

    def _kept(self, wanted: Iterable[UUID], rows: Rows) -> dict[UUID, Folded]:
        """Tickets as the projection's own table has them."""
        found = rows.find(Kept, self._table or "", wanted)
        return {ticket: Folded(read_case(row.state), self._promises) for ticket, row in found.items()}

    def _replayed(self, wanted: Mapping[UUID, int], batch: Batch, rows: Rows) -> dict[UUID, Folded]:
        """Tickets as the log has them before these versions, without what the projection leaves out."""
        if not wanted:
            return {}
        place = list(wanted), list(wanted.values()), list(batch.skipped)
        told: dict[UUID, list[Fact]] = {}
        for row in rows.conn.execute(EARLIER, place, binary=True).fetchall():
            if row[3].startswith(TICKET_EVENTS):
                told.setdefault(row[1], []).append(fact_of(row))
        cases = ((ticket, replay(facts, self._promises)) for ticket, facts in told.items())
        return {ticket: Folded(case, self._promises) for ticket, case in cases if case}

    def _after(self, known: Folded | None, facts: list[Fact]) -> Folded | None:
        """The ticket after these facts; another view may have worked it out already."""
        if known is not None and known.case.version == facts[-1].version:
            return known
        case = replay(facts, self._promises, known.case if known else None)
        return Folded(case, self._promises) if case else None


def read_case(state: bytes) -> Case:
    """A case from the bytes it was kept in."""
    return _DECODER.decode(state)
