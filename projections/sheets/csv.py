"""CSV as RFC 4180 has it, in UTF-8: lines end with CRLF, and no cell is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from projections.sheets.sheet import Cells, Column, Kind, hours

BOM = "\ufeff".encode()
"""Tells Excel that the file is UTF-8."""
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a text begins that a spreadsheet may take for a formula (OWASP, CSV injection)."""
SECONDS = {"zh": "（秒）", "en": " (s)"}


class Csv:
    """Writes lines of CSV.

    Args:
        columns: what the rows hold.
        language: of the headings.
        zone: where times are told.
    """

    def __init__(self, columns: Iterable[Column], language: str, zone: ZoneInfo) -> None:
        self._columns = tuple(columns)
        self._language = language
        self._zone = zone
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, lineterminator="\r\n")

    def head(self) -> bytes:
        """The first line; a duration has two columns."""
        return self._lines([list(self._headings())])

    def lines(self, rows: Iterable[Cells]) -> bytes:
        """These rows."""
        return self._lines(
            [
                text
                for column, cell in zip(self._columns, row, strict=True)
                for text in self._told(column, cell)
            ]
            for row in rows
        )

    def _headings(self) -> Iterator[str]:
        for column in self._columns:
            yield column.heading
            if column.kind is Kind.DURATION:
                yield column.heading + SECONDS[self._language]

    def _row(self, row: Cells) -> Iterator[Any]:
        for column, cell in zip(self._columns, row, strict=True):
            yield from self._told(column, cell)

    def _told(self, column: Column, cell: Any) -> Iterator[Any]:
        if column.kind is Kind.DURATION:
            yield "" if cell is None else hours(cell)
            yield "" if cell is None else cell
        elif isinstance(cell, datetime):
            yield _on_the_wall(cell, self._zone).isoformat(" ", "seconds")
        elif column.kind is Kind.TEXT and cell is not None:
            yield harmless(cell)
        else:
            yield "" if cell is None else cell

    def _lines(self, rows: Iterable[Cells]) -> bytes:
        self._text.seek(0)
        self._text.truncate()
        self._writer.writerows(rows)
        return self._text.getvalue().encode()


def harmless(text: str) -> str:
    """A text that a spreadsheet takes for a text: an apostrophe goes before what looks like a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _on_the_wall(moment: datetime, zone: ZoneInfo) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:  # the first hours of the year 1, or the last of the year 9999
        return moment
