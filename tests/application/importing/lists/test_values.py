"""Single values as lists really have them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from application.importing.lists.fields import Field, Form
from application.importing.lists.parts import TRACKINGS
from application.importing.lists.values import Values
from application.importing.rows import BadValue
from tests.application.importing.lists.written import NOW, ZONE, mapping


def read(form: Form, text: str, toml: str = "") -> Any:
    field = Field("it", form, (), words=TRACKINGS if form == "word" else {})
    return Values(mapping(toml), zone=ZONE, now=NOW).read(field, text)


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        ("whole", "12", 12),
        ("whole", "1,200", 1200),
        ("whole", "1 200", 1200),
        ("whole", "12.00", 12),
        ("whole", "0", 0),
        ("amount", "18,600.00", "18600.00"),
        ("amount", "18600", "18600"),
        ("amount", "-5.5", "-5.5"),
        ("hours", "7.5", 27_000),
        ("hours", "1,000", 3_600_000),
        ("day", "2026-03-05", date(2026, 3, 5)),
        ("day", "2026/3/5", date(2026, 3, 5)),
        ("day", "2026.03.05", date(2026, 3, 5)),
        ("day", "2026年3月5日", date(2026, 3, 5)),
        ("day", "2026-03-05 00:00:00", date(2026, 3, 5)),
        ("day", "2026/03/05 00:00", date(2026, 3, 5)),
        ("moment", "2026-03-05 08:00", datetime(2026, 3, 5, tzinfo=UTC)),
        ("moment", "2026-03-05T08:00+02:00", datetime(2026, 3, 5, 6, tzinfo=UTC)),
        ("moment", "2026/3/5", datetime(2026, 3, 4, 16, tzinfo=UTC)),
        ("names", "A;B ; C", ("A", "B", "C")),
        ("names", "A；B\nC;", ("A", "B", "C")),
        ("names", "one, with comma", ("one, with comma",)),
        ("word", "LOT", "lot"),
        ("word", "序列号", "serial"),
        ("name", "x" * 200, "x" * 200),
        ("line", "x" * 300, "x" * 300),
    ],
)
def test_values(form: Form, text: str, value: object):
    assert read(form, text) == value


@pytest.mark.parametrize(
    ("form", "text", "says"),
    [
        ("whole", "a dozen", "'a dozen' is no number"),
        ("whole", "1,5", "'1,5' is no number"),
        ("whole", "1,20,000", "is no number"),
        ("whole", "２", "is no number"),
        ("whole", "1.5", "'1.5' is no whole number"),
        ("whole", "-3", "'-3' is below zero"),
        ("whole", "1000000001", "is too much"),
        ("whole", "9" * 5000, "is no number"),
        ("amount", "¥18,600.00", "is no number"),
        ("amount", "1e5", "is no number"),
        ("amount", "NaN", "is no number"),
        ("hours", "0.0001", "'0.0001' hours are no whole number of seconds"),
        ("hours", "-1", "is below zero"),
        ("day", "31.02.2026", "is no day written as iso or"),
        ("day", "2026-02-30", "is no day"),
        ("day", "03/05/2026", "is no day"),
        ("day", "2026-03-05 14:00", "is no day"),
        ("day", "2026-03-05T00:00Z", "is no day"),
        ("moment", "soon", "time 'soon' is not written as iso or"),
        ("moment", "2026-06-01 12:01", "lies in the future"),
        ("moment", "1899-12-31", "lies before 1900"),
        ("names", "A;" + "x" * 201, "201 characters, the most is 200"),
        ("names", ";".join(map(str, range(1001))), "1,001 of them, the most is 1,000"),
        ("word", "pallet", r"'pallet' is none of none, lot, serial; add it to \[values.it\]"),
        ("name", "x" * 201, "201 characters, the most is 200"),
        ("line", "x" * 301, "301 characters, the most is 300"),
    ],
)
def test_values_that_mean_nothing(form: Form, text: str, says: str):
    with pytest.raises(BadValue, match=says):
        read(form, text)


def test_a_decimal_comma():
    assert read("amount", "18.600,50", 'decimal = ","') == "18600.50"
    assert read("hours", "7,5", 'decimal = ","') == 27_000
    with pytest.raises(BadValue):
        read("amount", "18,600.00", 'decimal = ","')


def test_days_with_the_day_first_are_read_only_when_the_mapping_says_so():
    assert read("day", "05/03/2026", '[time]\nformats = ["%d/%m/%Y"]') == date(2026, 3, 5)


def test_a_zone_of_the_mappings_own():
    toml = '[time]\nzone = "Europe/Berlin"'
    assert read("moment", "2026-03-05 08:00", toml) == datetime(2026, 3, 5, 7, tzinfo=UTC)
    assert read("day", "2026-03-05", toml) == date(2026, 3, 5)


def test_another_separator():
    assert read("names", "A,B|C", 'separator = "|"') == ("A,B", "C")


def test_the_mapping_says_what_words_mean():
    toml = '[values.it]\n"批次管理" = "lot"\n"*" = "none"'
    assert [read("word", word, toml) for word in ("批次管理", "whatever")] == ["lot", "none"]
