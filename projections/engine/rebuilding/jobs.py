"""What the processes of a rebuild are asked to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Literal

from application.log.failure import Failure
from projections.engine.garbage import collected_later
from projections.engine.projection import NEXT, Projection
from projections.engine.rebuilding import comparing, records
from projections.engine.rebuilding.loading import Loader, Plan
from projections.engine.rebuilding.records import Digest

SESSION = (
    # What a crash of the server takes back, the next rebuild throws away anyway.
    "SET synchronous_commit = off",
    "SET maintenance_work_mem = '64MB'",
    "SET work_mem = '32MB'",
    # There is a process for each core already.
    "SET max_parallel_workers_per_gather = 0",
    "SET max_parallel_maintenance_workers = 0",
)


def connect(url: str) -> Connection[Any]:
    """A connection that finds the new tables."""
    conn = psycopg.connect(url, autocommit=True, connect_timeout=5, application_name="aftersales rebuild")
    conn.execute(f"SET search_path = {NEXT.schema}")
    for setting in SESSION:
        conn.execute(setting)
    return conn


class Hand:
    """What one process has: its connection, and what all of them know.

    Args:
        url: the service role's connection string.
        projections: what is rebuilt, by name.
        ids: the rebuilds, as they are recorded.
        plan: how the log is cut.
    """

    def __init__(
        self, url: str, projections: Mapping[str, Projection], ids: Sequence[int], plan: Plan
    ) -> None:
        self.conn = connect(url)
        self.loader = Loader(self.conn, plan)
        self._projections = projections
        self._ids = ids

    def load(self, names: Sequence[str], how: Callable[[Loader, list[Projection]], int]) -> int:
        """Load in a transaction, before whose end nobody can shut this rebuild out."""
        with collected_later(), self.conn.transaction():
            records.hold(self.conn, self._ids)
            return how(self.loader, [self._projections[name] for name in names])


class Loaded(NamedTuple):
    """What came of loading.

    Attributes:
        events: how many were read.
        failures: by projection, why it could not be loaded.
    """

    events: int
    failures: Mapping[str, str]


class Load(NamedTuple):
    """Do something to the new tables of these projections.

    Attributes:
        how: a method of ``Loader``, with what it needs besides them.
    """

    names: tuple[str, ...]
    how: Callable[[Loader, list[Projection]], int]

    def do(self, hand: Hand) -> Loaded:
        """Load all of them at once, or one by one when that fails, so that one does not stop the others."""
        try:
            return Loaded(hand.load(self.names, self.how), {})
        except records.Abandoned:
            raise
        except Exception as error:
            if hand.conn.closed:
                raise
            if len(self.names) == 1:
                failure = Failure.of(0, "", error)
                return Loaded(0, {self.names[0]: f"{failure.error}: {failure.message}"})
        apart = [Load((name,), self.how).do(hand) for name in self.names]
        failures = {name: why for each in apart for name, why in each.failures.items()}
        return Loaded(max(each.events for each in apart), failures)


class TakeDigest(NamedTuple):
    """Take the digest of a table in a snapshot that somebody holds."""

    schema: str
    table: str
    snapshot: str

    def do(self, hand: Hand) -> Digest:
        """Read the table."""
        with hand.conn.transaction():
            hand.conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            hand.conn.execute(SQL("SET TRANSACTION SNAPSHOT {}").format(Literal(self.snapshot)))
            return comparing.digest(hand.conn, self.schema, self.table)
