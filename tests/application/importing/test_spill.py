"""Cases brought together whole, or rejected whole."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.importing import spill
from application.importing.reading import Reading
from application.importing.rows import Row
from tests.application.importing.written import NOW, csv_rows, mapping, sorted_out

HEADER = "Case,When,What,Who,Team,Severity,Customer,Level\n"


def test_rows_of_a_case_come_together_by_time_and_as_in_the_file_where_times_are_equal():
    rows = csv_rows(
        HEADER
        + "B,2025-01-02 10:00,Open,,,,,\n"
        + "A,2025-01-01 12:00,Close,,,,,\n"
        + "B,2025-01-02 09:00,Take,,,,,\n"
        + "A,2025-01-01 12:00,Solve,,,,,\n"
        + "A,2025-01-01 11:00,Open,,,,,\n"
    )
    cases, rejects = sorted_out(rows, mapping())
    assert [(case.name, [event.activity for event in case.events]) for case in cases] == [
        ("B", ["Take", "Open"]),
        ("A", ["Open", "Close", "Solve"]),
    ]
    assert rejects == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A,soon,Take,,,,,", "time 'soon' is not written as iso"),
        ("A,,Take,,,,,", "no time in column When"),
        ("A,2025-01-01 10:00,,,,,,", "no activity in column What"),
        (
            "A,2025-01-01 10:00,Take,,,urgent,,",
            "priority 'urgent' has no meaning; add it to [values.priority]",
        ),
        ("A,2025-01-01 10:00,Take,,,", "6 values where the header has 8"),
        ("A,2025-01-01 10:00,Ta\0ke,,,,,", "column What: a NUL byte"),
    ],
)
def test_a_bad_row_rejects_its_case_and_no_other(row: str, reason: str):
    rows = csv_rows(
        f"{HEADER}A,2025-01-01,Open,,,,,\nB,2025-01-01,Open,,,,,\n{row}\nA,2025-01-02,Close,,,,,\n"
    )
    cases, rejects = sorted_out(rows, mapping())
    assert [case.name for case in cases] == ["B"]
    others = f"the case has a bad row on line 4: {reason}"
    assert sorted((r.line, r.case, r.bad, r.reason) for r in rejects) == [
        (2, "A", False, others),
        (4, "A", True, reason),
        (5, "A", False, others),
    ]


@pytest.mark.parametrize("row", [",2025-01-01 10:00,Take,,,,,", "A\0,2025-01-01 10:00,Take,,,,,"])
def test_a_bad_row_without_a_case_stands_alone(row: str):
    cases, rejects = sorted_out(csv_rows(f"{HEADER}A,2025-01-01,Open,,,,,\n{row}\n"), mapping())
    assert [case.name for case in cases] == ["A"]
    assert [(r.line, r.case, r.bad) for r in rejects] == [(3, None, True)]


def test_a_case_of_bad_rows_only_is_counted():
    with spill.Spill(Reading(mapping(), NOW)) as taken:
        list(taken.add(csv_rows(f"{HEADER}A,soon,Open,,,,,\nB,2025-01-01,Open,,,,,\n")))
        assert (taken.rows, taken.count_cases(), taken.count_hopeless()) == (2, 1, 1)


def test_an_endless_case_is_rejected(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spill, "LONGEST_CASE", 2)
    cases, rejects = sorted_out(csv_rows(HEADER + "A,2025-01-01,Open,,,,,\n" * 3), mapping())
    assert cases == []
    assert Counter(reject.reason for reject in rejects) == {"the case has 3 rows, the most is 2": 3}


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["2025-01-01Z", "2025-02-01Z", "soon"]))))
def test_every_row_is_in_a_whole_case_or_rejected(shape: list[tuple[str, str]]):
    rows = [Row(n, {"Case": case, "When": when, "What": "Open"}) for n, (case, when) in enumerate(shape, 2)]
    cases, rejects = sorted_out(rows, mapping())
    lines = [event.line for case in cases for event in case.events] + [reject.line for reject in rejects]
    assert sorted(lines) == [row.line for row in rows]
    condemned = {case for case, when in shape if when == "soon"}
    assert {case.name for case in cases}.isdisjoint(condemned)
