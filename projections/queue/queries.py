"""What may be asked of the queues."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection

from domain.promises import Promises
from domain.ticket.words import Priority, Status
from projections.cases.dials import Dials
from projections.cases.duration import iso
from projections.engine import cursor as cursors
from projections.queue.fold import Front

ALL = "all"
UNASSIGNED = "unassigned"

ROWS = (
    "SELECT rank, number, front, calendar, calendar_version, due_mark, remaining, breaks_at FROM view.queue "
    "WHERE (rank, number) > (%s, %s)"
)
ORDER = " ORDER BY rank, number LIMIT %s"
COUNTS = """
    SELECT team, priority, count(*), count(*) FILTER (WHERE is_late OR breaks_at <= %s),
           count(*) FILTER (WHERE is_paused)
    FROM view.queue GROUP BY team, priority ORDER BY team NULLS FIRST, priority
"""
FIRST = (-(2**63), "")


class QueueTicket(Front, frozen=True, kw_only=True):
    """An open ticket in a queue.

    Attributes:
        remaining: working time left in ISO 8601, negative when late; ``None`` without a deadline.
        late: whether the next milestone is late.
    """

    remaining: str | None
    late: bool


class QueuePage(msgspec.Struct, frozen=True, kw_only=True):
    """Part of a queue, the nearest deadline first, then paused clocks and tickets without a deadline.

    Attributes:
        queue: a team's name, ``all`` or ``unassigned``.
        now: the moment that remaining times are told at.
        next: the cursor of the following page; ``None`` on the last.
    """

    queue: str
    now: datetime
    items: tuple[QueueTicket, ...]
    next: str | None


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many tickets: open, of these late, and paused."""

    open: int = 0
    late: int = 0
    paused: int = 0


class QueueCounts(msgspec.Struct, frozen=True, kw_only=True):
    """One queue in numbers.

    Attributes:
        priorities: every priority, P1 to P4.
    """

    queue: str
    open: int
    late: int
    paused: int
    priorities: dict[Priority, Counts]


async def page(
    conn: AsyncConnection[Any],
    promises: Promises,
    queue: str,
    *,
    now: datetime,
    cursor: str | None = None,
    limit: int = 50,
    priority: Priority | None = None,
    status: Status | None = None,
    person: str | None = None,
) -> bytes:
    """A page of a queue, as the JSON of a ``QueuePage``. A queue nobody works in is empty.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    after = cursors.read(cursor, tuple[int, str]) if cursor else FIRST
    query, params = _asked(queue, {"priority": priority, "status": status, "person": person})
    found = await conn.execute(ROWS + query + ORDER, (*after, *params, limit + 1), binary=True)
    rows, more = cursors.cut(await found.fetchall(), limit, lambda row: row[:2])
    head = b'{"queue":%b,"now":%b,"next":%b,"items":[' % tuple(map(msgspec.json.encode, (queue, now, more)))
    return head + b",".join(_items(rows, Dials(promises, now))) + b"]}"


async def overview(conn: AsyncConnection[Any], now: datetime) -> list[QueueCounts]:
    """Every queue with its exact counts: all, unassigned, then the teams by name."""
    found = await conn.execute(COUNTS, (now,))
    queues: dict[str, dict[Priority, Counts]] = {ALL: {}, UNASSIGNED: {}}
    for team, priority, *counts in await found.fetchall():
        for name in (ALL, UNASSIGNED if team is None else team):
            one = queues.setdefault(name, {})
            one[Priority(priority)] = _sum([one.get(Priority(priority), Counts()), Counts(**_named(counts))])
    return [_queue(name, priorities) for name, priorities in queues.items()]


def _asked(queue: str, filters: dict[str, str | None]) -> tuple[LiteralString, list[str]]:
    query: LiteralString = ""
    params: list[str] = []
    if queue == UNASSIGNED:
        query += " AND team IS NULL"
    elif queue != ALL:
        query += " AND team = %s"
        params.append(queue)
    columns: dict[str, LiteralString] = {"priority": "priority", "status": "status", "person": "person"}
    for name, value in filters.items():
        if value is not None:
            query += " AND " + columns[name] + " = %s"
            params.append(str(value))
    return query, params


def _items(rows: Iterable[tuple[Any, ...]], dials: Dials) -> Iterable[bytes]:
    for _, _, front, calendar, version, due_mark, fixed, breaks_at in rows:
        remaining = fixed
        if due_mark is not None:
            mark = dials.mark(calendar, version)
            remaining = None if mark is None else due_mark - mark
        late = breaks_at is not None and breaks_at <= dials.now if remaining is None else remaining < 0
        left = b"null" if remaining is None else b'"%b"' % iso(remaining).encode()
        yield b'%b,"remaining":%b,"late":%b}' % (front, left, b"true" if late else b"false")


def _named(counts: list[int]) -> dict[str, int]:
    return dict(zip(Counts.__struct_fields__, counts, strict=True))


def _sum(counts: Iterable[Counts]) -> Counts:
    fields = Counts.__struct_fields__
    many = list(counts)
    return Counts(**{field: sum(getattr(one, field) for one in many) for field in fields})


def _queue(name: str, priorities: dict[Priority, Counts]) -> QueueCounts:
    total = _sum(priorities.values())
    return QueueCounts(
        queue=name,
        open=total.open,
        late=total.late,
        paused=total.paused,
        priorities={priority: priorities.get(priority, Counts()) for priority in Priority},
    )
