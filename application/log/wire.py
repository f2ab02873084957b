"""One connection to PostgreSQL for the log's writer: prepared statements, sent in pipelines, all in binary.

It does what psycopg's own pipeline does, on psycopg's own libpq, with less around each statement.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import count
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGresult

Statement = tuple[bytes, Sequence[bytes | None]]
"""SQL with ``$1`` and so on, and the binary values of these."""

GOOD = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
LONGEST_ANSWER = 60.0
"""Seconds. The server ends what takes half as long; past this it is the network that is gone."""
LOOK = 0.25
"""Seconds after which somebody who waits looks at the socket without having been told to."""


class _Turn:
    """What was sent up to one synchronisation point, and its answers as they come."""

    def __init__(self, answer: asyncio.Future[list[PGresult]]) -> None:
        self.answer = answer
        self.wanted: list[bool] = []
        self.prepares: list[bytes] = []
        self.results: list[PGresult] = []


class Wire:
    """A connection of which nobody else asks anything.

    Args:
        conn: closed together with this.
    """

    def __init__(self, conn: AsyncConnection[Any]) -> None:
        self._conn = conn
        self._pg = conn.pgconn
        self._loop = asyncio.get_running_loop()
        self._names: dict[bytes, bytes] = {}
        self._numbers = count(1)
        self._turns: deque[_Turn] = deque()
        self.lost: Exception | None = None
        """Why nothing more can be asked."""
        self._is_watched = False
        self._pg.enter_pipeline_mode()
        self._socket = self._pg.socket
        self._loop.add_reader(self._socket, self._readable)

    @property
    def pid(self) -> int:
        """The server's process at the other end."""
        return self._pg.backend_pid

    async def ask(self, *statements: Statement) -> list[PGresult]:
        """Send statements in one go and wait for all answers.

        Unless ``BEGIN`` is among them they are one transaction. After one that fails the rest is not done.

        Raises:
            psycopg.Error: a statement was refused, or the connection is lost.
            TimeoutError: nobody answers.
        """
        async with asyncio.timeout(LONGEST_ANSWER):
            return await self._turn(statements)

    def tell(self, *statements: Statement) -> None:
        """Send statements in one go; whether they are done shows in whatever is asked next."""
        self._turn(statements).add_done_callback(_taken_note_of)

    async def close(self) -> None:
        """Hang up."""
        self._lose(psycopg.OperationalError("the connection is closed"))
        await self._conn.close()

    def _turn(self, statements: Sequence[Statement]) -> asyncio.Future[list[PGresult]]:
        turn = _Turn(self._loop.create_future())
        self._turns.append(turn)
        if self.lost is not None:
            turn.answer.set_exception(psycopg.OperationalError(f"the connection is lost: {self.lost}"))
            return turn.answer
        try:
            for sql, values in statements:
                self._send(turn, sql, values)
            self._pg.pipeline_sync()
            self._writable()
        except psycopg.Error as error:
            self._lose(error)
        if not self._is_watched:
            self._is_watched = True
            self._loop.call_later(LOOK, self._look)
        return turn.answer

    def _look(self) -> None:
        """Look unasked: of a socket whose other end died with something unread, uvloop tells once only."""
        self._is_watched = self.lost is None and bool(self._turns)
        if self._is_watched:
            self._loop.call_later(LOOK, self._look)
            self._readable()

    def _send(self, turn: _Turn, sql: bytes, values: Sequence[bytes | None]) -> None:
        name = self._names.get(sql)
        if name is None:
            name = self._names[sql] = b"s%d" % next(self._numbers)
            self._pg.send_prepare(name, sql)
            turn.prepares.append(sql)
            turn.wanted.append(False)
        self._pg.send_query_prepared(name, values, [Format.BINARY] * len(values), Format.BINARY)
        turn.wanted.append(True)

    def _writable(self) -> None:
        """Send what libpq has; the rest when the socket takes it."""
        try:
            rest = self._pg.flush()
        except psycopg.Error as error:
            self._lose(error)
            return
        if rest:
            self._loop.add_writer(self._socket, self._writable)
        else:
            self._loop.remove_writer(self._socket)

    def _readable(self) -> None:
        """Take what the server says, and settle the turns that it ends."""
        try:
            self._pg.consume_input()
            while self._turns and not self._pg.is_busy():
                result = self._pg.get_result()
                if result is None:  # between two statements
                    continue
                if result.status == ExecStatus.PIPELINE_SYNC:
                    self._settle(self._turns.popleft())
                else:
                    self._turns[0].results.append(result)
        except psycopg.Error as error:
            self._lose(error)

    def _settle(self, turn: _Turn) -> None:
        failed = next((result for result in turn.results if result.status not in GOOD), None)
        if failed is not None:
            for sql in turn.prepares:
                self._names.pop(sql, None)
        if turn.answer.done():
            return
        if failed is not None:
            turn.answer.set_exception(error_from_result(failed))
        else:
            pairs = zip(turn.results, turn.wanted, strict=True)
            turn.answer.set_result([result for result, wanted in pairs if wanted])

    def _lose(self, error: Exception) -> None:
        if self.lost is not None:
            return
        self.lost = error
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        while self._turns:
            turn = self._turns.popleft()
            said = next((result for result in turn.results if result.status not in GOOD), None)
            if not turn.answer.done():
                turn.answer.set_exception(error_from_result(said) if said is not None else error)


def _taken_note_of(answer: asyncio.Future[list[PGresult]]) -> None:
    if not answer.cancelled():
        answer.exception()
