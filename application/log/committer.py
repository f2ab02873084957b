"""The only writer of the log: concurrent appends share one commit, each gets its own answer.

One task owns one connection. It takes whatever is waiting, locks the head row, looks at the versions,
names and keys the batch touches, refuses what conflicts, and inserts the rest with the positions that
follow. Whoever holds the head row is alone, so what was looked at stays true until the commit: positions
are gapless and in commit order across all processes, and no reader ever skips one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import AsyncConnection

from application.log.append import Append, Recorded
from application.log.batch import LOOK, RECORD, Batch, Found
from application.log.errors import LogBusy, LogUnavailable
from application.log.stored import LogEvent

Connect = Callable[[], Awaitable[AsyncConnection[Any]]]
Answer = Recorded | Exception
Waiting = tuple[Append, asyncio.Future[Recorded]]

LOST = (psycopg.OperationalError, psycopg.InterfaceError, OSError)
NOTHING = "the database was lost; nothing was recorded"
UNKNOWN = (
    "the database does not answer, so this may or may not have been recorded: "
    "ask again with the same Idempotency-Key"
)


class Committer:
    """Appends to the log. Open it on the event loop that will use it.

    Args:
        connect: opens a connection that may append.
        batch_events: most events in one commit.
        most_waiting: appends that may wait; one more is refused with ``LogBusy``.
    """

    def __init__(self, connect: Connect, *, batch_events: int = 5000, most_waiting: int = 10_000) -> None:
        self._connect = connect
        self._batch_events = batch_events
        self._most_waiting = most_waiting
        self._waiting: deque[Waiting] = deque()
        self._wake = asyncio.Event()
        self._conn: AsyncConnection[Any] | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Committer:
        self._task = asyncio.create_task(self._run(), name="committer")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        while self._waiting:
            _settle(self._waiting.popleft()[1], LogUnavailable("the service is stopping"))
        await self._disconnect()

    async def append(self, append: Append) -> Recorded:
        """Record the events and answer when they are committed.

        Raises:
            VersionConflict: a stream moved on.
            BasisMoved: something else that the decision looked at did.
            NameTaken: a name belongs to another stream.
            KeyReused: the key came before with another request.
            LogBusy: too many are waiting.
            LogUnavailable: the database does not answer.
        """
        if len(self._waiting) >= self._most_waiting:
            raise LogBusy("too many commands are waiting to be recorded")
        future: asyncio.Future[Recorded] = asyncio.get_running_loop().create_future()
        self._waiting.append((append, future))
        self._wake.set()
        return await future

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                taken = self._take()
                try:
                    answers = await self._commit([append for append, _ in taken])
                except asyncio.CancelledError:
                    for _, future in taken:
                        _settle(future, LogUnavailable("the service stopped while recording; ask again"))
                    raise
                for (_, future), answer in zip(taken, answers, strict=True):
                    _settle(future, answer)

    def _take(self) -> list[Waiting]:
        taken: list[Waiting] = []
        events = 0
        while self._waiting and (not taken or events + len(self._waiting[0][0].events) <= self._batch_events):
            append, future = self._waiting.popleft()
            if not future.cancelled():
                taken.append((append, future))
                events += len(append.events)
        return taken

    async def _commit(self, appends: Sequence[Append]) -> list[Answer]:
        """Commit a batch; when it fails as a whole, find out what became of each part."""
        if not appends:
            return []
        batch = Batch(appends)
        try:
            return await self._transaction(batch)
        except LOST:
            return await self._after_loss(batch, len(appends))
        except Exception as error:
            await self._disconnect()
            if len(appends) == 1:
                return [error]
            return [answer for append in appends for answer in await self._commit([append])]

    async def _transaction(self, batch: Batch) -> list[Answer]:
        conn = await self._connection()
        async with conn.pipeline(), conn.transaction():
            head = await conn.execute("SELECT position, chain_hash FROM log.head FOR UPDATE")
            # A statement of its own: its snapshot must be taken while the head row is held.
            look = await conn.execute(LOOK, batch.look())
            ((position, chain),) = await head.fetchall()
            (found,) = await look.fetchall()
            answers = batch.decide(position, chain, Found(*found))
            if not batch.is_empty:
                await conn.execute(RECORD, batch.record())
        return answers

    async def _after_loss(self, batch: Batch, size: int) -> list[Answer]:
        """The connection broke, perhaps after the commit: take the head row, then look what is there.

        A transaction that still runs on the broken connection holds the head row, so once we have it the
        question is settled: an append is in the log or it will never be.
        """
        await self._disconnect()
        if not batch.events:  # nothing is sent before it is decided
            return [LogUnavailable(NOTHING) for _ in range(size)]
        try:
            conn = await self._connection()
            async with conn.transaction():
                await conn.execute("SELECT position FROM log.head FOR UPDATE")
                return [await _find(conn, events) or LogUnavailable(NOTHING) for events in batch.events]
        except LOST:
            await self._disconnect()
            return [LogUnavailable(UNKNOWN) for _ in batch.events]

    async def _connection(self) -> AsyncConnection[Any]:
        if self._conn is None or self._conn.closed:
            self._conn = await self._connect()
        return self._conn

    async def _disconnect(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            with contextlib.suppress(Exception):
                await conn.close()


async def _find(conn: AsyncConnection[Any], events: Sequence[LogEvent]) -> Recorded | None:
    """The events as they stand in the log, if they are there: same place, same bytes, same actor."""
    positions: list[int] = []
    recorded_at = datetime.min.replace(tzinfo=UTC)
    for event in events:
        cursor = await conn.execute(
            "SELECT position, recorded_at FROM log.event "
            "WHERE stream_id = %s AND version = %s AND data = %s AND actor = %s",
            (event.stream_id, event.originator_version, event.state, event.actor),
        )
        row = await cursor.fetchone()
        if row is None:
            return None
        positions.append(row[0])
        recorded_at = row[1]
    if not positions:
        return None
    last = events[-1]
    return Recorded(
        last.stream_id, last.originator_version, positions[-1], recorded_at, positions=tuple(positions)
    )


def _settle(future: asyncio.Future[Recorded], answer: Answer) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
