"""What people call a listed value."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from pathlib import Path

import msgspec

FILE = Path(__file__).with_name("values.toml")


class Text(msgspec.Struct, frozen=True):
    """The same in both languages."""

    zh: str
    en: str


VALUES = msgspec.toml.decode(FILE.read_bytes(), type=dict[str, dict[str, dict[str, Text]]])
"""By the room of the domain, the name of the list, then by value."""


def room(listed: type[Enum]) -> str:
    """The room of the domain that a list belongs to; two rooms may each have a ``Status``."""
    return listed.__module__.split(".")[1]


@lru_cache(maxsize=None, typed=True)  # members of two lists may be equal as texts
def word(value: Enum) -> Text:
    """What people call a value.

    Raises:
        KeyError: the catalogue does not hold it.
    """
    listed = type(value)
    return VALUES[room(listed)][listed.__name__][value.value]
