"""Changing recorded events: never in secret, and one maintenance at a time.

The log says beforehand what is going to be done, why and by whom, and afterwards which events it touched.
Between the two a trigger lets changes through, and writes each of them down. Hashes are not made to fit: the
events stay visibly altered, and the log says how that came about.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, LiteralString, cast

import psycopg
from psycopg import AsyncConnection, Connection

from application.log.append import Recorded
from application.log.event_log import EventLog
from application.log.mapper import read_event
from application.log.reading import Changed
from domain.event import Act, Event, Fact
from domain.upkeep import Change, MaintenanceClosed, MaintenanceOpened, stream_of

STREAM = stream_of("log")
MOST_CHANGES = 10_000
"""Changes, and files, in one maintenance: all of them stand in the event that closes it."""
KEY = 0x6166_746D_6E74
"""Of the advisory lock that the one maintenance holds: "aftmnt" in ASCII."""

LIMITS: LiteralString = "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '1min'"
GUARDS: LiteralString = """
    SELECT count(*) FROM pg_trigger WHERE tgrelid = 'log.event'::regclass AND tgenabled = 'A'
        AND tgname IN ('event_is_immutable', 'event_is_not_truncated')
"""
COUNTS: LiteralString = """
    SELECT count(*) FILTER (WHERE operation = 'UPDATE'), count(*) FILTER (WHERE operation = 'DELETE')
    FROM log.maintenance_change WHERE maintenance = %s
"""
CHANGES: LiteralString = """
    SELECT position, operation, encode(leaf_before, 'hex'), encode(leaf_after, 'hex')
    FROM log.maintenance_change WHERE maintenance = %s ORDER BY id LIMIT %s
"""
ERASED: LiteralString = """
    SELECT encode(sha256, 'hex') FROM file.erased WHERE maintenance = %s ORDER BY erased_at, sha256 LIMIT %s
"""
CLOSED: LiteralString = """
    SELECT schema, data FROM log.event WHERE stream_id = %s AND type = 'log.maintenance_closed'
    ORDER BY version
"""
TOUCHED: LiteralString = """
    SELECT DISTINCT opened.position FROM log.maintenance_change AS change
    JOIN log.event AS opened ON opened.position = change.maintenance
    WHERE change.position = %s AND opened.type = 'log.maintenance_opened' ORDER BY opened.position
