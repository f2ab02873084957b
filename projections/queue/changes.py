"""What became of the queues after a position of the log, ticket by ticket, as it was before and after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from psycopg import AsyncConnection

from application.log.mapper import fact_of
from application.log.stored import COLUMNS
from domain.errors import DomainError
from domain.event import Fact
from domain.promises import Promises
from projections.cases.case import Case, after
from projections.cases.folding import Folded
from projections.engine.batch import Memory
from projections.engine.facts import stored_of
from projections.queue.filters import QueueFilter, fits
from projections.queue.front import QueueRow, is_listed, row_of
from projections.queue.names import Queue

TOUCHED = (
    f"SELECT {COLUMNS} FROM log.event WHERE position > %s AND position <= %s "  # noqa: S608
    "AND type LIKE 'ticket.%%' ORDER BY position"
)
REMEMBERED = 5000

log = structlog.get_logger(__name__)


class Change(NamedTuple):
    """What one event did to a ticket's place in the queues.

    Attributes:
        position: of the event.
        before: the row that it had; ``None`` when it was in no queue.
        after: the row that it has; the same.
        now: the ticket as the event left it, in a queue or not.
    """

    position: int
    before: QueueRow | None
    after: QueueRow | None
    now: QueueRow


class Known(NamedTuple):
    """A ticket at some version."""

    folded: Folded
    changed_at: datetime


class Changes:
    """Works out changes from the log alone, as the view does from the same events.

    So nothing has to be kept for those who follow, and whoever was away for a while hears the same as who was
    there. Tickets that were touched lately are remembered; others are read from their first event.

    Args:
        promises: the book that the tickets' clocks pin.
    """

    def __init__(self, promises: Promises) -> None:
        self._promises = promises
        self._memory: Memory[UUID, Known] = Memory(REMEMBERED)

    async def between(self, conn: AsyncConnection[Any], after: int, upto: int) -> tuple[Change, ...]:
        """The changes after a position, up to another, in the order of the log."""
        found = await (await conn.execute(TOUCHED, (after, upto), binary=True)).fetchall()
        told: dict[UUID, list[Any]] = {}
        for row in found:
            told.setdefault(row[1], []).append(row)
        known = {ticket: self._at(ticket, rows[0][2] - 1) for ticket, rows in told.items()}
        unknown = [ticket for ticket, rows in told.items() if known[ticket] is None and rows[0][2] > 1]
        earlier = await stored_of(conn, unknown, after) if unknown else {}
        changes = [
            change
            for ticket, rows in told.items()
            for change in self._of(ticket, known[ticket], earlier.get(ticket, ()), rows)
        ]
        return tuple(sorted(changes, key=lambda change: change.position))

    def _at(self, ticket: UUID, version: int) -> Known | None:
        known = self._memory.get(ticket)
        return known if known is not None and known.folded.case.version == version else None

    def _of(
        self, ticket: UUID, known: Known | None, earlier: Sequence[Any], rows: Sequence[Any]
    ) -> list[Change]:
        """What a ticket's events changed; nothing where they cannot be folded: the view holds it back."""
        changes: list[Change] = []
        try:
            for row in earlier:
                known = self._next(known, fact_of(row))
            before = _row(known)
            for row in rows:
                known = self._next(known, fact_of(row))
                if known is not None:
                    now = row_of(known.folded, known.changed_at)
                    listed = now if is_listed(known.folded.case) else None
                    changes.append(Change(row[0], before, listed, now))
                    before = listed
        except (DomainError, ValueError, LookupError, TypeError) as error:
            log.warning("a change cannot be told", ticket=str(ticket), error=type(error).__name__)
            return []
        if known is not None:
            self._memory.keep(ticket, known)
        return changes

    def _next(self, known: Known | None, fact: Fact) -> Known | None:
        case: Case | None = after(known.folded.case if known else None, fact, self._promises)
        return Known(Folded(case, self._promises), fact.recorded_at or fact.act.occurred_at) if case else None


def _row(known: Known | None) -> QueueRow | None:
    return row_of(known.folded, known.changed_at) if known and is_listed(known.folded.case) else None


def is_in(row: QueueRow | None, queue: Queue, which: QueueFilter, now: datetime) -> bool:
    """Whether a row is in a queue and meant; what ``queries.condition`` asks of the table."""
    if row is None or queue.is_empty or (queue.only_open and not row.is_open):
        return False
    return all(fits(row, asked, now) for asked in queue.asked(which))
