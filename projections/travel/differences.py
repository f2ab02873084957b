"""What differs between two states, value by value.

A state is a tree: structs and maps are its branches, single values its leaves. What is absent, ``None`` or
empty is no leaf, so what is taken away and what is added are changes like any other: to nothing, or from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

import msgspec

from domain.clock import Clock
from domain.money import Money
from domain.part.events import PartName
from domain.part.holdings import Place
from domain.part.register import Register
from domain.ticket.state import Ticket
from projections.words.fields import Field

LEAVES = (Money, PartName, Place)
"""Structs that are one value to people."""
UNTOLD: dict[type[msgspec.Struct], frozenset[str]] = {
    Clock: frozenset({"milestone", "cycle"}),
    Ticket: frozenset({"came_from", "held_by"}),
}
"""Fields that stand in the path already, as every ``id`` does, or only say again what others say."""
UNITS = (Field("units"),)
"""Where what has no lot or serial number stands under an empty name; the total beside it tells of that."""
NAMES = ("id", "number")
"""By which of its fields a member of a list is named; otherwise by its place, from 1."""


Path = tuple[Any, ...]
"""Names of fields, keys of maps, and names of list members, from the root to a leaf."""


class Difference(NamedTuple):
    """A leaf that differs; ``None`` where there is none."""

    path: Path
    before: Any
    after: Any


def differences(before: Any, after: Any, path: Path = ()) -> Iterator[Difference]:
    """Every leaf that differs, fields in the order of their struct, keys in alphabetical order."""
    before, after = _present(before), _present(after)
    if before is after:
        return
    if isinstance(before, Register) and isinstance(after, Register):
        yield from _in_drawers(before, after, path)
        return
    mine, theirs = _members(before), _members(after)
    if mine is None and theirs is None:
        if before != after:
            yield Difference(path, before, after)
        return
    yield from _each(mine or {}, theirs or {}, path)


def members(state: msgspec.Struct) -> dict[Any, Any]:
    """The fields of a struct that may differ."""
    return {name: getattr(state, name) for name in fields(type(state))}


def pointer(path: Path) -> str:
    """A path as a JSON pointer (RFC 6901)."""
    return "".join("/" + _text(step).replace("~", "~0").replace("/", "~1") for step in path)


def _in_drawers(before: Register[Any, Any], after: Register[Any, Any], path: Path) -> Iterator[Difference]:
    """Of two registers only the drawers that are not the same: most are, of two states that follow."""
    mine: dict[Any, Any] = {}
    theirs: dict[Any, Any] = {}
    for number in before.drawers.keys() | after.drawers.keys():
        own, other = before.drawers.get(number), after.drawers.get(number)
        if own is not other:
            mine |= own or {}
            theirs |= other or {}
    yield from _each(mine, theirs, path)


def _each(mine: Mapping[Any, Any], theirs: Mapping[Any, Any], path: Path) -> Iterator[Difference]:
    for key in _ordered({**mine, **theirs}):
        if key or path[-1:] != UNITS:
            yield from differences(mine.get(key), theirs.get(key), (*path, key))


def _members(value: Any) -> Mapping[Any, Any] | None:
    """What a branch is made of; ``None`` for a leaf and for nothing."""
    if isinstance(value, dict):
        return value
    if isinstance(value, Register):
        return dict(value.items())
    if isinstance(value, msgspec.Struct) and not isinstance(value, LEAVES):
        return members(value)
    if isinstance(value, tuple) and isinstance(value[0], msgspec.Struct):
        return {_name(each, place): each for place, each in enumerate(value, 1)}
    return None


@cache
def fields(cls: type[msgspec.Struct]) -> tuple[Field, ...]:
    """The names of the fields of a struct that may differ."""
    untold = UNTOLD.get(cls, frozenset())
    return tuple(Field(name) for name in cls.__struct_fields__ if name != "id" and name not in untold)


def _name(member: msgspec.Struct, place: int) -> Any:
    return next((getattr(member, name) for name in NAMES if hasattr(member, name)), place)


def _present(value: Any) -> Any:
    empty = not value.drawers if isinstance(value, Register) else value in ((), {})
    return None if empty else value


def _ordered(keys: Mapping[Any, Any]) -> list[Any]:
    return list(keys) if isinstance(next(iter(keys), None), Field) else sorted(keys, key=_order)


def _order(key: Any) -> tuple[int, str]:
    return (key, "") if isinstance(key, int) else (0, _text(key))


def _text(step: Any) -> str:
    return str(step.value if isinstance(step, Enum) else step)
