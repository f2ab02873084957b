"""One projection's place in a runner: whether it leads, how far it is, when it may try again."""

from __future__ import annotations

import time
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from application.log.failure import FAIL, Failure
from projections.engine import tables
from projections.engine.batch import Batch
from projections.engine.projection import LIVE, Place, Projection

FIRST_BATCH = 500
MEASURED_AFTER = 5000
"""Events after which the planner's picture of the tables is too old; autovacuum does it more seldom."""
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0

TRACKED = "SELECT position, definition FROM log.tracking WHERE projection = %s AND log = %s FOR UPDATE"
BEGIN = (
    "INSERT INTO log.tracking (projection, log, position) VALUES (%s, %s, 0) "
    "ON CONFLICT (projection, log) DO NOTHING"
)
MOVE = (
    "UPDATE log.tracking SET position = %s, moved_at = clock_timestamp(), failure = NULL "
    "WHERE projection = %s AND log = %s"
)
LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"


class Moved(Exception):
    """Somebody else changed the tracking row: a rebuild, or another release."""


class Seat:
    """What a runner knows of one projection. The truth is the tracking row, looked at in every transaction.

    Attributes:
        leads: whether this runner's connection holds the projection's lock.
        position: how far it has read.
        reach: the most events in its next batch.
    """

    def __init__(self, projection: Projection, place: Place = LIVE) -> None:
        self.projection = projection
        self._log = place.log
        self._lock = f"{place.lock} {projection.name}"
        self.leads = False
        self.superseded = False
        self.position = 0
        self.reach = FIRST_BATCH
        self._unmeasured = 0
        self._led_before = False
        self._wait = FIRST_WAIT
        self._again_at = 0.0

    @property
    def is_ready(self) -> bool:
        """Whether it may fold now: it leads, and is not waiting after a failure."""
        return self.leads and time.monotonic() >= self._again_at

    def lead(self, conn: Connection[Any]) -> None:
        """Try to become the leader; make or remake the tables when they are not this definition's."""
        name = self.projection.name
        row = conn.execute(LOCK, (self._lock,)).fetchone()
        if row != (True,):
            return
        try:
            conn.execute(BEGIN, (name, self._log))
            with conn.transaction():
                position, definition = self._tracked(conn)
                changed = definition != self.projection.definition
                self.superseded = changed and definition is not None and self._led_before
                if not self.superseded and (changed or tables.are_missing(conn, self.projection)):
                    tables.make(conn, self.projection, self._log)
                    position = 0
        except BaseException:
            if not conn.closed:
                conn.execute(UNLOCK, (self._lock,))
            raise
        if self.superseded:
            conn.execute(UNLOCK, (self._lock,))
            return
        self.position = position
        self.leads = self._led_before = True

    def step_down(self, conn: Connection[Any], definition: str | None) -> None:
        """Give the lead up: another release's definition is in place, or none at all."""
        conn.execute(UNLOCK, (self._lock,))
        self.leads = False
        self.superseded = definition is not None

    def _tracked(self, conn: Connection[Any]) -> tuple[int, str | None]:
        row = conn.execute(TRACKED, (self.projection.name, self._log)).fetchone()
        if row is None:
            raise Moved
        return row[0], row[1]

    def commit(self, conn: Connection[Any], batch: Batch, rows: Any) -> None:
        """Fold a batch and move on, in one transaction.

        Raises:
            Moved: the tracking row is not where this runner left it; nothing was written.
            Exception: whatever the fold raised; nothing was written.
        """
        with conn.transaction():
            if self._tracked(conn) != (batch.starts_after, self.projection.definition):
                raise Moved
            self.projection.fold(batch, rows)
            conn.execute(MOVE, (batch.position, self.projection.name, self._log))
        self.position = batch.position
        self._unmeasured += len(batch)
        self._wait = FIRST_WAIT

    def measure(self, conn: Connection[Any]) -> None:
        """Tell the planner how large the tables have become, after a rebuild above all."""
        if self._unmeasured >= MEASURED_AFTER:
            for table in self.projection.tables:
                conn.execute(SQL("ANALYZE {}").format(Identifier(table)))
            self._unmeasured = 0

    def fail(self, conn: Connection[Any], batch: Batch, error: Exception) -> Failure:
        """Record why the first event of a batch cannot be folded, and wait before trying it again."""
        self._again_at = time.monotonic() + self._wait
        self._wait = min(self._wait * 2, LONGEST_WAIT)
        self.reach = 1
        return self._record(conn, batch.starts_after + 1, batch.types()[0], error)

    def refuse(self, conn: Connection[Any], error: Exception) -> Failure:
        """Record why the tables cannot be made."""
        return self._record(conn, 0, "", error)

    def _record(self, conn: Connection[Any], position: int, kind: str, error: Exception) -> Failure:
        failure = Failure.of(position, kind, error)
        conn.execute(FAIL, (failure.stored, self.projection.name, self._log))
        return failure
