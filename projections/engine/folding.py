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
from uuid import UUID

import msgspec
import structlog
from psycopg import Connection

from application.log.failure import Failure
from projections.engine import parking
from projections.engine.batch import Batch, LeftOut, Memory, Page
from projections.engine.parking import MOST_PARKED, SKIPPED, TooManyParked, is_of_an_event
from projections.engine.projection import LIVE, Place
from projections.engine.rows import Rows
from projections.engine.seat import Moved, Seat

SLOW = 1.0
"""Seconds that a batch may take before the next one is made smaller."""
TOGETHER = 1000
"""Events up to which all views that stand at one place share a transaction: little lag when it is quiet."""

PLACES = (
    "SELECT projection, position, definition, fence FROM log.tracking "
    "WHERE projection = ANY(%s) AND log = %s ORDER BY projection FOR UPDATE"
)
MOVE = (
    "WITH moved AS (UPDATE log.tracking SET position = %s, moved_at = clock_timestamp(), failure = NULL "
    "WHERE projection = ANY(%s) AND log = %s) SELECT pg_notify('view', '')"
)

log = structlog.get_logger(__name__)


class Turn(NamedTuple):
    """A batch, and the projection that folds it."""

    seat: Seat
    batch: Batch


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


class Folding:
    """Folds pages into projections that this connection leads.

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
            self._check({seat: batch.starts_after for seat, batch in turns})
            for seat, batch in turns:
                if batch.is_wanted:
                    seat.projection.fold(batch, self._rows)
            self._conn.execute(MOVE, (turns[0].batch.position, [seat.name for seat, _ in turns], self._log))
        for seat, batch in turns:
            seat.moved_past(batch)

    def _check(self, expected: dict[Seat, int]) -> None:
        found = self._conn.execute(PLACES, ([seat.name for seat in expected], self._log)).fetchall()
        places = {name: tuple(place) for name, *place in found}
        if any(places.get(seat.name) != (position, *seat.mark) for seat, position in expected.items()):
            raise Moved

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
        unit = batch.unit(seat.projection.unit)
        failure = Failure.of(batch.position, batch.types()[0], error)
        try:
            with self._conn.transaction():
                self._check({seat: batch.starts_after})
                parking.park(self._conn, seat.key, unit, failure)
                self._conn.execute(MOVE, (batch.position, [seat.name], self._log))
        except Moved:
            raise
        except Exception as refused:
            if self._conn.closed:
                raise
            self._stop(turn, refused)
            return False
        seat.left_out.units.add(unit)
        seat.moved_past(batch)
        _report("a unit is parked", seat, failure, unit=str(unit))
        return True

    def _stop(self, turn: Turn, error: Exception) -> None:
        _report("projection stopped", turn.seat, turn.seat.fail(self._conn, turn.batch, error))

    def try_parked(self, seat: Seat) -> None:
        """Fold the queues of the parked units that are due, each as far as it goes."""
        seat.is_due = False
        try:
            for unit, position in parking.due(self._conn, seat.key, list(seat.left_out.positions)):
                self._try_queue(seat, unit, position)
        except Moved:
            return

    def _try_queue(self, seat: Seat, unit: UUID, position: int) -> None:
        skipped = LeftOut(seat.projection.unit, (), seat.left_out.positions)
        is_last = False
        while not is_last:
            place = position, seat.position, self._most
            rows = parking.queue(self._conn, seat.projection, unit, place)
            is_last = len(rows) < self._most
            batch = Batch(Page(rows, self._memory), 0, len(rows), seat.projection.wants, skipped)
            if not self._fold_queue(seat, Queue(unit, batch, skipped, is_last)):
                return
            position = rows[-1][0] + 1 if rows else position
        seat.left_out.units.discard(unit)
        seat.left_out.skip(skipped.positions)
        log.info("a parked unit goes on", projection=seat.name, unit=str(unit))

    def _fold_queue(self, seat: Seat, queue: Queue) -> bool:
        """Fold part of a queue; when it fails, up to the event that cannot be folded."""
        unit, batch, skipped, is_last = queue
        try:
            self._commit_queue(seat, queue)
        except Moved:
            raise
        except Exception as error:
            if self._conn.closed:
                raise
            if not is_of_an_event(error):
                self._stop(Turn(seat, batch), error)
                return False
            if len(batch) > 1:
                first, rest = batch.halves()
                begins = Queue(unit, first, skipped, is_last=False)
                ends = Queue(unit, rest, skipped, is_last)
                return self._fold_queue(seat, begins) and self._fold_queue(seat, ends)
            failure = Failure.of(batch.position, batch.types()[0], error)
            parking.wait_on(self._conn, seat.key, unit, failure)
            log.warning("a unit stays parked", projection=seat.name, unit=str(unit), position=batch.position)
            return False
        return True

    def _commit_queue(self, seat: Seat, queue: Queue) -> None:
        unit, batch, skipped, is_last = queue
        with self._conn.transaction():
            self._check({seat: seat.position})
            parking.hold(self._conn, seat.key, unit)
            # Read while the row is held: a skip is appended by somebody who holds it.
            skipped.skip(parking.skips(self._conn, seat.name))
            if batch.is_wanted:
                seat.projection.fold(batch, self._rows)
            if is_last:
                parking.free(self._conn, seat.key, unit)
            else:
                parking.advance(self._conn, seat.key, unit, batch.position + 1)


def _report(what: str, seat: Seat, failure: Failure, **more: str) -> None:
    """One line and no traceback: the values in it may be a person's data (B06)."""
    log.error(what, projection=seat.name, **more, **msgspec.structs.asdict(failure))
