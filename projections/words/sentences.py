"""Events in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import reduce
from pathlib import Path
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

import msgspec

from domain.event import Event, type_name
from projections.words.spoken import said
from projections.words.values import Text

FILE = Path(__file__).with_name("events.toml")

PART = re.compile(r"\[(?P<optional>[^\[\]]*)\]|(?P<plain>[^\[\]]+)")
FIELD = re.compile(r"\{([\w.]+(?::time)?)\}")


class Saying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to say an event, used when its fields have these values."""

    zh: str
    en: str
    when: dict[str, str] = {}

    def fits(self, event: Event) -> bool:
        """Whether it says this event."""
        return all(str(_field(event, name)) == value for name, value in self.when.items())


SAYINGS = msgspec.toml.decode(FILE.read_bytes(), type=dict[str, list[Saying]])
"""By event type."""


def tell(event: Event, zone: ZoneInfo) -> Text:
    """Say what happened.

    Args:
        zone: where times are told, with their offset.

    Raises:
        KeyError: the catalogue does not hold the event or one of its values.
        ValueError: no saying of it fits.
    """
    name = type_name(event)
    for index, saying in enumerate(SAYINGS[name]):
        if saying.fits(event):
            zh, en = _READY[name][index]
            return Text(zh.fill(event, "zh", zone), en.fill(event, "en", zone))
    raise ValueError(f"nothing says this {name}")


class _Part(NamedTuple):
    """A piece of a saying: texts and field names in turn, the first a text."""

    pieces: tuple[str, ...]
    optional: bool


class _Template(NamedTuple):
    parts: tuple[_Part, ...]

    @classmethod
    def read(cls, text: str) -> _Template:
        return cls(
            tuple(
                _Part(tuple(FIELD.split(found.group("optional") or found.group("plain") or "")), optional)
                for found in PART.finditer(text)
                for optional in (found.group("optional") is not None,)
            )
        )

    def fill(self, event: Event, language: str, zone: ZoneInfo) -> str:
        told: list[str] = []
        for part in self.parts:
            values = [_value(event, name) for name in part.pieces[1::2]]
            if part.optional and not all(values):
                continue
            for text, value in zip(part.pieces[::2], [*values, True], strict=True):
                told += text, said(value, language, zone)
        return "".join(told)


def _value(event: Event, name: str) -> object:
    path, _, form = name.partition(":")
    value = _field(event, path)
    return timedelta(seconds=cast(int, value)) if form == "time" else value


def _field(event: Event, path: str) -> object:
    """The value at the end of a path; ``None`` from where a step has none."""
    return reduce(
        lambda at, name: None if at is None else getattr(at, name), path.split("."), cast(object, event)
    )


_READY: Mapping[str, tuple[tuple[_Template, _Template], ...]] = {
    name: tuple((_Template.read(saying.zh), _Template.read(saying.en)) for saying in sayings)
    for name, sayings in SAYINGS.items()
}
