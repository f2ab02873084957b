"""XES logs, plain and packed, good and hostile."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest

from application.importing.rows import BadRow, Row, UnreadableFile, opened
from application.importing.xes import read_xes
from tests.application.importing.written import XES_HEAD, xes_rows

TRACE = """<trace>
 <string key="concept:name" value="Case 1"/>
 <event><string key="concept:name" value="Open"/>
         <date key="time:timestamp" value="2012-10-09T14:50:17+02:00"/></event>
 <event><string key="concept:name" value="Close"/><int key="count" value="3"/></event>
</trace>
"""


@pytest.mark.parametrize("packed", [False, True])
def test_events_carry_their_line_and_their_traces_attributes(packed: bool):
    assert xes_rows(TRACE + "</log>", packed=packed) == [
        Row(
            5,
            {
                "case:concept:name": "Case 1",
                "concept:name": "Open",
                "time:timestamp": "2012-10-09T14:50:17+02:00",
            },
        ),
        Row(7, {"case:concept:name": "Case 1", "concept:name": "Close", "count": "3"}),
    ]


def test_attributes_inside_others_are_kept_under_both_names():
    rows = xes_rows(
        '<trace><event><string key="who" value="Li"><string key="role" value="L2"/></string>'
        '<list key="parts"><values><string key="part" value="a"/><string key="part" value="b"/></values>'
        "</list>"
        '<string key="after" value="x"/></event></trace></log>'
    )
    assert rows[0].values == {"who": "Li", "who/role": "L2", "parts/part": "a; b", "after": "x"}


def test_global_defaults_and_log_attributes_are_not_values_of_an_event():
    rows = xes_rows(
        '<string key="origin" value="csv"/>'
        '<global scope="event"><string key="concept:name" value="__INVALID__"/></global>'
        "<trace><event/></trace></log>"
    )
    assert rows == [Row(3, {})]


def test_a_prefixed_namespace_reads_the_same():
    trace = '<x:trace><x:event><x:string key="a" value="1"/></x:event></x:trace>'
    data = f'<x:log xmlns:x="http://www.xes-standard.org/">{trace}</x:log>'
    assert list(read_xes(io.BytesIO(data.encode()))) == [Row(1, {"a": "1"})]


def test_an_event_outside_a_trace_is_a_bad_row():
    (row,) = xes_rows('<event><string key="a" value="1"/></event></log>')
    assert row == BadRow(3, "an event outside a trace belongs to no case", {"a": "1"})


def test_an_over_long_value_costs_one_row():
    first, second = xes_rows(
        f'<trace><event><string key="a" value="{"x" * 10_001}"/></event><event/></trace></log>'
    )
    assert isinstance(first, BadRow)
    assert isinstance(second, Row)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (XES_HEAD + TRACE, "line 9: no element found"),
        ("<html></html>", "not an XES log"),
        ("case,activity\n1,open\n", "line 1: syntax error"),
        ("", "line 1: no element found"),
        (XES_HEAD + "<trace>" * 40, "more than 32 elements inside each other"),
        ('<!DOCTYPE log [<!ENTITY a "b">]><log>&a;</log>', "document type declaration"),
        ('<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>', "document type declaration"),
        (XES_HEAD + "&undefined;</log>", "undefined entity"),
    ],
)
def test_what_is_no_log_is_refused(text: str, says: str):
    with pytest.raises(UnreadableFile, match=says):
        list(read_xes(io.BytesIO(text.encode())))


def test_a_packed_file_is_known_by_its_bytes_and_refused_when_cut_off(tmp_path: Path):
    packed = gzip.compress((XES_HEAD + TRACE * 50 + "</log>").encode())
    path = tmp_path / "log.txt"
    path.write_bytes(packed)
    with opened(path) as source:
        assert len(list(read_xes(source.stream))) == 100
    path.write_bytes(packed[:-20])
    with pytest.raises(UnreadableFile, match="cut off or damaged"), opened(path) as source:
        list(read_xes(source.stream))
    path.write_bytes(packed[:40] + bytes(20) + packed[60:])
    with pytest.raises(UnreadableFile, match="cut off or damaged"), opened(path) as source:
        list(read_xes(source.stream))


def test_files_that_cannot_be_opened(tmp_path: Path):
    (tmp_path / "empty").touch()
    for name, says in (("none", "No such file"), ("empty", "is empty"), (".", "cannot be read")):
        with pytest.raises(UnreadableFile, match=says), opened(tmp_path / name):
            pass
