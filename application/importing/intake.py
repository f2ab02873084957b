"""A file on its way in: read whole, brought together by case, what cannot be used set aside."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

from application.importing.csv import read_csv
from application.importing.mapping import BadMapping, Mapping
from application.importing.reading import Reading, SourceEvent
from application.importing.rejects import Rejects
from application.importing.report import Account, Report
from application.importing.rows import BadRow, Row, Source, UnreadableFile, opened
from application.importing.spill import Case, Reject, Spill
from application.importing.xes import read_xes

Progress = Callable[[str, int, int], None]
"""Told the stage (``read`` in bytes, then ``record`` in cases), how much is done and how much there is."""

Read = Callable[[BinaryIO], Iterator[Row | BadRow]]
"""Reads the rows of an open file."""

NEEDED = frozenset({"columns.case", "columns.time", "columns.activity"})

E = TypeVar("E")


class Cases(Generic[E]):
    """The cases of a file. What is rejected on the way is written and counted.

    Attributes:
        total: cases with at least one usable row.
        done: those of them that were given out or rejected.
    """

    def __init__(self, spill: Spill[E], rejects: Rejects, account: Account) -> None:
        self.total = 0
        self.done = 0
        self._spill = spill
        self._rejects = rejects
        self._account = account

    def take_in(self, rows: Iterator[Row | BadRow]) -> None:
        """Read every row, so that each case is complete before the first is told."""
        for reject in self._spill.add(rows):
            self.reject(reject)
        self._account.rows = self._spill.rows
        self.total = self._spill.count_cases()

    def whole(self) -> Iterator[Case[E]]:
        """Every case that can be told, in the order of their first rows."""
        for _, found in groupby(self._spill.cases(), key=_name):
            self.done += 1
            told = False
            for case in found:
                if isinstance(case, Reject):
                    self.reject(case)
                else:
                    told = True
                    yield case
            self._account.rejected_cases += self._spill.whole and not told
        self._account.rejected_cases += self._spill.count_hopeless()

    def reject(self, reject: Reject) -> None:
        """Set a row aside."""
        self._rejects.add(reject)
        self._account.rejected_rows += 1
        self._account.bad_rows += reject.bad


@contextmanager
def intake(
    mapping: Mapping, path: Path, *, rejects: Path, now: datetime, report: Report, progress: Progress
) -> Generator[Cases[SourceEvent]]:
    """Read a file of histories and give its cases.

    Raises:
        BadMapping: the mapping names a column the file does not have.
        UnreadableFile: see ``taken_in``.
    """

    def read(stream: BinaryIO) -> Iterator[Row | BadRow]:
        return read_csv(stream, mapping.csv) if mapping.format == "csv" else read_xes(stream)

    spill = Spill(Reading(mapping, now))
    with taken_in(spill, path, read, rejects=rejects, account=report, progress=progress) as cases:
        report.not_found += _not_found(mapping, spill.columns)
        yield cases


@contextmanager
def taken_in(
    spill: Spill[E], path: Path, read: Read, *, rejects: Path, account: Account, progress: Progress
) -> Generator[Cases[E]]:
    """Read a whole file and give its cases.

    Raises:
        UnreadableFile: the file as a whole cannot be read, or the rejects cannot be written.
    """
    if rejects.resolve() == path.resolve():
        raise UnreadableFile(f"the rejects cannot be written over {path.name} itself")
    try:
        with Rejects(rejects) as refused, spill:
            cases = Cases(spill, refused, account)
            with opened(path) as source, closing(_told(source, read, progress)) as rows:
                cases.take_in(rows)
            progress("read", source.size, source.size)
            yield cases
    except sqlite3.Error as error:
        raise UnreadableFile(f"no room to sort {path.name} in the temporary directory: {error}") from error


def _told(source: Source, read: Read, progress: Progress) -> Generator[Row | BadRow]:
    for number, row in enumerate(read(source.stream)):
        if number % 1000 == 0:
            progress("read", source.read_so_far, source.size)
        yield row


def _not_found(mapping: Mapping, columns: set[str]) -> Iterator[str]:
    """What the mapping names and no event of an XES log has; a CSV file must have all columns."""
    for key, column in mapping.named_columns():
        if not columns or column in columns:
            continue
        text = f'{key}: the file has no column "{column}"'
        if mapping.format == "csv" or key in NEEDED:
            there = ", ".join(f'"{name}"' for name in sorted(columns))
            raise BadMapping(f"{text}; it has {there}")
        yield text


def _name(case: Case[E] | Reject) -> str | None:
    return case.case if isinstance(case, Reject) else case.name
