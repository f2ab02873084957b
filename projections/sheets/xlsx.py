"""XLSX workbooks whose bytes follow from their contents: no time of day, no random name is in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate, takewhile
from typing import IO, Any
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from projections.sheets.csv import SECONDS
from projections.sheets.sheet import Cells, Column, Kind, Language, Sheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_000_000
"""Of one sheet; Excel itself ends a little later."""
FONTS: dict[Language, str] = {"zh": "Microsoft YaHei", "en": "Calibri"}
FORMATS: dict[Kind, str] = {
    Kind.COUNT: "#,##0",
    Kind.PERCENT: "0.00",
    Kind.DURATION: "[h]:mm:ss",
    Kind.MOMENT: "yyyy-mm-dd hh:mm:ss",
    Kind.MONEY: "#,##0.00",
}
WIDTHS: dict[Kind, int] = {Kind.MOMENT: 20, Kind.DURATION: 12, Kind.MONEY: 14, Kind.TEXT: 14}
NOTE, WIDEST = 18, 40
HEADING = 14
"""A longer heading goes on in a second line."""
PRINTED = 190
"""What is printed beside each other on one sheet of paper and can still be read."""
IN_SIGHT = 80
"""What of it stays in sight at most, so that there is room for the rest."""
LINE = 15
"""The height of one."""
DAY = 86400
A4 = 9
"""As workbooks call that paper."""
FIRST_YEAR = 1900
"""Before it a spreadsheet has no dates."""
INK, HEAD = "#1F2937", "#E5E7EB"
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


class Book:
    """A workbook, written sheet by sheet and row by row; what was written is not kept in memory.

    Args:
        file: takes the workbook when it is closed.
        language: of the headings.
        zone: where times are told; a spreadsheet knows no offsets.
        made: what it says of when it was made, so that it says the same again.
    """

    def __init__(self, file: IO[bytes], language: Language, zone: ZoneInfo, made: datetime) -> None:
        usual = {"font_name": FONTS[language], "font_size": 10, "font_color": INK}
        self._book = Workbook(file, {**OPTIONS, "default_format_properties": usual})
        self._book.set_properties({"created": made.replace(tzinfo=None), "author": "aftersales"})
        self._usual, self._language, self._zone = usual, language, zone
        self._formats: dict[tuple[Kind, bool], Format] = {}
        self._sheet: Worksheet | None = None
        self._columns: Sequence[Column] = ()
        self._widths: list[int] = []
        self._row = self._first = 0

    def begin(self, sheet: Sheet) -> None:
        """Begin another sheet: what it is about, then its headings, which stay in sight."""
        self._settle()
        page = self._sheet = self._book.add_worksheet(sheet.title)
        self._columns, self._row = sheet.columns, 0
        name = self._book.add_format({**self._usual, "bold": True})
        text, number = self._heading(), self._heading(align="right")
        self._widths = self._least()
        for said in sheet.notes:
            page.write_string(self._row, 0, said[0], name)
            page.write_string(self._row, 1, said[1])
            self._row += 1
        self._row += 1
        page.set_row(self._row, self._height())
        for place, (heading, kind) in enumerate(zip(self._headings(), self._kinds(), strict=True)):
            page.write_string(self._row, place, heading, text if kind is Kind.TEXT else number)
        self._row += 1
        self._first = self._row
        page.set_landscape()
        page.set_paper(A4)
        page.repeat_rows(self._row - 1)

    def add(self, rows: Iterable[Cells], *, bold: bool = False) -> None:
        """Add rows to the sheet that was begun."""
        for row in rows:
            place = 0
            for column, cell in zip(self._columns, row, strict=True):
                self._write(place, column.kind, cell, bold)
                place += 2 if column.kind is Kind.DURATION else 1
            self._row += 1

    def close(self) -> None:
        """Write it all to the file."""
        self._settle()
        self._book.close()

    def _write(self, place: int, kind: Kind, cell: Any, bold: bool) -> None:
        page = self._sheet
        if page is None or (cell is None and not bold):
            return
        look = self._format(kind, bold)
        if cell is None:
            page.write_blank(self._row, place, None, look)  # so that the line above a total has no gaps
        elif kind is Kind.TEXT:
            page.write_string(self._row, place, cell, look)
            self._widths[place] = min(max(self._widths[place], _width(cell) + 2), WIDEST)
        elif kind is Kind.DURATION:
            page.write_number(self._row, place, cell / DAY, look)
            page.write_number(self._row, place + 1, cell, self._format(Kind.COUNT, bold))
        elif kind is Kind.MOMENT:
            wall = _on_the_wall(cell, self._zone)
            if wall.year >= FIRST_YEAR:
                page.write_datetime(self._row, place, wall, look)
            else:
                page.write_string(self._row, place, wall.isoformat(" ", "seconds"), look)
        else:
            page.write_number(self._row, place, float(cell), look)

    def _format(self, kind: Kind, bold: bool) -> Format:
        if (kind, bold) not in self._formats:
            stated = {"num_format": FORMATS[kind]} if kind in FORMATS else {}
            look = {**self._usual, **stated, "bold": bold, **({"top": 1} if bold else {})}
            self._formats[kind, bold] = self._book.add_format(look)
        return self._formats[kind, bold]

    def _heading(self, **more: Any) -> Format:
        look = {"bold": True, "bg_color": HEAD, "bottom": 1, "text_wrap": True, "valign": "top"}
        return self._book.add_format({**self._usual, **look, **more})

    def _height(self) -> float:
        """Of the headings: not every program sees by itself that one of them takes two lines."""
        told = zip(self._headings(), self._widths, strict=True)
        return LINE * max(-(-(_width(heading) + 1) // width) for heading, width in told)

    def _headings(self) -> list[str]:
        told = []
        for column in self._columns:
            told.append(column.heading)
            if column.kind is Kind.DURATION:
                told.append(column.heading + SECONDS[self._language])
        return told

    def _kinds(self) -> list[Kind]:
        return [kind for column in self._columns for kind in _kinds(column)]

    def _least(self) -> list[int]:
        """How wide the columns are before anything is in them."""
        told = zip(self._headings(), self._kinds(), strict=True)
        widths = [max(min(_width(heading) + 2, HEADING), WIDTHS.get(kind, 9)) for heading, kind in told]
        return [max(widths[0], NOTE), *widths[1:]]

    def _settle(self) -> None:
        """Let what is in the columns be seen, on the screen and on as many pages as that takes."""
        if self._sheet is None:
            return
        for place, width in enumerate(self._widths):
            self._sheet.set_column(place, place, width)
        keys = self._keys()
        self._sheet.freeze_panes(self._first, keys)
        self._sheet.repeat_columns(0, keys - 1)
        again = sum(self._widths[:keys])
        self._sheet.fit_to_pages(max(-(-(sum(self._widths) - again) // (PRINTED - again)), 1), 0)

    def _keys(self) -> int:
        """How many columns say what a row is of: they stay in sight, and are printed on every sheet."""
        texts = list(takewhile(lambda column: column.kind is Kind.TEXT, self._columns))
        widths = accumulate(self._widths[: len(texts)])
        return max(sum(width <= IN_SIGHT for width in widths), 1)


def _kinds(column: Column) -> tuple[Kind, ...]:
    return (Kind.DURATION, Kind.COUNT) if column.kind is Kind.DURATION else (column.kind,)


def _width(text: str) -> int:
    """In columns of a terminal: Chinese is twice as wide, and takes three bytes."""
    return (len(text) + len(text.encode())) // 2


def _on_the_wall(moment: datetime, zone: ZoneInfo) -> datetime:
    try:
        return moment.astimezone(zone).replace(tzinfo=None)
    except OverflowError:  # the first hours of the year 1, or the last of the year 9999
        return moment.replace(tzinfo=None)
