"""Tells the demo's year to the log, through the desk, and goes on where it was interrupted.

The first and the last registration carry an Idempotency-Key. The first says which history this is (seed,
size and its last moment), so that another start continues the same one; the last says that it is whole.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg import Connection

from application.demo.diary import Step
from application.demo.story import tell
from application.demo.year import reports
from application.desks import open_desks
from application.log.append import Request
from application.log.event_log import EventLog
from application.ticket_commands import CancelTicket, RegisterTicket
from application.tickets import TicketDesk
from domain.plan import Promises
from domain.ticket.events import TicketRegistered

CALLER = "demo"
BEGIN = re.compile(r"demo seed=(-?\d+) tickets=(\d+) now=(\S+)", re.ASCII)
AT_ONCE = 48
"""Commands under way at the same time, so that they share commits."""
PAGE = 5000

Progress = Callable[[int, int], None]
"""Told how many commands are done, and how many there are."""


class Content(Enum):
    """What a log holds, as far as the demo is concerned."""

    NOTHING = "nothing"
    PART = "part of the demo"
    DEMO = "the demo"
    OTHER = "something else"


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Which history of the firm; the same one is told the same way.

    Attributes:
        tickets: how many; at least 10.
        seed: another seed, another year.
        now: the last moment of it, whole seconds.
    """

    tickets: int
    seed: int
    now: datetime

    @property
    def begun(self) -> str:
        """The key of its first registration."""
        return f"demo seed={self.seed} tickets={self.tickets} now={self.now.astimezone(UTC).isoformat()}"

    @property
    def ended(self) -> str:
        """The key of its last registration."""
        return f"{self.begun} whole"


class Entry(NamedTuple):
    """A step, and the ticket it belongs to by its place in the order of registration."""

    ticket: int
    step: Step


def content(conn: Connection[Any]) -> tuple[Content, History | None]:
    """What the log holds, and which history when it is the demo's."""
    row = conn.execute("SELECT idempotency_key FROM log.event WHERE position = 1").fetchone()
    if row is None:
        return Content.NOTHING, None
    found = BEGIN.fullmatch(row[0] or "")
    if not found:
        return Content.OTHER, None
    history = History(seed=int(found[1]), tickets=int(found[2]), now=datetime.fromisoformat(found[3]))
    query = "SELECT FROM log.command WHERE caller = %s AND key = %s"
    whole = conn.execute(query, (CALLER, history.ended)).rowcount == 1
    return Content.DEMO if whole else Content.PART, history


def chronicle(history: History, promises: Promises) -> list[Entry]:
    """Every step of every ticket in the order of time. The ticket reported last is only registered."""
    told = [
        tell(report, now=history.now, promises=promises)
        for report in reports(history.tickets, seed=history.seed, now=history.now)
    ]
    order = sorted(range(len(told)), key=lambda index: (told[index][0].at, index))
    place = {index: ticket for ticket, index in enumerate(order)}
    entries = [
        Entry(place[index], _placed(step, place)) for index, steps in enumerate(told) for step in steps
    ]
    last = len(told) - 1
    entries.sort(key=lambda entry: (entry.step.at, entry.ticket))
    closing = next(entry for entry in entries if entry.ticket == last)
    return [*(entry for entry in entries if entry.ticket != last), closing]


def _placed(step: Step, place: dict[int, int]) -> Step:
    if step.duplicate_of is None:
        return step
    return msgspec.structs.replace(step, duplicate_of=place[step.duplicate_of])


async def record(
    log: EventLog,
    history: History,
    promises: Promises,
    *,
    time_zone: str,
    progress: Progress = lambda *_: None,
) -> None:
    """Record a history, or what is missing of it. Only one process may, and nobody else works meanwhile.

    Raises:
        DomainError: the rules refuse a step; the history was begun by another release.
        LogUnavailable: the database does not answer; another call goes on.
    """
    entries = chronicle(history, promises)
    desk = open_desks(log, promises, time_zone=time_zone, now=lambda: history.now).tickets
    await _Telling(desk, await _known(log, entries), history, len(entries), progress).tell(entries)


class _Known(NamedTuple):
    """What of a ticket is recorded already: its id and the times of its facts."""

    id: UUID
    times: set[datetime]


async def _known(log: EventLog, entries: list[Entry]) -> dict[int, _Known]:
    """Find the tickets that an interrupted run recorded: by the asset and the time of the report."""
    streams: dict[UUID, _Known] = {}
    registered: dict[tuple[datetime, str | None], _Known] = {}
    position = 0
    while facts := await log.after(position, PAGE):
        for fact in facts:
            known = streams.setdefault(fact.stream_id, _Known(fact.stream_id, set()))
            known.times.add(fact.act.occurred_at)
            if isinstance(fact.event, TicketRegistered):
                registered[fact.act.occurred_at, fact.event.asset] = known
        position = facts[-1].position
    found: dict[int, _Known] = {}
    for ticket, step in entries:
        command = step.command
        if isinstance(command, RegisterTicket) and (known := registered.get((step.at, command.asset))):
            found[ticket] = known
    return found


class _Telling:
    """One run of the seeding."""

    def __init__(
        self, desk: TicketDesk, known: dict[int, _Known], history: History, total: int, progress: Progress
    ) -> None:
        self._desk = desk
        self._known = known
        self._history = history
        self._ids = {ticket: each.id for ticket, each in known.items()}
        self._total = total
        self._done = 0
        self._progress = progress
        self._room = asyncio.Semaphore(AT_ONCE)

    async def tell(self, entries: list[Entry]) -> None:
        """First and last alone, the rest side by side, each ticket in its own order."""
        first, *rest, last = entries
        await self._do(first, key=self._history.begun)
        await self._side_by_side(rest)
        await self._do(last, key=self._history.ended)

    async def _side_by_side(self, entries: list[Entry]) -> None:
        before: dict[int, asyncio.Task[None]] = {}
        try:
            async with asyncio.TaskGroup() as group:
                for entry in entries:
                    await self._room.acquire()
                    task = group.create_task(self._do_after(before.get(entry.ticket), entry))
                    before[entry.ticket] = task
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _do_after(self, task: asyncio.Task[None] | None, entry: Entry) -> None:
        try:
            if task is not None:
                await asyncio.wait([task])
            await self._do(entry)
        finally:
            self._room.release()

    async def _do(self, entry: Entry, key: str | None = None) -> None:
        ticket, step = entry
        known = self._known.get(ticket)
        if known is None or step.at not in known.times:
            request = Request(CALLER, key, hashlib.sha256(key.encode()).digest()) if key else None
            await self._send(ticket, step, request)
        self._done += 1
        if self._done % 100 == 0 or self._done == self._total:
            self._progress(self._done, self._total)

    async def _send(self, ticket: int, step: Step, request: Request | None) -> None:
        command = step.command
        if isinstance(command, RegisterTicket):
            self._ids[ticket] = (await self._desk.register(command, step.caller, request)).id
            return
        if isinstance(command, CancelTicket) and step.duplicate_of is not None:
            command = msgspec.structs.replace(command, duplicate_of=self._ids[step.duplicate_of])
        await self._desk.send(str(self._ids[ticket]), command, step.caller, request=request)
