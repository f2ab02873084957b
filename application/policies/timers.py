"""What happens because its time has come: contracts expire, reservations end, deadlines pass.

A timer is three steps, and each may be late, doubled or lost without harm:

1. A view **proposes** (``upcoming``): which streams are due, and what comes next, from an index on the
   moment. It may be behind, and propose too much or too early.
2. The stream **decides** (``record``): the domain is asked what follows at this moment, of the stream's own
   facts. Mostly nothing, when somebody else was here before.
3. The append is refused if the stream has moved on meanwhile, and then it is decided again.

So any number of workers may look at the same time, and whoever comes late finds it done. One that can have
a turn to itself does, since looking at once is work in vain.

To add a timer: a query on a view that gives moments with streams in order, the first that are left after
a place (``Upcoming``); a decision of the domain from a stream's facts and the time (``bulk.Decide``); and a
line in ``interfaces.cli.reacting``.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.errors import UndefinedTable

from application.desk import wall_clock
from application.log.errors import LogUnavailable
from application.log.event_log import EventLog
from application.log.listening import woken
from application.log.silence import SILENCE, speaking
from application.policies.reactor import LOG, POLL, leads, pause

EVERY = 5.0
"""Seconds between looks at most, and between two at a stream that had nothing to record."""
PATIENCE = 10.0
"""Seconds that a worker waits for its turn before it looks all the same."""
QUIET = 0.1
"""Seconds between looks whether the views show what was just recorded."""
PAGE = 1000
"""Streams that are looked at together."""
BEGINNING = (datetime.min.replace(tzinfo=UTC), UUID(int=0))

Candidate = tuple[datetime, UUID]
"""A moment, and the stream for which it may be due then."""
Upcoming = Callable[[AsyncConnection[Any], Candidate, int], Awaitable[Sequence[Candidate]]]
"""So many candidates that follow a place, in order, as far as a view knows."""
Record = Callable[[Sequence[UUID], datetime], Awaitable[Counter[str]]]
"""Records what follows on these streams at a moment, and says how many events of which type that was."""

HEAD = "SELECT position FROM log.head"
STILL_HERE = "SELECT"
COUNT = """
    INSERT INTO log.timer (type, events) SELECT * FROM unnest(%s::text[], %s::bigint[])
    ON CONFLICT (type) DO UPDATE SET events = timer.events + excluded.events, moved_at = clock_timestamp()
"""
SHOWN = "SELECT min(position) >= %s FROM log.tracking WHERE log = %s AND projection = ANY(%s)"

log = structlog.get_logger(__name__)


class Timer(NamedTuple):
    """One kind of thing that time brings.

    Attributes:
        name: what it is called, for people.
        view: the view that proposes.
        upcoming: asks it.
        record: lets the streams decide.
    """

    name: str
    view: str
    upcoming: Upcoming
    record: Record


class Timers:
    """Looks when something is due, when something new is there, and now and then.

    Args:
        events: the event log.
        timers: what time brings.
        now: the clock.
        silence: how long whoever has the turn may say nothing until this one takes it.
    """

    def __init__(
        self,
        events: EventLog,
        timers: Sequence[Timer],
        *,
        now: Callable[[], datetime] = wall_clock,
        silence: timedelta = SILENCE,
    ) -> None:
        self._events = events
        self._silence = silence
        self._timers = timers
        self._now = now
        self._asked: dict[tuple[str, Candidate], float] = {}

    async def run(self, stop: asyncio.Event, url: str) -> None:
        """Look again and again until asked to stop; a lost database is waited for.

        Args:
            url: the service role's connection string, for the connection that listens and has the turn.
        """
        while not stop.is_set():
            try:
                async with await AsyncConnection.connect(url, autocommit=True) as conn:
                    await conn.execute("LISTEN log")
                    await self._follow(conn, stop)
            except (psycopg.Error, OSError, LogUnavailable) as error:
                log.warning("timers wait for the database", error=str(error).partition("\n")[0])
            except Exception:
                log.exception("the timers failed")
            await pause(stop, EVERY)

    async def _follow(self, conn: AsyncConnection[Any], stop: asyncio.Event) -> None:
        has_turn = False
        while not stop.is_set():
            has_turn = has_turn or await self._turn(conn, stop)
            async with speaking(conn):
                coming = await self.look()
            await self._wait(conn, stop, coming)

    async def _turn(self, conn: AsyncConnection[Any], stop: asyncio.Event) -> bool:
        """Wait until no other worker looks, or for as long as patience lasts."""
        until = time.monotonic() + PATIENCE
        while not stop.is_set() and time.monotonic() < until:
            if await leads(conn, "timers", self._silence):
                return True
            await pause(stop, POLL)
        return False

    async def look(self) -> datetime | None:
        """Record everything that is due now.

        Returns:
            When something is due next, as far as the views know.
        """
        now, moments = self._now(), list[datetime | None]()
        for timer in self._timers:
            try:
                moments.append(await self._serve(timer, now))
            except UndefinedTable:
                log.info("a timer waits for its view", timer=timer.name)
            except (psycopg.Error, LogUnavailable):
                raise
            except Exception:
                log.exception("a timer failed", timer=timer.name)
        return min(filter(None, moments), default=None)

    async def _serve(self, timer: Timer, now: datetime) -> datetime | None:
        place = BEGINNING
        while True:
            async with self._events.connection() as conn:
                page = await timer.upcoming(conn, place, PAGE)
            due = [candidate for candidate in page if candidate[0] <= now]
            fresh = [candidate for candidate in due if self._is_news(timer, candidate)]
            if fresh:
                await self._count(await timer.record(list(dict.fromkeys(of for _, of in fresh)), now))
            if len(due) < len(page):
                return page[len(due)][0]
            if len(page) < PAGE:
                return None
            place = page[-1]

    async def _count(self, recorded: Counter[str]) -> None:
        if recorded:
            log.info("time brought events", **recorded)
            async with self._events.connection() as conn:
                await conn.execute(COUNT, (list(recorded), list(recorded.values())))

    def _is_news(self, timer: Timer, candidate: Candidate) -> bool:
        """Whether nobody asked it just now: a view that is behind proposes for a while what is done."""
        here = time.monotonic()
        if len(self._asked) > 100 * PAGE:
            self._asked.clear()
        if here - self._asked.get((timer.name, candidate), float("-inf")) < EVERY:
            return False
        self._asked[timer.name, candidate] = here
        return True

    async def _wait(self, conn: AsyncConnection[Any], stop: asyncio.Event, coming: datetime | None) -> None:
        """Until something is due, or the views show something new, or for a while."""
        seconds = (coming - self._now()).total_seconds() if coming else EVERY
        until = time.monotonic() + min(seconds, EVERY)
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            await conn.execute(STILL_HERE)
            if await woken(conn, min(left, POLL)):
                await self._shown(conn, stop, until)
                return

    async def _shown(self, conn: AsyncConnection[Any], stop: asyncio.Event, until: float) -> None:
        """The views show what the log holds by now, or the time is over."""
        views = sorted({timer.view for timer in self._timers})
        head = await (await conn.execute(HEAD)).fetchone()
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            await pause(stop, min(left, QUIET))
            shown = await (await conn.execute(SHOWN, (head and head[0], LOG, views))).fetchone()
            if shown and shown[0]:
                return
