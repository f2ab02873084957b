"""Pages of the log for those who follow it, shared by whoever stands at the same place."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, LiteralString, NamedTuple, TypeVar

from psycopg import AsyncConnection

from application.log.errors import LogBusy
from application.log.event_log import EventLog
from application.log.tail import Tail
from interfaces.http.cloudevents import encoded, type_of

SPAN = 5000
"""Positions that are looked through for events of the wanted types at a time."""
MOST_BYTES = 1_000_000
"""A page ends with the event that reaches this, however few they are."""
MOST_FOLLOWERS = 200
"""Open streams and waiting requests of one process; one more is told to come back."""

SOURCE = "urn:aftersales:log:"
"""Before what names a log: its first event's leaf hash, which no other log has and which never changes."""
FIRST: LiteralString = "SELECT encode(leaf_hash, 'hex') FROM log.event ORDER BY position LIMIT 1"

PAGE: LiteralString = """
    SELECT position, event.stream_id, version, type, schema, data, occurred_at, recorded_at, actor, reason,
           correlation_id, causation_id, named.name
    FROM (
        SELECT *, sum(octet_length(data)) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING)
                  - octet_length(data) AS before
        FROM log.event
        WHERE position > %(after)s AND position <= %(upto)s AND (%(types)s::text[] IS NULL
            OR type = ANY(%(types)s) OR split_part(type, '.', 1) = ANY(%(types)s))
        ORDER BY position LIMIT %(limit)s
    ) AS event
    LEFT JOIN LATERAL (
        SELECT name FROM log.name
        WHERE stream_id = event.stream_id AND (name LIKE 'part/%%' OR name ~ '^[TC]-[0-9]{4}-[0-9]{6,}$')
        ORDER BY name LIMIT 1
    ) AS named ON true
    WHERE before < %(bytes)s
    ORDER BY position
"""
"""Events with what people call the thing they happened to. A row is stored columns only: nothing of it needs
to be understood."""


class Beyond(Exception):
    """Somebody says to have read farther than the log goes. Perhaps it was restored from a backup."""

    def __init__(self, head: int) -> None:
        super().__init__(f"the log ends at {head}")


class Told(NamedTuple):
    """An event, ready to be sent.

    Attributes:
        type: its type as a CloudEvent.
        content: all of it.
    """

    position: int
    type: str
    content: bytes


class Page(NamedTuple):
    """What follows a position.

    Attributes:
        events: in the order of the log.
        position: how far the log was read for them; what follows it comes next.
        head: where the log ended.
    """

    events: tuple[Told, ...]
    position: int
    head: int


class Asked(NamedTuple):
    """What one follower wants.

    Attributes:
        after: the position of the last event that it has.
        types: names of types, or their first words; ``None`` for all.
        limit: most events on a page.
    """

    after: int
    types: tuple[str, ...] | None
    limit: int


A = TypeVar("A", bound=Hashable)
P = TypeVar("P")


class Following(ABC, Generic[A, P]):
    """Pages of what follows a position, for many at once, and how many they are.

    Args:
        log: the event log.
        tail: tells when there is more.

    Attributes:
        followers: those who wait or have a stream open now.
    """

    def __init__(self, log: EventLog, tail: Tail) -> None:
        self.tail = tail
        self._log = log
        self._reading: dict[tuple[int, A], asyncio.Task[P]] = {}
        self.followers = 0

    def must_have_room(self) -> None:
        """Raises:
        LogBusy: too many follow the log already, or the service is stopping.
        """
        if self.tail.closed:
            raise LogBusy("the service is stopping")
        if self.followers >= MOST_FOLLOWERS:
            raise LogBusy("too many follow the log here")

    @contextmanager
    def following(self) -> Iterator[None]:
        """Count somebody who waits or has a stream open, for the length of the block."""
        self.followers += 1
        try:
            yield
        finally:
            self.followers -= 1

    async def page(self, asked: A) -> P:
        """What follows a position, up to the committed head.

        Positions have no gaps and are given out in the order of commits, so nothing can appear later at or
        before the position that the page ends with.

        Raises:
            Beyond: the log does not go so far.
            LogUnavailable: the database does not answer.
        """
        # Those who were woken together and stand at one place share one reading. One that began in an earlier
        # turn is not shared: it may have missed what this turn was about.
        key = (self.tail.turn, asked)
        reading = self._reading.get(key)
        if reading is None:
            reading = self._reading[key] = asyncio.create_task(self._read(asked), name="feed page")
            reading.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(reading)

    @abstractmethod
    async def _read(self, asked: A) -> P:
        """Read one."""

    def _forget(self, key: tuple[int, A], done: asyncio.Task[P]) -> None:
        del self._reading[key]
        if not done.cancelled():
            done.exception()  # known here, even if nobody waits for it any more


class Feed(Following[Asked, Page]):
    """The log itself, for other systems."""

    _source = ""

    async def _read(self, asked: Asked) -> Page:
        async with self._log.connection() as conn:
            row = await (await conn.execute("SELECT position FROM log.head")).fetchone()
            head: int = row[0] if row else 0
            if asked.after > head:
                raise Beyond(head)
            upto = head if asked.types is None else min(head, asked.after + SPAN)
            if upto == asked.after:
                return Page((), upto, head)
            wanted: dict[str, Any] = {
                **asked._asdict(),
                "types": None if asked.types is None else list(asked.types),
                "upto": upto,
                "bytes": MOST_BYTES,
            }
            rows = await (await conn.execute(PAGE, wanted, binary=True)).fetchall()
            self._source = self._source or await _source(conn)
        events = tuple(Told(row[0], type_of(row[3]), encoded(row, self._source)) for row in rows)
        if len(rows) == asked.limit or sum(len(row[5]) for row in rows) >= MOST_BYTES:
            upto = rows[-1][0]
        return Page(events, upto, head)


async def _source(conn: AsyncConnection[Any]) -> str:
    """The URI of this log, which every CloudEvent names."""
    row = await (await conn.execute(FIRST)).fetchone()
    return f"{SOURCE}{row[0]}" if row else ""
