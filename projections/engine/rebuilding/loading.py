"""The log read stream by stream: whole streams are folded at once, and their rows written by COPY.

Folds depend on the order within a stream and on nothing across streams, so a stream can be folded from its
first event to its last whenever it comes. Then every ticket is worked out once however its events lie among
those of others, nothing has to be looked up or replaced, and memory is that of one span of streams.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, ClassVar, LiteralString, NamedTuple
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from application.log.stored import COLUMNS, Row
from projections.engine import parking
from projections.engine.batch import Batch, LeftOut, Memory, Page
from projections.engine.projection import Projection
from projections.engine.rows import R, Rows, Shape

SPAN = 10_000
"""Events of a span; the rest of its last stream comes on top of them."""

LONG = 50_000
"""Events beyond which a stream is folded piece by piece, once the indexes are there."""

PIECE = 5_000
"""Events of such a piece."""

REMEMBERED = 20_000

SAMPLES = 100
"""Events of a span that are looked at to know where it ends."""

SAMPLED: LiteralString = (
    "SELECT stream_id, count(*) FROM log.event WHERE position = ANY(%b::bigint[]) "
    "GROUP BY stream_id ORDER BY stream_id"
)
LENGTHS: LiteralString = (
    "SELECT stream_id, (SELECT max(version) FROM log.event AS last WHERE last.stream_id = found.stream_id) "
    "FROM unnest(%b::uuid[]) AS found (stream_id) ORDER BY stream_id"
)
WHOLE: LiteralString = (
    f"SELECT {COLUMNS} FROM log.event WHERE stream_id > %s AND stream_id <= %s AND position <= %s "  # noqa: S608
    "AND stream_id <> ALL(%s) ORDER BY stream_id, version"
)
PART: LiteralString = (
    f"SELECT {COLUMNS} FROM log.event WHERE stream_id = %s AND version > %s AND position <= %s "  # noqa: S608
    "ORDER BY version LIMIT %s"
)
NIL, OMEGA = UUID(int=0), UUID(int=2**128 - 1)


class Span(NamedTuple):
    """Whole streams: those after ``after``, up to ``last``."""

    after: UUID
    last: UUID


class Plan(NamedTuple):
    """How the log is cut.

    Attributes:
        position: the last event that is loaded.
        spans: of streams that are not long.
        long: the streams that are.
        skips: for each projection the events it leaves out.
    """

    position: int
    spans: tuple[Span, ...]
    long: tuple[UUID, ...]
    skips: Mapping[str, frozenset[int]]


def plan(
    conn: Connection[Any], projections: Sequence[Projection], position: int, *, span: int, long: int
) -> Plan:
    """Cut the log up to a position into spans of about so many events: a sample says where."""
    skips = {each.name: frozenset(parking.skips(conn, each.name)) for each in projections}
    every = max(span // SAMPLES, 1)
    found = conn.execute(SAMPLED, [_sample(position, every)], binary=True).fetchall()
    # A sample that holds half as many of a stream's events as one of a long stream should is no chance.
    often = [stream for stream, times in found if times * every * 2 > long]
    lengths = conn.execute(LENGTHS, [often], binary=True).fetchall()
    return Plan(
        position,
        tuple(_spans(found, max(span // every, 1))),
        tuple(stream for stream, events in lengths if events > long),
        skips,
    )


def _sample(position: int, every: int) -> list[int]:
    """One position out of every so many: any of them, as a log may repeat itself; the same each time."""
    anywhere = Random(position)  # noqa: S311
    return [
        anywhere.randint(first, min(first + every - 1, position)) for first in range(1, position + 1, every)
    ]


def _spans(sampled: Iterable[tuple[UUID, int]], size: int) -> Iterator[Span]:
    after, within = NIL, 0
    for stream, times in sampled:
        within += times
        if within >= size:
            yield Span(after, stream)
            after, within = stream, 0
    yield Span(after, OMEGA)


class NewRows(Rows):
    """Tables that hold nothing yet of the streams whose rows are written: kept, then copied in."""

    are_new: ClassVar[bool] = True

    def __init__(self, conn: Connection[Any], shapes: dict[str, Shape]) -> None:
        super().__init__(conn, shapes)
        self._kept: list[tuple[str, list[msgspec.Struct]]] = []

    def find(self, kind: type[R], table: str, keys: Iterable[object]) -> dict[Any, R]:  # noqa: ARG002
        """Nothing."""
        return {}

    def drop(self, table: str, keys: Iterable[object]) -> None:
        """Nothing is there to be deleted."""

    def drop_of(self, table: str, column: str, values: Iterable[object]) -> None:
        """Nothing is there to be deleted."""

    def _write(self, table: str, rows: list[msgspec.Struct], *, replace: bool) -> None:  # noqa: ARG002
        if rows:
            self._kept.append((table, rows))

    def copy(self) -> None:
        """Send what was written to the tables."""
        for table, rows in self._kept:
            columns = rows[0].__struct_fields__
            types = self.shape(table).types
            statement = SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
                Identifier(table), SQL(", ").join(map(Identifier, columns))
            )
            with self.conn.cursor() as cursor, cursor.copy(statement) as copy:
                copy.set_types([types[column] for column in columns])
                write = copy.write_row
                for row in map(msgspec.structs.astuple, rows):
                    write(row)


class LoadedBatch(Batch):
    """Whole streams, or a piece of one, out of the order of the log.

    Args:
        page: the events.
        projection: who folds them.
        position: up to where the log is loaded.
    """

    def __init__(self, page: Page, projection: Projection, position: int, skips: frozenset[int]) -> None:
        super().__init__(page, 0, len(page.rows), projection.wants, LeftOut((), skips))
        self._position = position

    @property
    def starts_after(self) -> int:
        """The beginning of the log: any row may be new."""
        return 0

    @property
    def position(self) -> int:
        """Up to where the log is loaded."""
        return self._position

    @property
    def only(self) -> list[int] | None:
        """Nothing, as far as the log goes."""
        return None


class Loader:
    """Folds streams into new tables, on one connection.

    Args:
        conn: finds the new tables by its ``search_path``.
        plan: how the log is cut.
    """

    def __init__(self, conn: Connection[Any], plan: Plan) -> None:
        self._conn = conn
        self._plan = plan
        self._shapes: dict[str, Shape] = {}

    def load(self, projections: Sequence[Projection], span: Span) -> int:
        """Fold whole streams into tables without any rows of theirs.

        Returns:
            The number of events.

        Raises:
            Exception: whatever a fold raised; nothing was written.
        """
        place = *span, self._plan.position, list(self._plan.long)
        rows = self._conn.execute(WHOLE, place, binary=True).fetchall()
        page = Page(rows, Memory(REMEMBERED))
        folded: list[NewRows] = []
        for projection in projections:
            folded.append(NewRows(self._conn, self._shapes))
            projection.fold(self._batch(projection, page), folded[-1])
        for new in folded:
            new.copy()
        return len(rows)

    def load_long(self, projections: Sequence[Projection], stream: UUID) -> int:
        """Fold one stream piece by piece into tables with indexes; see ``load``."""
        tables = Rows(self._conn)
        memory: Memory[Any, Any] = Memory(REMEMBERED)
        version, read = 0, 0
        while rows := self._piece(stream, version):
            page = Page(rows, memory)
            for projection in projections:
                projection.fold(self._batch(projection, page), tables)
            version, read = rows[-1][2], read + len(rows)
        return read

    def _piece(self, stream: UUID, version: int) -> list[Row]:
        place = stream, version, self._plan.position, PIECE
        return self._conn.execute(PART, place, binary=True).fetchall()

    def load_by_sql(self, projections: Sequence[Projection]) -> int:
        """Fold the whole log into the tables of projections that do so inside the database."""
        for projection in projections:
            page = Page((), Memory(0))
            projection.fold(self._batch(projection, page), NewRows(self._conn, self._shapes))
        return 0

    def run(self, projections: Sequence[Projection], statement: LiteralString) -> int:  # noqa: ARG002
        """Send a statement, such as one that makes an index of a projection's table."""
        self._conn.execute(statement)
        return 0

    def _batch(self, projection: Projection, page: Page) -> Batch:
        return LoadedBatch(page, projection, self._plan.position, self._plan.skips[projection.name])
