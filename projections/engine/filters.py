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
        which: a filter; a field that is ``None`` means everything.
        conditions: by field, with its value as ``%(field)s``; with ILIKE it is a part of some text.
    """
    query: LiteralString = "true"
    params: dict[str, Any] = {}
    for name, condition in conditions.items():
        value = getattr(which, name)
        if value is not None:
            query += " AND " + condition
            params[name] = contains(value) if "ILIKE" in condition else _plain(value)
    return query, params


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value