"""


class MaintenanceRefused(Exception):
    """It cannot begin, or there is none to close. Nothing was recorded."""


class NotTheOwner(MaintenanceRefused):
    """The role may not change events at all."""


class _NotDone(Exception):
    """The statements ran, and may not stand."""


async def maintain(log: EventLog, owner_url: str, statements: str, act: Act) -> tuple[int, MaintenanceClosed]:
    """Open a maintenance, run statements in one transaction, and close it, whatever became of them.

    Args:
        log: the event log.
        owner_url: of the role that owns it.
        statements: SQL; recorded word for word.
        act: who does it and why.

    Returns:
        The position of the event that closes it, and that event; with a ``failure`` nothing was changed,
        unless the statements themselves ended the transaction.

    Raises:
        MaintenanceRefused: one is open or runs already.
        NotTheOwner: the role may not change events.
        LogUnavailable, VersionConflict, psycopg.OperationalError: if it was opened by then it stays open; see
            ``close_left_open``.
    """
    async with _alone(owner_url) as owner:
        last = await _last(log)
        if last is not None and isinstance(last.event, MaintenanceOpened):
            raise MaintenanceRefused(
                f"the maintenance that {last.act.actor} opened at position {last.position} was never closed: "
                "close it first, with aftersales log maintenance --close"
            )
        opened = await _record(log, last, MaintenanceOpened(statements=statements), act)
        failure = await _run(owner, opened.position, statements)
        return await _close(log, opened.position, failure, act)


async def close_left_open(log: EventLog, owner_url: str, act: Act) -> tuple[int, MaintenanceClosed]:
    """Close the maintenance that was interrupted, and say what it had changed.

    Raises:
        MaintenanceRefused: none is open, or it runs at this moment.
    """
    async with _alone(owner_url):
        last = await _last(log)
        if last is None or not isinstance(last.event, MaintenanceOpened):
            raise MaintenanceRefused("no maintenance of the log is open")
        return await _close(log, last.position, "it was interrupted", act)


def changed(conn: Connection[Any]) -> dict[int, Changed]:
    """What was changed by all maintenances that were closed, as they say themselves; by position."""
    found: dict[int, Changed] = {}
    for schema, data in conn.execute(CLOSED, (STREAM,)):
        for change in cast(MaintenanceClosed, read_event("log.maintenance_closed", schema, data)).changes:
            before, after = bytes.fromhex(change.leaf_before), change.leaf_after
            first = found.get(change.position, Changed(before, None))
            found[change.position] = Changed(first.was, bytes.fromhex(after) if after else None)
    return found


def touched(conn: Connection[Any], position: int) -> list[int]:
    """Where the maintenances were opened that changed what stood at a position."""
    return [row[0] for row in conn.execute(TOUCHED, (position,)).fetchall()]


@asynccontextmanager
async def _alone(owner_url: str) -> AsyncIterator[AsyncConnection[Any]]:
    async with await AsyncConnection.connect(owner_url, autocommit=True, connect_timeout=10) as owner:
        query = "SELECT has_table_privilege('log.event', 'UPDATE, DELETE'), pg_try_advisory_lock(%s)"
        may, first = await (await owner.execute(query, (KEY,))).fetchone() or (False, False)
        if not may:
            raise NotTheOwner(f"the role {owner.info.user} may not change events")
        if not first:
            raise MaintenanceRefused("another maintenance of the log runs at this moment")
        await owner.execute(LIMITS)
        yield owner


async def _last(log: EventLog) -> Fact | None:
    facts = await log.stream(STREAM)
    return facts[-1] if facts else None


async def _run(owner: AsyncConnection[Any], maintenance: int, statements: str) -> str | None:
    """Why the statements were not done; ``None`` when they were.

    Raises:
        psycopg.OperationalError: the connection is lost; what became of them is not known yet.
    """
    try:
        async with owner.transaction():
            await owner.execute("SELECT set_config('log.maintenance', %s, true)", (str(maintenance),))
            await owner.execute(statements.encode())
            await _must_stand(owner, maintenance)
    except (psycopg.Error, _NotDone) as error:
        if owner.closed:
            raise
        return str(error).partition("\n")[0] or type(error).__name__
    return None


async def _must_stand(owner: AsyncConnection[Any], maintenance: int) -> None:
    if await _one(owner, GUARDS) != (2,):
        raise _NotDone("the statements took the guards off log.event")
    if sum(await _one(owner, COUNTS, maintenance)) > MOST_CHANGES:
        raise _NotDone(f"these are more than {MOST_CHANGES} changes: do it in several maintenances")


async def _one(conn: AsyncConnection[Any], query: LiteralString, *params: object) -> tuple[int, ...]:
    return await (await conn.execute(query, params)).fetchone() or ()


async def _close(
    log: EventLog, maintenance: int, failure: str | None, act: Act
) -> tuple[int, MaintenanceClosed]:
    async with log.connection() as conn:
        updated, deleted = await _one(conn, COUNTS, maintenance)
        rows = await (await conn.execute(CHANGES, (maintenance, MOST_CHANGES))).fetchall()
        files = await (await conn.execute(ERASED, (maintenance, MOST_CHANGES))).fetchall()
    closed = MaintenanceClosed(
        maintenance=maintenance,
        updated=updated,
        deleted=deleted,
        changes=tuple(Change(*row) for row in rows),
        failure=failure,
        files=tuple(digest for (digest,) in files),
    )
    recorded = await _record(log, await _last(log), closed, act)
    return recorded.position, closed


async def _record(log: EventLog, last: Fact | None, event: Event, act: Act) -> Recorded:
    version = last.version + 1 if last else 1
    fact = Fact(stream_id=STREAM, version=version, event=event, act=act, correlation_id=STREAM)
    return await log.append([fact])
