"""The what-if runs that were asked for: who asked, how far they are, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, Connection

from projections.engine import cursor as cursors
from projections.what_if.changes import ChangedTicket
from projections.what_if.proposal import Proposal
from projections.what_if.replaying import Changed
from projections.what_if.running import Outcome

MOST_OPEN = 10
"""Runs that wait or run; one more is refused."""
MOST_TRIES = 3
"""Times that a run is begun whose process dies."""
KEPT = timedelta(days=7)
"""How long a result is kept."""

WITHOUT_RESULT: LiteralString = (
    "id, state, asked_by, asked_at, proposal, tickets, done, begun_at, ended_at, reason"
)
ASK: LiteralString = """
    INSERT INTO log.simulation (id, proposal, asked_by) SELECT %s, %s, %s
    WHERE (SELECT count(*) FROM log.simulation WHERE ended_at IS NULL) < %s
"""
CANCEL: LiteralString = (
    "UPDATE log.simulation SET state = 'cancelled', ended_at = clock_timestamp() "
    "WHERE id = %s AND ended_at IS NULL"
)
ONE: LiteralString = "SELECT " + WITHOUT_RESULT + ", result FROM log.simulation WHERE id = %s"  # noqa: S608
NEWEST: LiteralString = (
    "SELECT " + WITHOUT_RESULT + ", NULL FROM log.simulation ORDER BY asked_at DESC, id LIMIT %s"  # noqa: S608
)
CHANGES: LiteralString = (
    "SELECT number, ticket, told FROM log.simulation_change WHERE simulation = %s "
    "AND (number, ticket) > (%s, %s) ORDER BY number, ticket LIMIT %s"
)
NIL = UUID(int=0)

# One run goes on at a time in the whole installation: that of whoever holds this lock. It dies with its
# connection, so a run that stands as running while nobody holds it was broken off.
LOCK: LiteralString = "SELECT pg_try_advisory_lock(hashtextextended('what-if', 0))"
IS_WANTED: LiteralString = "SELECT EXISTS (SELECT FROM log.simulation WHERE ended_at IS NULL)"
GIVE_UP: LiteralString = (
    "UPDATE log.simulation SET state = 'failed', ended_at = clock_timestamp(), reason = %s "
    "WHERE ended_at IS NULL AND tries >= %s"
)
BEGIN: LiteralString = """
    UPDATE log.simulation SET state = 'running', tries = tries + 1, begun_at = clock_timestamp(), done = 0
    WHERE id = (SELECT id FROM log.simulation WHERE ended_at IS NULL ORDER BY asked_at, id LIMIT 1)
    RETURNING id, proposal
