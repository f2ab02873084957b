"""What the writer knows of the log without asking: what it has just seen and written itself.

It is certain for as long as nobody else has appended; the statement that records says whether anybody has.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from application.log.sealing import ORIGIN

LONGEST = 1.0
"""Seconds after which the database is asked what time it is, at least."""
NEVER = datetime.min.replace(tzinfo=UTC)
MOST = 20_000
"""Things that are known of one kind."""

ABSENT: Mapping[str, Any] = {
    "versions": None,
    "cases": 0,
    "names": None,
    "mentions": frozenset(),
    "series": 0,
}
"""What may be known, and what is known of something that the log does not hold."""


class Found(msgspec.Struct):
    """What a look answers: the head of the log, and what the log holds of all that a batch names.

    Attributes:
        position: of the last event.
        chain: its chain hash.
        recorded_at: the time now; never earlier than the last event's.
        versions: of the streams that there are.
        cases: the position of the last event of each.
        names: the streams they belong to.
        mentions: the streams that mention each.
        commands: caller and key, digest, and what was answered: stream, version, position, time.
        series: the last number given out.
        progress: reader, log, and how far it has been read.
    """

    position: int
    chain: bytes
    recorded_at: datetime
    versions: dict[UUID, int] | None = None
    cases: dict[UUID, int] | None = None
    names: dict[str, UUID] | None = None
    mentions: dict[str, frozenset[UUID]] | None = None
    commands: list[tuple[str, str, bytes, UUID, int, int, datetime]] | None = None
    series: dict[str, int] | None = None
    progress: list[tuple[str, str, int]] | None = None


class Known:
    """The log as of one head."""

    def __init__(self) -> None:
        self.position = -1
        """Of the last event; -1 while nothing is known."""
        self.chain = ORIGIN
        self.parts: dict[str, dict[Any, Any]] = {part: {} for part in ABSENT}
        self._recorded_at = NEVER
        self._clock = (NEVER, float("-inf"))

    def forget(self) -> None:
        """Somebody else has appended."""
        self.position = -1
        for known in self.parts.values():
            known.clear()

    @property
    def is_fresh(self) -> bool:
        """Whether the time is known well enough."""
        return self.position >= 0 and time.monotonic() - self._clock[1] < LONGEST

    def head(self) -> Found:
        """The head and the time."""
        seen, at = self._clock
        now = seen + timedelta(seconds=time.monotonic() - at)
        return Found(self.position, self.chain, max(now, self._recorded_at))

    def see(self, found: Found, asked_at: float) -> None:
        """Take the head and the time from a look.

        Args:
            found: what it answered.
            asked_at: when it was asked, by ``time.monotonic``. Its time is no earlier: so, where
                clocks agree, nothing is recorded before it happened.
        """
        self.position, self.chain, self._recorded_at = found.position, found.chain, found.recorded_at
        self._clock = (found.recorded_at, asked_at)

    def learn(self, position: int, chain: bytes, recorded_at: datetime, parts: Mapping[str, Any]) -> None:
        """Take what was just recorded."""
        self.position, self.chain, self._recorded_at = position, chain, recorded_at
        for part, known in self.parts.items():
            if len(known) > MOST:
                known.clear()
            known.update(parts[part])
