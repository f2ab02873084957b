"""Removes what the log remembers of commands whose time is over, a few at a time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from application.log.errors import LogUnavailable
from application.log.event_log import EventLog
from application.policies.reactor import pause

EVERY = 600.0
"""Seconds between looks. Nobody waits for it: what has expired no longer counts, there or not."""
STEP = 1000
"""Commands in one transaction."""
BETWEEN = 0.1
"""Seconds between two steps, which are others'."""

FORGET = """
    DELETE FROM log.command WHERE (caller, key) IN (
        SELECT caller, key FROM log.command WHERE recorded_at <= clock_timestamp() - %s
        ORDER BY recorded_at LIMIT %s FOR UPDATE SKIP LOCKED)
"""
"""What another worker removes or a new command replaces at the moment is left to them."""

log = structlog.get_logger(__name__)


class Forgetting:
    """Keeps the commands that are remembered by their key to those of a time. Any number may run.

    Args:
        events: the event log.
        keep: how long a command is remembered.
    """

    def __init__(self, events: EventLog, keep: timedelta) -> None:
        self._events = events
        self._keep = keep

    async def run(self, stop: asyncio.Event) -> None:
        """Forget until asked to stop; a lost database is waited for."""
        while not stop.is_set():
            try:
                while await self.step() == STEP and not stop.is_set():
                    await pause(stop, BETWEEN)
            except LogUnavailable as error:
                log.warning("old commands wait for the database", error=str(error))
            await pause(stop, EVERY)

    async def step(self, most: int = STEP) -> int:
        """Forget the oldest of those whose time is over; how many that were.

        Raises:
            LogUnavailable: the database does not answer.
        """
        async with self._events.connection() as conn:
            return (await conn.execute(FORGET, (self._keep, most))).rowcount
