"""Moves projections along the log, in one process, on one connection.

The connection holds each projection's advisory lock, reads the log, writes rows and positions, and listens
for new events. So leadership and writing share one fate: who lost the lock cannot write, and what a dying
process left unfinished was never there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from threading import Event
from typing import Any

import msgspec
import psycopg
import structlog
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from application.log.failure import Failure
from application.log.listening import heard
from application.log.silence import SILENCE, end_silent
from application.log.stored import COLUMNS
from projections.engine.batch import Memory, Page
from projections.engine.folding import Folding
from projections.engine.garbage import collected_later
from projections.engine.projection import LIVE, Place, Projection
from projections.engine.seat import Seat
from projections.engine.unparking import Unparking

PAGE = f"SELECT {COLUMNS} FROM log.event WHERE position > %s ORDER BY position LIMIT %s"  # noqa: S608
LOOK = (
    "SELECT h.position, t.projection, t.position, t.definition, t.fence, EXISTS (SELECT FROM log.parked p "
    "WHERE p.projection = t.projection AND p.log = t.log AND p.retry_at <= clock_timestamp()) "
    "FROM log.head h LEFT JOIN log.tracking t ON t.log = %s AND t.projection = ANY(%s)"
)
SESSION = (
    "-c tcp_keepalives_idle=1 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=1 "
    "-c tcp_user_timeout=1000 -c client_connection_check_interval=500 "
    "-c idle_in_transaction_session_timeout=30s -c lock_timeout=30s"
)
"""How soon the server gives up a leader whose machine has gone, so that another one may lead."""
UNLOCK_ALL = "SELECT pg_advisory_unlock_all()"
LOST = (psycopg.OperationalError, psycopg.InterfaceError, OSError)

POLL = 0.5
"""Seconds between looks at the log when nobody says that something is there."""
STANDBY = 0.5
"""Seconds between tries to lead what another runner leads."""
LONGEST_BACKOFF = 5.0
REMEMBERED = 12_000

log = structlog.get_logger(__name__)


def leading(url: str) -> str:
    """The connection string of a runner: both ends soon notice that the other machine has gone."""
    options = f"{conninfo_to_dict(url).get('options') or ''} {SESSION}".strip()
    return make_conninfo(
        url,
        options=options,
        keepalives_idle=1,
        keepalives_interval=1,
        keepalives_count=2,
        tcp_user_timeout=2000,
    )


class Runner:
    """Folds events into projections, exactly once. Any number may run: each projection has one leader.

    Args:
        url: the service role's connection string.
        projections: what to keep up to date.
        batch: most events in one transaction.
        place: which tables.
        silence: how long a leader may say nothing until this one takes over.
    """

    def __init__(
        self,
        url: str,
        projections: Sequence[Projection],
        *,
        batch: int = 5000,
        place: Place = LIVE,
        silence: timedelta = SILENCE,
    ) -> None:
        self._url = url
        self._silence = silence
        self._batch = batch
        self._place = place
        self._seats = {projection.name: Seat(projection, place) for projection in projections}
        self._memory: Memory[Any, Any] = Memory(REMEMBERED)
        self._conn: Connection[Any] | None = None
        self._head = 0
        self._upto: int | None = None
        self._tried_at = float("-inf")

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give up every lead, at once where the database still answers."""
        conn, self._conn = self._conn, None
        for seat in self._seats.values():
            seat.leads = False
        if conn is not None:
            # The server gives the locks back by itself, but only some time after the connection is gone.
            with suppress(psycopg.Error, OSError):
                conn.execute(UNLOCK_ALL)
            conn.close()

    @property
    def leading(self) -> tuple[str, ...]:
        """The projections this runner leads now."""
        return tuple(name for name, seat in self._seats.items() if seat.leads)

    def run_once(self, upto: int | None = None) -> int:
        """Catch up with the head of the log, or up to a position, with what this runner can lead.

        Returns:
            The number of events read.

        Raises:
            psycopg.OperationalError: the database does not answer.
        """
        self._upto = upto
        try:
            return self._catch_up(Event())
        finally:
            self._upto = None

    def run_forever(self, stop: Event) -> None:
        """Follow the log until ``stop`` is set; a lost database is waited for."""
        backoff = 0.1
        while not stop.is_set():
            try:
                self._catch_up(stop)
                self._listen()
                backoff = 0.1
            except LOST as error:
                log.warning("projections wait for the database", reason=str(error).partition("\n")[0])
                self.close()
                stop.wait(backoff)
                backoff = min(backoff * 2, LONGEST_BACKOFF)
        self.close()

    def _catch_up(self, stop: Event) -> int:
        conn = self._connected()
        read = 0
        while not stop.is_set():
            with collected_later():
                read += self._step(conn)
            if not any(seat.is_ready and seat.has_work(self._head) for seat in self._seats.values()):
                break
        return read

    def _connected(self) -> Connection[Any]:
        if self._conn is not None and not self._conn.closed:
            return self._conn
        self.close()
        conn = psycopg.connect(
            leading(self._url), autocommit=True, connect_timeout=5, application_name="aftersales projections"
        )
        try:
            # What a crash of the server takes back, it takes back together with the position.
            conn.execute("SET synchronous_commit = off")
            conn.execute(f"SET search_path = {self._place.schema}")
            conn.execute("LISTEN log")
        except BaseException:
            conn.close()
            raise
        self._conn = conn
        self._folding = Folding(conn, self._batch, self._place)
        self._unparking = Unparking(conn, self._memory, self._batch, self._place)
        self._tried_at = float("-inf")
        return conn

    def _listen(self) -> None:
        conn = self._connected()
        if not heard(conn):
            for _ in conn.notifies(timeout=POLL, stop_after=1):
                pass

    def _step(self, conn: Connection[Any]) -> int:
        """One page for every position at which a ready projection stands."""
        self._look(conn)
        places: dict[int, list[Seat]] = {}
        for seat in self._seats.values():
            if seat.is_ready and seat.is_due:
                self._unparking.try_parked(seat)
            if seat.is_ready and seat.position < self._head:
                places.setdefault(seat.position, []).append(seat)
        read = 0
        for position, seats in places.items():
            reach = min(self._batch, self._head - position, *(seat.reach for seat in seats))
            rows = conn.execute(PAGE, (position, reach), binary=True).fetchall()
            if rows:
                self._folding.take(seats, Page(rows, self._memory))
                read += len(rows)
        for seat in self._seats.values():
            if seat.leads and seat.position == self._head:
                seat.measure(conn)
        return read

    def _look(self, conn: Connection[Any]) -> None:
        """Where the log and everybody's positions are; take the lead of what is free."""
        tracked: dict[str, tuple[int, str | None, int]] = {}
        found = conn.execute(LOOK, (self._place.log, list(self._seats))).fetchall()
        for head, name, position, definition, fence, due in found:
            self._head = head if self._upto is None else min(head, self._upto)
            tracked[name] = position, definition, fence
            if due:
                self._seats[name].is_due = True
        for name, seat in self._seats.items():
            if seat.leads:
                seat.position, definition, fence = tracked.get(name, (0, None, 0))
                if (definition, fence) != seat.mark:
                    seat.step_down(conn, definition)
                    self._tried_at = float("-inf")
                    log.warning("the projection was taken over", projection=name, definition=definition)
            elif seat.superseded:
                seat.superseded = tracked[name][1] not in {None, seat.projection.definition}
        if time.monotonic() - self._tried_at >= STANDBY:
            self._tried_at = time.monotonic()
            for seat in (standing := self._standing_by()):
                self._lead(conn, seat)
            if led := [seat.lock for seat in standing if not seat.leads]:
                end_silent(conn, led, self._silence)

    def _standing_by(self) -> list[Seat]:
        return [seat for seat in self._seats.values() if not seat.leads and not seat.superseded]

    def _lead(self, conn: Connection[Any], seat: Seat) -> None:
        try:
            seat.lead(conn)
        except psycopg.Error as error:
            if conn.closed:
                raise
            failure = seat.refuse(conn, error)
            _report("projection cannot be made", seat, failure)


def _report(what: str, seat: Seat, failure: Failure) -> None:
    """One line and no traceback: the values in it may be a person's data (B06)."""
    log.error(what, projection=seat.name, **msgspec.structs.asdict(failure))
