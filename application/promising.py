"""What all desks for the book of promises share: who may, when it happened, and one way to record it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from application.access import Caller
from application.book import Book
from application.commands import Command
from application.desk import act_of, wall_clock
from application.log.append import Recorded, Request
from application.log.event_log import EventLog
from domain.event import Act, Event


class PromiseDesk:
    """Takes commands for something in the book. They are few and rare: it always reads before it decides.

    Args:
        log: the event log.
        book: the promises.
        now: the clock.
    """

    def __init__(self, log: EventLog, book: Book, *, now: Callable[[], datetime] = wall_clock) -> None:
        self._log = log
        self.book = book
        self._now = now

    async def _record(
        self,
        name: str,
        command: Command,
        decide: Callable[[Act], Sequence[Event]],
        caller: Caller,
        *,
        expected: int | None = None,
        request: Request | None = None,
    ) -> Recorded:
        """Record what follows from a command in a stream of the book; see ``Book.change``."""
        caller.must(command.needs)
        if request and (before := await self._log.answered(request)):
            return before
        act = act_of(command, caller, self._now())
        return await self.book.change(name, lambda: decide(act), act, expected=expected, request=request)
