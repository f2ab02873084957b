"""What may be asked of the queues."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

import msgspec
from psycopg import AsyncConnection

from domain.promises import Promises
from domain.ticket.words import Priority
from projections.cases.dials import Dials
from projections.cases.duration import iso
from projections.engine import cursor as cursors
from projections.engine.marks import MARK, NOWHERE, OF_VIEW, Mark
from projections.queue.filters import Coming, Condition, QueueFilter, conditions
from projections.queue.front import Front, QueueRow
from projections.queue.names import ALL, UNASSIGNED, Queue
from projections.queue.order import ORDERS, Sort, place_after
from projections.ticket.wording import IS_NEAR, having

VIEW = "queue"
LINE: LiteralString = "front, calendar, calendar_version, due_mark, left_over, late_from, is_late"
PAGE: LiteralString = (
    f"SELECT {MARK}, %s, found.* FROM log.tracking AS mark LEFT JOIN LATERAL ("  # noqa: S608
    f"SELECT %s, {LINE} FROM view.queue WHERE %s ORDER BY %s LIMIT %%s) AS found ON true "
    f"WHERE {OF_VIEW.replace('%s', '%%s')} ORDER BY %s"
)
"""A page and the mark of the view that it is from, of one moment; where it is empty, the mark alone."""
COUNTED: LiteralString = "(SELECT count(*) FROM view.queue WHERE %s)"
DUE: LiteralString = (
    f"SELECT {LINE} FROM view.queue WHERE %s AND rank > %%s AND rank <= %%s ORDER BY rank LIMIT 500"  # noqa: S608
)
COMES: LiteralString = f"SELECT {LINE} FROM view.queue WHERE %s AND %s LIMIT 500"  # noqa: S608
HEAD = b'{"queue":%b,"now":%b,"position":%b,"count":%b,"next":%b,"items":['
LATE = {True: b"true", False: b"false", None: b"null"}
_encode = msgspec.json.Encoder().encode
COUNTS = """
    SELECT team, priority, count(*), count(*) FILTER (WHERE is_late OR late_from <= %s),
           count(*) FILTER (WHERE paused)
    FROM view.queue WHERE is_open GROUP BY team, priority ORDER BY team NULLS FIRST, priority
"""


class QueueTicket(Front, frozen=True, kw_only=True):
    """A ticket in a queue.

    Attributes:
        remaining: working time left in ISO 8601, negative when late; ``None`` without a deadline.
        late: whether the next milestone is late.
    """

    remaining: str | None
    late: bool | None


class QueuePage(msgspec.Struct, frozen=True, kw_only=True):
    """Part of a queue.

    Attributes:
        queue: what was asked for.
        now: the moment that remaining times are told at, to the second; ``None`` where none is told.
        position: how far the queue has read the log: follow its changes from there.
        count: how many tickets there are on all pages, exactly, where that was asked.
        next: the cursor of the following page; ``None`` on the last.
    """

    queue: str
    now: datetime | None
    position: int
    count: int | None
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


class Asked(msgspec.Struct, frozen=True):
    """What somebody wants of a queue.

    Attributes:
        which: its tickets that are meant.
        count: whether all of them are counted.
        fixed: whether what moves with the time is left out.
    """

    queue: Queue
    which: QueueFilter = QueueFilter()
    sort: Sort = Sort.REMAINING
    cursor: str | None = None
    limit: int = 50
    count: bool = False
    fixed: bool = False

    @property
    def moves(self) -> bool:
        """Whether the answer changes with time alone."""
        return not self.fixed or self.queue.moves(self.which)


async def page(
    conn: AsyncConnection[Any], promises: Promises, asked: Asked, now: datetime
) -> tuple[bytes, Mark]:
    """A page of a queue as the JSON of a ``QueuePage``, and the state of the view that it shows.

    Args:
        now: the moment that it is for, to the second.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    order = ORDERS[asked.sort]
    where, params = await _narrowed(conn, asked, condition(asked.queue, asked.which, now))
    counted, counting = (COUNTED % where, params) if asked.count else ("NULL", ())
    place = place_after(asked.sort, asked.cursor) if asked.cursor else ()
    query = PAGE % (
        counted,
        ", ".join(order.key),
        where + (" AND " + order.after if place else ""),
        order.by,
        order.by,
    )
    given = (*counting, *params, *place, asked.limit + 1, VIEW)
    found = await (await conn.execute(query, given, binary=True)).fetchall()
    mark, count = (Mark(*found[0][:3]), found[0][3]) if found else (NOWHERE, None)
    keys = len(order.key)
    lines = [row[4:] for row in found if row[4] is not None]
    lines, more = cursors.cut(lines, asked.limit, lambda line: (asked.sort, *line[:keys]))
    told = None if asked.fixed else now
    head = HEAD % tuple(map(_encode, (asked.queue.name, told, mark.position, count, more)))
    dials = None if asked.fixed else Dials(promises, now)
    return head + b",".join(item(Line(*line[keys:]), dials) for line in lines) + b"]}", mark


