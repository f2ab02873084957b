"""Streams of what was said, in several processes and on connections that break."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from application.database.connect import Database
from application.log.append import Recorded, Request
from application.log.event_log import EventLog, open_log
from application.streams import Decide, Decided, Streams
from domain.errors import NotAllowed
from domain.event import Fact
from domain.ticket.events import TicketRemarked
from tests.application.log.appending import remark
from tests.application.log.breaking import Writer, breakable_log
from tests.application.log.committing import is_whole

Said = tuple[str, ...]
BOOK, OTHER = UUID(int=1), UUID(int=2)
ACT = remark().act
KEY = Request("me", "key", b"x")


def replay(facts: Iterable[Fact], said: Said | None = None) -> Said | None:
    """What was said, in order; a stream of anything else is none of ours."""
    more = [fact.event.text for fact in facts if isinstance(fact.event, TicketRemarked)]
    return (*(said or ()), *more) or None


def say(*texts: str, seen: list[Said] | None = None, **decided: Any) -> Decide[Said]:
    """Say something, which nobody may do twice in a row; ``seen`` collects what it was decided on."""

    async def decide(said: Said, fresh: bool) -> Decided:
        if seen is not None:
            seen.append(said)
        if said[-1:] == texts[:1]:
            raise NotAllowed(f"{texts[0]} was just said", state=said[-1], allowed=())
        return Decided([TicketRemarked(text=text) for text in texts], **decided)

    return decide


class Process(NamedTuple):
    """One of several processes on a database, each with a log and states of its own."""

    log: EventLog
    streams: Streams[Said]

    async def says(self, *texts: str, stream: UUID = BOOK, **more: Any) -> Recorded:
        """Say it in a stream."""
        keywords = {key: more.pop(key) for key in ("expected", "request") if key in more}
        changed = await self.streams.change(stream, say(*texts, **more), ACT, **keywords)
        assert changed is not None
        return changed[0]

    async def said(self, stream: UUID = BOOK) -> tuple[Said, int]:
        """What the log has now, and its version."""
        held = await self.streams.read(stream)
        assert held is not None
        return tuple(held)  # type: ignore[return-value]

    def asks(self) -> list[int]:
        """The versions after which the log is asked for streams from now on."""
        asked: list[int] = []
        stream = self.log.stream

        async def noted(stream_id: UUID, *, after: int = 0) -> list[Fact]:
            asked.append(after)
            return await stream(stream_id, after=after)

        self.log.stream = noted  # type: ignore[method-assign]
        return asked

    def is_overtaken(self, by: Callable[[], Awaitable[object]], times: int = 1) -> None:
        """Let somebody else be faster, so often."""
        append = self.log.append
        left = [*range(times)]

        async def late(facts: list[Fact], **more: Any) -> Recorded:
            if left:
                left.pop()
                await by()
            return await append(facts, **more)

        self.log.append = late  # type: ignore[method-assign, assignment]


def between(
    database: Database, story: Callable[[Process, Process], Coroutine[Any, Any, None]], *said: str
) -> None:
    """Run a story of two processes that both have read a stream in which something was said."""

    async def run() -> None:
        async with open_log(database.service_url) as one, open_log(database.service_url) as two:
            first = [remark(text, stream=BOOK, version=version) for version, text in enumerate(said, 1)]
            await one.append(first)
            here, there = (Process(log, Streams(log, replay)) for log in (one, two))
            assert await here.said() == await there.said() == (said, len(said))
            await story(here, there)

    asyncio.run(run())
    is_whole(database)


def with_breaks(
    database: Database, story: Callable[[Process, Writer], Coroutine[Any, Any, None]], *said: str
) -> None:
    """Run a story of a process that has read a stream, and whose connection to the log can be broken."""

    async def run() -> None:
        async with breakable_log(database) as (writer, log):
            await log.append([remark(text, stream=BOOK, version=n) for n, text in enumerate(said, 1)])
            process = Process(log, Streams(log, replay))
            await process.said()
            await story(process, writer)

    asyncio.run(run())
    is_whole(database)
