"""New tables are filled in bulk: bare, then with their indexes, by as many processes as there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from psycopg import Connection

from projections.engine.projection import NEXT, Projection
from projections.engine.rebuilding import bare
from projections.engine.rebuilding.crew import Crew
from projections.engine.rebuilding.jobs import Hand, Load, Loaded
from projections.engine.rebuilding.loading import Loader, Plan

Tell = Callable[[str, int, int], None]
"""Told the phase, how much of it is done and how much there is."""

LOADED = (
    "UPDATE log.tracking SET position = %s, moved_at = clock_timestamp() WHERE projection = %s AND log = %s"
)


class Filling:
    """Loads the log up to a position into new tables.

    Args:
        conn: makes the tables.
        hands: load them.
        plan: how the log is cut.
        tell: is told how far it is.

    Attributes:
        failures: by projection, why it cannot be loaded in bulk.
    """

    def __init__(self, conn: Connection[Any], hands: Crew[Hand], plan: Plan, tell: Tell) -> None:
        self._conn = conn
        self._hands = hands
        self._plan = plan
        self._tell = tell
        self._read = 0
        self.failures: dict[str, str] = {}

    def fill(self, projections: Sequence[Projection]) -> None:
        """Make the tables and load them. Those of a projection that fails are made again, and stay empty."""
        indexes: list[bare.Index] = []
        for projection in projections:
            bare.make(self._conn, projection)
            indexes += bare.strip(self._conn, projection)
        self._load(projections)
        # First, because the server makes a hash index as large as it believes its table to be.
        self._do(
            "measuring",
            (_run(each.name, f"ANALYZE {table}") for each in projections for table in each.tables),
        )
        keys_first = sorted(indexes, key=lambda index: not index.is_key)
        self._do("making indexes", (_run(index.projection, index.statement) for index in keys_first))
        self._load_long(projections)
        for projection in projections:
            if projection.name in self.failures:
                bare.make(self._conn, projection)
            else:
                self._conn.execute(LOADED, (self._plan.position, projection.name, NEXT.log))

    def _load(self, projections: Sequence[Projection]) -> None:
        by_sql = (Load((each.name,), Loader.load_by_sql) for each in projections if each.by_sql)
        names = _by_stream(projections)
        spans = [Load(names, partial(Loader.load, span=span)) for span in self._plan.spans if names]
        self._do("loading", [*by_sql, *spans], self._plan.position)

    def _load_long(self, projections: Sequence[Projection]) -> None:
        names = _by_stream(projections)
        if not names:
            return
        long = [Load(names, partial(Loader.load_long, stream=stream)) for stream in self._plan.long]
        self._do("loading long streams", long)
        if self._read != self._plan.position:
            lost = f"{self._read} of {self._plan.position} events were found"
            self.failures = dict.fromkeys(names, lost) | self.failures

    def _do(self, phase: str, loads: Iterable[Load], events: int | None = None) -> None:
        """Do jobs, without the projections that have failed by then."""
        asked = list(loads)
        for done, (_, answer) in enumerate(self._hands.each(self._still_wanted(asked)), 1):
            loaded: Loaded = answer
            self._read += loaded.events
            self.failures |= loaded.failures
            self._tell(phase, *((self._read, events) if events is not None else (done, len(asked))))

    def _still_wanted(self, loads: Iterable[Load]) -> Iterator[Load]:
        for load in loads:
            names = tuple(name for name in load.names if name not in self.failures)
            if names:
                yield load._replace(names=names)


def _by_stream(projections: Sequence[Projection]) -> tuple[str, ...]:
    return tuple(each.name for each in projections if not each.by_sql)


def _run(name: str, statement: str) -> Load:
    return Load((name,), partial(Loader.run, statement=statement))  # type: ignore[arg-type]
