"""The year is told to the log once, whole and in order, however often it is interrupted."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from application.database.connect import Database
from application.database.embedded import EmbeddedServer
from application.demo.chronicle import History
from application.demo.firm import caller
from application.demo.seed import Content, record
from application.desks import open_desks
from application.log.event_log import open_log
from application.plans import shipped_promises
from application.ticket_commands.intake import RegisterTicket
from tests.application.demo.told import HISTORY, Interrupted, contents, held, tell
from tests.conftest import fresh_database

SMALL = History(tickets=12, seed=5, now=HISTORY.now)


def test_told_twice_it_is_the_same_year(server: EmbeddedServer, database: Database) -> None:
    tell(database)
    with fresh_database(server) as other:
        tell(other)
        assert contents(database) == contents(other)
    names = {row[0] for row in contents(database)}
    assert len([name for name in names if name.startswith("T-")]) == 60
    assert len([name for name in names if name.startswith("C-")]) == 4
    assert len([name for name in names if name.startswith("part/")]) == 26
    told = [row[-1] for row in contents(database)]
    assert any("'duplicate_of': 'T-" in row or "'into': 'T-" in row for row in told), (
        "no duplicate names its original"
    )


@pytest.mark.parametrize("stride", [29, 83])
def test_crashed_again_and_again_it_ends_as_if_never_crashed(
    server: EmbeddedServer, database: Database, stride: int
) -> None:
    tell(database, SMALL)
    with fresh_database(server) as other:
        crashes = 0
        while held(other) != (Content.DEMO, SMALL):
            before = len(contents(other))
            with suppress(Interrupted):
                tell(other, SMALL, crash_after=stride)
            assert len(contents(other)) > before
            crashes += 1
        assert crashes > 3
        assert held(other) == (Content.DEMO, SMALL)
        assert contents(other) == contents(database)


@pytest.mark.parametrize("commands", [1, 2, 3])
def test_crashed_as_it_begins(server: EmbeddedServer, database: Database, commands: int) -> None:
    with pytest.raises(Interrupted):
        tell(database, SMALL, crash_after=commands)
    assert held(database) == (Content.PART, SMALL)
    tell(database, SMALL)
    with fresh_database(server) as other:
        tell(other, SMALL)
        assert contents(database) == contents(other)


def test_it_says_how_far_it_is(database: Database) -> None:
    said: list[tuple[int, int]] = []

    async def run() -> None:
        async with open_log(database.service_url) as log:
            plans = shipped_promises()
            await record(log, SMALL, plans, time_zone="Asia/Shanghai", progress=lambda *far: said.append(far))

    asyncio.run(run())
    assert said == sorted(said)
    assert said[-1][0] == said[-1][1] > 400


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

    async def work() -> None:
        async with open_log(database.service_url) as log:
            desk = open_desks(log, shipped_promises(), time_zone="Asia/Shanghai").tickets
            await desk.register(RegisterTicket(subject="No hot water"), caller("li.wei"))

    asyncio.run(work())
    assert held(database) == (Content.DEMO, HISTORY)
