"""What may be asked of the open steps of all tickets: whose they are, and what is due (R09)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from psycopg import AsyncConnection

from domain.promises import Promises
from domain.ticket.steps import Ground, StepKind
from domain.ticket.words import Priority
from projections.cases.dials import Dials
from projections.cases.duration import iso_or_none
from projections.engine import cursor as cursors
from projections.queue.filters import LATE, last_rank
from projections.queue.front import NEVER
from projections.words.values import Text, word

FIELDS: tuple[LiteralString, ...] = (
    *("ticket_id", "number", "subject", "priority", "step", "kind", "about", "person", "team", "ground"),
    *("since", "due_at", "late_from", "paused", "gap"),
)
TIMES: LiteralString = "is_late, calendar, calendar_version, due_mark, left_over, rank"
LINE: LiteralString = ", ".join(FIELDS) + ", " + TIMES
PAGE: LiteralString = (
    f"SELECT %s, found.* FROM (SELECT 1) AS one LEFT JOIN LATERAL (SELECT {LINE} FROM view.open_step "  # noqa: S608
    "WHERE %s ORDER BY rank, number, step LIMIT %%(limit)s) AS found ON true ORDER BY rank, number, step"
)
"""A page and how many there are on all of them, of one moment."""
COUNTED: LiteralString = "(SELECT count(*) FROM view.open_step WHERE %s)"
OF_ONE: LiteralString = f"SELECT {LINE} FROM view.open_step WHERE ticket_id = %s ORDER BY rank, number, step"  # noqa: S608
AFTER: LiteralString = " AND (rank, number, step) > (%(rank)s, %(number)s, %(step)s)"
CONDITIONS: dict[str, LiteralString] = {
    "kind": "kind = %(kind)s",
    "priority": "priority = %(priority)s",
    "ground": "ground = %(ground)s",
    "person": "person = %(person)s",
    "team": "team = %(team)s",
}
SOON: LiteralString = "(rank <= %(soon)s OR is_late)"


class StepFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which steps are meant: those that fit everything that is given.

    Attributes:
        ground: why somebody is responsible; ``nobody`` for those that lack somebody.
        person: who is responsible; ``None`` where no person is.
        team: which has it; ``None`` where none has.
        overdue: whether its time has passed.
        due_within: overdue, or due within so many minutes.
        dated: whether anything says by when it is due; a paused clock does (SLA 6).
    """

    kind: StepKind | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    ground: Ground | UnsetType = UNSET
    person: str | UnsetType | None = UNSET
    team: str | UnsetType | None = UNSET
    overdue: bool | UnsetType = UNSET
    due_within: int | UnsetType = UNSET
    dated: bool | UnsetType = UNSET


class OpenStep(msgspec.Struct, frozen=True, kw_only=True):
    """Something open on a ticket.

    Attributes:
        step: its kind, and which one of that kind: `liaison/2`.
        kind: what is to be done.
        title: the same in words.
        about: what it is about, in the words that were used; the beginning of them.
        person: who is responsible; `null` where no person is.
        team: which has it.
        ground: why it is theirs: named for the step, working on the ticket, owning it, its team, or nobody.
        since: from when on it is open.
        due_at: by when; a paused clock has no deadline (SLA 6).
        late_from: the first moment at which it is overdue.
        paused: whether its clock stands still.
        gap: the year without holiday data that hides the deadline: alert (SLA 7).
        remaining: in ISO 8601, negative when overdue: working time of its clock, else clock time.
        overdue: whether its time has passed.
    """

    ticket: UUID
    number: str
    subject: str
    priority: Priority
    step: str
    kind: StepKind
    title: Text
    about: str | None
    person: str | None
    team: str | None
    ground: Ground
    since: datetime
    due_at: datetime | None
    late_from: datetime | None
    paused: bool
    gap: int | None
    remaining: str | None
    overdue: bool


