"""Where a page of a list ended, as an opaque text for the next request."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

K = TypeVar("K")
R = TypeVar("R")

REFUSAL = "this cursor was not given out by this list"


class BadCursor(ValueError):
    """The text was not given out by this list."""


def write(key: Sequence[object]) -> str:
    """The cursor of a sort key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def read(cursor: str, kind: type[K]) -> K:
    """The sort key in a cursor, which must be of the given (tuple) type.

    Raises:
        BadCursor: it is not.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        if b"\\u0000" in text:
            raise BadCursor(REFUSAL)
        return msgspec.json.decode(text, type=kind)
    except (binascii.Error, UnicodeError, msgspec.MsgspecError, ValueError):
        raise BadCursor(REFUSAL) from None


def cut(
    rows: Sequence[R], limit: int, key: Callable[[R], Sequence[object]]
) -> tuple[Sequence[R], str | None]:
    """One page of a list, and the cursor of the next.

    Args:
        rows: what was found, when one more was asked for than a page holds.
        limit: how many it holds.
        key: the sort key of a row.

    Returns:
        The rows of the page; ``None`` for the cursor when there are no more.
    """
    page = rows[:limit]
    return page, write(key(page[-1])) if len(rows) > limit else None
