"""Filters that several routes take: stated once, by the function that makes the filter."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar, get_type_hints
from uuid import UUID

from application.desk import Desk, NotFound
from interfaces.http.params import WrongParameter

F = TypeVar("F")
R = TypeVar("R")


def filtered(by: Callable[..., F]) -> Callable[[Callable[..., Awaitable[R]]], Callable[..., Awaitable[R]]]:
    """Give a handler the parameters of a filter in the place of its own parameter ``which``.

    Args:
        by: makes the filter from them; its annotations are those of query parameters.
    """
    asked = inspect.signature(by).parameters
    told = get_type_hints(by, include_extras=True)

    def taking(handler: Callable[..., Awaitable[R]]) -> Callable[..., Awaitable[R]]:
        @wraps(handler)
        async def answer(**given: Any) -> R:
            return await handler(which=by(**{name: given.pop(name) for name in asked}), **given)

        signature = inspect.signature(handler)
        own = {name: each for name, each in signature.parameters.items() if name != "which"}
        needed = [each for each in own.values() if each.default is each.empty]
        optional = [each for each in own.values() if each.default is not each.empty]
        answer.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[
                each.replace(kind=inspect.Parameter.KEYWORD_ONLY)
                for each in (*needed, *asked.values(), *optional)
            ]
        )
        hints = get_type_hints(handler, include_extras=True)
        del hints["which"]
        answer.__annotations__ = {**told, **hints}
        return answer

    return taking


async def id_of(desk: Desk[Any, Any], reference: str | None, parameter: str) -> UUID | None:
    """The id of what a filter names by its id or number; ``None`` when it names nothing.

    Raises:
        WrongParameter: nothing has this number.
    """
    if reference is None:
        return None
    try:
        return await desk.find(reference)
    except NotFound as missing:
        raise WrongParameter(str(missing), parameter) from None
