"""What the OpenAPI document tells people beyond what the framework reads off the handlers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

from litestar.openapi.spec import (
    OpenAPI,
    OpenAPIHeader,
    OpenAPIResponse,
    Operation,
    Reference,
    Schema,
)
from litestar.openapi.spec.enums import OpenAPIType

from interfaces.http.examples import BODIES, EXAMPLES, shown
from interfaces.http.schemas import PLACE, schemas
from interfaces.http.tagging import JSON

NULL = Schema(type=OpenAPIType.NULL)
HEADERS = {
    "401": ("WWW-Authenticate", "How to say who asks."),
    "412": ("ETag", "The version that stands."),
    "503": ("Retry-After", "Seconds after which to ask again."),
}
CONTENT_TAG = OpenAPIHeader(
    schema=Schema(type=OpenAPIType.STRING), description="What the answer is; for `If-None-Match`."
)
NUMBERS = {"Log-Position", "Retry-After"}


def describe(document: OpenAPI, bodies: Iterable[type[Any]]) -> None:
    """Complete the document: what fields mean and may be, and which headers come with an answer.

    Args:
        document: as the framework made it.
        bodies: the types that are sent and answered; those they are made of follow.
    """
    own = schemas(bodies)
    for example in (*EXAMPLES, *BODIES):
        own[type(example).__name__].examples = [shown(example)]
    names = {name: _short(name) for name in own}
    for name, schema in own.items():
        schema.title = names[name]
    theirs = document.components.schemas or {}
    names |= {name: _short(_ours(name, own)) for name in theirs.keys() - own.keys() if _ours(name, own)}
    kept = {names.get(name, name): schema for name, schema in (theirs | own).items()}
    document.components.schemas = dict(sorted(kept.items()))
    for reference in _references(document):
        name = reference.ref.removeprefix(PLACE)
        reference.ref = PLACE + names.get(name, name)
    for operation in _operations(document):
        _settle(operation)
    for path, item in (document.paths or {}).items():
        if path.startswith("/api/v1/") and item.get is not None:
            _tag(item.get)


def _short(name: str) -> str:
    """``domain.ticket.words.Status`` is told as TicketStatus."""
    *rooms, own = name.split(".")
    return "".join(part.title() for part in rooms[1].split("_")) + own if rooms else own


def _ours(theirs: str, own: Iterable[str]) -> str:
    """The full name of what the framework calls by an abbreviation, such as ``ticket_words_Status``."""
    return next((name for name in own if f".{name}".replace(".", "_").endswith(f"_{theirs}")), "")


def _references(part: Any) -> Iterator[Reference]:
    if isinstance(part, Reference):
        yield part
    elif dataclasses.is_dataclass(part):
        for field in dataclasses.fields(part):
            yield from _references(getattr(part, field.name))
    elif isinstance(part, dict | list | tuple):
        for each in part.values() if isinstance(part, dict) else part:
            yield from _references(each)


def _operations(document: OpenAPI) -> Iterator[Operation]:
    for path in (document.paths or {}).values():
        for method in ("get", "post", "put", "delete"):
            operation = getattr(path, method)
            if operation is not None:
                yield operation


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


def _tag(operation: Operation) -> None:
    """Readers of JSON may say what they have; see ``tagging``."""
    responses = operation.responses or {}
    answer = responses.get("200")
    if not isinstance(answer, OpenAPIResponse) or JSON not in (answer.content or {}):
        return
    answer.headers = dict(sorted({"ETag": CONTENT_TAG, **(answer.headers or {})}.items()))
    responses.setdefault("304", OpenAPIResponse(description="It is what the caller has."))
    operation.responses = dict(sorted(responses.items()))


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
