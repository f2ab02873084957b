"""What people call the columns of tables."""

from __future__ import annotations

from pathlib import Path

import msgspec

from projections.words.values import Text

FILE = Path(__file__).with_name("headings.toml")
HEADINGS = msgspec.toml.decode(FILE.read_bytes(), type=dict[str, Text])
"""By name."""


def heading(name: str, language: str) -> str:
    """What a column is called.

    Raises:
        KeyError: the catalogue does not hold it.
    """
    return getattr(HEADINGS[name], language)
