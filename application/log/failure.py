"""Why a reader of the log stopped, as its tracking row says it."""

from __future__ import annotations

import msgspec

FAIL = "UPDATE log.tracking SET failure = %s WHERE projection = %s AND log = %s"
"""Takes what ``Failure.stored`` gives, the reader's name and the log's."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a projection, or the reactions, stopped.

    Attributes:
        position: of the event at which it stopped; everything before it is done.
        type: that event's type.
        error: the kind of error.
        message: its first line.
    """

    position: int
    type: str
    error: str
    message: str

    @classmethod
    def of(cls, position: int, kind: str, error: Exception) -> Failure:
        """What an error at an event is told as."""
        message = (str(error).strip().splitlines() or [""])[0][:500]
        return cls(position=position, type=kind, error=type(error).__name__, message=message)

    @property
    def stored(self) -> str:
        """As JSON that a text column can keep."""
        return msgspec.json.encode(self).decode().replace("\\u0000", "")
