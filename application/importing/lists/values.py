"""Single values of a list, by the form their field has."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from application.importing.lists.fields import Field, Form
from application.importing.lists.mapping import ListMapping
from application.importing.rows import LONGEST_NAME, BadValue
from application.importing.times import Clock
from application.part_commands import MOST

LONGEST_LINE = 300
"""Characters of a title."""
LONGEST_NUMBER = 30
"""Characters."""
MOST_NAMES = 1000
"""Serial numbers in one value."""
SECONDS_OF_AN_HOUR = 3600


class Values:
    """Reads values under one mapping. Pure; compiled once.

    Args:
        zone: IANA time zone of times that carry no offset, where the mapping names none.
        now: the latest moment that can have happened.
    """

    def __init__(self, mapping: ListMapping, *, zone: str, now: datetime) -> None:
        self._mapping = mapping
        self._clock = Clock(replace(mapping.time, zone=mapping.time.zone or zone), now)
        self._days = Clock(replace(mapping.time, zone=None), now)
        grouping = r"[,\s']" if mapping.decimal == "." else r"[.\s']"
        point = re.escape(mapping.decimal)
        self._number = re.compile(rf"(-?)(\d{{1,3}}(?:{grouping}\d{{3}})+|\d+)(?:{point}(\d+))?", re.ASCII)
        self._separators = re.compile(rf"[{re.escape(mapping.separator)}；\r\n]")
        self._readers: dict[Form, Callable[[Field, str], Any]] = {
            "name": lambda _, text: _short(text, LONGEST_NAME),
            "line": lambda _, text: _short(text, LONGEST_LINE),
            "whole": lambda _, text: self._whole(text),
            "amount": lambda _, text: self._amount(text),
            "hours": lambda _, text: self._hours(text),
            "day": lambda _, text: self._day(text),
            "moment": lambda _, text: self._clock.moment(text),
            "names": lambda _, text: self._names(text),
            "word": self._word,
        }

    def read(self, field: Field, text: str) -> Any:
        """What a text means in a field: text, whole number, day, moment in UTC or several names.

        Raises:
            BadValue: nothing.
        """
        table = self._mapping.values.get(field.name, {})
        return self._readers[field.form](field, table.get(text) or table.get("*") or text)

    def _parts(self, text: str) -> tuple[str, str, str]:
        """Sign, digits before and after the point."""
        found = self._number.fullmatch(text)
        if found is None or len(text) > LONGEST_NUMBER:
            raise BadValue(f"{text!r} is no number")
        sign, before, after = found.groups("")
        return sign, re.sub(r"\D", "", before), after

    def _whole(self, text: str) -> int:
        sign, before, after = self._parts(text)
        if after.strip("0"):
            raise BadValue(f"{text!r} is no whole number")
        return _counted(-int(before) if sign else int(before), text)

    def _amount(self, text: str) -> str:
        sign, before, after = self._parts(text)
        return f"{sign}{before}.{after}" if after else f"{sign}{before}"

    def _hours(self, text: str) -> int:
        """Working time in seconds."""
        seconds = Decimal(self._amount(text)) * SECONDS_OF_AN_HOUR
        if seconds != int(seconds):
            raise BadValue(f"{text!r} hours are no whole number of seconds")
        return _counted(int(seconds), text)

    def _day(self, text: str) -> date:
        for moment in self._days.ways(text):
            if moment.tzinfo is None and moment.time() == time.min:
                return moment.date()
        raise BadValue(f"{text!r} is no day written as {' or '.join(self._mapping.time.formats)}")

    def _names(self, text: str) -> tuple[str, ...]:
        names = tuple(name for part in self._separators.split(text) if (name := part.strip()))
        if len(names) > MOST_NAMES:
            raise BadValue(f"{len(names):,} of them, the most is {MOST_NAMES:,}")
        return tuple(_short(name, LONGEST_NAME) for name in names)

    def _word(self, field: Field, text: str) -> str:
        word = field.words.get(text.casefold())
        if word is None:
            known = ", ".join(dict.fromkeys(field.words.values()))
            raise BadValue(f"{text!r} is none of {known}; add it to [values.{field.name}]")
        return word


def _counted(number: int, text: str) -> int:
    if not 0 <= number <= MOST:
        raise BadValue(f"{text!r} is below zero" if number < 0 else f"{text!r} is too much")
    return number


def _short(text: str, most: int) -> str:
    if len(text) > most:
        raise BadValue(f"{len(text):,} characters, the most is {most}")
    return text
