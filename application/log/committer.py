"""The only writer of the log: concurrent appends share one commit, each gets its own answer.

One task owns one connection. It takes whatever is waiting, looks up what it does not know of the
versions, names and keys that the batch touches, refuses what conflicts, and records the rest with the
positions that follow, if the head of the log is still where it was. If it is not, another process was
faster: then the head row is locked before the look, and whoever holds it is alone. Either way, what was
decided by is true in the commit: positions are gapless and in commit order across all processes, and no
reader ever skips one.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import psycopg
from psycopg.errors import LockNotAvailable

from application.log.append import Append, Recorded
from application.log.arrays import number
from application.log.batch import Answer, Batch
from application.log.errors import LogBusy, LogUnavailable
from application.log.figures import Figures
from application.log.known import Known
from application.log.queue import Queue
from application.log.statements import BEGIN, CHAIN, COMMIT, LOCK, NOTIFY, ROLLBACK
from application.log.wire import Wire

Connect = Callable[[], Awaitable[Wire]]

LOST = (psycopg.OperationalError, psycopg.InterfaceError, OSError)
NOTHING = "the database was lost; nothing was recorded"
HELD = "somebody else holds the log; nothing was recorded"
UNKNOWN = (
    "the database does not answer, so this may or may not have been recorded: "
    "ask again with the same Idempotency-Key"
)
KEEP = timedelta(days=30)
"""How long a command is remembered by its key, unless told otherwise."""
QUIET = 0.02
"""Seconds between two notifications. Each follows the commit that it tells of in a commit of its own:
within it, all commits in the database would wait for each other."""


class Committer:
    """Appends to the log. Open it on the event loop that will use it.

    Args:
        connect: opens a connection that may append.
        keep: how long a command is remembered by its key.
        batch_events: most events in one commit.
        most_waiting: appends that may wait; one more is refused with ``LogBusy``.
    """

    def __init__(
        self,
        connect: Connect,
        *,
        keep: timedelta = KEEP,
        batch_events: int = 5000,
        most_waiting: int = 10_000,
    ) -> None:
        self._connect = connect
        self._keep = keep
        self._batch_events = batch_events
        self._queue = Queue(most_waiting)
        self._wire: Wire | None = None
        self._task: asyncio.Task[None] | None = None
        self._known = Known()
        self._alone = True
        self._untold: int | None = None
        self._tell_at = 0.0
        self.figures = Figures()

    async def __aenter__(self) -> Committer:
        self._task = asyncio.create_task(self._run(), name="committer")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        while self._queue:
            for waiting in self._queue.take(self._batch_events):
                _settle(waiting[1], LogUnavailable("the service is stopping"))
        await self._disconnect()

    async def append(self, append: Append) -> Recorded:
        """Record the events and answer when they are committed.

        Raises:
            VersionConflict: a stream moved on.
            BasisMoved: something else that the decision looked at did.
            NameTaken: a name belongs to another stream.
            KeyReused: the key came before with another request.
            LogBusy: too many are waiting, or somebody else holds the log.
            LogUnavailable: the database does not answer.
        """
        return await self._queue.join(append)

    @property
    def waiting(self) -> int:
        """Appends that wait for the commit under way."""
        return len(self._queue)

    async def _run(self) -> None:
        while True:
            await self._queue.wake.wait()
            self._queue.wake.clear()
            while self._queue:
                taken, began = self._queue.take(self._batch_events), time.perf_counter()
                try:
                    answers = await self._commit([append for append, _ in taken]) if taken else ()
                except asyncio.CancelledError:
                    for _, future in taken:
                        _settle(future, LogUnavailable("the service stopped while recording; ask again"))
                    raise
                for (_, future), answer in zip(taken, answers, strict=True):
                    _settle(future, answer)
                self.figures.count(answers)
                self._tell()
                await self._queue.gather(len(taken), time.perf_counter() - began)
            self._tell()

    async def _commit(self, appends: Sequence[Append]) -> Sequence[Answer]:
        """Commit a batch; when it fails as a whole, find out what became of each part."""
        batch = Batch(appends, self._keep, self._known)
        try:
            await self._transaction(batch)
        except LockNotAvailable:
            self._roll_back()
            return [LogBusy(HELD) for _ in appends]
        except Exception as error:
            if isinstance(error, LOST) or (self._wire is not None and self._wire.lost):
                return await self._after_loss(batch, len(appends))
            self._roll_back()
            if len(appends) == 1:
                return [error]
            return [answer for append in appends for answer in await self._commit([append])]
        return batch.answers

    async def _transaction(self, batch: Batch) -> None:
        wire = await self._connected()
        if self._alone and await self._at_once(wire, batch):
            return
        before = self._known.position
        self._known.forget()
        *_, found = await wire.ask(BEGIN, LOCK, *batch.look())
        batch.decide(found.get_value(0, 0))
        self._alone = before == self._known.position
        if batch.is_empty:
            wire.tell(ROLLBACK)
        else:
            await wire.ask(batch.record(), COMMIT)
            self._recorded(batch)

    async def _at_once(self, wire: Wire, batch: Batch) -> bool:
        """Record in one statement and without a lock, unless another process has appended since."""
        look = batch.look()
        found = (await wire.ask(*look))[0].get_value(0, 0) if look else None
        if not batch.decide(found):
            return False
        if batch.is_empty:  # only the look can say that nobody else has appended
            return bool(look)
        (head,) = await wire.ask(batch.record())
        if head.ntuples:
            self._recorded(batch)
        return bool(head.ntuples)

    def _recorded(self, batch: Batch) -> None:
        batch.learn()
        self._untold = batch.position

    def _tell(self) -> None:
        """Wake who follows the log, now or when it has been quiet for long enough."""
        if self._untold is None or self._wire is None or self._wire.lost:
            return
        loop = asyncio.get_running_loop()
        if (now := loop.time()) >= self._tell_at:
            self._wire.tell((NOTIFY, [b"%d" % self._untold]))
            self._untold, self._tell_at = None, now + QUIET
        elif not self._queue:
            loop.call_at(self._tell_at, self._queue.wake.set)

    def _roll_back(self) -> None:
        self._known.forget()
        if self._wire is not None and not self._wire.lost:
            self._wire.tell(ROLLBACK)

    async def _after_loss(self, batch: Batch, size: int) -> Sequence[Answer]:
        """The connection broke, perhaps after the commit: take the head row, then look what is there.

        A transaction that still runs on the broken connection holds the head row, so once we have it the
        question is settled: the batch is in the log or it will never be. The chain hash at its last position
        says which: no other batch has it, whatever its events are.
        """
        await self._disconnect()
        self._known.forget()
        if not batch.answers:  # nothing is sent before it is decided
            return [LogUnavailable(NOTHING) for _ in range(size)]
        try:
            wire = await self._connected()
            *_, chain, _ = await wire.ask(BEGIN, LOCK, (CHAIN, [number(batch.position)]), COMMIT)
        except LOST:
            await self._disconnect()
            return [LogUnavailable(UNKNOWN) for _ in range(size)]
        if not chain.ntuples or chain.get_value(0, 0) != batch.chain:
            return [LogUnavailable(NOTHING) for _ in range(size)]
        if not batch.moves_the_log:  # the chain hash is as before either way
            return [LogUnavailable(UNKNOWN) for _ in range(size)]
        self._recorded(batch)
        return batch.answers

    async def _connected(self) -> Wire:
        if self._wire is None or self._wire.lost:
            self._wire = await self._connect()
        return self._wire

    async def _disconnect(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            with contextlib.suppress(Exception):
                await wire.close()


def _settle(future: asyncio.Future[Recorded], answer: Answer) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
