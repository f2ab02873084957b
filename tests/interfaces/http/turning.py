"""A clock that stands still until a test turns it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Wall:
    """What time it is: that of its making, until it is turned."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.time

    def turn(self, by: timedelta) -> None:
        """Let so much time pass."""
        self.time += by

    def whole_second(self) -> None:
        """Go on to the next whole second."""
        self.time = self.time.replace(microsecond=0) + timedelta(seconds=1)
