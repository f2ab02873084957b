"""Parameters that many routes take."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

from litestar.params import Parameter
from msgspec import UNSET, UnsetType

from application.ticket_commands import NO_NUL

NONE = "none"
"""How a filter asks for rows that have no value."""

TicketReference = Annotated[
    str, Parameter(description="The ticket's id or number, such as T-2026-000123.", max_length=40)
]
Words = Annotated[str | None, Parameter(required=False, min_length=1, max_length=300, pattern=NO_NUL)]
Moment = Annotated[datetime | None, Parameter(required=False, description="A time with offset (RFC 3339).")]
Id = Annotated[UUID | None, Parameter(required=False)]
Cursor = Annotated[
    str | None,
    Parameter(
        required=False,
        max_length=1000,
        pattern=NO_NUL,
        description="`next` of the page before; opaque. Absent for the first page.",
    ),
]
Limit = Annotated[int, Parameter(required=False, ge=1, le=500, description="Most items on the page.")]

T = TypeVar("T")


def given(value: T | None) -> T | UnsetType:
    """An optional parameter as a filter field: absent means any."""
    return UNSET if value is None else value


def given_or_none(value: str | None) -> str | UnsetType | None:
    """The same for a field that may be empty: ``none`` asks for the rows without a value."""
    return None if value == NONE else given(value)
