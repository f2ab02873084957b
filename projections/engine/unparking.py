"""Folding what waits behind a parked event, unit by unit, each as far as it goes."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

import structlog
from psycopg import Connection

from application.log.failure import Failure
from projections.engine import parking
from projections.engine.batch import Batch, LeftOut, Memory, Page
from projections.engine.moving import check, move, report
from projections.engine.parking import is_of_an_event
from projections.engine.projection import LIVE, Place
from projections.engine.rows import Rows
from projections.engine.seat import Moved, Seat

log = structlog.get_logger(__name__)


class Queue(NamedTuple):
    """Consecutive events of a parked unit.

    Attributes:
        skipped: what of them is left out.
        is_last: whether the queue ends with them.
    """

    unit: UUID
    batch: Batch
    skipped: LeftOut
    is_last: bool


class Unparking:
    """Folds the queues of parked units, for projections that this connection leads.

    Args:
        conn: holds the locks, reads the log and writes rows and positions.
        memory: what the folds share.
        most: most events in one transaction.
        place: which tables.
    """

    def __init__(
        self, conn: Connection[Any], memory: Memory[Any, Any], most: int, place: Place = LIVE
    ) -> None:
        self._conn = conn
        self._rows = Rows(conn)
        self._memory = memory
        self._most = most
        self._log = place.log

    def try_parked(self, seat: Seat) -> None:
        """Fold the queues that are due."""
        seat.is_due = False
        try:
            for unit, position in parking.due(self._conn, seat.key, list(seat.left_out.positions)):
                self._try(seat, unit, position)
        except Moved:
            return

    def _try(self, seat: Seat, unit: UUID, position: int) -> None:
        skipped = LeftOut((), seat.left_out.positions)
        is_last = False
        while not is_last:
            place = position, seat.position, self._most
            rows = parking.queue(self._conn, unit, place)
            is_last = len(rows) < self._most
            batch = Batch(Page(rows, self._memory), 0, len(rows), seat.projection.wants, skipped)
            if not self._fold(seat, Queue(unit, batch, skipped, is_last)):
                return
            position = rows[-1][0] + 1 if rows else position
        seat.left_out.units.discard(unit)
        seat.left_out.skip(skipped.positions)
        log.info("a parked unit goes on", projection=seat.name, unit=str(unit))

    def _fold(self, seat: Seat, queue: Queue) -> bool:
        """Fold part of a queue; when it fails, up to the event that cannot be folded."""
        unit, batch, skipped, is_last = queue
        try:
            self._commit(seat, queue)
        except Moved:
            raise
        except Exception as error:
            if self._conn.closed:
                raise
            if not is_of_an_event(error):
                report("projection stopped", seat, seat.fail(self._conn, batch, error))
                return False
            if len(batch) > 1:
                first, rest = batch.halves()
                begins = Queue(unit, first, skipped, is_last=False)
                ends = Queue(unit, rest, skipped, is_last)
                return self._fold(seat, begins) and self._fold(seat, ends)
            failure = Failure.of(batch.position, batch.types()[0], error)
            parking.wait_on(self._conn, seat.key, unit, failure)
            log.warning("a unit stays parked", projection=seat.name, unit=str(unit), position=batch.position)
            return False
        return True

    def _commit(self, seat: Seat, queue: Queue) -> None:
        unit, batch, skipped, is_last = queue
        with self._conn.transaction():
            check(self._conn, self._log, {seat: seat.position})
            parking.hold(self._conn, seat.key, unit)
            # Read while the row is held: a skip is appended by somebody who holds it.
            skipped.skip(parking.skips(self._conn, seat.name))
            if batch.is_wanted:
                seat.projection.fold(batch, self._rows)
            if is_last:
                parking.free(self._conn, seat.key, unit)
            else:
                parking.advance(self._conn, seat.key, unit, batch.position + 1)
            move(self._conn, self._log, [seat], seat.position)