def condition(queue: Queue, which: QueueFilter, now: datetime) -> Condition:
    """What a row of the table must be, to be in a queue and meant."""
    parts = [each for asked in queue.asked(which) for each in conditions(asked, now)]
    if queue.only_open:
        parts.append(Condition("is_open"))
    if queue.is_empty:
        parts.append(Condition("false"))
    where: LiteralString = " AND ".join([part.sql for part in parts]) if parts else "true"
    return Condition(where, tuple(param for part in parts for param in part.params))


async def _narrowed(conn: AsyncConnection[Any], asked: Asked, meant: Condition) -> Condition:
    """The same condition, with the tickets by name where those that may have a text are few."""
    for each in asked.queue.asked(asked.which):
        near = await having(conn, each.text) if each.text else None
        if near:
            meant = Condition(IS_NEAR + " AND " + meant.sql, (*near, *meant.params))
    return meant


async def due(
    conn: AsyncConnection[Any], queue: Queue, which: QueueFilter, now: datetime, after: int, upto: int
) -> list[Line]:
    """The tickets of a queue whose places lie after one, up to another: what time has brought in between."""
    where, params = condition(queue, which, now)
    query: LiteralString = DUE % where
    found = await conn.execute(query, (*params, after, upto), binary=True)
    return [Line(*row) for row in await found.fetchall()]


async def come(
    conn: AsyncConnection[Any],
    queue: Queue,
    which: QueueFilter,
    what: Coming,
    before: datetime,
    now: datetime,
) -> list[Line]:
    """The tickets of a queue to which something has come with time alone between two moments."""
    where, params = condition(queue, which, now)
    query: LiteralString = COMES % (where, what.comes)
    found = await conn.execute(query, (*params, before, now), binary=True)
    return [Line(*row) for row in await found.fetchall()]


async def overview(conn: AsyncConnection[Any], now: datetime) -> list[QueueCounts]:
    """Every team's queue with its exact counts, after `all` and `unassigned`, by name."""
    found = await conn.execute(COUNTS, (now,))
    queues: dict[str, dict[Priority, Counts]] = {ALL: {}, UNASSIGNED: {}}
    for team, priority, *counts in await found.fetchall():
        for name in (ALL, UNASSIGNED if team is None else team):
            one = queues.setdefault(name, {})
            one[Priority(priority)] = _sum([one.get(Priority(priority), Counts()), Counts(**_named(counts))])
    return [_queue(name, priorities) for name, priorities in queues.items()]


class Line(NamedTuple):
    """What of a row makes its line on a page."""

    front: bytes
    calendar: str
    calendar_version: int
    due_mark: int | None
    left_over: int | None
    late_from: datetime | None
    is_late: bool


def line_of(row: QueueRow) -> Line:
    """The same of a row that comes from elsewhere than the table."""
    return Line(*(getattr(row, name) for name in Line._fields))


def item(line: Line, dials: Dials | None) -> bytes:
    """A ticket as the JSON of a ``QueueTicket``; without ``dials`` only what does not move with the time."""
    remaining = line.left_over
    if dials is None:
        late = True if line.is_late else None
    else:
        if line.due_mark is not None:
            mark = dials.mark(line.calendar, line.calendar_version)
            remaining = None if mark is None else line.due_mark - mark
        late = (
            line.late_from is not None and line.late_from <= dials.now if remaining is None else remaining < 0
        )
    left = b"null" if remaining is None else b'"%b"' % iso(remaining).encode()
    return b'%b,"remaining":%b,"late":%b}' % (line.front, left, LATE[late])


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
