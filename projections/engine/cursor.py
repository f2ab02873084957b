"""Where a page of a list ended, as an opaque text for the next request."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

import msgspec

K = TypeVar("K")

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
