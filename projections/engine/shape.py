"""What a struct looks like when it is kept as JSON."""

from __future__ import annotations

from typing import Any

import msgspec


def shape(kind: type[msgspec.Struct]) -> bytes:
    """Changes when what is kept in bytes does; a view that keeps them is rebuilt then."""
    return msgspec.json.encode(_bare(msgspec.json.schema(kind)))


def _bare(schema: Any) -> Any:
    """A schema without its prose."""
    if isinstance(schema, dict):
        prose = isinstance(schema.get("description"), str)
        return {key: _bare(part) for key, part in schema.items() if not (prose and key == "description")}
    return [_bare(part) for part in schema] if isinstance(schema, list) else schema
