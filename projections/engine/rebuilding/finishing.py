"""A filled projection follows the live one, is compared with it, and takes its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from psycopg import Connection

from projections.engine import parking, tables
from projections.engine.projection import LIVE, NEXT, Projection
from projections.engine.rebuilding import comparing, records, swapping
from projections.engine.rebuilding.crew import Crew
from projections.engine.rebuilding.jobs import Hand, TakeDigest, connect
from projections.engine.rebuilding.records import Compared, Digest, Outcome
from projections.engine.rebuilding.swapping import Standing
from projections.engine.runner import Runner

FAR = 50_000
"""Events that live tables may be behind and still be compared with; beyond, nobody waits for them."""


class CannotFinish(Exception):
    """The new tables cannot take the place of the old ones."""


class Checked(NamedTuple):
    """What came of a comparison.

    Attributes:
        position: at which all digests were taken.
        tables: each of them.
    """

    position: int
    tables: tuple[Compared, ...]

    @property
    def differs(self) -> bool:
        """Whether there are rows that are not the same and ought to be."""
        return any(table.differing for table in self.tables)


def head(conn: Connection[Any]) -> int:
    """The last event there is."""
    row = conn.execute("SELECT position FROM log.head").fetchone()
    return row[0] if row else 0


def beside(conn: Connection[Any], projection: Projection) -> int | None:
    """Where the live tables are, if there are any to compare with; ``None`` also when they are far behind."""
    old = swapping.standing(conn, projection.name, LIVE.log)
    if old is None or old.definition is None or head(conn) - old.position > FAR:
        return None
    return old.position if tables.owned(conn, projection, LIVE.schema) else None


class Finishing:
    """Finishes one projection.

    Args:
        url: the service role's connection string.
        conn: holds the live tables while it must.
        projection: which.
        skips: the events that were left out when the tables were filled.
    """

    def __init__(
        self, url: str, conn: Connection[Any], projection: Projection, skips: frozenset[int]
    ) -> None:
        self._url = url
        self._conn = conn
        self._projection = projection
        self._skips = skips

    def finish(self, rebuild: int, hands: Crew[Hand], accept: str | None) -> Outcome:
        """Compare and swap, and record it.

        Raises:
            CannotFinish: the new tables do not come far enough, or are not those that are wanted any more.
            LockNotAvailable: somebody reads the old tables all the time.
        """
        with Runner(self._url, [self._projection], place=NEXT) as runner:
            checked = self._check(runner, hands)
            told = {"tables": checked.tables, "position": checked.position}
            if checked.differs and accept is None:
                records.end(self._conn, rebuild, Outcome.REFUSED, **told)
                return Outcome.REFUSED

            def attempt() -> None:
                self._follow(runner)
                with self._still(runner):
                    swapping.swap(self._conn, self._projection)
                    reason = accept if checked.differs else None
                    records.end(self._conn, rebuild, Outcome.SWAPPED, reason=reason, **told)

            swapping.patiently(attempt)
            return Outcome.SWAPPED

    def _follow(self, runner: Runner, upto: int | None = None) -> None:
        """Bring the new tables to a position, or to where the live ones are, or to the head without them."""
        if upto is None:
            upto = beside(self._conn, self._projection)
        if upto is None:
            upto = head(self._conn)
        runner.run_once(upto)
        new = swapping.standing(self._conn, self._projection.name, NEXT.log)
        if new is None or new.position < upto:
            raise CannotFinish(f"the new tables stop at {new.position if new else 0}: {new and new.failure}")

    @contextmanager
    def _still(self, runner: Runner) -> Iterator[Standing]:
        """A transaction in which the live tables do not move, and the new ones are no less far."""
        with self._conn.transaction():
            held = swapping.standing(self._conn, self._projection.name, LIVE.log, hold=True)
            if held is None:
                raise CannotFinish("nobody tracks it any more")
            self._follow(runner, held.position)
            if parking.skips(self._conn, self._projection.name) != self._skips:
                raise CannotFinish("an event was skipped meanwhile: rebuild it again")
            yield held

    def _check(self, runner: Runner, hands: Crew[Hand]) -> Checked:
        """Take the digests of all tables in one snapshot, in which old and new stand at one position."""
        self._follow(runner)
        with connect(self._url) as watch, watch.transaction():
            watch.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            with self._still(runner) as held:
                ((snapshot,),) = watch.execute("SELECT pg_export_snapshot()").fetchall()
            new = swapping.standing(watch, self._projection.name, NEXT.log)
            position = new.position if new else 0
            # Old tables that were far behind, and so were not waited for, have nothing to say.
            old_tables = (
                tables.owned(watch, self._projection, LIVE.schema) if held.position == position else []
            )
            places = [(NEXT.schema, table) for table in self._projection.tables]
            places += [(LIVE.schema, table) for table in old_tables]
            digests: dict[tuple[str, str], Digest] = {}
            for job, digest in hands.each([TakeDigest(*place, snapshot) for place in places]):
                digests[job.schema, job.table] = digest
            same = held.definition == self._projection.definition
            compared = [_compared(watch, table, digests, same=same) for table in self._projection.tables]
            return Checked(position, tuple(compared))


def _compared(
    conn: Connection[Any], table: str, digests: dict[tuple[str, str], Digest], *, same: bool
) -> Compared:
    """A table before and after; where both ought to be the same and are not, with the rows that differ."""
    old, new = digests.get((LIVE.schema, table)), digests[NEXT.schema, table]
    if not same or old is None or old == new:
        return Compared(table=table, old=old, new=new, differing=0 if same and old is not None else None)
    differing, shown = comparing.differences(conn, table)
    return Compared(table=table, old=old, new=new, differing=max(differing, 1), differences=shown)
