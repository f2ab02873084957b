"""Facts to append, and a program that appends them from a process of its own."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from uuid import UUID

from application.ids import uuid7
from application.log.event_log import EventLog, open_log
from domain.event import Act, Fact
from domain.ticket.events import TicketRemarked

WHEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def remark(
    text: str = "x",
    *,
    stream: UUID | None = None,
    version: int = 1,
    actor: str = "agent:li.wei",
    case: UUID | None = None,
) -> Fact:
    """One event of one stream, a new one if none is named, for its own case unless another is named."""
    stream = stream or uuid7()
    event, act = TicketRemarked(text=text), Act(actor=actor, occurred_at=WHEN)
    return Fact(stream_id=stream, version=version, event=event, act=act, correlation_id=case or stream)


async def append_many(log: EventLog, callers: int, each: int, text: str = "x") -> None:
    """So many callers at once, each appending event after event to a stream of their own."""

    async def caller() -> None:
        stream = uuid7()
        for version in range(1, each + 1):
            await log.append([remark(text, stream=stream, version=version)])

    await asyncio.gather(*(caller() for _ in range(callers)))


async def main(url: str, callers: int, each: int) -> None:
    """Append from this process, once a line comes from the other side."""
    async with open_log(url) as log:
        await log.head()
        sys.stdin.readline()
        await append_many(log, callers, each, f"process {sys.argv[4]}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
