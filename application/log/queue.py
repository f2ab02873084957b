"""Appends that wait to be recorded: so many and no more, and taken by the commit."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

from application.log.append import Append, Recorded
from application.log.errors import LogBusy

Waiting = tuple[Append, asyncio.Future[Recorded]]
GATHER = 0.5
"""For how much of the time that the last commit took the next one waits for more."""


class Queue:
    """First come, first served.

    Args:
        most: that may wait.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: deque[Waiting] = deque()
        self._enough = most + 1
        self._together = asyncio.Event()
        self.wake = asyncio.Event()
        """Set when somebody comes."""

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, append: Append) -> asyncio.Future[Recorded]:
        """Wait at the end.

        Raises:
            LogBusy: too many wait.
        """
        if len(self._waiting) >= self._most:
            raise LogBusy("too many commands are waiting to be recorded")
        future: asyncio.Future[Recorded] = asyncio.get_running_loop().create_future()
        self._waiting.append((append, future))
        self.wake.set()
        if len(self._waiting) >= self._enough:
            self._together.set()
        return future

    def take(self, most_events: int) -> list[Waiting]:
        """Those who go together: in order, with no more events than that unless the first one has them."""
        taken: list[Waiting] = []
        events = 0
        while self._waiting and (not taken or events + len(self._waiting[0][0].events) <= most_events):
            append, future = self._waiting.popleft()
            if not future.cancelled():
                taken.append((append, future))
                events += len(append.events)
        return taken

    async def gather(self, answered: int, took: float) -> None:
        """Give those who were just answered a moment to come again, so that all go together.

        Else they and those who wait would go in turns, each half for a commit of its own. Where a commit
        takes long, that halves what is recorded; where it does not, the moment is short.

        Args:
            answered: how many that were.
            took: seconds that their commit took.
        """
        if answered > 1:
            self._enough, self._together = answered + len(self._waiting), asyncio.Event()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(took * GATHER):
                    await self._together.wait()
            self._enough = self._most + 1
