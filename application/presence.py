"""Who is looking at which ticket: said again and again while it lasts, kept for seconds, never in the log."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg import AsyncConnection

from application.access import Caller
from application.log.errors import LogUnavailable
from application.log.event_log import EventLog
from application.log.listening import heard

LASTS = timedelta(seconds=30)
"""How long somebody is there who does not say so again."""
MOST_AT_ONCE = 20
"""Tickets that one token may be at; those it came to first are left for it."""
MOST = 5000
"""Presences that one process looks at."""
POLL = 1.0
"""Seconds between looks while somebody follows, so that it shows when one has ended by itself."""
PAUSE = 0.05
"""Seconds that a turn lasts at least."""

PUT = """
    INSERT INTO access.presence AS there (ticket, token, name, role, doing, since, until)
    VALUES (%(ticket)s, %(token)s, %(name)s, %(role)s, %(doing)s, %(now)s, %(until)s)
    ON CONFLICT (ticket, token) DO UPDATE SET doing = excluded.doing, until = excluded.until,
        since = CASE WHEN there.until > excluded.since AND there.doing = excluded.doing
                     THEN there.since ELSE excluded.since END
    RETURNING since = %(now)s
"""
TIDY = """
    DELETE FROM access.presence WHERE until <= %(now)s OR (ticket, token) IN (
        SELECT ticket, token FROM access.presence WHERE token = %(token)s AND until > %(now)s
        ORDER BY since DESC, ticket OFFSET %(most)s)
"""
LEAVE = "DELETE FROM access.presence WHERE ticket = %s AND token = %s"
AT = """
    SELECT name, role, doing, since, until FROM access.presence
    WHERE ticket = %s AND until > %s ORDER BY since, token
"""
EVERYWHERE = """
    SELECT ticket, name, role, doing, since, until FROM access.presence
    WHERE until > %s ORDER BY ticket, since, token LIMIT %s
"""
NOTIFY = "SELECT pg_notify('presence', '')"


class Doing(StrEnum):
    """What somebody does at a ticket."""

    LOOK = "look"
    EDIT = "edit"


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is at a ticket.

    Attributes:
        name: of their token.
        since: when they came, or began to do this.
        until: when they are gone, if they do not say again that they are there.
    """

    name: str
    role: str
    doing: Doing
    since: datetime
    until: datetime


Everywhere = Mapping[UUID, tuple[Present, ...]]


class Presence:
    """Knows who is where. All processes share a table that no crash needs to survive.

    Whoever follows reads all of it, at most once for everybody in a process: when a process says that
    something changed, and from time to time, since nobody says that somebody has just stayed away.

    Args:
        log: lends connections.
        url: the service role's connection string, for a connection of its own that listens.
        now: the clock.

    Attributes:
        turn: how often what is known has changed.
        there: who is where, as far as somebody follows.
    """

    def __init__(self, log: EventLog, url: str, now: Callable[[], datetime]) -> None:
        self._log = log
        self._url = url
        self._now = now
        self.turn = 0
        self.there: Everywhere = {}
        self._followers = 0
        self._over = asyncio.Event()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Presence:
        self._tasks = [
            asyncio.create_task(self._listen(), name="presence heard"),
            asyncio.create_task(self._look_on(), name="presence"),
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def put(self, ticket: UUID, caller: Caller, doing: Doing) -> None:
        """Somebody is at a ticket, for as long as ``LASTS`` from now on.

        Raises:
            LogUnavailable: the database does not answer.
        """
        now = self._now()
        told: dict[str, Any] = {
            "ticket": ticket,
            "token": caller.token_id,
            "name": caller.name,
            "role": caller.role.value,
            "doing": doing.value,
            "now": now,
            "until": now + LASTS,
            "most": MOST_AT_ONCE,
        }
        async with self._log.connection() as conn:
            row = await (await conn.execute(PUT, told)).fetchone()
            gone = (await conn.execute(TIDY, told)).rowcount
            if (row and row[0]) or gone:
                await conn.execute(NOTIFY)

    async def leave(self, ticket: UUID, caller: Caller) -> None:
        """Somebody is no longer at a ticket.

        Raises:
            LogUnavailable: the database does not answer.
        """
        async with self._log.connection() as conn:
            if (await conn.execute(LEAVE, (ticket, caller.token_id))).rowcount:
                await conn.execute(NOTIFY)

    async def at(self, ticket: UUID) -> tuple[Present, ...]:
        """Who is at a ticket now, the first to come first.

        Raises:
            LogUnavailable: the database does not answer.
        """
        async with self._log.connection() as conn:
            rows = await (await conn.execute(AT, (ticket, self._now()))).fetchall()
        return tuple(_present(*row) for row in rows)

    @contextlib.contextmanager
    def followed(self) -> Iterator[None]:
        """Keep ``there`` up to date for the length of the block."""
        self._followers += 1
        self._wake.set()
        try:
            yield
        finally:
            self._followers -= 1

    async def after(self, turn: int) -> None:
        """Wait until a turn is over."""
        if turn == self.turn:
            await self._over.wait()

    async def _look_on(self) -> None:
        while True:
            await self._wake.wait()
            while self._followers:
                self._wake.clear()
                with contextlib.suppress(LogUnavailable, psycopg.Error):
                    await self._look()
                await asyncio.sleep(PAUSE)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL)
            self._wake.clear()

    async def _look(self) -> None:
        async with self._log.connection() as conn:
            rows = await (await conn.execute(EVERYWHERE, (self._now(), MOST))).fetchall()
        there: dict[UUID, tuple[Present, ...]] = {}
        for ticket, *told in rows:
            there[ticket] = (*there.get(ticket, ()), _present(*told))
        if there != self.there:
            self.there = there
            self.turn += 1
            self._over.set()
            self._over = asyncio.Event()

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(psycopg.Error, OSError):
                async with await AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=5, application_name="aftersales presence"
                ) as conn:
                    await conn.execute("LISTEN presence")
                    while True:
                        self._wake.set()
                        if not heard(conn):
                            async for _ in conn.notifies(timeout=POLL, stop_after=1):
                                pass
            await asyncio.sleep(POLL)


def _present(name: str, role: str, doing: str, since: datetime, until: datetime) -> Present:
    return Present(name=name, role=role, doing=Doing(doing), since=since, until=until)
