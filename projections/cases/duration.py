"""Working time as text."""

from __future__ import annotations

import re
from functools import lru_cache

UNITS = {"H": 3600, "M": 60, "S": 1}


@lru_cache(maxsize=50_000)
def iso(seconds: int) -> str:
    """An ISO 8601 duration in hours, minutes and seconds: 9000 is PT2H30M, -60 is -PT1M.

    A working day has no fixed length, so days are never written.
    """
    if seconds < 0:
        return f"-{iso(-seconds)}"
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{amount}{unit}" for amount, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if amount]
    return f"PT{''.join(parts) or '0S'}"


def iso_or_none(seconds: int | None) -> str | None:
    """The same, where there may be none."""
    return None if seconds is None else iso(seconds)


def seconds(text: str) -> int:
    """The seconds of a duration that ``iso`` wrote."""
    if text.startswith("-"):
        return -seconds(text[1:])
    amounts = re.findall(r"(\d+)([HMS])", text)
    return sum(int(amount) * UNITS[unit] for amount, unit in amounts)
