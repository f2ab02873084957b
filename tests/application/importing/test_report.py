"""The account of an import."""

from __future__ import annotations

import msgspec
from rich.console import Console

from application.importing.report import Report
from tests.application.importing.written import told

LINES = (
    "2025-01-01 09:00 | Open | | Front",
    "2025-01-01 10:00 | Tea",
    "2025-01-01 11:00 | Close",
    "2025-01-01 12:00 | Solve",
)


def test_every_source_event_is_counted_once_by_what_became_of_it():
    report = Report(source="desk", rows=6, already_there_events=1, rejected_rows=1)
    report.add_case(told(*LINES))
    assert (report.cases, report.source_events) == (1, 4)
    assert report.commands == {"register": 1, "resolve": 1}
    assert report.unmapped == {"Tea": 1}
    assert report.refused == {"Close": {"assigned": 1}}
    assert report.derived == {"assign": 1}
    assert report.balanced
    assert msgspec.json.decode(report.as_json(), type=Report) == report


def test_the_tables_say_it_in_words():
    report = Report(source="desk", rows=4)
    report.add_case(told(*LINES))
    console = Console(width=100, record=True, file=None, quiet=False)
    with console.capture() as said:
        for table in report.as_tables():
            console.print(table)
    assert "Close while assigned" in said.get()
    assert "tickets imported" in said.get()
