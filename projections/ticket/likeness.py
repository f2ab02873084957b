"""How alike two texts are, in Chinese and in English: by the pieces that they share."""

from __future__ import annotations

import re
import unicodedata

RUN = re.compile(r"[a-z0-9]+|[\u3400-\u9fff\uf900-\ufaff]+")


def pieces(text: str) -> frozenset[str]:
    """What a text is made of: three letters of words, two characters of Chinese, in no order."""
    found: set[str] = set()
    for run in RUN.findall(unicodedata.normalize("NFKC", text).casefold()):
        latin = run.isascii()
        padded, width = (f" {run} ", 3) if latin else (run, 2)
        found.update(padded[at : at + width] for at in range(max(len(padded) - width, 0) + 1))
    return frozenset(found)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """From 0, nothing shared, to 1, the same (Dice)."""
    if not one or not other:
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))
