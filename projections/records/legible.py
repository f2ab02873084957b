"""Text as it may be shown: nothing in it hides, turns the line around, or runs out of its column."""

from __future__ import annotations

import re
from unicodedata import category

HIDING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
JOINING = "\u00ad\u200c\u200d"
"""Soft hyphen and the joiners of scripts and emoji: unseen, and needed."""
TAGS = re.compile(r"[\U000e0020-\U000e007f]")
LONG = 20
"""A run of so many characters that no line may be broken in gets places to break it …"""
STEP = 10
"""… at least this often, and after its punctuation."""
RUN = re.compile(rf"[^\s\u200b-]{{{LONG},}}")
BREAK = "\u200b"
PUNCTUATION = frozenset("./:_@,;=&?")


def visible(text: str) -> str:
    """The text with every control character said: a right-to-left override is shown as [U+202E]."""
    text = text.replace("\r\n", "\n").replace("\t", " ")
    return text if text.isprintable() else "".join(map(_seen, text))


def named(character: str) -> str:
    """A character by its code point."""
    return f"[U+{ord(character):04X}]"


def breakable(text: str) -> str:
    """The text with places to break a line inside what else could not be broken."""
    return RUN.sub(lambda run: _broken(run.group()), text)


def _seen(character: str) -> str:
    shown = character == "\n" or character in JOINING or TAGS.match(character)
    return character if shown or category(character) not in HIDING else named(character)


def _broken(run: str) -> str:
    told: list[str] = []
    since = 0
    for before, character in zip(" " + run, run, strict=False):
        joined = category(character)[0] == "M" or character in JOINING or before in JOINING
        if not joined and (since >= STEP or before in PUNCTUATION):
            told.append(BREAK)
            since = 0
        told.append(character)
        since += 1
    return "".join(told)
