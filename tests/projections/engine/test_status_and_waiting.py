from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from application.database.connect import Database
from projections.catalogue import NAMES
from projections.engine import waiting
from projections.engine.runner import Runner
from projections.engine.status import ProjectionState, status_async
from projections.engine.waiting import Look, NotYetVisible, Watch
from tests.conftest import connected
from tests.projections.engine.tally import Tally
from tests.projections.histories import Story, answer, record
from tests.projections.views import ask, shown, statuses, until

T = TypeVar("T")
Pool = AsyncConnectionPool[AsyncConnection[Any]]

STORY = answer(Story(), 1)
LISTENERS = "SELECT pid FROM pg_stat_activity WHERE query = 'LISTEN view' AND datname = current_database()"


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


def watching(url: str, story: Callable[[Watch, Pool], Awaitable[T]], size: int = 2) -> T:
    """What comes of a story told with a watch, as a server has one."""

    async def told() -> T:
        pool: Pool = AsyncConnectionPool(
            url, min_size=1, max_size=size, open=False, timeout=5, kwargs={"autocommit": True}
        )
        async with pool, Watch(url, pool.connection) as watch:
            return await story(watch, pool)

    return asyncio.run(told())


def fold(url: str, *names: str) -> None:
    """Let projections catch up."""
    with Runner(url, [Tally(name) for name in names]) as runner:
        runner.run_once()


def test_waiting_ends_when_every_view_is_there(database: Database) -> None:
    url = database.service_url
    record(url, STORY.facts)

    async def story(watch: Watch, _: Pool) -> Look:
        seen = asyncio.create_task(watch.wait_for(["one", "two"], 2, timeout=30))
        await asyncio.to_thread(fold, url, "one")
        assert not seen.done()
        await asyncio.to_thread(fold, url, "two")
        return await seen

    assert watching(url, story).positions == {"one": 2, "two": 2}


def test_whoever_waits_is_woken_and_need_not_look(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "POLL", 120)
    url = database.service_url
    fold(url, "tally")

    async def story(watch: Watch, pool: Pool) -> None:
        await listening(url)
        for position, fact in enumerate(STORY.facts, 1):
            seen = asyncio.create_task(watch.wait_for(["tally"], position, timeout=30))
            await watch.look()
            await asyncio.to_thread(record, url, [fact])
            await asyncio.to_thread(fold, url, "tally")
            assert (await seen).head == position

    watching(url, story)


def test_whoever_listens_no_more_looks(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "LISTEN_AGAIN", 120)
    url = database.service_url
    record(url, STORY.facts)

    async def story(watch: Watch, pool: Pool) -> None:
        await listening(url)
        async with pool.connection() as conn:
            await conn.execute(LISTENERS.replace("SELECT pid", "SELECT pg_terminate_backend(pid)"))
        seen = asyncio.create_task(watch.wait_for(["tally"], 2, timeout=30))
        await watch.look()
        await asyncio.to_thread(fold, url, "tally")
        await seen

    watching(url, story)


def test_many_who_wait_take_no_connection_from_others(database: Database) -> None:
    url = database.service_url

    async def story(watch: Watch, pool: Pool) -> None:
        crowd = [asyncio.create_task(watch.wait_for(["tally"], 2, timeout=30)) for _ in range(200)]
        for _ in range(20):
            await watch.look()
            async with pool.connection() as conn:
                await conn.execute("SELECT 1")
        assert not any(one.done() for one in crowd)
        await asyncio.to_thread(record, url, STORY.facts)
        await asyncio.to_thread(fold, url, "tally")
        assert {look.head for look in await asyncio.gather(*crowd)} == {2}

    watching(url, story, size=1)


def test_a_view_that_ignores_the_event_is_there_as_soon_as_the_others(database: Database) -> None:
    url = database.service_url
    record(url, STORY.facts)

    async def story(watch: Watch, _: Pool) -> None:
        seen = asyncio.create_task(watch.wait_for(NAMES, 2, timeout=30))
        await asyncio.to_thread(shown, url, [])
        await seen

    watching(url, story)


def test_waiting_gives_up(database: Database) -> None:
    url = database.service_url
    record(url, STORY.facts)
    fold(url, "tally")

    async def story(watch: Watch, _: Pool) -> None:
        assert (await watch.wait_for(["tally"], 2, timeout=30)).shows(["tally"], 2)
        for names, position in ((["tally"], 3), (["tally", "unborn"], 2)):
            with pytest.raises(NotYetVisible) as told:
                await watch.wait_for(names, position, timeout=0.05)
            assert told.value.position == position

    watching(url, story)


async def listening(url: str) -> None:
    """Come back when the watch listens."""
    with connected(url) as conn:
        await asyncio.to_thread(until, lambda: conn.execute(LISTENERS).fetchone() is not None)
