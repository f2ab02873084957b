"""What every command is made of: checked for form here, for sense by the domain."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from application.access import Permission
from domain.errors import InvalidValue
from domain.event import Event

NO_NUL = r"^[^\u0000]*$"
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]
Line = Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]
Text = Annotated[str, Meta(min_length=1, max_length=10_000, pattern=NO_NUL)]
Reference = Annotated[str, Meta(min_length=1, max_length=40, description="A ticket's id or number.")]
Moment = Annotated[datetime, Meta(tz=True)]

Decision = Callable[..., tuple[Event, ...]]


def in_utc(moment: datetime, field: str) -> datetime:
    """A time in UTC.

    Raises:
        InvalidValue: there it would lie outside the years 1 to 9999.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise InvalidValue("this is not a time that can be kept", field=field) from None


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every command takes beside its own fields.

    Attributes:
        occurred_at: when it happened, with offset; now when absent. Never in the future.
        reason: why; required when it happened more than a minute ago, and where the action says so.
    """

    action: ClassVar[str]
    """What it is called: the last segment of its path."""
    needs: ClassVar[Permission]
    """What its sender must be allowed."""

    occurred_at: Moment | None = None
    reason: Text | None = None

    def arguments(self) -> dict[str, Any]:
        """The command's own fields, by the names the decision gives them."""
        return {name: getattr(self, name) for name in _own_fields(type(self))}


class Action(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command to something that is there already: the domain's decision answers it."""

    decision: ClassVar[Decision]

    @classmethod
    def asks(cls, name: str) -> bool:
        """Whether the decision wants this argument, which the desk finds out for it."""
        return name in _parameters(cls.decision)


@cache
def _own_fields(command: type[Command]) -> tuple[str, ...]:
    return tuple(name for name in command.__struct_fields__ if name not in Command.__struct_fields__)


@cache
def _parameters(decision: Decision) -> frozenset[str]:
    return frozenset(inspect.signature(decision).parameters)
