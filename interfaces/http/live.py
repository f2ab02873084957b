"""What changes in the queues, for those who have one open: read from the log once for all of them."""

from __future__ import annotations

from typing import NamedTuple

from application.log.event_log import EventLog
from application.log.tail import Tail
from domain.promises import Promises
from interfaces.http.feeding import Beyond, Following
from projections.queue.changes import Change, Changes

SPAN = 500
"""Positions that are worked out at a time."""
MOST_MISSED = 5000
"""Positions that are made up for when somebody comes back; one who missed more reads the queue again."""


class ChangesPage(NamedTuple):
    """What happened after a position.

    Attributes:
        changes: in the order of the log.
        position: how far the log was read for them; what follows it comes next.
        head: where the log ended.
        is_reset: whether so much has happened that it is not told.
    """

    changes: tuple[Change, ...]
    position: int
    head: int
    is_reset: bool = False


class Live(Following[int, ChangesPage]):
    """Changes of the queues after a position.

    Args:
        log: the event log.
        tail: tells when there is more.
        promises: the book that the tickets' clocks pin.
    """

    def __init__(self, log: EventLog, tail: Tail, promises: Promises) -> None:
        super().__init__(log, tail)
        self._changes = Changes(promises)

    async def _read(self, asked: int) -> ChangesPage:
        async with self._log.connection() as conn:
            row = await (await conn.execute("SELECT position FROM log.head")).fetchone()
            head: int = row[0] if row else 0
            if asked > head:
                raise Beyond(head)
            if head - asked > MOST_MISSED:
                return ChangesPage((), head, head, is_reset=True)
            upto = min(head, asked + SPAN)
            changes = await self._changes.between(conn, asked, upto) if upto > asked else ()
        return ChangesPage(changes, upto, head)
