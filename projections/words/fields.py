"""What people call the fields that a state is made of."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec

from projections.words.values import Text, word

FILE = Path(__file__).with_name("fields.toml")
FIELDS = msgspec.toml.decode(FILE.read_bytes(), type=dict[str, Text])
"""By name."""
WITHIN = " › "


class Field(str):
    """The name of a field, among the names of a path; the others are keys and places."""

    __slots__ = ()


def named(path: Iterable[Any]) -> Text:
    """A path in words: fields and listed values by their words, whatever else as it is.

    Raises:
        KeyError: the catalogue does not hold a field, or a listed value.
    """
    steps = [_step(step) for step in path if step != ""]
    return Text(WITHIN.join(step.zh for step in steps), WITHIN.join(step.en for step in steps))


def _step(step: Any) -> Text:
    if isinstance(step, Field):
        return FIELDS[step]
    return word(step) if isinstance(step, Enum) else Text(str(step), str(step))
