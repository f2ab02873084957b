from __future__ import annotations

import pytest

from projections.engine import cursor
from projections.engine.cursor import BadCursor


def test_a_cursor_brings_its_key_back_and_fits_into_a_url() -> None:
    key = (2**63 - 1, "T-2026-000001", "华东一组")
    text = cursor.write(key)
    assert cursor.read(text, tuple[int, str, str]) == key
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize("foreign", ["", "x", "!!", "é", "AAAA", cursor.write([1]), cursor.write(["a\0", 1])])
def test_a_foreign_cursor_is_refused(foreign: str) -> None:
    with pytest.raises(BadCursor):
        cursor.read(foreign, tuple[str, int])


def test_a_page_is_cut_off_before_the_one_row_too_many_and_names_its_last() -> None:
    rows, more = cursor.cut(["a", "b", "c"], 2, lambda row: [row])
    assert (rows, cursor.read(more or "", tuple[str])) == (["a", "b"], ("b",))
    assert cursor.cut(["a", "b"], 2, lambda row: [row]) == (["a", "b"], None)
    assert cursor.cut([], 2, lambda row: [row]) == ([], None)
