"""Removes what was sent and never attached: uploads that broke off, and contents that no event names."""

from __future__ import annotations

import asyncio
from typing import LiteralString

import structlog

from application.log.errors import LogUnavailable
from application.log.event_log import EventLog
from application.policies.reactor import pause

EVERY = 3600.0
"""Seconds between looks."""
STEP = 20
"""Files in one transaction."""

ABANDONED: LiteralString = """
    WITH over AS (
        DELETE FROM file.upload WHERE id IN (
            SELECT id FROM file.upload WHERE begun_at < clock_timestamp() - interval '1 day'
            LIMIT %s FOR UPDATE SKIP LOCKED)
        RETURNING id)
    DELETE FROM file.piece WHERE upload IN (SELECT id FROM over) RETURNING upload
"""
UNNAMED: LiteralString = """
    DELETE FROM file.content WHERE sha256 IN (
        SELECT sha256 FROM file.content
        WHERE offered_at < clock_timestamp() - interval '1 day'
            AND NOT EXISTS (SELECT FROM log.mention WHERE name = 'file/' || encode(sha256, 'hex'))
        LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING upload
"""
"""A row that somebody offers again meanwhile is looked at again when its lock is had."""
PIECES: LiteralString = "DELETE FROM file.piece WHERE upload = ANY(%s)"

log = structlog.get_logger(__name__)


class Tidying:
    """Keeps the files to those that events name. Any number may run.

    Args:
        events: the event log.
    """

    def __init__(self, events: EventLog) -> None:
        self._events = events

    async def run(self, stop: asyncio.Event) -> None:
        """Tidy until asked to stop; a lost database is waited for."""
        while not stop.is_set():
            try:
                while await self.step() and not stop.is_set():
                    pass
            except LogUnavailable as error:
                log.warning("files that nobody attached wait for the database", error=str(error))
            await pause(stop, EVERY)

    async def step(self) -> int:
        """Remove some; how many contents and uploads that were.

        Raises:
            LogUnavailable: the database does not answer.
        """
        async with self._events.connection() as conn, conn.transaction():
            broken = await (await conn.execute(ABANDONED, (STEP,))).fetchall()
            unnamed = [row[0] for row in await (await conn.execute(UNNAMED, (STEP,))).fetchall()]
            await conn.execute(PIECES, (unnamed,))
        return len(set(broken)) + len(unnamed)
