"""What the OpenAPI document tells people beyond what the framework reads off the handlers."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

import msgspec
from litestar.openapi.spec import OpenAPI, OpenAPIHeader, OpenAPIResponse, Operation, Reference, Schema
from litestar.openapi.spec.enums import OpenAPIType

from interfaces.http.examples import EXAMPLES, shown

NULL = Schema(type=OpenAPIType.NULL)
HEADERS = {
    "401": ("WWW-Authenticate", "How to say who asks."),
    "412": ("ETag", "The version that stands."),
    "503": ("Retry-After", "Seconds after which to ask again."),
}
NUMBERS = {"Log-Position", "Retry-After"}
ATTRIBUTE = re.compile(r"^    (\w+): (.+(?:\n        .+)*)", re.MULTILINE)


def describe(document: OpenAPI, bodies: Iterable[Any]) -> None:
    """Complete the document: what fields mean, which are refused, and which headers come with an answer.

    Args:
        bodies: the types that are sent and answered; those they are made of follow.
    """
    bodies = tuple(bodies)
    _, told = msgspec.json.schema_components(bodies, ref_template="{name}")
    inherited = {body.__name__: _inherited(body) for body in bodies}
    for name, schema in (document.components.schemas or {}).items():
        if name in told:
            _explain(schema, told[name], inherited.get(name, {}))
    for example in EXAMPLES:
        (document.components.schemas or {})[type(example).__name__].examples = [shown(example)]
    for operation in _operations(document):
        _settle(operation)


def _operations(document: OpenAPI) -> Iterator[Operation]:
    for path in (document.paths or {}).values():
        for method in ("get", "post"):
            operation = getattr(path, method)
            if operation is not None:
                yield operation


def _inherited(body: type[Any]) -> dict[str, str]:
    """What the bases of a type say of its attributes; the nearest has the last word."""
    return {
        name: said for base in reversed(body.__mro__[1:]) for name, said in _read(base.__doc__)[1].items()
    }


def _explain(schema: Schema, told: dict[str, Any], inherited: dict[str, str]) -> None:
    """Give a type its docstring: the text above to the type, the attributes to its properties."""
    schema.description, own = _read(told.get("description"))
    meanings = inherited | own
    if told.get("additionalProperties") is False:
        schema.additional_properties = False
    properties = schema.properties or {}
    for name, meaning in meanings.items():
        if name in properties:
            properties[name].description = meaning
    for name, field in told.get("properties", {}).items():
        if field.get("default") not in (None, [], {}):
            own = properties[name]
            schema.properties = properties | {name: _with_default(own, field["default"])}
            properties = schema.properties


def _read(docstring: str | None) -> tuple[str, dict[str, str]]:
    """A docstring's own text, and what it says of each attribute."""
    text = inspect.cleandoc(docstring or "").replace("``None``", "null").replace("``", "`")
    above, _, attributes = text.partition("\n\nAttributes:")
    said = {name: " ".join(meaning.split()) for name, meaning in ATTRIBUTE.findall(attributes)}
    return above, {name: meaning[0].upper() + meaning[1:] for name, meaning in said.items()}


def _with_default(own: Schema | Reference, default: Any) -> Schema:
    if isinstance(own, Schema):
        return dataclasses.replace(own, default=default)
    return Schema(all_of=[own], default=default, description=own.description)


def _settle(operation: Operation) -> None:
    responses = operation.responses or {}
    if operation.request_body is None:
        responses.pop("400", None)  # the framework's own; a wrong parameter is 422 here
    for status, response in responses.items():
        if not isinstance(response, OpenAPIResponse):
            continue
        if response.description == HTTPStatus.OK.description:
            response.description = operation.summary or ""
        headers = response.headers = dict(sorted((response.headers or {}).items()))
        if status in HEADERS:
            name, meaning = HEADERS[status]
            headers[name] = OpenAPIHeader(schema=Schema(type=OpenAPIType.STRING), description=meaning)
        for name in NUMBERS & headers.keys():
            headers[name] = OpenAPIHeader(
                schema=Schema(type=OpenAPIType.INTEGER), description=headers[name].description
            )
    for parameter in operation.parameters or []:
        if not isinstance(parameter, Reference) and isinstance(parameter.schema, Schema):
            parameter.schema = _given(parameter.schema)


def _given(schema: Schema) -> Schema | Reference:
    """The schema of a parameter that is there: nobody can send null."""
    if not schema.one_of or NULL not in schema.one_of:
        return schema
    (own,) = (each for each in schema.one_of if each != NULL)
    if isinstance(own, Reference):
        return own
    outer = {field.name: getattr(schema, field.name) for field in dataclasses.fields(schema)}
    own_set = {name: value for name, value in outer.items() if value is not None and name != "one_of"}
    return dataclasses.replace(own, **own_set)
