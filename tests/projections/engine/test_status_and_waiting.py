from __future__ import annotations

import asyncio
from typing import Any

import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from application.database.connect import Database
from projections.engine.runner import Runner
from projections.engine.status import ProjectionState, status_async
from projections.engine.waiting import NotYetVisible, wait_for
from tests.projections.engine.tally import Tally
from tests.projections.histories import Story, answer, record
from tests.projections.views import ask, statuses

STORY = answer(Story(), 1)


def test_a_projection_is_missing_then_behind_then_live(database: Database) -> None:
    url = database.service_url
    assert statuses(url, ["tally"])["tally"].state is ProjectionState.MISSING
    with Runner(url, [Tally()]) as runner:
        runner.run_once()
        assert statuses(url, ["tally"])["tally"].state is ProjectionState.LIVE
        record(url, STORY.facts)
        behind = statuses(url, ["tally"])["tally"]
        assert (behind.state, behind.position, behind.head, behind.lag) == (ProjectionState.BEHIND, 0, 2, 2)
        runner.run_once()
    live = statuses(url, ["tally"])["tally"]
    assert (live.state, live.position, live.lag) == (ProjectionState.LIVE, 2, 0)
    assert live.moved_at is not None
    assert behind.moved_at is not None
    assert live.moved_at > behind.moved_at


def test_status_reads_the_same_on_an_event_loop(database: Database) -> None:
    url = database.service_url
    record(url, STORY.facts)
    with Runner(url, [Tally("tally", 2)]) as runner:
        runner.run_once()
    names = ["other", "tally"]
    assert ask(url, lambda conn: status_async(conn, names)) == list(statuses(url, names).values())


def wait(url: str, names: list[str], position: int, timeout: float, meanwhile: Any = None) -> None:
    """Wait as the service does, with a pool, while something else runs on another thread."""

    async def waiting() -> None:
        pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(url, min_size=1, open=False)
        async with pool:
            await asyncio.gather(
                wait_for(pool.connection, names, position, timeout),
                asyncio.to_thread(meanwhile or (lambda: None)),
            )

    asyncio.run(waiting())


def test_waiting_ends_when_every_view_is_there(database: Database) -> None:
    url = database.service_url
    record(url, STORY.facts)

    def work() -> None:
        for name in ("one", "two"):
            with Runner(url, [Tally(name)]) as runner:
                runner.run_once()

    wait(url, ["one", "two"], 2, timeout=30, meanwhile=work)
    assert statuses(url, ["two"])["two"].position == 2


def test_waiting_gives_up(database: Database) -> None:
    record(database.service_url, STORY.facts)
    with Runner(database.service_url, [Tally()]) as runner:
        runner.run_once()
    wait(database.service_url, ["tally"], 2, timeout=0)
    for names, position in ((["tally"], 3), (["tally", "unborn"], 2)):
        with pytest.raises(NotYetVisible) as told:
            wait(database.service_url, names, position, timeout=0)
        assert told.value.position == position
