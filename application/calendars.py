"""The working-time calendars that come with the product, one TOML file a version."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from application.pointing import pointed
from domain.calendar import Calendar
from domain.errors import InvalidValue

CALENDARS = Path(__file__).with_name("working_calendars")

T = TypeVar("T")


@cache
def shipped_calendars() -> tuple[Calendar, ...]:
    """Every version of every calendar that comes with the product."""
    return published(CALENDARS, read_calendar)


def read_calendar(stated: dict[str, Any]) -> Calendar:
    """A calendar as its file states it.

    Raises:
        InvalidValue: hours, days or zone contradict themselves.
        msgspec.ValidationError: a field is missing, unknown or of the wrong type.
    """
    return msgspec.convert(stated, Calendar, str_keys=True)


def published(folder: Path, read: Callable[[dict[str, Any]], T]) -> tuple[T, ...]:
    """What the TOML files of a folder state, in the order of their names.

    Raises:
        InvalidValue: a file is not TOML, states something wrong, or is not called NAME-VERSION.toml after
            what it states; the message begins with its path.
    """
    return tuple(_stated(file, read) for file in sorted(folder.glob("*.toml")))


def read_exactly(stated: dict[str, Any], read: Callable[[dict[str, Any]], T]) -> T:
    """What a table states; what has the wrong form is named with its place.

    Raises:
        msgspec.ValidationError: a field is missing, unknown or of the wrong type.
        InvalidValue: what ``read`` raises.
    """
    try:
        return read(stated)
    except msgspec.ValidationError as error:
        raise pointed(error, stated, read) from None


def _stated(file: Path, read: Callable[[dict[str, Any]], T]) -> T:
    try:
        stated = tomllib.loads(file.read_text(encoding="utf-8"))
        found = read_exactly(stated, read)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, InvalidValue) as wrong:
        raise InvalidValue(f"{file}: {wrong}") from wrong
    name = f"{stated['name']}-{stated['version']}.toml"
    if file.name != name:
        raise InvalidValue(f"{file}: a file that states this must be called {name}")
    return found
