"""Carrying checkpoints to where they are wanted: at least once, again after a failure, place by place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString, Protocol

import msgspec
import psycopg
import structlog
from psycopg import AsyncConnection, Connection
from psycopg.rows import class_row

from application.log.tree.checkpoints import Signed, newest_now
from application.log.tree.web import NotDelivered

SIGNING = "signing"
"""The row under which it stands whether the signer refuses."""

LOCK: LiteralString = "SELECT pg_try_advisory_lock(hashtextextended('checkpoint deliveries', 0))"
UNLOCK: LiteralString = "SELECT pg_advisory_unlock(hashtextextended('checkpoint deliveries', 0))"
KNOWN: LiteralString = (
    "INSERT INTO log.delivery (target) SELECT unnest(%s::text[]) ON CONFLICT (target) DO NOTHING"
)
DUE: LiteralString = (
    "SELECT target, failures FROM log.delivery WHERE target = ANY(%s) AND size < %s AND due_at <= now()"
)
TOLD: LiteralString = """
    INSERT INTO log.delivery AS known (target, size, told_at, due_at) VALUES (%s, %s, now(), now() + %s)
    ON CONFLICT (target) DO UPDATE SET size = greatest(known.size, excluded.size), told_at = excluded.told_at,
        failures = 0, failure = NULL, due_at = excluded.due_at
"""
FAILED: LiteralString = """
    INSERT INTO log.delivery AS known (target, failures, failure, due_at) VALUES (%s, 1, %s, now() + %s)
    ON CONFLICT (target) DO UPDATE SET failures = known.failures + 1, failure = excluded.failure,
        due_at = excluded.due_at
"""
DELIVERIES: LiteralString = (
    "SELECT target, size, told_at, failures, failure, due_at FROM log.delivery ORDER BY target"
)

STANDING: LiteralString = """
    SELECT (SELECT coalesce(max(size), 0) FROM log.checkpoint),
        count(*) FILTER (WHERE target = %s), count(*) FILTER (WHERE target <> %s)
    FROM log.delivery WHERE failure IS NOT NULL
"""

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
"""Between two tries; each wait is twice the one before."""

log = structlog.get_logger(__name__)


class Carrier(Protocol):
    """One place that is told of checkpoints."""

    @property
    def name(self) -> str:
        """What it is called in messages and in the database; without any secret."""
        ...

    @property
    def apart(self) -> timedelta:
        """How much time passes at least between two."""
        ...

    def deliver(self, conn: Connection[Any], signed: Signed) -> None:
        """Tell it; raises ``NotDelivered``."""
        ...


class Delivery(msgspec.Struct, frozen=True):
    """How far one place has been told.

    Attributes:
        target: its name.
        size: of the newest checkpoint that it has, 0 for none.
        told_at: when it got it.
        failures: how often it could not be told since.
        failure: why, the last time; ``None`` when all is well.
        due_at: when it is tried next, if there is something new.
    """

    target: str
    size: int
    told_at: datetime | None
    failures: int
    failure: str | None
    due_at: datetime


class Standing(msgspec.Struct, frozen=True):
    """How signing and telling stand, in figures.

    Attributes:
        signed: the position up to which the log is signed.
        refused: 1 while the signer refuses, 0 otherwise.
        failing: how many places could not be told the last time.
    """

    signed: int
    refused: int
    failing: int


def carry(conn: Connection[Any], carriers: Sequence[Carrier]) -> None:
    """Tell everybody who is due of the newest checkpoint; a failure of one is noted, and the others go on.

    Whoever crashes between telling and noting tells again. One process carries at a time; others do nothing.

    Args:
        conn: of the service's role, in autocommit.
    """
    ((mine,),) = conn.execute(LOCK).fetchall()
    if not mine:
        return
    try:
        newest = newest_now(conn)
        names = [carrier.name for carrier in carriers]
        conn.execute(KNOWN, (names,))
        due = dict(conn.execute(DUE, (names, newest.size if newest else 0)).fetchall())
        for carrier in carriers:
            if newest and carrier.name in due:
                _deliver(conn, carrier, newest, due[carrier.name])
    finally:
        if not conn.broken:
            conn.execute(UNLOCK)


def _deliver(conn: Connection[Any], carrier: Carrier, signed: Signed, failures: int) -> None:
    try:
        carrier.deliver(conn, signed)
    except NotDelivered as why:
        wait = min(FIRST_WAIT * 2 ** min(failures, 20), LONGEST_WAIT)
        failed(conn, carrier.name, str(why), wait)
        log.warning("a checkpoint was not delivered", target=carrier.name, size=signed.size, error=str(why))
    except psycopg.Error:
        raise
    except Exception as error:
        failed(conn, carrier.name, type(error).__name__, LONGEST_WAIT)
        log.exception("a checkpoint was not delivered", target=carrier.name, size=signed.size)
    else:
        conn.execute(TOLD, (carrier.name, signed.size, carrier.apart))


def succeeded(conn: Connection[Any], size: int) -> None:
    """Note that the log was signed."""
    conn.execute(TOLD, (SIGNING, size, timedelta()))


def failed(conn: Connection[Any], target: str, why: str, wait: timedelta) -> None:
    """Note why something was not done, and when it is tried again."""
    conn.execute(FAILED, (target, why, wait))


async def standing(conn: AsyncConnection[Any]) -> Standing:
    """How signing and telling stand now."""
    ((signed, refused, failing),) = await (await conn.execute(STANDING, (SIGNING, SIGNING))).fetchall()
    return Standing(signed, refused, failing)


def deliveries(conn: Connection[Any]) -> list[Delivery]:
    """How far everybody has been told, the signer's own row among them."""
    with conn.cursor(row_factory=class_row(Delivery)) as cursor:
        return cursor.execute(DELIVERIES).fetchall()
