"""The events of each case brought together, on disk, whatever the order of the file.

Rows of a case need not stand together in the file, and a bad row found late condemns its whole case. So
every row goes through a temporary SQLite file first; memory holds one case.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Generic, Protocol, TypeVar

import msgspec

from application.importing.rows import BadRow, BadValue, Row
from application.importing.times import EPOCH

LONGEST_CASE = 20_000
"""Source events in one case; it is recorded in one commit."""

MICROSECOND = timedelta(microseconds=1)

SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8000;
CREATE TABLE event (name TEXT NOT NULL, time INTEGER NOT NULL, line INTEGER NOT NULL, cells BLOB NOT NULL);
CREATE TABLE bad (name TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID;
"""

BY_CASE = """
SELECT found.first, event.name, found.size, bad.reason, event.time, event.line, event.cells
FROM (SELECT name, min(rowid) AS first, count(*) AS size FROM event GROUP BY name) AS found
JOIN event ON event.name = found.name
LEFT JOIN bad ON bad.name = found.name
ORDER BY found.first, event.time, event.rowid
"""


E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)


class Reads(Protocol[E_co]):
    """What gives rows a meaning. Each raises ``BadValue`` where a row has none."""

    def case(self, row: Row) -> str:
        """The case a row belongs to."""
        ...

    def time(self, row: Row) -> datetime:
        """When a row happened, in UTC."""
        ...

    def event(self, case: str, time: datetime, row: Row) -> E_co:
        """What a row says."""
        ...


class Case(msgspec.Struct, Generic[E], frozen=True):
    """A case that can be told: its events by time, and as in the file where times are equal."""

    name: str
    events: tuple[E, ...]


class Reject(msgspec.Struct, frozen=True):
    """A row that was not imported, and why."""

    line: int
    case: str | None
    reason: str
    values: dict[str, str]
    bad: bool = True
    """Whether the row itself is bad; otherwise another row of its case is."""


_Found = tuple[int, str, int, str | None, int, int, bytes]


class Spill(Generic[E]):
    """Takes rows in the order of the file and gives cases in the order of their first rows.

    Args:
        whole: whether a bad row costs the other rows of its case, too.
    """

    def __init__(self, reading: Reads[E], *, whole: bool = True) -> None:
        self._reading = reading
        self.whole = whole
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(SCHEMA)
        self._db.execute("BEGIN")
        self.rows = 0
        """Rows of the file, good and bad."""
        self.columns: set[str] = set()
        """Every column that a row had."""

    def __enter__(self) -> Spill[E]:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def add(self, rows: Iterable[Row | BadRow]) -> Iterator[Reject]:
        """Take rows in; those that cannot be used come back at once."""
        encode = msgspec.json.Encoder().encode
        insert = "INSERT INTO event VALUES (?, ?, ?, ?)"
        for row in rows:
            self.rows += 1
            self.columns.update(row.values)
            if isinstance(row, BadRow):
                yield self._reject(row.line, row.reason, row.values)
                continue
            try:
                case, time = self._reading.case(row), self._reading.time(row)
            except BadValue as error:
                yield self._reject(row.line, str(error), row.values)
                continue
            micros = (time - EPOCH) // MICROSECOND
            self._db.execute(insert, (case, micros, row.line, encode(row.values)))

    def _reject(self, line: int, reason: str, values: dict[str, str]) -> Reject:
        try:
            case = self._reading.case(Row(line, values))
            case.encode()
        except (BadValue, UnicodeEncodeError):
            return Reject(line, None, reason, values)
        if "\0" in case:
            return Reject(line, None, reason, values)
        if self.whole:
            condemned = _condemned(line, reason)
            self._db.execute("INSERT OR IGNORE INTO bad VALUES (?, ?)", (case, condemned))
        return Reject(line, case, reason, values)

    def count_cases(self) -> int:
        """Cases that have at least one usable row."""
        return int(self._db.execute("SELECT count(DISTINCT name) FROM event").fetchone()[0])

    def count_hopeless(self) -> int:
        """Cases that have only bad rows."""
        only = "SELECT count(*) FROM bad WHERE name NOT IN (SELECT name FROM event)"
        return int(self._db.execute(only).fetchone()[0])

    def cases(self) -> Iterator[Case[E] | Reject]:
        """Every case that can be told, and every row that cannot, case by case."""
        self._db.execute("CREATE INDEX event_name ON event (name)")
        for _, rows in groupby(self._db.execute(BY_CASE), key=itemgetter(0)):
            yield from self._case(rows)

    def _case(self, rows: Iterator[_Found]) -> Iterator[Case[E] | Reject]:
        decode = msgspec.json.Decoder(dict[str, str]).decode
        read: list[tuple[datetime, Row]] = []
        name, why = "", None
        for _, name, size, bad, micros, line, cells in rows:
            row = Row(line, decode(cells))
            if size > LONGEST_CASE:
                why = f"the case has {size:,} rows, the most is {LONGEST_CASE:,}"
            why = bad or why
            if why is None:
                read.append((EPOCH + micros * MICROSECOND, row))
            else:
                yield Reject(line, name, why, row.values, bad=False)
        yield from self._understood(name, read)

    def _understood(self, name: str, rows: list[tuple[datetime, Row]]) -> Iterator[Case[E] | Reject]:
        events: list[E] = []
        reasons: dict[int, str] = {}
        for place, (time, row) in enumerate(rows):
            try:
                events.append(self._reading.event(name, time, row))
            except BadValue as error:
                reasons[place] = str(error)
        if reasons and self.whole:
            yield from rejected_whole(name, [row for _, row in rows], reasons)
            return
        for place, reason in reasons.items():
            row = rows[place][1]
            yield Reject(row.line, name, reason, row.values)
        if events:
            yield Case(name, tuple(events))


def rejected_whole(name: str, rows: Sequence[Row], reasons: dict[int, str]) -> Iterator[Reject]:
    """Every row of a case that is not recorded: the bad ones, by their place, and those they cost."""
    first, reason = next(iter(reasons.items()))
    others = _condemned(rows[first].line, reason)
    for place, row in enumerate(rows):
        yield Reject(row.line, name, reasons.get(place, others), row.values, bad=place in reasons)


def _condemned(line: int, reason: str) -> str:
    return f"the case has a bad row on line {line}: {reason}"
