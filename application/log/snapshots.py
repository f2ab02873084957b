"""States kept at some versions, so that a stream of ten thousand events is not replayed from its beginning.

A kept state is made by replaying events and never stands instead of them. It is found only by the code that
made it (``Form.definition``) and in the history that it was made from (the chain hash of its last event), and
one that cannot be read is left out and replaced. So the table may be emptied at any time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, cast
from uuid import UUID

import msgspec
import psycopg
import structlog
from psycopg import AsyncConnection

from application.log.errors import LogUnavailable
from application.log.mapper import fact_of
from application.log.stored import COLUMNS, Row
from domain.errors import DomainError
from domain.event import Fact

S = TypeVar("S")
EVERY = 500
"""Events between two kept states: replaying so many takes some 10 ms."""
MOST_WAITING = 256
"""States that wait to be written; beyond that they are not kept, as none has to be."""
LAST = 2**62
LAST_MOMENT = datetime.max.replace(tzinfo=UTC)
UNREADABLE = (msgspec.MsgspecError, DomainError, ValueError, TypeError, KeyError, AttributeError)

FOUND = (
    "WITH kept AS MATERIALIZED ("  # noqa: S608
    "SELECT e.position, e.stream_id, e.version, s.topic AS type, e.schema, s.state AS data, "
    "s.occurred_until AS occurred_at, e.recorded_at, e.actor, e.reason, "
    "e.correlation_id, e.causation_id, e.idempotency_key "
    "FROM log.snapshot s JOIN log.event e ON e.stream_id = s.originator_id "
    "AND e.version = s.originator_version AND e.chain_hash = s.chain_hash "
    "WHERE s.originator_id = %(stream)s AND s.topic = %(topic)s AND s.definition = %(definition)s "
    "AND s.originator_version <= %(version)s AND e.position <= %(position)s "
    "AND e.recorded_at <= %(recorded)s "
    "AND s.occurred_until <= %(occurred)s ORDER BY s.originator_version DESC LIMIT 1"
    f") SELECT {COLUMNS} FROM kept UNION ALL SELECT {COLUMNS} FROM log.event "
    "WHERE stream_id = %(stream)s AND version > coalesce((SELECT version FROM kept), 0) "
    "AND version <= %(until_version)s AND position <= %(until_position)s "
    "AND recorded_at <= %(until_recorded)s "
    "AND occurred_at <= %(until_occurred)s ORDER BY version"
)
KEEP = """
    INSERT INTO log.snapshot
        (originator_id, topic, originator_version, definition, state, occurred_until, chain_hash)
    SELECT e.stream_id, %(topic)s, e.version, %(definition)s, %(state)s,
           (SELECT max(occurred_at) FROM log.event WHERE stream_id = e.stream_id AND version <= e.version),
           e.chain_hash
    FROM log.event e WHERE e.stream_id = %(stream)s AND e.version = %(version)s
    ON CONFLICT (originator_id, topic, originator_version) DO UPDATE
    SET definition = excluded.definition, state = excluded.state,
        occurred_until = excluded.occurred_until, chain_hash = excluded.chain_hash
