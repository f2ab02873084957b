"""The ``eventsourcing`` library's recorders on this log's tables.

They read with the library's own connection pool and append through the one writer. Tables come from the
migrations only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from eventsourcing.persistence import Notification, ProcessRecorder, StoredEvent, Tracking
from eventsourcing.postgres import (
    PostgresAggregateRecorder,
    PostgresApplicationRecorder,
    PostgresDatastore,
    PostgresSubscription,
    PostgresTrackingRecorder,
)
from psycopg import Connection, Cursor
from psycopg.rows import DictRow, dict_row, tuple_row
from psycopg.sql import SQL
from psycopg_pool import ConnectionPool

from application.log.append import Append, Progress
from application.log.stored import COLUMNS, LogEvent
from application.log.writer_thread import WriterThread

POLL = 0.1
"""Seconds between looks at the log when nobody says that something is there."""


class LogDatastore(PostgresDatastore):
    """The library's datastore on a connection string, so that roles and options in it are honoured."""

    def __init__(self, url: str, **kwargs: Any) -> None:
        super().__init__("", "", "", "", "", schema="log", **kwargs)
        self.url = url
        self.writer = WriterThread(url)
        self.pool = cast(
            Any,
            ConnectionPool(
                url,
                connection_class=Connection[DictRow],
                kwargs={"row_factory": dict_row},
                min_size=1,
                max_size=10,
                open=False,
                configure=self.after_connect_func(),
                timeout=30,
            ),
        )

    def close(self) -> None:
        """Close the pool and the writer."""
        if hasattr(self, "writer"):
            self.writer.close()
        super().close()


class LogSubscription(PostgresSubscription):
    """The library's subscription, but it looks again once it listens and when it has heard nothing for long.

    By itself it misses what is recorded between its first look and its LISTEN until the next notification;
    and the log's writer, which sends that after the commit, may die in between.
    """

    _recorder: LogRecorder

    def _listen(self) -> None:
        try:
            with self._recorder.datastore.get_connection() as conn:
                conn.execute("LISTEN log")
                while not self._has_been_stopped and not self._thread_error:
                    self._has_been_notified.set()
                    for _ in conn.notifies(timeout=POLL, stop_after=1):
                        pass
        except BaseException as error:
            if self._thread_error is None:
                self._thread_error = error
            self.stop()


class LogRecorder(PostgresApplicationRecorder):
    """The library's application recorder on ``log.event``: gapless positions, no table lock, no retry.

    A lost connection is not retried here: the writer finds out whether the events are in the log.
    """

    datastore: LogDatastore

    def __init__(self, datastore: LogDatastore, *, events_table_name: str = "event", **kwargs: Any) -> None:
        super().__init__(datastore, events_table_name=events_table_name, **kwargs)
        self.channel_name = "log"

    def create_table(self) -> None:
        """Nothing: tables come from the migrations."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Append events and return their positions.

        Raises:
            IntegrityError: a version is taken (``VersionConflict``).
            OperationalError: the database does not answer (``LogUnavailable``).
        """
        progress = self._progress(kwargs.get("tracking"))
        if not stored_events and progress is None:
            return None
        events = tuple(LogEvent.of(stored) for stored in stored_events)
        return list(self.datastore.writer.append(Append(events, progress=progress)).positions)

    def _progress(self, tracking: Tracking | None) -> Progress | None:  # noqa: ARG002 - the process recorder has one
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of a stream in version order."""
        query = SQL(
            "SELECT {columns} FROM log.event WHERE stream_id = %s AND version > %s AND version <= %s "
            "ORDER BY version {order} LIMIT %s"
        ).format(columns=SQL(COLUMNS), order=SQL("DESC" if desc else "ASC"))
        return self._read(query, (originator_id, -1 if gt is None else gt, lte or 2**62, limit))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The events from a position on, in the order they were committed."""
        after = -1 if start is None else start - (1 if inclusive_of_start else 0)
        query = SQL(
            "SELECT {columns} FROM log.event WHERE position > %s AND position <= %s {topics} "
            "ORDER BY position LIMIT %s"
        ).format(columns=SQL(COLUMNS), topics=SQL("AND type = ANY(%s)" if topics else ""))
        wanted = [list(topics)] if topics else []
        return self._read(query, (after, 2**62 if stop is None else stop, *wanted, limit))

    def _read(self, query: Any, params: Sequence[object]) -> list[LogEvent]:
        with self.datastore.get_connection() as conn, conn.cursor(row_factory=tuple_row, binary=True) as rows:
            return [LogEvent.from_row(cast(Any, row)) for row in rows.execute(query, params, prepare=True)]

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> LogSubscription:
        """The events that follow a position, those yet to come included."""
        return LogSubscription(recorder=self, gt=gt, topics=topics)

    def max_notification_id(self) -> int | None:
        """The position of the last event, ``None`` when the log is empty."""
        with self.datastore.get_connection() as conn:
            row = conn.execute("SELECT position FROM log.head").fetchone()
            return row["position"] or None if row else None


class SnapshotRecorder(PostgresAggregateRecorder):
    """The library's aggregate recorder on ``log.snapshot``."""

    def __init__(self, datastore: PostgresDatastore, *, events_table_name: str = "snapshot") -> None:  # noqa: ARG002
        super().__init__(datastore, events_table_name="snapshot")
        self.insert_events_statement = SQL(
            "INSERT INTO log.snapshot (originator_id, originator_version, topic, state) "
            "SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::bytea[])"
        )  # pyright: ignore[reportAttributeAccessIssue]

    def create_table(self) -> None:
        """Nothing: tables come from the migrations."""

    def _insert_stored_events(
        self, curs: Cursor[DictRow], stored_events: Sequence[StoredEvent], **_: Any
    ) -> None:
        rows = [(e.originator_id, e.originator_version, e.topic, e.state) for e in stored_events]
        curs.execute(self.insert_events_statement, [list(column) for column in zip(*rows, strict=True)])


class TrackingRecorder(PostgresTrackingRecorder):
    """The library's tracking recorder on ``log.tracking``, one row per projection and log."""

    def __init__(self, datastore: PostgresDatastore, *, tracking_table_name: str = "library", **kwargs: Any):
        super().__init__(datastore, tracking_table_name=tracking_table_name, **kwargs)
        projection = SQL("{}").format(tracking_table_name)
        self.insert_tracking_statement = SQL(
            "INSERT INTO log.tracking AS t (projection, log, position) "
            "VALUES ({projection}, %(application_name)s, %(notification_id)s) "
            "ON CONFLICT (projection, log) DO UPDATE "
            "SET position = %(notification_id)s, moved_at = now() WHERE t.position < %(notification_id)s "
            "RETURNING position AS notification_id"
        ).format(projection=projection)
        self.max_tracking_id_statement = SQL(
            "SELECT max(position) FROM log.tracking WHERE projection = {projection} AND log = %s"
        ).format(projection=projection)

    def create_table(self) -> None:
        """Nothing: tables come from the migrations."""


class LogProcessRecorder(TrackingRecorder, LogRecorder, ProcessRecorder):
    """Events and the position they answer to, in one transaction: a reaction acts once."""

    def __init__(
        self,
        datastore: LogDatastore,
        *,
        events_table_name: str = "event",
        tracking_table_name: str = "library",
    ) -> None:
        super().__init__(
            datastore, tracking_table_name=tracking_table_name, events_table_name=events_table_name
        )

    def _progress(self, tracking: Tracking | None) -> Progress | None:
        if tracking is None:
            return None
        return Progress(self.tracking_table_name, tracking.application_name, tracking.notification_id)
