"""What a filter means, as a condition."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, LiteralString

import msgspec

from projections.engine.patterns import contains


def meant(
    which: msgspec.Struct, conditions: Mapping[str, LiteralString]
) -> tuple[LiteralString, dict[str, Any]]:
    """The condition that everything fits which a filter gives, and its parameters.

    Args:
        which: a filter; a field that is ``None`` means everything, and ``text`` a part of some text.
        conditions: by field, with its value as ``%(field)s``.
    """
    query: LiteralString = "true"
    params: dict[str, Any] = {}
    for name, condition in conditions.items():
        value = getattr(which, name)
        if value is not None:
            query += " AND " + condition
            params[name] = contains(value) if name == "text" else _plain(value)
    return query, params


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value
