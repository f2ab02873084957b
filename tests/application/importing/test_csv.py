"""CSV as desks really export it."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.importing.rows import BadRow, Row, UnreadableFile
from tests.application.importing.written import csv_rows


def good(rows: list[Row | BadRow]) -> list[tuple[int, list[str]]]:
    return [(row.line, list(row.values.values())) for row in rows if isinstance(row, Row)]


def bad(rows: list[Row | BadRow]) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in rows if isinstance(row, BadRow)]


def test_a_byte_order_mark_is_no_part_of_the_first_column():
    (row,) = csv_rows(b"\xef\xbb\xbfcase,what\n1,open\n")
    assert row == Row(2, {"case": "1", "what": "open"})


def test_the_line_is_where_a_record_starts_though_values_span_lines():
    rows = csv_rows('case,text\n1,"two\nlines"\n2,"three\n\nlines"\n3,one\n')
    assert [line for line, _ in good(rows)] == [2, 4, 7]
    assert good(rows)[0][1] == ["1", "two\nlines"]


def test_windows_line_ends_and_blank_lines():
    assert good(csv_rows("a;b\r\n\r\n1;2\r\n\r\n\r\n3;4", delimiter=";")) == [
        (3, ["1", "2"]),
        (6, ["3", "4"]),
    ]


def test_a_backslash_is_a_letter_unless_the_mapping_says_otherwise():
    assert good(csv_rows('a,b\n"x\\",1\n')) == [(2, ["x\\", "1"])]
    assert good(csv_rows('a,b\n"x\\",y",1\n', escape="\\")) == [(2, ['x",y', "1"])]


def test_no_quoting_at_all():
    assert good(csv_rows('a\tb\n"x\t1\n', delimiter="\t", quote="")) == [(2, ['"x', "1"])]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "cp1252", "utf-8"])
def test_encodings(encoding: str):
    text = "工单,état\n1,é\n" if encoding not in {"cp1252"} else "ticket,état\n1,é\n"
    assert good(csv_rows(text.encode(encoding), encoding=encoding)) == [(2, ["1", "é"])]


def test_a_byte_that_is_not_in_the_encoding_costs_one_row():
    rows = csv_rows("a,b\n1,ok\n2,caf\xe9\n3,ok\n".encode("cp1252"))
    assert [line for line, _ in good(rows)] == [2, 4]
    assert bad(rows) == [(3, "column b: bytes that are not in the file's encoding")]
    assert rows[1].values["a"] == "2"


def test_a_header_in_another_encoding_refuses_the_file():
    with pytest.raises(UnreadableFile, match="the header on line 1 is not utf-8"):
        csv_rows("工单,状态\n1,开\n".encode("gb18030"))


def test_a_nul_byte_and_an_over_long_value_cost_one_row_each():
    rows = csv_rows(f"a,b\n1,x\0y\n2,{'z' * 10_001}\n3,ok\n")
    assert bad(rows) == [(2, "column b: a NUL byte"), (3, "column b: 10,001 characters, the most is 10,000")]
    assert good(rows) == [(4, ["3", "ok"])]


def test_a_row_of_the_wrong_length_keeps_what_it_has():
    rows = csv_rows("a,b\n1\n2,x,y\n3,ok\n")
    assert bad(rows) == [(2, "1 values where the header has 2"), (3, "3 values where the header has 2")]
    assert rows[1].values == {"a": "2", "b": "x", "#3": "y"}


def test_a_stray_quote_does_not_swallow_its_neighbours():
    rows = csv_rows('a,b\n1,"never closed\n2,ok\n3,"fine"\n4,ok\n')
    assert good(rows) == [(3, ["2", "ok"]), (4, ["3", "fine"]), (5, ["4", "ok"])]
    ((line, reason),) = bad(rows)
    assert line == 2
    assert reason.startswith("not CSV")
    assert rows[0].values["a"] == "1"


def test_a_quote_left_open_to_the_end_of_the_file():
    rows = csv_rows('a,b\n1,ok\n2,"open\n3,ok\n')
    assert good(rows) == [(2, ["1", "ok"]), (4, ["3", "ok"])]
    assert [line for line, _ in bad(rows)] == [3]


def test_columns_without_a_name_or_with_a_taken_one_go_by_number():
    (row,) = csv_rows(",b,b\n1,2,3\n")
    assert row.values == {"#1": "1", "b": "2", "#3": "3"}


def test_lines_before_the_header_and_files_without_one():
    assert good(csv_rows("Export of today\na,b\n1,2\n", skip_lines=1)) == [(3, ["1", "2"])]
    assert csv_rows("1,2\n", header=False) == [Row(1, {"#1": "1", "#2": "2"})]


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_a_file_without_rows(text: str):
    with pytest.raises(UnreadableFile, match="no rows"):
        csv_rows(text)


def test_a_line_without_end_is_no_csv():
    with pytest.raises(UnreadableFile, match="line 2 has more than 1,000,000 characters"):
        csv_rows("a,b\n" + "x" * 1_000_002)


VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(st.lists(st.tuples(VALUES, VALUES), max_size=8))
def test_whatever_a_csv_writer_writes_is_read_back(records: list[tuple[str, str]]):
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *records])
    assert [tuple(values) for _, values in good(csv_rows(text.getvalue()))] == records


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail(data: bytes):
    rows = csv_rows(b"a,b\n" + data)
    assert [row.line for row in rows] == sorted({row.line for row in rows})
