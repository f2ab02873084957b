"""One stuck client does not stop all writers: they are told at once, and go on when it is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from application.database.connect import Database
from application.log.committer import Committer
from application.log.connect import LIMIT, READING, WRITING, Patience, appending
from application.log.errors import LogBusy
from application.log.event_log import EventLog
from tests.application.log.committing import is_whole, on_the_log, one

QUICK = Patience(lock=20, idle=400, transaction=400)
HOLD = "SELECT FROM log.head FOR UPDATE"


@contextmanager
def holding(url: str, transaction: int = 0) -> Iterator[Connection[Any]]:
    """A client in a transaction that has the head row."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(LIMIT, (str(transaction),))
        conn.execute("BEGIN")
        conn.execute(HOLD)
        yield conn
        if not conn.broken:
            conn.execute("ROLLBACK")


def refused_then_recorded(database: Database, end: Event | None = None) -> None:
    """Appends are refused as busy, quickly and saying that nothing was recorded, until one is taken."""

    async def run() -> None:
        async with Committer(appending(database.service_url, QUICK)) as committer:
            with pytest.raises(LogBusy, match="nothing was recorded"):
                await committer.append(one())
            if end is not None:
                end.set()
            async with asyncio.timeout(30):
                while True:
                    try:
                        recorded = await committer.append(one())
                    except LogBusy:
                        continue
                    assert recorded.position == 1
                    return

    asyncio.run(run())
    assert is_whole(database) == 1


def test_who_holds_the_log_and_does_nothing_loses_its_session(database: Database) -> None:
    with holding(QUICK.within(database.service_url)) as stuck:
        refused_then_recorded(database)
        with pytest.raises(psycopg.Error):
            stuck.execute("SELECT 1")
        assert stuck.broken


def test_who_holds_the_log_and_is_busy_loses_its_session_too(database: Database) -> None:
    lost = Event()

    def go_on(conn: Connection[Any]) -> None:
        try:
            while True:
                conn.execute("SELECT 1")
        except psycopg.Error:
            lost.set()

    with holding(QUICK.within(database.service_url), QUICK.transaction) as stuck:
        if stuck.info.server_version < 170000:
            pytest.skip("transaction_timeout came with PostgreSQL 17")
        busy = Thread(target=go_on, args=(stuck,))
        busy.start()
        refused_then_recorded(database)
        busy.join(30)
        assert lost.is_set()
        assert stuck.broken


def test_whoever_else_holds_it_the_writers_go_on_once_it_lets_go(database: Database) -> None:
    let_go = Event()

    def hold() -> None:
        with holding(database.owner_url):
            held.set()
            let_go.wait(30)

    held, holder = Event(), Thread(target=hold)
    holder.start()
    assert held.wait(30)
    refused_then_recorded(database, let_go)
    holder.join(30)


def test_a_writer_that_others_overtake_meanwhile_goes_on_after_them(database: Database) -> None:
    """It knows the log as it was before it was refused."""

    async def run() -> None:
        appends = appending(database.service_url, QUICK)
        async with Committer(appends) as first, Committer(appends) as second:
            await first.append(one())
            with holding(database.service_url), pytest.raises(LogBusy):
                await first.append(one())
            await second.append(one())
            assert (await first.append(one())).position == 3

    asyncio.run(run())
    assert is_whole(database) == 3


LIMITS = ("lock_timeout", "idle_in_transaction_session_timeout", "transaction_timeout", "statement_timeout")
SETTINGS = "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)"


def limits(patience: Patience) -> dict[str, str]:
    """What the server is to know of a session."""
    given = (patience.lock, patience.idle, patience.transaction, patience.statement)
    return dict(zip(LIMITS, map(str, given), strict=True))


def test_every_session_that_reads_is_bounded(database: Database) -> None:
    async def story(log: EventLog) -> None:
        async with log.connection() as conn:
            told = dict(await (await conn.execute(SETTINGS, (list(LIMITS),))).fetchall())
        assert told == {name: value for name, value in limits(READING).items() if name in told}
        assert {"lock_timeout", "idle_in_transaction_session_timeout"} <= told.keys()

    on_the_log(database, story)


def test_the_session_that_writes_is_bounded(database: Database) -> None:
    async def run() -> None:
        wire = await appending(database.service_url)()
        for name, value in limits(WRITING).items():
            shown = (b"SELECT setting FROM pg_settings WHERE name = $1", [name.encode()])
            (told,) = await wire.ask(shown)
            assert told.ntuples == 0 or told.get_value(0, 0) == value.encode()
        await wire.close()

    asyncio.run(run())