class StepPage(msgspec.Struct, frozen=True, kw_only=True):
    """Open steps, the nearest due time first, behind them what is paused, last what has none.

    Attributes:
        now: the moment that remaining times are told at, to the second.
        count: how many there are on all pages, exactly, where that was asked.
        next: the cursor of the following page; `null` on the last.
    """

    now: datetime
    count: int | None
    items: tuple[OpenStep, ...]
    next: str | None


class TicketSteps(msgspec.Struct, frozen=True, kw_only=True):
    """The open steps of one ticket, the nearest due time first.

    Attributes:
        now: the moment that remaining times are told at, to the second.
    """

    now: datetime
    items: tuple[OpenStep, ...]


async def steps_page(
    conn: AsyncConnection[Any],
    promises: Promises,
    which: StepFilter,
    now: datetime,
    *,
    cursor: str | None = None,
    limit: int = 50,
    count: bool = False,
) -> StepPage:
    """A page of the steps that a filter means.

    Args:
        now: the moment that it is for, to the second.
        count: whether all of them are counted.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    where, params = _where(which, now)
    after: LiteralString = ""
    if cursor:
        after = AFTER
        place = cursors.read(cursor, tuple[int, str, str])
        params |= dict(zip(("rank", "number", "step"), place, strict=True))
    query = PAGE % (COUNTED % where if count else "NULL::bigint", where + after)
    params["limit"] = limit + 1
    found = await (await conn.execute(query, params, binary=True)).fetchall()
    lines = [row[1:] for row in found if row[1] is not None]
    lines, more = cursors.cut(lines, limit, lambda line: (line[-1], line[1], line[4]))
    dials = Dials(promises, now)
    return StepPage(now=now, count=found[0][0], items=tuple(_shown(line, dials) for line in lines), next=more)


async def steps_of(
    conn: AsyncConnection[Any], promises: Promises, ticket_id: UUID, now: datetime
) -> TicketSteps:
    """The open steps of a ticket; none where the view has none."""
    found = await conn.execute(OF_ONE, (ticket_id,), binary=True)
    dials = Dials(promises, now)
    return TicketSteps(now=now, items=tuple(_shown(line, dials) for line in await found.fetchall()))


def _where(which: StepFilter, now: datetime) -> tuple[LiteralString, dict[str, Any]]:
    asked: LiteralString = "true"
    params: dict[str, Any] = {}
    for name, condition in CONDITIONS.items():
        wanted = getattr(which, name)
        if wanted is None:
            asked += " AND " + condition.partition(" ")[0] + " IS NULL"
        elif wanted is not UNSET:
            asked += " AND " + condition
            params[name] = str(wanted)
    if which.ground in {Ground.TEAM, Ground.NOBODY}:
        asked += " AND person IS NULL"  # there is an index of those
    if which.overdue is not UNSET:
        late = LATE.replace("%s", "%(now)s")
        asked += " AND " + (late if which.overdue else "NOT " + late)
        params["now"] = now
    if which.due_within is not UNSET:
        asked += " AND " + SOON
        params["soon"] = last_rank(now, which.due_within)
    if which.dated is not UNSET:
        asked += " AND rank " + ("<" if which.dated else ">=") + " %(never)s"
        params["never"] = 2 * NEVER
    return asked, params


def _shown(line: tuple[Any, ...], dials: Dials) -> OpenStep:
    ticket, *plain = line[: len(FIELDS)]
    told = dict(zip(FIELDS[1:], plain, strict=True))
    is_late, calendar, version, due_mark, left, _ = line[len(FIELDS) :]
    if due_mark is not None:
        mark = dials.mark(calendar, version)
        left = None if mark is None else due_mark - mark
    elif calendar is None and told["due_at"] is not None:
        left = int(told["due_at"].timestamp()) - int(dials.now.timestamp())
    late_from = told["late_from"]
    told |= {"priority": Priority(told["priority"]), "ground": Ground(told["ground"])}
    told["kind"] = kind = StepKind(told["kind"])
    return OpenStep(
        ticket=ticket,
        **told,
        title=word(kind),
        remaining=iso_or_none(left),
        overdue=is_late or (late_from is not None and late_from <= dials.now),
    )
