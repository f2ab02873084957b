"""Where exactly something has the wrong form: in which entry of a table, too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

ENTRY = "[...]"
"""What the decoder says for some entry of a table."""
STEP = re.compile(r"\.([^.\[\]`]+)|\[(\d+)\]")
MOST = 100
"""Entries that are tried one by one; in a larger table none is named."""
PLAIN = re.compile(r"[\w-]+")


def pointed(
    error: msgspec.ValidationError, stated: Any, read: Callable[[Any], Any]
) -> msgspec.ValidationError:
    """The same error with the entries of tables named, as far as they can be.

    Args:
        error: what ``read`` said of it.
        stated: what has the wrong form, as plain values.
        read: reads it.
    """
    said = precise = str(error)
    while ENTRY in precise:
        before, _, after = precise.partition(ENTRY)
        steps = [name or int(place) for name, place in STEP.findall(before.rpartition("`$")[2])]
        for name, alone in _alone(stated, steps):
            if _says(read, alone) == said and PLAIN.fullmatch(str(name)):
                precise, stated = f"{before}{_step(name)}{after}", alone
                break
        else:
            break
    return msgspec.ValidationError(precise)


def _says(read: Callable[[Any], Any], stated: Any) -> str | None:
    try:
        read(stated)
    except msgspec.ValidationError as error:
        return str(error)
    return None


def _step(name: str | int) -> str:
    return f".{name}" if isinstance(name, str) else f"[{name}]"


def _alone(stated: Any, steps: list[str | int]) -> Iterator[tuple[str | int, Any]]:
    """What is stated, with one entry only of the table that the steps lead to; each entry in turn."""
    if not steps:
        if isinstance(stated, dict) and len(stated) <= MOST:
            yield from ((name, {name: value}) for name, value in stated.items())
        return
    first, *rest = steps
    try:
        inner = stated[first]
    except (KeyError, IndexError, TypeError):
        return
    for name, alone in _alone(inner, rest):
        changed = stated.copy()
        changed[first] = alone
        yield name, changed
