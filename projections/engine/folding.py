"""Folding what was read: every view that stands there in one transaction; alone, and down to the event, when
that fails.

Each transaction first locks the tracking rows and looks whether position, definition and fence are still this
leader's. So whoever was followed by another leader writes nothing, whatever it believes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from psycopg import Connection

from application.log.failure import Failure
from projections.engine import parking
from projections.engine.batch import Batch, Page
from projections.engine.moving import check, move, report
from projections.engine.parking import MOST_PARKED, SKIPPED, TooManyParked, is_of_an_event
from projections.engine.projection import LIVE, Place
from projections.engine.rows import Rows
from projections.engine.seat import Moved, Seat

SLOW = 1.0
"""Seconds that a batch may take before the next one is made smaller."""
TOGETHER = 1000
"""Events up to which all views that stand at one place share a transaction: little lag when it is quiet."""


class Turn(NamedTuple):
    """A batch, and the projection that folds it."""

    seat: Seat
    batch: Batch


class Folding:
    """Folds pages into projections that this connection leads.

    Args:
        conn: holds the locks, reads the log and writes rows and positions.
        most: most events in one transaction.
        place: which tables.
    """

    def __init__(self, conn: Connection[Any], most: int, place: Place = LIVE) -> None:
        self._conn = conn
        self._rows = Rows(conn)
        self._most = most
        self._log = place.log

    def take(self, seats: Sequence[Seat], page: Page) -> None:
        """Fold a page into every projection that stands before it, as far as each can."""
        turns = [Turn(seat, seat.batch(page)) for seat in seats]
        if not (len(turns) > 1 and len(page.rows) <= TOGETHER and self._take_together(turns)):
            for turn in turns:
                self._take_alone(turn)
        if any(row[3] == SKIPPED for row in page.rows):
            for seat in seats:
                seat.learn_skips(self._conn)

    def _take_together(self, turns: Sequence[Turn]) -> bool:
        try:
            with self._timed(turns):
                self.commit(turns)
        except Exception:
            if self._conn.closed:
                raise
            return False
        return True

    def _take_alone(self, turn: Turn) -> None:
        try:
            with self._timed([turn]):
                self._fold(turn)
        except Moved:
            return

    @contextmanager
    def _timed(self, turns: Sequence[Turn]) -> Iterator[None]:
        """Let the next batches be larger when these were quick, smaller when they were slow."""
        began = time.monotonic()
        yield
        quick = time.monotonic() - began < SLOW
        for seat, _ in turns:
            if seat.is_ready:
                seat.reach = min(self._most, seat.reach * 2) if quick else max(1, seat.reach // 2)

    def commit(self, turns: Sequence[Turn]) -> None:
        """Fold batches that begin and end at the same places, and move on, in one transaction.

        Raises:
            Moved: a tracking row is not as this leader left it; nothing was written.
            Exception: whatever a fold raised; nothing was written.
        """
        # In a pipeline, so that what needs no answer waits for none: of little work it is the longest part.
        with self._conn.pipeline(), self._conn.transaction():
            check(self._conn, self._log, {seat: batch.starts_after for seat, batch in turns})
            for seat, batch in turns:
                if batch.is_wanted:
                    seat.projection.fold(batch, self._rows)
            move(self._conn, self._log, [seat for seat, _ in turns], turns[0].batch.position)
        for seat, batch in turns:
            seat.moved_past(batch)

    def _fold(self, turn: Turn) -> bool:
        """Fold a batch; when it fails, find the event that cannot be folded and park what it belongs to."""
        try:
            self.commit([turn])
        except Moved:
            raise
        except Exception as error:
            if self._conn.closed:
                raise
            seat, batch = turn
            if len(batch) > 1 and is_of_an_event(error):
                first, rest = batch.halves()
                return self._fold(Turn(seat, first)) and self._fold(Turn(seat, rest))
            if is_of_an_event(error) and len(seat.left_out.units) < MOST_PARKED:
                return self._park(turn, error)
            self._stop(turn, TooManyParked(error) if is_of_an_event(error) else error)
            return False
        return True

    def _park(self, turn: Turn, error: Exception) -> bool:
        """Move past one event, and hold its unit back from there on."""
        seat, batch = turn
        unit = batch.unit
        failure = Failure.of(batch.position, batch.types()[0], error)
        try:
            with self._conn.transaction():
                check(self._conn, self._log, {seat: batch.starts_after})
                parking.park(self._conn, seat.key, unit, failure)
                move(self._conn, self._log, [seat], batch.position)
        except Moved:
            raise
        except Exception as refused:
            if self._conn.closed:
                raise
            self._stop(turn, refused)
            return False
        seat.left_out.units.add(unit)
        seat.moved_past(batch)
        report("a unit is parked", seat, failure, unit=str(unit))
        return True

    def _stop(self, turn: Turn, error: Exception) -> None:
        report("projection stopped", turn.seat, turn.seat.fail(self._conn, turn.batch, error))
