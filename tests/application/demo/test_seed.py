"""The year is told to the log once, whole and in order, however often it is interrupted."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from application.database.connect import Database
from application.database.embedded import EmbeddedServer
from application.demo.firm import caller
from application.demo.seed import Content, History, content, record
from application.desks import open_desks
from application.log.event_log import open_log
from application.plans import shipped_promises
from application.ticket_commands import RegisterTicket
from tests.conftest import connected, fresh_database

HISTORY = History(tickets=60, seed=3, now=datetime(2026, 11, 22, 21, 0, tzinfo=UTC))
CONTENTS = """
    SELECT coalesce(n.name, ''), e.version, e.type, e.occurred_at, e.actor, e.reason,
           (e.data - 'duplicate_of')::text, d.name
    FROM event_log e JOIN log.name n ON n.stream_id = e.stream_id
    LEFT JOIN log.name d ON d.stream_id = (e.data ->> 'duplicate_of')::uuid
    ORDER BY n.name, e.version
"""


class Interrupted(Exception):
    """What stops a seeding half-way."""


def tell(database: Database, *, stop_at: int | None = None) -> None:
    def progress(done: int, _: int) -> None:
        if stop_at is not None and done >= stop_at:
            raise Interrupted

    async def run() -> None:
        async with open_log(database.service_url) as log:
            await record(log, HISTORY, shipped_promises(), time_zone="Asia/Shanghai", progress=progress)

    asyncio.run(run())


def contents(database: Database) -> list[tuple[Any, ...]]:
    with connected(database.service_url) as conn:
        return conn.execute(CONTENTS).fetchall()


def held(database: Database) -> tuple[Content, History | None]:
    with connected(database.service_url) as conn:
        return content(conn)


def test_told_twice_it_is_the_same_year(server: EmbeddedServer, database: Database) -> None:
    tell(database)
    with fresh_database(server) as other:
        tell(other)
        assert contents(database) == contents(other)
    assert len({row[0] for row in contents(database)}) == 60
    assert any(row[7] for row in contents(database)), "no duplicate names its original"


def test_interrupted_it_goes_on(server: EmbeddedServer, database: Database) -> None:
    tell(database)
    with fresh_database(server) as other:
        for stop_at in (100, 300):
            with pytest.raises(Interrupted):
                tell(other, stop_at=stop_at)
            assert held(other) == (Content.PART, HISTORY)
        assert 0 < len(contents(other)) < len(contents(database))
        tell(other)
        assert held(other) == (Content.DEMO, HISTORY)
        assert contents(other) == contents(database)


def test_told_again_it_adds_nothing(database: Database) -> None:
    tell(database)
    before = contents(database)
    tell(database)
    assert contents(database) == before


def test_an_empty_log_holds_nothing(database: Database) -> None:
    assert held(database) == (Content.NOTHING, None)


def test_somebodys_own_tickets_are_no_demo(database: Database) -> None:
    async def work() -> None:
        async with open_log(database.service_url) as log:
            desk = open_desks(log, shipped_promises(), time_zone="Asia/Shanghai").tickets
            await desk.register(RegisterTicket(subject="No hot water"), caller("li.wei"))

    asyncio.run(work())
    assert held(database) == (Content.OTHER, None)


def test_what_users_did_since_does_not_make_it_incomplete(database: Database) -> None:
    tell(database)
    with psycopg.connect(database.service_url) as conn:
        row = conn.execute("SELECT name FROM log.name ORDER BY name LIMIT 1").fetchone()
    assert row is not None

    async def work() -> None:
        async with open_log(database.service_url) as log:
            desk = open_desks(log, shipped_promises(), time_zone="Asia/Shanghai").tickets
            await desk.register(RegisterTicket(subject="No hot water"), caller("li.wei"))

    asyncio.run(work())
    assert held(database) == (Content.DEMO, HISTORY)


def test_payloads_are_what_users_send(database: Database) -> None:
    tell(database)
    first = next(row for row in contents(database) if row[2] == "ticket.registered")
    payload = json.loads(first[6])
    assert payload["pin"]["plan"] in {"hot-water", "standard"}
    assert payload["asset"].startswith("HW-")
