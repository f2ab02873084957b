"""What the record says around its facts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter

from domain.catalogue import AGGREGATES
from projections.records import voice
from projections.records.findings import State
from projections.records.outcome import Step
from projections.records.voice import WORDS, Voice
from tests.projections.records.case import SHANGHAI

CHINESE = re.compile(r"[\u4e00-\u9fff]")
CODE = "".join(file.read_text() for file in Path(voice.__file__).parent.glob("*.py"))
COMPUTED = {
    "states": {state.value for state in State},
    "steps": {step.value for step in Step},
    "streams": {module.__name__.split(".")[1] for module in AGGREGATES},
}
LANGUAGE_FREE = {"sheet.none", "cover.sha256", "clocks.target"}


def _places(text: str) -> set[str]:
    return {field for _, field, *_ in Formatter().parse(text) if field}


def test_every_text_is_in_both_languages_with_the_same_places_to_fill() -> None:
    for chapter, names in WORDS.items():
        for name, text in names.items():
            assert _places(text.zh) == _places(text.en), f"{chapter}.{name}"
            if f"{chapter}.{name}" not in LANGUAGE_FREE:
                assert CHINESE.search(text.zh), f"{chapter}.{name}"
            assert not CHINESE.search(text.en), f"{chapter}.{name}"


def test_every_text_is_asked_for() -> None:
    for chapter, names in WORDS.items():
        assert f'"{chapter}"' in CODE
        for name in names:
            assert f'"{name}"' in CODE or name in COMPUTED.get(chapter, ()), f"{chapter}.{name}"


def test_states_and_steps_and_kinds_of_stream_have_their_words() -> None:
    for chapter, names in COMPUTED.items():
        assert names <= set(WORDS[chapter])


def test_neighbouring_positions_are_told_as_a_range() -> None:
    told = Voice("en", SHANGHAI).positions
    assert told([3, 1, 2, 7, 9, 10, 3]) == "1–3, 7, 9–10"
    assert told([5]) == "5"
    assert told([]) == ""


def test_moments_are_told_on_the_wall_to_the_second() -> None:
    told = Voice("zh", SHANGHAI).moment
    assert told(datetime(2026, 3, 2, 1, 0, 0, 999, tzinfo=UTC)) == "2026-03-02 09:00:00+08:00"
    assert told(datetime.max.replace(tzinfo=UTC)) == "9999-12-31 23:59:59+00:00"
    assert told(None) == ""


def test_lengths_of_time_are_told_in_words() -> None:
    zh, en = Voice("zh", SHANGHAI), Voice("en", SHANGHAI)
    assert (zh.span("PT2H30M"), en.span("PT2H30M")) == ("2 小时 30 分钟", "2 h 30 min")
    assert (zh.span(timedelta(0)), en.span("PT0S")) == ("0 秒", "0 s")
