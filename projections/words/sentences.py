"""Events in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import reduce
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

import msgspec

from domain.event import Event, type_name
from projections.words.spoken import said
from projections.words.values import Text

FILE = Path(__file__).with_name("events.toml")
UNREAD = msgspec.toml.decode(FILE.with_name("unread.toml").read_bytes(), type=Text)

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
    for sentence in _READY[name]:
        if not sentence.saying.when or sentence.saying.fits(event):
            return sentence.fill(event, zone)
    raise ValueError(f"nothing says this {name}")


def tell_unread(name: str, schema: int) -> Text:
    """Say that this release cannot read an event.

    Args:
        name: its type.
        schema: the schema number that it was recorded with.
    """
    return Text(UNREAD.zh.format(type=name, schema=schema), UNREAD.en.format(type=name, schema=schema))


class _Part(NamedTuple):
    """A piece of a sentence.

    Attributes:
        form: its text, with ``{0}`` for the first value of the sentence.
        needs: the values without which it is left out; none where it always stands.
    """

    form: str
    needs: tuple[int, ...]


class _Sentence:
    """A saying in both languages, ready to be filled: every field is looked up and said once."""

    def __init__(self, saying: Saying) -> None:
        self.saying = saying
        self._names: list[str] = []
        self._zh, self._en = self._parts(saying.zh), self._parts(saying.en)
        self._fields = [_getter(name) for name in self._names]
        self._forms: dict[tuple[bool, ...], tuple[str, str]] = {}

    def fill(self, event: Event, zone: ZoneInfo) -> Text:
        values = [field(event) for field in self._fields]
        there = tuple(map(bool, values))
        zh, en = self._forms.get(there) or self._form(there)
        return Text(
            zh.format(*[value if type(value) is str else said(value, "zh", zone) for value in values]),
            en.format(*[value if type(value) is str else said(value, "en", zone) for value in values]),
        )

    def _form(self, there: tuple[bool, ...]) -> tuple[str, str]:
        """What is left in both languages when only these values are there."""
        zh, en = (
            "".join([part.form for part in parts if all(there[place] for place in part.needs)])
            for parts in (self._zh, self._en)
        )
        return self._forms.setdefault(there, (zh, en))

    def _parts(self, text: str) -> tuple[_Part, ...]:
        return tuple(
            self._part(found.group("optional") or found.group("plain") or "", found.group("optional"))
            for found in PART.finditer(text)
        )

    def _part(self, text: str, optional: str | None) -> _Part:
        places = [self._place(name) for name in FIELD.findall(text)]
        texts = [piece.replace("{", "{{").replace("}", "}}") for piece in FIELD.split(text)[::2]]
        form = texts[0] + "".join(
            f"{{{place}}}{after}" for place, after in zip(places, texts[1:], strict=True)
        )
        return _Part(form, tuple(places) if optional is not None else ())

    def _place(self, name: str) -> int:
        if name not in self._names:
            self._names.append(name)
        return self._names.index(name)


def _getter(name: str) -> Callable[[Event], object]:
    path, _, form = name.partition(":")
    if form == "time":
        return lambda event: timedelta(seconds=cast("int | None", _field(event, path)) or 0)
    return (lambda event: _field(event, path)) if "." in path else attrgetter(path)


def _field(event: Event, path: str) -> object:
    """The value at the end of a path; ``None`` from where a step has none."""
    return reduce(
        lambda at, name: None if at is None else getattr(at, name), path.split("."), cast(object, event)
    )


_READY: Mapping[str, tuple[_Sentence, ...]] = {
    name: tuple(map(_Sentence, sayings)) for name, sayings in SAYINGS.items()
}
