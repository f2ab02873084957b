"""Plans, calendars and the triage written as TOML, as their files state them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

KEY = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def toml(stated: Mapping[str, Any]) -> str:
    """Plain values as TOML; what is ``None`` is left out. Days stand as texts.

    Args:
        stated: texts, numbers, lists and tables, by name.
    """
    return "\n".join(_lines(stated, "")).strip() + "\n"


def _lines(stated: Mapping[str, Any], within: str) -> Iterator[str]:
    tables = {name: value for name, value in stated.items() if _is_table(value)}
    for name, value in stated.items():
        if name not in tables and value is not None:
            yield f"{_key(name)} = {_value(value)}"
    for name, value in tables.items():
        path = f"{within}.{_key(name)}" if within else _key(name)
        if any(not _is_table(inner) for inner in value.values()):
            yield f"\n[{path}]"
        yield from _lines(value, path)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and len(value) != len(TITLE & value.keys())


TITLE = frozenset({"zh", "en"})
"""A title stands in one line."""


def _key(name: object) -> str:
    text = str(name)
    return text if text and set(text) <= KEY else json.dumps(text, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(
            f"{_key(name)} = {_value(each)}" for name, each in value.items() if each is not None
        )
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, Sequence) and value and all(isinstance(each, Mapping) for each in value):
        return "\n".join(["[", *(f"  {_value(each)}," for each in value), "]"])
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False)
