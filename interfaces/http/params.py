"""Parameters that many routes take."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar, get_args
from uuid import UUID

import msgspec
from litestar import Request
from litestar.params import PathParameter, QueryParameter
from msgspec import UNSET, Meta, UnsetType

from application.commands import NO_NUL

NONE = "none"
"""How a filter asks for rows that have no value."""

TicketReference = Annotated[
    str, PathParameter(description="The ticket's id or number, such as T-2026-000123.", max_length=40)
]
PartReference = Annotated[
    str,
    PathParameter(
        description="The part's id or number, such as HE-200; a slash in it is written %2F.",
        max_length=200,
    ),
]
ContractReference = Annotated[
    str, PathParameter(description="The contract's id or number, such as C-2026-000012.", max_length=40)
]
Words = Annotated[str | None, QueryParameter(required=False, min_length=1, max_length=300, pattern=NO_NUL)]
Named = Annotated[
    str | None,
    QueryParameter(required=False, min_length=1, max_length=200, pattern=NO_NUL, description="Id or number."),
]
Moment = Annotated[
    str | None,
    QueryParameter(required=False, max_length=40, format="date-time", description="A time with offset."),
]
Id = Annotated[UUID | None, QueryParameter(required=False)]
Cursor = Annotated[
    str | None,
    QueryParameter(
        required=False,
        max_length=1000,
        pattern=NO_NUL,
        description="`next` of the page before; opaque. Absent for the first page.",
    ),
]
Limit = Annotated[int, QueryParameter(required=False, ge=1, le=500, description="Most items on the page.")]

T = TypeVar("T")


class WrongParameter(ValueError):
    """A parameter that is of the right type and still cannot be meant.

    Attributes:
        parameter: its name in the request.
    """

    def __init__(self, message: str, parameter: str) -> None:
        super().__init__(message)
        self.parameter = parameter


def given(value: T | None) -> T | UnsetType:
    """An optional parameter as a filter field: absent means any."""
    return UNSET if value is None else value


def given_or_none(value: str | None) -> str | UnsetType | None:
    """The same for a field that may be empty: ``none`` asks for the rows without a value."""
    return None if value == NONE else given(value)


def moment(text: str | None, name: str) -> datetime | None:
    """A time that was asked for, in UTC.

    Raises:
        WrongParameter: it is no time, has no offset, or cannot be kept.
    """
    if text is None:
        return None
    try:
        found = msgspec.convert(text, Annotated[datetime, Meta(tz=True)])
        return found.astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        wanted = "a time with offset, such as 2026-01-31T08:00:00Z or, a bare + being a space in a query,"
        raise WrongParameter(f"{wanted} 2026-01-31T08:00:00%2B08:00", name) from None


async def refuse_null(request: Request[Any, Any, Any]) -> None:
    """Refuse ``?status=null``, which the framework takes for no status at all: a filter silently dropped.

    Raises:
        WrongParameter: a parameter that is no text is null.
    """
    if b"null" not in request.scope["query_string"].lower():
        return
    fields = request.route_handler.parsed_fn_signature.parameters
    expected = {
        getattr(field.kwarg_definition, "name", None) or name: field for name, field in fields.items()
    }
    for name, value in request.query_params.multi_items():
        if value.lower() == "null" and name in expected and str not in get_args(expected[name].annotation):
            raise WrongParameter("null means nothing here: leave the parameter away", name)
