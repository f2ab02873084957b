from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from projections.cases.duration import iso, seconds
from projections.sheets.csv import BOM, Csv
from projections.sheets.sheet import Column, Kind, Language, Sheet, hours
from projections.sheets.xlsx import LINE, Book

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
COLUMNS = [
    Column("班组", Kind.TEXT),
    Column("达成", Kind.COUNT),
    Column("用时", Kind.DURATION),
    Column("开始", Kind.MOMENT),
    Column("违约金 CNY", Kind.MONEY),
]
ROW = ["华东一组", 1234, 27000, NOON, Decimal("1200.50")]
NOTHING = [None] * len(COLUMNS)


def csv_of(*rows: list[Any], language: Language = "zh") -> list[list[str]]:
    """What a reader of CSV finds."""
    writer = Csv(COLUMNS, language, SHANGHAI)
    text = (writer.head() + writer.lines(rows)).decode()
    assert text.count("\r\n") == len(rows) + 1
    return list(csv.reader(io.StringIO(text, newline="")))


def book_of(*rows: list[Any], language: Language = "zh", title: str = "时效") -> bytes:
    """A workbook with one sheet."""
    file = io.BytesIO()
    book = Book(file, language, SHANGHAI, NOON)
    book.begin(Sheet(title, [("统计时点", "2026-03-02"), ("=1+1", "=1+1")], COLUMNS))
    book.add(rows)
    book.close()
    return file.getvalue()


def test_csv_has_numbers_as_numbers_and_durations_twice() -> None:
    head, row, empty = csv_of(ROW, NOTHING)
    assert head == ["班组", "达成", "用时", "用时（秒）", "开始", "违约金 CNY"]
    assert row == ["华东一组", "1234", "7:30:00", "27000", "2026-03-02 12:00:00+08:00", "1200.50"]
    assert empty == [""] * 6


@pytest.mark.parametrize(
    "text", ['say "no"', "a,b", "two\nlines", "=1+1", "+86 21", "-1", "@SUM(A1)", "\tx", "＝1", "'quoted"]
)
def test_csv_keeps_every_text_and_lets_none_be_a_formula(text: str) -> None:
    _, (cell, *_) = csv_of([text, *NOTHING[1:]])
    assert cell.removeprefix("'") == text.removeprefix("'")
    assert not cell.startswith(("=", "+", "-", "@", "\t", "＝"))


def test_a_negative_number_stays_a_number() -> None:
    _, row = csv_of([None, -5, -60, None, Decimal(-1)])
    assert row == ["", "-5", "-0:01:00", "-60", "", "-1"]


def test_the_byte_order_mark_is_that_of_utf_8() -> None:
    assert bytes.fromhex("efbbbf") == BOM


def test_a_workbook_is_as_a_person_wants_it() -> None:
    book = load_workbook(io.BytesIO(book_of(ROW, NOTHING)))
    page = book["时效"]
    assert [[cell.value for cell in row] for row in page["A1:B2"]] == [
        ["统计时点", "2026-03-02"],
        ["=1+1", "=1+1"],
    ]
    assert {cell.data_type for cell in page["A2:B2"][0]} == {"s"}  # texts, not formulas
    assert [cell.value for cell in page[4]] == ["班组", "达成", "用时", "用时（秒）", "开始", "违约金 CNY"]
    assert page.freeze_panes == "B5"
    assert page.print_title_cols == "$A:$A"
    assert [cell.alignment.horizontal for cell in page[4][:3]] == [None, "right", "right"]
    team, met, used, used_seconds, begun, penalty = page[5]
    assert (team.value, met.value, used_seconds.value) == ("华东一组", 1234, 27000)
    assert (used.value.total_seconds(), used.number_format) == (27000, "[h]:mm:ss")
    assert begun.value == datetime(2026, 3, 2, 12, 0)  # noqa: DTZ001 - a sheet has no zones
    assert (penalty.value, penalty.number_format) == (1200.5, "#,##0.00")
    assert team.font.name == page["A4"].font.name == "Microsoft YaHei"
    assert page["A4"].font.bold
    assert page.column_dimensions["E"].width >= 19  # a whole moment fits


def test_a_heading_that_takes_two_lines_has_them_and_what_a_row_is_of_stays_in_sight() -> None:
    groups = [Column(name, Kind.TEXT) for name in ("月份", "班组")]
    long = [Column("首次解决 90% 用时", Kind.DURATION), *[Column(f"{n}", Kind.TEXT) for n in range(9)]]
    file = io.BytesIO()
    book = Book(file, "zh", SHANGHAI, NOON)
    book.begin(Sheet("时效", [], [*groups, *long]))
    book.add([["2026-03", "华东一组" * 4, 27000, *["x"] * 9]])
    book.close()
    page = load_workbook(file)["时效"]
    assert page.row_dimensions[2].height == 2 * LINE
    assert (page.freeze_panes, page.print_title_cols) == ("C3", "$A:$B")


def test_of_many_texts_only_so_many_stay_in_sight_that_there_is_room_for_the_rest() -> None:
    file = io.BytesIO()
    book = Book(file, "zh", SHANGHAI, NOON)
    book.begin(Sheet("时效", [], [Column(f"{n}", Kind.TEXT) for n in range(20)]))
    book.close()
    page = load_workbook(file)["时效"]
    assert page.print_title_cols == "$A:$E"
    assert page.page_setup.fitToWidth == 2


def test_the_line_above_a_total_has_no_gaps() -> None:
    file = io.BytesIO()
    book = Book(file, "zh", SHANGHAI, NOON)
    book.begin(
        Sheet("时效", [], [Column("月份", Kind.TEXT), Column("班组", Kind.TEXT), Column("达成", Kind.COUNT)])
    )
    book.add([["合计", None, 7]], bold=True)
    book.close()
    total = load_workbook(file)["时效"][3]
    assert [cell.border.top.style for cell in total] == ["thin"] * 3


def test_the_same_table_makes_the_same_workbook() -> None:
    assert book_of(ROW) == book_of(ROW)
    assert book_of(ROW) != book_of(NOTHING)


def test_a_time_that_no_spreadsheet_knows_is_told_as_a_text() -> None:
    book = load_workbook(io.BytesIO(book_of([None, None, None, datetime(1, 1, 1, tzinfo=UTC), None])))
    assert str(book["时效"]["E5"].value).startswith("0001-01-01")


@pytest.mark.parametrize("amount", [0, 59, 60, 3599, 3600, 27000, 360_061, -60])
def test_durations_are_read_back(amount: int) -> None:
    assert seconds(iso(amount)) == amount


def test_hours_are_never_days() -> None:
    assert [hours(each) for each in (0, 59, 90_000, -3601)] == ["0:00:00", "0:00:59", "25:00:00", "-1:00:01"]
