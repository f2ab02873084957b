"""What may be asked of a queue in a query string: every filter there is, the order, and the page.

The filters are those of ``QueueFilter``, read here in one pass. As parameters of every handler they would be
forty more things for the framework to look up on a route that is asked all the time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Annotated, Any, cast, get_origin
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.openapi.spec import Operation, Parameter, Reference, Schema
from litestar.openapi.spec.enums import OpenAPIType
from msgspec import Meta

from application.access import Caller
from interfaces.http.params import WrongParameter, moment
from interfaces.http.schemas import PLACE, schemas
from projections.queue.filters import QueueFilter
from projections.queue.names import Queue, Reader
from projections.queue.order import Sort
from projections.queue.queries import Asked


class Times(StrEnum):
    """How times are told."""

    MOVING = "moving"
    """As they are now: what remains, and what is late."""
    FIXED = "fixed"
    """As they will be until something happens: when it is due, and from when on it is late."""


class PageForm(msgspec.Struct, frozen=True, kw_only=True):
    """How a queue is shown.

    Attributes:
        sort: the order: by the nearest deadline, by the time of the report, P1 first, or what changed last.
        cursor: `next` of the page before; opaque. Absent for the first page.
        limit: most items on the page.
        count: whether `count` says how many tickets there are on all pages.
        times: `fixed` leaves out what moves with the time, so that the answer stays the same until something
            happens; due_at and late_from tell the rest.
    """

    sort: Sort = Sort.REMAINING
    cursor: Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"^[^\u0000]*$")] | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 50
    count: bool = False
    times: Times = Times.MOVING


FIELDS = {
    field.name: (kind, field.type)
    for kind in (QueueFilter, PageForm)
    for field in msgspec.structs.fields(kind)
}
ANSWERS = frozenset(name for name, (_, kind) in FIELDS.items() if kind in {bool, bool | None})
"""Those that are a yes or no."""
NUMBERS = frozenset({"breaking", "limit", "cycle"})
NUMBER = re.compile(r"-?[0-9]{1,9}", re.ASCII)
YES_OR_NO = {"true": True, "false": False}
USUAL = PageForm()
EVERYTHING = QueueFilter()


def asked_of(request: Request[Caller, Any, Any], queue: Queue) -> Asked:
    """What a request asks of a queue.

    Raises:
        WrongParameter: a parameter is not known, comes too often, or has the wrong form.
    """
    form, which = USUAL, EVERYTHING
    if text := request.scope["query_string"]:
        form, which = _read(_pairs(text))
    return _asked(form, queue, which, form.sort)


def asked_of_saved(request: Request[Caller, Any, Any], queue: Queue, which: QueueFilter, sort: Sort) -> Asked:
    """What a request asks of a saved view: it may name another order, and no filter.

    Raises:
        WrongParameter: see ``asked_of``.
    """
    pairs = _pairs(request.scope["query_string"])
    for name, _ in pairs:
        if name in QueueFilter.__struct_fields__:
            raise WrongParameter("a saved view has its own filter: leave it away", name)
    form, _ = _read(pairs)
    return _asked(form, queue, which, form.sort if any(name == "sort" for name, _ in pairs) else sort)


def _asked(form: PageForm, queue: Queue, which: QueueFilter, sort: Sort) -> Asked:
    return Asked(
        queue=queue,
        which=which,
        sort=sort,
        cursor=form.cursor,
        limit=form.limit,
        count=form.count,
        fixed=form.times is Times.FIXED,
    )


def filter_of(request: Request[Caller, Any, Any], *others: str) -> QueueFilter:
    """The filter of a request that shows no page.

    Args:
        others: parameters that the handler itself takes.

    Raises:
        WrongParameter: see ``asked_of``.
    """
    given = _pairs(request.scope["query_string"])
    for name, _ in given:
        if name in PageForm.__struct_fields__:
            raise WrongParameter("it means nothing here: leave it away", name)
    return _read([(name, value) for name, value in given if name not in others])[1]


def reader(request: Request[Caller, Any, Any]) -> Reader:
    """Who looks at the queues."""
    return Reader(request.user.name, request.user.teams)


def _pairs(query: bytes) -> list[tuple[str, str]]:
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True)


def _read(pairs: list[tuple[str, str]]) -> tuple[PageForm, QueueFilter]:
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    told: dict[type, dict[str, Any]] = {QueueFilter: {}, PageForm: {}}
    for name, values in given.items():
        if name not in FIELDS:
            raise WrongParameter("there is no such parameter", name)
        kind, annotation = FIELDS[name]
        told[kind][name] = _value(name, annotation, values)
    return PageForm(**told[PageForm]), QueueFilter(**told[QueueFilter])


def _value(name: str, annotation: Any, values: list[str]) -> Any:
    if name.endswith(("_from", "_to")):
        return moment(_only(name, values), name)
    meant: list[Any] = [_meant(name, value) for value in values]
    given = meant if _is_several(annotation) else meant[0]
    if given is not meant:
        _only(name, values)
    try:
        return msgspec.convert(given, annotation)
    except msgspec.ValidationError as error:
        raise WrongParameter(str(error).partition(" - at")[0], name) from None


def _meant(name: str, value: str) -> Any:
    """A number, a yes or a no where that is wanted and written; else the text, which is refused there."""
    if name in ANSWERS:
        return YES_OR_NO.get(value, value)
    return int(value) if name in NUMBERS and NUMBER.fullmatch(value) else value


def _only(name: str, values: list[str]) -> str:
    if len(values) > 1:
        raise WrongParameter("it can be given once", name)
    return values[0]


def _is_several(annotation: Any) -> bool:
    return get_origin(getattr(annotation, "__origin__", annotation)) is tuple


@dataclass
class OfAQueue(Operation):
    """An operation that takes the filters of a queue."""

    def __post_init__(self) -> None:
        """Name them."""
        self.parameters = [*(self.parameters or []), *_parameters(QueueFilter)]


@dataclass
class OfAForm(Operation):
    """An operation that takes the form of a page."""

    def __post_init__(self) -> None:
        """Name it."""
        self.parameters = [*(self.parameters or []), *_parameters(PageForm)]


@dataclass
class OfAPage(OfAQueue, OfAForm):
    """An operation that takes both."""

    def __post_init__(self) -> None:
        """Name them."""
        OfAQueue.__post_init__(self)
        OfAForm.__post_init__(self)


def _parameters(kind: type[msgspec.Struct]) -> list[Parameter]:
    known = schemas([kind])
    properties = known[kind.__name__].properties or {}
    return [_parameter(name, schema, known) for name, schema in properties.items()]


def _parameter(name: str, stated: Schema | Reference, known: dict[str, Schema]) -> Parameter:
    schema = _plain(stated, known)
    told, schema.description = schema.description, None
    return Parameter(name=name, param_in="query", schema=schema, description=told or "", required=False)


def _plain(stated: Schema | Reference, known: dict[str, Schema]) -> Schema:
    """The schema of what is there, since nobody can send null; what it refers to is written out."""
    if isinstance(stated, Reference):
        return replace(known[stated.ref.removeprefix(PLACE)], title=None, description=None)
    schema = replace(stated)
    for inner in [*(schema.all_of or ()), *(each for each in schema.any_of or () if not _is_null(each))]:
        own = {field.name: getattr(schema, field.name) for field in fields(schema)}
        outer = {name: value for name, value in own.items() if value is not None}
        return replace(_plain(inner, known), **{**outer, "all_of": None, "any_of": None})
    if schema.items is not None:
        schema.items = _plain(cast("Schema | Reference", schema.items), known)
    return schema


def _is_null(schema: Schema | Reference) -> bool:
    return isinstance(schema, Schema) and schema.type is OpenAPIType.NULL
