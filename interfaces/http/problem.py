"""The problem document that every error is answered with (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response

TYPE = "urn:aftersales:problem:"
"""Prefix of every problem type."""


class FieldError(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing wrong with one field.

    Attributes:
        detail: what is wrong.
        pointer: JSON pointer of the field in the body, as a URI fragment.
        parameter: name of the query, path or header parameter instead.
    """

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem document.

    Attributes:
        state: for a refused action, the state of what it was asked of.
        allowed: and the actions this state allows.
        current_version: for a stale version, the one that stands.
        available: for stock that is short, how much could be had.
        held: for goods that a ticket does not have, how much of them it has.
        remaining: for an entitlement that is used up, how much is left.
        parts: for a ticket that cannot end, what is issued and not accounted for, by part number.
        questions: and how many questions are open.
        view: for what a view holds back, that view.
        position: and the event that it cannot take.
    """

    type: str
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    errors: tuple[FieldError, ...] = ()
    state: str | None = None
    allowed: tuple[str, ...] = ()
    current_version: int | None = None
    available: int | None = None
    held: int | None = None
    remaining: int | None = None
    parts: dict[str, int] | None = None
    questions: int | None = None
    view: str | None = None
    position: int | None = None


Headers = Mapping[str, str]


def problem(
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    title: str,
    detail: str | None = None,
    *,
    headers: Headers | None = None,
    **more: Any,
) -> Response[bytes]:
    """The answer that carries a problem."""
    body = Problem(
        type=TYPE + code, title=title, status=status, detail=detail, instance=request.url.path, **more
    )
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type="application/problem+json",
        headers=dict(headers or {}),
    )
