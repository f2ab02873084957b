"""Wall time: how people write working hours down, and which instants they mean by it.

When the clocks change, a written hour means the first instant at which the wall shows that hour or a later
one. An hour that is skipped (02:30 in spring) therefore means the jump itself, one that comes twice (02:30
in autumn) its first coming; hours that touch on paper touch in the world.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.errors import InvalidValue

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400
HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)", re.ASCII)


class Weekday(StrEnum):
    """A day of the week, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Window(NamedTuple):
    """Hours worked without a break, in seconds of wall time from midnight of the day they open on.

    An overnight window closes later than 24 h: 22:00-06:00 is (79200, 108000).
    """

    opens: int
    closes: int

    @classmethod
    def parse(cls, text: str) -> Window:
        """Read "09:00-12:00", "13:30-24:00" or, over midnight, "22:00-06:00".

        Raises:
            InvalidValue: it is not two times of day, or they are the same.
        """
        found = HOURS.fullmatch(text)
        if not found:
            raise InvalidValue(f"{text!r} is not working hours such as 09:00-12:00")
        opens = int(found[1]) * 3600 + int(found[2]) * 60
        closes = int(found[3]) * 3600 + int(found[4]) * 60 if found[3] else DAY
        if opens == closes:
            raise InvalidValue(f"{text!r} opens and closes at the same time; a whole day is 00:00-24:00")
        return cls(opens, closes if closes > opens else closes + DAY)


def second_of(at: datetime) -> int:
    """Whole seconds since the epoch, rounded down, exactly (a float would not be)."""
    since = at - EPOCH
    return since.days * DAY + since.seconds


def first_showing(wall: datetime, zone: ZoneInfo) -> int:
    """Seconds since the epoch when a wall in ``zone`` first shows ``wall``, a time without zone, or later."""
    early, late = (second_of(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if early <= late:
        return early

    def has_jumped(second: int) -> bool:
        return (EPOCH + timedelta(seconds=second)).astimezone(zone).replace(tzinfo=None) > wall

    return late + bisect_left(range(late, early), True, key=has_jumped)


def union(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The half-open spans that cover the same seconds once each, in order; empty ones vanish."""
    merged: list[tuple[int, int]] = []
    for begins, ends in sorted(spans):
        if begins >= ends:
            continue
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        else:
            merged.append((begins, ends))
    return merged
