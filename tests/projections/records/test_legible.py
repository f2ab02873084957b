"""Text made fit to be shown."""

from __future__ import annotations

import pytest

from projections.records.fonts import families, printable
from projections.records.legible import BREAK, breakable, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("热水器 SN-1 ok", "热水器 SN-1 ok"),
        ("a\u202eb", "a[U+202E]b"),
        ("\x1b[31m", "[U+001B][31m"),
        ("a\0b", "a[U+0000]b"),
        ("\ufeffx\u200by", "[U+FEFF]x[U+200B]y"),
        ("a\r\nb\tc\nd", "a\nb c\nd"),
        ("x\u2028y", "x[U+2028]y"),
        ("👨\u200d👩", "👨\u200d👩"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_what_hides_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("text", "set_as"),
    [
        ("热水器 ok é Ω", "热水器 ok é Ω"),
        ("😀 العربية ไทย 한국어", "😀 العربية ไทย 한국어"),
        ("\ue000", "[U+E000]"),
        ("\U00030000汉", "[U+30000]汉"),
        ("😀\u0301", "😀[U+0301]"),
        ("\U000e1234\u0301", "[U+E1234][U+0301]"),
        ("☎\ufe0f", "☎\ufe0f"),
    ],
)
def test_a_character_that_no_font_has_is_said(text: str, set_as: str) -> None:
    assert printable(text) == set_as


def test_long_runs_get_places_to_break_and_keep_their_characters() -> None:
    for run in ("A" * 100, "technician:zhang.weiming", "https://example.com/a?b=c", "السخان" * 10):
        broken = breakable(run)
        assert broken.replace(BREAK, "") == run
        assert max(map(len, broken.split(BREAK))) <= 15


def test_short_words_and_sentences_stay_as_they_are() -> None:
    for text in ("technician:li.wei", "更换加热管 HE-200", "An answer to the customer by a person", "x" * 19):
        assert breakable(text) == text


def test_an_accent_stays_on_its_letter() -> None:
    broken = breakable("e\u0301" * 30)
    assert f"{BREAK}\u0301" not in broken
    assert BREAK in broken


def test_each_language_is_set_in_its_own_font_first() -> None:
    assert families("zh")[0] == "Noto Sans CJK SC"
    assert families("en")[:2] == ("Noto Sans", "Noto Sans CJK SC")
    assert set(families("zh")) == set(families("en"))
