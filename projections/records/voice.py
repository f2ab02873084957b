"""How a record speaks: in one language, with the times of one zone."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from enum import Enum
from itertools import groupby
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from projections.records.sheet import Column, Row, Table
from projections.words.spoken import UNITS, said
from projections.words.values import VALUES, Text, word

FILE = Path(__file__).with_name("words.toml")
WORDS = msgspec.toml.decode(FILE.read_bytes(), type=dict[str, dict[str, Text]])
"""By chapter and name."""

Language = Literal["zh", "en"]
Columns = tuple[tuple[str, str, float], ...]
SEMICOLON = {"zh": "；", "en": "; "}


class Voice(msgspec.Struct, frozen=True):
    """A language and a zone."""

    language: Language
    zone: ZoneInfo

    def label(self, chapter: str, name: str, /, **values: object) -> str:
        """A text of ``words.toml``, filled in.

        Raises:
            KeyError: there is none such.
        """
        return self.of(WORDS[chapter][name]).format(**values)

    def of(self, text: Text) -> str:
        """The text in this language."""
        return getattr(text, self.language)

    def value(self, value: Enum | None) -> str:
        """A listed value in words; nothing for none."""
        return "" if value is None else self.of(word(value))

    def type(self, name: str) -> str:
        """What an event of this type is called."""
        return self.of(VALUES["event"]["Type"][name])

    def moment(self, moment: datetime | None) -> str:
        """A moment to the second, with its offset; nothing for none."""
        if moment is None:
            return ""
        with suppress(OverflowError):  # the last hours of the year 9999, or the first of the year 1
            moment = moment.astimezone(self.zone)
        return moment.replace(microsecond=0).isoformat(" ")

    def span(self, duration: str | timedelta | None) -> str:
        """A length of time, also one in ISO 8601, in hours, minutes and seconds; nothing for none."""
        if duration is None:
            return ""
        length = duration if isinstance(duration, timedelta) else msgspec.convert(duration, timedelta)
        return said(length, self.language, self.zone) or f"0 {UNITS[self.language][-1]}"

    def table(self, columns: Columns, rows: Iterable[Row], caption: str = "") -> Table:
        """A table whose columns are named by chapter and name, each with its share of the width."""
        titled = (Column(self.label(chapter, name), share) for chapter, name, share in columns)
        return Table(columns=tuple(titled), rows=tuple(rows), caption=caption)

    def listed(self, *texts: str) -> str:
        """What is not empty, separated."""
        return SEMICOLON[self.language].join(text for text in texts if text)

    def hash(self, digits: str) -> str:
        """A hash in groups that one can compare by eye, and that a line may be broken between."""
        return "SHA-256 " + " ".join(digits[at : at + 16] for at in range(0, len(digits), 16))

    def between(self, first: int, last: int) -> str:
        """The first and the last of some numbers: 12–15."""
        return str(first) if first == last else f"{first}–{last}"

    def positions(self, positions: Iterable[int]) -> str:
        """Positions, neighbours as a range: 12–15, 18."""
        numbered = enumerate(sorted(set(positions)))
        runs = [[at for _, at in run] for _, run in groupby(numbered, lambda pair: pair[1] - pair[0])]
        told = (f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
        return ", ".join(told)
