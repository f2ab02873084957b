"""A command is remembered by its key for a time; then the key is as new, and a worker clears it away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from application.database.connect import Database
from application.log.append import Recorded, Request
from application.log.errors import KeyReused
from application.log.event_log import EventLog, open_log
from application.policies.forgetting import Forgetting
from tests.application.log.appending import remark
from tests.application.log.committing import column, is_whole, settled
from tests.conftest import connected
from tests.projections.views import until

KEEP = timedelta(days=7)
Story = Callable[[EventLog], Awaitable[None]]


def on_the_log(database: Database, story: Story) -> None:
    """Run a story on a log that remembers commands for a week."""

    async def run() -> None:
        async with open_log(database.service_url, keep=KEEP) as log:
            await story(log)

    asyncio.run(run())


def came_before(database: Database, ago: timedelta) -> None:
    """Let every command that is remembered be so old."""
    with connected(database.owner_url) as conn:
        conn.execute("UPDATE log.command SET recorded_at = now() - %s", (ago,))


async def give(log: EventLog, key: str, digest: bytes = b"1") -> Recorded | BaseException:
    """Append an event under a key."""
    (answer,) = await settled(log.append([remark()], request=Request("me", key, digest)))
    return answer


@pytest.mark.parametrize("digest", [b"1", b"2"])
def test_an_expired_key_is_as_new_whatever_is_asked_under_it(database: Database, digest: bytes) -> None:
    async def story(log: EventLog) -> None:
        await give(log, "k")
        came_before(database, KEEP + timedelta(seconds=1))
        assert await log.answered(Request("me", "k", b"1")) is None
        new = await give(log, "k", digest)
        assert isinstance(new, Recorded)
        assert (new.position, new.repeated) == (2, False)
        again = await give(log, "k", digest)
        assert isinstance(again, Recorded)
        assert (again.position, again.repeated) == (2, True)
        assert isinstance(await give(log, "k", b"other"), KeyReused)

    on_the_log(database, story)
    assert is_whole(database) == 2
    assert column(database, "SELECT position FROM log.command") == [2]


def test_until_then_it_is_answered_as_the_first_time(database: Database) -> None:
    async def story(log: EventLog) -> None:
        await give(log, "k")
        came_before(database, KEEP - timedelta(minutes=1))
        assert await log.answered(Request("me", "k", b"1")) is not None
        again = await give(log, "k")
        assert isinstance(again, Recorded)
        assert (again.position, again.repeated) == (1, True)
        assert isinstance(await give(log, "k", b"2"), KeyReused)

    on_the_log(database, story)
    assert is_whole(database) == 1


def test_of_an_expired_key_that_comes_several_times_at_once_one_is_recorded(database: Database) -> None:
    async def story(log: EventLog) -> None:
        await give(log, "k")
        came_before(database, KEEP + timedelta(seconds=1))
        answers = await asyncio.gather(*(give(log, "k") for _ in range(5)))
        assert {answer.position for answer in answers if isinstance(answer, Recorded)} == {2}

    on_the_log(database, story)
    assert is_whole(database) == 2


def test_they_are_cleared_away_a_few_at_a_time_and_only_they(database: Database) -> None:
    async def story(log: EventLog) -> None:
        await asyncio.gather(*(give(log, f"old {n}") for n in range(5)))
        came_before(database, KEEP + timedelta(seconds=1))
        await asyncio.gather(*(give(log, f"new {n}") for n in range(3)))
        forgetting = Forgetting(log, KEEP)
        assert [await forgetting.step(2) for _ in range(4)] == [2, 2, 1, 0]

    on_the_log(database, story)
    assert column(database, "SELECT key FROM log.command ORDER BY key") == ["new 0", "new 1", "new 2"]
    assert is_whole(database) == 8


def test_a_worker_does_so_by_itself(database: Database) -> None:
    async def story(log: EventLog) -> None:
        await give(log, "old")
        came_before(database, KEEP + timedelta(seconds=1))
        stop = asyncio.Event()
        running = asyncio.create_task(Forgetting(log, KEEP).run(stop))
        await asyncio.to_thread(until, lambda: not column(database, "SELECT key FROM log.command"))
        stop.set()
        await running

    on_the_log(database, story)
