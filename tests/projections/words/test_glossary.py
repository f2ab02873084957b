"""The glossary calls things what people are shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from projections.words.values import VALUES

GLOSSARY = (Path(__file__).parents[3] / "docs" / "glossary.md").read_text()
CALLED = set(re.findall(r"`(\w+)`(?: \||) ([^\s,|`]+)", GLOSSARY))
"""Every value in the glossary with the word after it."""

LISTS = [
    ("ticket", "Status"),
    ("ticket", "HoldReason"),
    ("ticket", "Reaction"),
    ("ticket", "Obstacle"),
    *(("part", name) for name in VALUES["part"]),
    *(("contract", name) for name in VALUES["contract"] if name != "Action"),
]


@pytest.mark.parametrize(("where", "name"), LISTS)
def test_a_listed_value_stands_in_the_glossary_under_the_word_that_people_see(where: str, name: str) -> None:
    assert {(value, text.zh) for value, text in VALUES[where][name].items()} <= CALLED