"""

log = structlog.get_logger(__name__)


class Replay(Protocol[S]):
    """Folds facts into the state they make, from the beginning or from a state on."""

    def __call__(self, facts: Sequence[Fact], state: S | None = None, /) -> S | None: ...


class Form(msgspec.Struct, Generic[S], frozen=True):
    """How states of one kind are kept.

    Attributes:
        topic: the kind.
        definition: of the code that replays them; see ``definition_of``.
        write: a state as bytes.
        read: and back; raises one of ``UNREADABLE`` for other bytes.
    """

    topic: str
    definition: str
    write: Callable[[S], bytes]
    read: Callable[[bytes], S]


class Until(msgspec.Struct, frozen=True, kw_only=True):
    """Which facts are meant: those that fit all of it.

    Attributes:
        version: up to this version of their stream.
        position: up to this position of the log.
        occurred: that had happened by then.
        recorded: that were known by then.
    """

    version: int = LAST
    position: int = LAST
    occurred: datetime = LAST_MOMENT
    recorded: datetime = LAST_MOMENT

    def includes(self, fact: Fact) -> bool:
        """Whether a fact is meant."""
        recorded_at = fact.recorded_at or fact.act.occurred_at
        return (
            fact.version <= self.version
            and fact.position <= self.position
            and fact.act.occurred_at <= self.occurred
            and recorded_at <= self.recorded
        )


NOW = Until()


class Kept(NamedTuple, Generic[S]):
    """A state after some of its stream's events.

    Attributes:
        version: of the last of them; ``position`` is its place in the log.
        occurred_until: the latest time at which any of them happened.
    """

    state: S
    version: int
    position: int
    occurred_until: datetime


class Found(NamedTuple, Generic[S]):
    """What the log has of a stream: a kept state to begin with, if there is one, and the facts after it."""

    kept: Kept[S] | None
    facts: list[Fact]


class Snapshots:
    """Reads streams by way of kept states, and keeps new ones in the background.

    Args:
        connection: gives a connection to read and write with.
    """

    def __init__(self, connection: Callable[[], AbstractAsyncContextManager[AsyncConnection[Any]]]) -> None:
        self._connection = connection
        self._waiting: deque[tuple[UUID, int, Form[Any], Any]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def find(
        self, form: Form[S], stream_id: UUID, *, base: Until = NOW, until: Until = NOW
    ) -> Found[S]:
        """The last kept state within ``base``, and the facts after it within ``until``.

        Raises:
            LogUnavailable: the database does not answer.
        """
        rows = await self._rows(form.topic, form.definition, stream_id, base, until)
        kept = None
        if rows and rows[0][3] == form.topic:
            try:
                kept = Kept(form.read(rows[0][5]), rows[0][2], rows[0][0], rows[0][6])
            except UNREADABLE as error:
                log.warning("a kept state is unreadable", stream=str(stream_id), error=str(error))
                rows = await self._rows("", "", stream_id, base, until)
            else:
                rows = rows[1:]
        return Found(kept, [fact_of(row) for row in rows])

    async def replayed(
        self, form: Form[S], replay: Replay[S], stream_id: UUID, until: Until = NOW
    ) -> Kept[S] | None:
        """The state after the facts that are meant; ``None`` when they make none.

        Raises:
            LogUnavailable: the database does not answer.
        """
        kept, facts = await self.find(form, stream_id, base=until, until=until)
        whole = until.occurred == LAST_MOMENT
        state = kept.state if kept else None
        for first in range(0, len(facts), EVERY):
            page = facts[first : first + EVERY]
            state = replay(page, state)
            if whole and len(page) == EVERY and state is not None:
                self.keep(form, stream_id, page[-1].version, state)
            if first:
                await asyncio.sleep(0)  # a long stream lets others have their turn
        if state is None or not facts:
            return kept
        happened = max(fact.act.occurred_at for fact in facts)
        latest = max(happened, kept.occurred_until) if kept else happened
        return Kept(state, facts[-1].version, facts[-1].position, latest)

    def keep(self, form: Form[S], stream_id: UUID, version: int, state: S) -> None:
        """Keep a state that was replayed up to a recorded version, when there is time; nobody waits."""
        if len(self._waiting) >= MOST_WAITING:
            return
        self._waiting.append((stream_id, version, form, state))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def settled(self) -> None:
        """Wait until nothing waits to be written."""
        if self._writing is not None:
            await self._writing

    async def close(self) -> None:
        """Leave unwritten what is not written yet."""
        if self._writing is not None:
            self._writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writing

    async def _rows(
        self, topic: str, definition: str, stream_id: UUID, base: Until, until: Until
    ) -> list[Row]:
        asked = {
            "stream": stream_id,
            "topic": topic,
            "definition": definition,
            "version": base.version,
            "position": base.position,
            "recorded": base.recorded,
            "occurred": base.occurred,
            "until_version": until.version,
            "until_position": until.position,
            "until_recorded": until.recorded,
            "until_occurred": until.occurred,
        }
        async with self._connection() as conn:
            return await (await conn.execute(cast(Any, FOUND), asked, binary=True)).fetchall()

    async def _write(self) -> None:
        while self._waiting:
            stream_id, version, form, state = self._waiting.popleft()
            kept = {
                "stream": stream_id,
                "version": version,
                "topic": form.topic,
                "definition": form.definition,
                "state": form.write(state),
            }
            try:
                async with self._connection() as conn:
                    await conn.execute(KEEP, kept)
            except (LogUnavailable, psycopg.Error) as error:
                log.warning("a state was not kept", stream=str(stream_id), error=str(error))
