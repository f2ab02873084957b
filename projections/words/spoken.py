"""How the value of a field is said, by its type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any
from zoneinfo import ZoneInfo

from domain.assignment.offers import PassedOver
from domain.contract.choice import Loser
from domain.money import Money
from domain.part.events import PartName
from domain.ticket.pinning_events import Owed
from domain.title import Title
from projections.words.values import word

BETWEEN = {"zh": "、", "en": ", "}
BRACKETS = {"zh": "{}（{}）", "en": "{} ({})"}
UNITS = {"zh": ("小时", "分钟", "秒"), "en": ("h", "min", "s")}


def said(value: object, language: str, zone: ZoneInfo) -> str:
    """A value in words.

    Args:
        value: what a field of an event holds.
        language: ``zh`` or ``en``.
        zone: where times are told, with their offset.

    Raises:
        KeyError: it is a listed value that the catalogue does not hold.
    """
    return _way(type(value))(value, language, zone)


@cache
def _way(kind: type) -> Callable[[Any, str, ZoneInfo], str]:
    return next(WAYS[cls] for cls in kind.__mro__ if cls in WAYS)


def _moment(value: datetime, _: str, zone: ZoneInfo) -> str:
    try:
        wall = value.astimezone(zone)
    except OverflowError:  # the last hours of the year 9999, or the first of the year 1
        wall = value
    return wall.isoformat(" ", "minutes")


def _duration(value: timedelta, language: str, _: ZoneInfo) -> str:
    minutes, seconds = divmod(value // timedelta(seconds=1), 60)
    amounts = zip((*divmod(minutes, 60), seconds), UNITS[language], strict=True)
    return " ".join(f"{amount} {unit}" for amount, unit in amounts if amount)


def _each(values: tuple[Any, ...], language: str, zone: ZoneInfo) -> str:
    return BETWEEN[language].join(said(value, language, zone) for value in values)


def _by_name(values: dict[str, Any], language: str, zone: ZoneInfo) -> str:
    named = ((name, said(value, language, zone)) for name, value in values.items())
    return BETWEEN[language].join(BRACKETS[language].format(*pair) for pair in named)


def _lost(value: Loser, language: str, zone: ZoneInfo) -> str:
    return BRACKETS[language].format(value.number, said(value.why, language, zone))


def _passed_over(value: PassedOver, language: str, zone: ZoneInfo) -> str:
    told = (said(value.level, language, zone), said(value.why, language, zone))
    return BRACKETS[language].format(value.plan, BETWEEN[language].join(told))


WAYS: dict[type, Callable[[Any, str, ZoneInfo], str]] = {
    object: lambda value, *_: str(value),
    NoneType: lambda *_: "",
    bool: lambda *_: "",
    Enum: lambda value, language, _: getattr(word(value), language),
    Title: lambda value, language, _: getattr(value, language),
    PartName: lambda value, language, _: getattr(value, language),
    Money: lambda value, *_: f"{value.amount} {value.currency}",
    Loser: _lost,
    PassedOver: _passed_over,
    Owed: lambda value, language, _: getattr(word(value.milestone), language),
    datetime: _moment,
    timedelta: _duration,
    tuple: _each,
    dict: _by_name,
}
"""By type; what has no way of its own takes that of the nearest class it comes from."""