"""
GO_ON: LiteralString = "UPDATE log.simulation SET done = %s, tickets = %s WHERE id = %s AND state = 'running'"
KEEP: LiteralString = (
    "INSERT INTO log.simulation_change (simulation, number, ticket, told) "
    "SELECT %s, * FROM unnest(%s::text[], %s::uuid[], %s::text[])"
)
FORGET: LiteralString = "DELETE FROM log.simulation_change WHERE simulation = %s"
END: LiteralString = (
    "UPDATE log.simulation SET state = %s, ended_at = clock_timestamp(), result = %s, reason = %s "
    "WHERE id = %s AND state = 'running'"
)
OVER: LiteralString = (
    "SELECT id FROM log.simulation WHERE state = 'done' AND ended_at < clock_timestamp() - %s::interval"
)
EXPIRE: LiteralString = "UPDATE log.simulation SET state = 'expired', result = NULL WHERE id = %s"


class TooManyOpen(Exception):
    """So many runs wait already that another one is refused."""


class Cancelled(Exception):
    """Somebody thought better of it."""


class SimulationState(StrEnum):
    """How far a run is."""

    WAITING = "waiting"
    """For a worker, or for the run before it."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    """It was done, and its result is not kept any more."""


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """A what-if run.

    Attributes:
        asked_by: who asked for it.
        proposal: what is tried, with the position and the moment that it is about.
        tickets: how many are looked at; ``None`` until they are counted.
        done: how many were.
        reason: why it failed.
        result: both tables; ``None`` until it is done, and when it has expired.
    """

    id: UUID
    state: SimulationState
    asked_by: str
    asked_at: datetime
    proposal: Proposal
    tickets: int | None
    done: int
    begun_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime | None
    reason: str | None
    result: Outcome | None


class ChangePage(msgspec.Struct, frozen=True, kw_only=True):
    """Tickets of which some verdict would be another, by number.

    Attributes:
        next: the cursor of the following page; ``None`` on the last.
    """

    items: tuple[ChangedTicket, ...]
    next: str | None


async def ask(conn: AsyncConnection[Any], run: UUID, proposal: Proposal, asked_by: str) -> None:
    """Ask for a run.

    Raises:
        TooManyOpen: ``MOST_OPEN`` wait or run.
    """
    told = msgspec.json.encode(proposal).decode()
    found = await conn.execute(ASK, (run, told, asked_by, MOST_OPEN))
    if not found.rowcount:
        raise TooManyOpen(f"{MOST_OPEN} runs wait or run; wait for one of them, or cancel it")


async def cancel(conn: AsyncConnection[Any], run: UUID) -> None:
    """Cancel a run that waits or runs; one that has ended stays as it is."""
    await conn.execute(CANCEL, (run,))


async def simulation(conn: AsyncConnection[Any], run: UUID) -> Simulation | None:
    """One run; ``None`` when nobody asked for it."""
    row = await (await conn.execute(ONE, (run,))).fetchone()
    return _told(row) if row else None


async def simulations(conn: AsyncConnection[Any], limit: int) -> tuple[Simulation, ...]:
    """The newest runs, without their results."""
    return tuple(_told(row) for row in await (await conn.execute(NEWEST, (limit,))).fetchall())


async def changes(conn: AsyncConnection[Any], run: UUID, cursor: str | None, limit: int) -> ChangePage:
    """A page of what a run found changed.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    after = cursors.read(cursor, tuple[str, UUID]) if cursor else ("", NIL)
    rows = await (await conn.execute(CHANGES, (run, *after, limit + 1))).fetchall()
    page, more = cursors.cut(rows, limit, lambda row: (row[0], str(row[1])))
    return ChangePage(items=tuple(msgspec.json.decode(row[2], type=ChangedTicket) for row in page), next=more)


def _told(row: Sequence[Any]) -> Simulation:
    run, state, asked_by, asked_at, proposal, tickets, done, begun_at, ended_at, reason, result = row
    return Simulation(
        id=run,
        state=SimulationState(state),
        asked_by=asked_by,
        asked_at=asked_at,
        proposal=msgspec.json.decode(proposal, type=Proposal),
        tickets=tickets,
        done=done,
        begun_at=begun_at,
        ended_at=ended_at,
        expires_at=ended_at + KEPT if state == SimulationState.DONE else None,
        reason=reason,
        result=msgspec.json.decode(result, type=Outcome) if result else None,
    )


def is_wanted(conn: Connection[Any]) -> bool:
    """Whether a run waits, or was broken off."""
    return conn.execute(IS_WANTED).fetchone() == (True,)


def begin(conn: Connection[Any]) -> tuple[UUID, Proposal] | None:
    """Begin the run that waits longest; the caller holds the lock. ``None`` when none waits."""
    conn.execute(GIVE_UP, (f"its process died {MOST_TRIES} times", MOST_TRIES))
    found = conn.execute(BEGIN).fetchone()
    if found is None:
        return None
    conn.execute(FORGET, (found[0],))
    return found[0], msgspec.json.decode(found[1], type=Proposal)


def go_on(conn: Connection[Any], run: UUID, done: int, tickets: int, found: Sequence[Changed]) -> None:
    """Say how far a run is, and keep what it found.

    Raises:
        Cancelled: nobody wants it any more.
    """
    with conn.transaction():
        if not conn.execute(GO_ON, (done, tickets, run)).rowcount:
            raise Cancelled
        if found:
            conn.execute(KEEP, (run, *(list(column) for column in zip(*found, strict=True))))


def end(conn: Connection[Any], run: UUID, outcome: Outcome | None, reason: str | None = None) -> None:
    """A run is done, or has failed, or nobody wanted it any more; only what is done keeps what it found."""
    with conn.transaction():
        state = SimulationState.FAILED if outcome is None else SimulationState.DONE
        told = msgspec.json.encode(outcome).decode() if outcome else None
        ended = conn.execute(END, (state.value, told, reason, run)).rowcount
        if outcome is None or not ended:
            conn.execute(FORGET, (run,))


def expire(conn: Connection[Any]) -> None:
    """Forget the results that were kept long enough; that somebody asked stays on record."""
    for (run,) in conn.execute(OVER, (KEPT,)).fetchall():
        with conn.transaction():
            conn.execute(EXPIRE, (run,))
            conn.execute(FORGET, (run,))
