"""Follows the log and records what follows from it, one fact at a time, exactly once.

What a reaction records and how far it has read are one transaction: a worker that dies between any two steps
leaves either both or neither, and two workers cannot both record the same. Everything between is only looked
at again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection

from application.desks import Desks
from application.log.append import Progress
from application.log.errors import AlreadyRead, BasisMoved, LogUnavailable, VersionConflict
from application.log.event_log import EventLog
from application.log.failure import FAIL, Failure
from application.log.listening import woken
from application.log.silence import SILENCE, end_silent_holder, speaking
from application.policies.catalogue import POLICIES, Policy
from application.policies.reply import Reply
from domain.event import Fact, type_name

READER = "reactions"
LOG = "aftersales"
PAGE = 1000
POLL = 0.5
"""Seconds between looks at the log when nobody says that something is there."""
TRIES = 20
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0

LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
TRACKED = "SELECT position FROM log.tracking WHERE projection = %s AND log = %s"
MOVE = (
    "INSERT INTO log.tracking (projection, log, position) VALUES (%s, %s, %s) "
    "ON CONFLICT (projection, log) DO UPDATE "
    "SET position = greatest(tracking.position, excluded.position), "
    "moved_at = clock_timestamp(), failure = NULL "
    "WHERE tracking.position < excluded.position OR tracking.failure IS NOT NULL"
)
LOST = (psycopg.OperationalError, psycopg.InterfaceError, OSError, LogUnavailable)

log = structlog.get_logger(__name__)


class Reactor:
    """Runs the reactions. Any number of workers may: one of them leads, the others stand by.

    Args:
        events: the event log.
        desks: where states are found.
        url: the service role's connection string, for the connection that leads and listens.
        policies: the reactions, by the type of event that they follow.
        silence: how long a leader may say nothing until this one takes over.
    """

    def __init__(
        self,
        events: EventLog,
        desks: Desks,
        url: str,
        *,
        policies: Mapping[str, Sequence[Policy]] = POLICIES,
        silence: timedelta = SILENCE,
    ) -> None:
        self._silence = silence
        self._events = events
        self._desks = desks
        self._url = url
        self._policies = policies
        self.position = 0
        """Up to where everything has been reacted to."""

    async def run(self, stop: asyncio.Event) -> None:
        """React until asked to stop; a lost database is waited for."""
        wait = FIRST_WAIT
        while not stop.is_set():
            try:
                async with await AsyncConnection.connect(self._url, autocommit=True) as conn:
                    await conn.execute("LISTEN log")
                    while not stop.is_set() and not await leads(conn, READER, self._silence):
                        await pause(stop, POLL)
                    wait = FIRST_WAIT
                    while not stop.is_set():
                        async with speaking(conn):
                            await self.catch_up(conn)
                        await woken(conn, POLL)
            except LOST as error:
                log.warning("reactions wait for the database", error=str(error))
                await pause(stop, wait)
                wait = min(2 * wait, LONGEST_WAIT)
            except Exception as error:
                # Nothing is passed over: it is shown in the status, and tried again.
                log.exception("a reaction failed", position=self.position + 1)
                await self._fail(error)
                await pause(stop, wait)
                wait = min(2 * wait, LONGEST_WAIT)

    async def catch_up(self, conn: AsyncConnection[Any]) -> None:
        """React to everything that is in the log and has not been reacted to.

        Raises:
            LogUnavailable: the database does not answer.
            Exception: whatever a reaction raised; nothing of it was recorded.
        """
        row = await (await conn.execute(TRACKED, (READER, LOG))).fetchone()
        self.position = row[0] if row else 0
        while facts := await self._events.after(self.position, PAGE):
            for fact in facts:
                await self._react(fact)
                self.position = fact.position
            await conn.execute(MOVE, (READER, LOG, self.position))

    async def _react(self, fact: Fact) -> None:
        """Record what follows from one fact, with how far that is."""
        policies = self._policies.get(type_name(fact.event), ())
        for tried in range(1, TRIES + 1):
            reply = Reply(fact, self._desks)
            for policy in policies:
                await policy(reply, self._events)
            if not reply.facts:
                return
            try:
                await self._events.append(reply.facts, progress=Progress(READER, LOG, fact.position))
            except AlreadyRead:
                return
            except (VersionConflict, BasisMoved):
                if tried == TRIES:
                    raise
            else:
                return

    async def _fail(self, error: Exception) -> None:
        failure = Failure.of(self.position + 1, "", error)
        with contextlib.suppress(*LOST):
            async with self._events.connection() as conn:
                await conn.execute(MOVE, (READER, LOG, 0))
                await conn.execute(FAIL, (failure.stored, READER, LOG))


async def leads(conn: AsyncConnection[Any], reader: str, silence: timedelta) -> bool:
    """Whether it leads from now on; a leader that has said nothing for so long is ended."""
    lock = f"reader {reader}"
    if await (await conn.execute(LOCK, (lock,))).fetchone() == (True,):
        return True
    await end_silent_holder(conn, lock, silence)
    return False


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until asked to stop."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
