"""One projection's place in a runner: whether it leads, how far it is, when it may try again."""

from __future__ import annotations

import time
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from application.log.failure import FAIL, Failure
from projections.engine import parking, tables
from projections.engine.batch import Batch, LeftOut, Page
from projections.engine.projection import LIVE, Place, Projection

FIRST_BATCH = 500
MEASURED_AFTER = 5000
"""Events after which the planner's picture of young tables is too old. That of old ones is so after half
of what they show, for measuring them takes a moment in which nothing is folded."""
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0

TRACKED = "SELECT position, definition FROM log.tracking WHERE projection = %s AND log = %s FOR UPDATE"
FENCE = "UPDATE log.tracking SET fence = fence + 1 WHERE projection = %s AND log = %s RETURNING fence"
LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"


class Moved(Exception):
    """Somebody else changed the tracking row: another leader, a rebuild, or another release."""


class Seat:
    """What a runner knows of one projection. The truth is the tracking row, looked at in every transaction.

    Args:
        projection: which.
        place: which of its tables.

    Attributes:
        key: what it is tracked by.
        lock: the text that is hashed into its advisory lock.
        leads: whether this runner's connection holds the projection's lock.
        position: how far it has read.
        fence: the number under which this leader writes; once it is raised by another, nothing more.
        left_out: what is parked, and what is skipped.
        is_due: whether something that is parked is to be tried now.
        reach: the most events in its next batch.
    """

    def __init__(self, projection: Projection, place: Place = LIVE) -> None:
        self.projection = projection
        self.key = projection.name, place.log
        self.lock = f"{place.lock} {projection.name}"
        self.leads = False
        self.superseded = False
        self.position = 0
        self.fence = 0
        self.left_out = LeftOut()
        self.is_due = False
        self.reach = FIRST_BATCH
        self._unmeasured = 0
        self._wait = FIRST_WAIT
        self._again_at = 0.0

    @property
    def name(self) -> str:
        """What the projection is called."""
        return self.projection.name

    @property
    def is_ready(self) -> bool:
        """Whether it may fold now: it leads, and is not waiting after a failure."""
        return self.leads and time.monotonic() >= self._again_at

    def has_work(self, head: int) -> bool:
        """Whether there is anything to fold, when the log ends there; what comes later is told of."""
        return self.is_due or self.position < head

    @property
    def mark(self) -> tuple[str, int]:
        """What the tracking row must say beside the position, for this leader to write."""
        return self.projection.definition, self.fence

    def lead(self, conn: Connection[Any]) -> None:
        """Try to become the leader; make the tables when there are none.

        Those of another definition are left alone until a rebuild has put this one's in their place.

        Whatever is parked is tried at once: a new leader is what a mended release begins with.
        """
        row = conn.execute(LOCK, (self.lock,)).fetchone()
        if row != (True,):
            return
        try:
            conn.execute(tables.BEGIN, self.key)
            with conn.transaction():
                position, definition = self._tracked(conn)
                self.superseded = definition not in {None, self.projection.definition}
                if not self.superseded:
                    if definition is None or tables.are_missing(conn, self.projection):
                        tables.make(conn, self.projection, self.key[1])
                        position = 0
                    self._sit_down(conn, position)
        except BaseException:
            if not conn.closed:
                conn.execute(UNLOCK, (self.lock,))
            raise
        if self.superseded:
            conn.execute(UNLOCK, (self.lock,))
            return
        self.leads = True

    def _sit_down(self, conn: Connection[Any], position: int) -> None:
        row = conn.execute(FENCE, self.key).fetchone()
        self.fence = row[0] if row else 0
        self.position = position
        units, skips = parking.parked(conn, self.key), parking.skips(conn, self.name)
        self.left_out = LeftOut(units, skips)
        self.is_due = bool(units)
        parking.try_all(conn, self.key)

    def step_down(self, conn: Connection[Any], definition: str | None) -> None:
        """Give the lead up: another leads, or another release's definition is in place, or none at all."""
        conn.execute(UNLOCK, (self.lock,))
        self.leads = False
        self.superseded = definition not in {None, self.projection.definition}

    def _tracked(self, conn: Connection[Any]) -> tuple[int, str | None]:
        row = conn.execute(TRACKED, self.key).fetchone()
        if row is None:
            raise Moved
        return row[0], row[1]

    def batch(self, page: Page) -> Batch:
        """A page, as this projection sees it: without what is parked or skipped."""
        return Batch(page, 0, len(page.rows), self.projection.wants, self.left_out)

    def moved_past(self, batch: Batch) -> None:
        """A batch is folded and committed."""
        self.position = batch.position
        self._unmeasured += len(batch)
        self._wait = FIRST_WAIT

    def learn_skips(self, conn: Connection[Any]) -> None:
        """Look which events are to be left out; what waits behind one of them may be tried."""
        self.left_out.skip(parking.skips(conn, self.name))
        self.is_due = bool(self.left_out.units)

    def measure(self, conn: Connection[Any]) -> None:
        """Tell the planner how large the tables have become, after a rebuild above all."""
        if self._unmeasured >= max(MEASURED_AFTER, self.position // 2):
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
        conn.execute(FAIL, (failure.stored, *self.key))
        return failure
