"""The schemas of whatever is sent and answered, from the types that read and write it.

The framework makes schemas, too, but loses what a list or a map is made of, and a least value of 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from inspect import cleandoc
from typing import Any

import msgspec
from litestar.openapi.spec import Reference, Schema
from litestar.openapi.spec.enums import OpenAPIType
from msgspec import inspect

PLACE = "#/components/schemas/"
ATTRIBUTE = re.compile(r"^    (\w+): (.+(?:\n        .+)*)", re.MULTILINE)
CAPITAL = re.compile(r"(?=[A-Z])")
NOTHING: tuple[Any, ...] = (None, (), [], {})
"""Defaults that go without saying."""


def schemas(bodies: Iterable[type[Any]]) -> dict[str, Schema]:
    """A schema for every type, and for those that it is made of, with their docstrings told.

    Args:
        bodies: what is sent and answered.

    Returns:
        By full name, such as ``domain.ticket.words.Status``, where two types have one name; else by name.
    """
    bodies = tuple(bodies)
    kinds = _structs(inspect.multi_type_info(bodies), {})
    called = {name: kind for cls, kind in kinds.items() for name in (cls.__name__, _full_name(cls))}
    _, told = msgspec.json.schema_components(bodies, ref_template=PLACE + "{name}")
    return {name: _component(each, called.get(name)) for name, each in told.items()}


def _full_name(cls: type[Any]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


Structs = dict[type[Any], inspect.StructType]


def _structs(kinds: Iterable[Any], seen: Structs) -> Structs:
    """The structures among types and whatever they are made of."""
    for kind in kinds:
        if not isinstance(kind, inspect.StructType):
            inner = (getattr(kind, name, None) for name in ("item_type", "key_type", "value_type"))
            several = (*getattr(kind, "types", ()), *getattr(kind, "item_types", ()))
            _structs([*filter(None, inner), *several], seen)
        elif kind.cls not in seen:
            seen[kind.cls] = kind
            _structs((field.type for field in kind.fields), seen)
    return seen


def _is_time(kind: inspect.Type) -> bool:
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return any(isinstance(each, inspect.DateTimeType) for each in kinds)


def _as_time(stated: dict[str, Any]) -> None:
    """Say that a text is a time: left unsaid where a type does not say that it has an offset."""
    for each in stated.get("anyOf", [stated]):
        if each["type"] == "string":
            each["format"] = "date-time"


def _inherited(body: type[Any]) -> dict[str, str]:
    """What the bases of a type say of its attributes; the nearest has the last word."""
    told = (_read(base.__doc__)[1] for base in reversed(body.__mro__[1:]))
    return {name: meaning for each in told for name, meaning in each.items()}


def _component(told: dict[str, Any], kind: inspect.StructType | None) -> Schema:
    """A type with its docstring: the text above to the type, the attributes to its properties."""
    above, meanings = _read(told.pop("description", None))
    if kind is not None:
        meanings = _inherited(kind.cls) | meanings
        for field in kind.fields:
            if _is_time(field.type):
                _as_time(told["properties"][field.encode_name])
    properties: dict[str, Schema | Reference] = {}
    for name, field in told.pop("properties", {}).items():
        said = {"description": meanings[name]} if name in meanings else {}
        properties[name] = _schema(field | said)
    made = _schema(told | {"description": above})
    if not isinstance(made, Schema):
        raise TypeError(f"{told} is no type of its own")
    made.properties = properties or None
    made.type = OpenAPIType.STRING if made.enum else made.type
    return made


def _read(docstring: str | None) -> tuple[str, dict[str, str]]:
    """A docstring's own text, and what it says of each attribute."""
    text = cleandoc(docstring or "").replace("``None``", "null").replace("``", "`")
    above, _, rest = text.partition("\n\nAttributes:")
    attributes = rest.partition("\n\nRaises:")[0]
    said = {name: " ".join(meaning.split()) for name, meaning in ATTRIBUTE.findall(attributes)}
    return above, {name: meaning[0].upper() + meaning[1:] for name, meaning in said.items()}


def _schema(told: dict[str, Any]) -> Schema | Reference:
    """What the JSON schema says, as the framework keeps it."""
    stated = {name: value for name, value in told.items() if name != "default" or value not in NOTHING}
    stated.pop("uniqueItems", None)  # a set takes a value that is named twice, and has it once
    reference = stated.pop("$ref", None)
    if reference is None:
        return Schema(**{_snake(name): _kept(name, value) for name, value in stated.items()})
    if not stated:
        return Reference(reference)
    return Schema(all_of=[Reference(reference)], **{_snake(name): value for name, value in stated.items()})


def _kept(name: str, value: Any) -> Any:
    match name, value:
        case "type", str():
            return OpenAPIType(value)
        case (("items" | "additionalProperties" | "propertyNames"), dict()):
            return _schema(value)
        case (("anyOf" | "prefixItems"), list()):
            return [_schema(each) for each in value]
        case _:
            return value


def _snake(name: str) -> str:
    return CAPITAL.sub("_", name).lower()
