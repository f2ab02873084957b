"""A file on its way in: read whole, brought together by case, what cannot be used set aside."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from pathlib import Path

from application.importing.csv import read_csv
from application.importing.mapping import BadMapping, Mapping
from application.importing.reading import Reading
from application.importing.rejects import Rejects
from application.importing.report import Report
from application.importing.rows import BadRow, Row, Source, UnreadableFile, opened
from application.importing.spill import Case, Reject, Spill
from application.importing.xes import read_xes

Progress = Callable[[str, int, int], None]
"""Told the stage (``read`` in bytes, then ``record`` in cases), how much is done and how much there is."""

NEEDED = frozenset({"columns.case", "columns.time", "columns.activity"})


class Cases:
    """The cases of a file. What is rejected on the way is written and counted.

    Attributes:
        total: cases with at least one usable row.
        done: those of them that were given out or rejected.
    """

    def __init__(self, spill: Spill, rejects: Rejects, report: Report) -> None:
        self.total = 0
        self.done = 0
        self._spill = spill
        self._rejects = rejects
        self._report = report

    def take_in(self, rows: Iterator[Row | BadRow], mapping: Mapping) -> None:
        """Read every row, so that each case is complete before the first is told.

        Raises:
            BadMapping: the mapping names a column the file does not have.
        """
        for reject in self._spill.add(rows):
            self._reject(reject)
        self._report.rows = self._spill.rows
        self.total = self._spill.count_cases()
        columns = self._spill.columns
        for key, column in mapping.named_columns():
            if not columns or column in columns:
                continue
            text = f'{key}: the file has no column "{column}"'
            if mapping.format == "csv" or key in NEEDED:
                there = ", ".join(f'"{name}"' for name in sorted(columns))
                raise BadMapping(f"{text}; it has {there}")
            self._report.not_found.append(text)

    def whole(self) -> Iterator[Case]:
        """Every case that can be told, in the order of their first rows."""
        for rejected, group in groupby(self._spill.cases(), key=_rejected_case):
            for case in group:
                if isinstance(case, Reject):
                    self._reject(case)
                else:
                    self.done += 1
                    yield case
            if rejected is not None:
                self.done += 1
                self._report.rejected_cases += 1
        self._report.rejected_cases += self._spill.count_hopeless()

    def _reject(self, reject: Reject) -> None:
        self._rejects.add(reject)
        self._report.rejected_rows += 1
        self._report.bad_rows += reject.bad


@contextmanager
def intake(
    mapping: Mapping, path: Path, *, rejects: Path, now: datetime, report: Report, progress: Progress
) -> Generator[Cases]:
    """Read a file and give its cases.

    Raises:
        BadMapping: the mapping names a column the file does not have.
        UnreadableFile: the file as a whole cannot be read, or the rejects cannot be written.
    """
    if rejects.resolve() == path.resolve():
        raise UnreadableFile(f"the rejects cannot be written over {path.name} itself")
    try:
        with Rejects(rejects) as refused, Spill(Reading(mapping, now)) as spill:
            cases = Cases(spill, refused, report)
            with opened(path) as source:
                cases.take_in(_rows(source, mapping, progress), mapping)
            progress("read", source.size, source.size)
            yield cases
    except sqlite3.Error as error:
        raise UnreadableFile(f"no room to sort {path.name} in the temporary directory: {error}") from error


def _rows(source: Source, mapping: Mapping, progress: Progress) -> Iterator[Row | BadRow]:
    rows = read_csv(source.stream, mapping.csv) if mapping.format == "csv" else read_xes(source.stream)
    for number, row in enumerate(rows):
        if number % 1000 == 0:
            progress("read", source.read_so_far, source.size)
        yield row


def _rejected_case(case: Case | Reject) -> str | None:
    return case.case if isinstance(case, Reject) else None
