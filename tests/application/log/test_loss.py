"""The connection breaks: an append is recorded once or refused, and the caller is told which."""

from __future__ import annotations

import subprocess
import sys
from uuid import UUID

import psycopg
import pytest

from application.database.connect import Database
from application.ids import uuid7
from application.log.append import Recorded, Request
from application.log.committer import Committer
from application.log.errors import LogUnavailable, VersionConflict
from application.log.wire import Wire
from tests.application.log.breaking import Writer, with_writer
from tests.application.log.committing import is_whole, one, settled

OVERTAKE = """
import asyncio, sys
from uuid import UUID
from application.log.event_log import open_log
from tests.application.log.appending import remark

async def main():
    async with open_log(sys.argv[1]) as log:
        await log.append([remark(sys.argv[3], stream=UUID(sys.argv[2]))])

asyncio.run(main())
"""


def test_before_the_commit_nothing_was_recorded(database: Database) -> None:
    async def story(writer: Writer, committer: Committer) -> None:
        await committer.append(one())
        writer.before_record = writer.kill
        lost = await settled(*(committer.append(one()) for _ in range(3)))
        assert {str(answer) for answer in lost} == {"the database was lost; nothing was recorded"}
        assert all(isinstance(answer, LogUnavailable) for answer in lost)
        assert (await committer.append(one())).position == 2
        assert writer.opened == 2

    with_writer(database, story)
    assert is_whole(database) == 2


def test_after_the_commit_the_callers_get_the_answers_they_should_have_had(
    database: Database,
) -> None:
    async def story(writer: Writer, committer: Committer) -> None:
        stream = uuid7()
        writer.after_commit = writer.kill
        first, second, refused = await settled(
            committer.append(one(stream)),
            committer.append(one(stream, 2)),
            committer.append(one(stream, 2)),
        )
        assert isinstance(first, Recorded)
        assert isinstance(second, Recorded)
        assert (first.positions, second.positions) == ((1,), (2,))
        assert (second.stream_id, second.version) == (stream, 2)
        assert isinstance(refused, LogUnavailable | VersionConflict)
        assert writer.opened == 2

    with_writer(database, story)
    assert is_whole(database) == 2


def test_a_key_is_answered_after_the_loss_as_it_was_recorded(database: Database) -> None:
    async def story(writer: Writer, committer: Committer) -> None:
        key = Request("me", "key", b"x")
        writer.after_commit = writer.kill
        first = await committer.append(one(request=key))
        again = await committer.append(one(request=key))
        assert (again.position, again.stream_id, again.repeated) == (1, first.stream_id, True)
        assert again.recorded_at == first.recorded_at

    with_writer(database, story)
    assert is_whole(database) == 1


@pytest.mark.parametrize("text", ["another", "x"], ids=["other bytes", "the very same bytes"])
def test_somebody_elses_event_is_not_taken_for_ones_own(database: Database, text: str) -> None:
    """Before the commit the writer is lost, and another process appends to the same stream."""
    stream = uuid7()

    async def story(writer: Writer, committer: Committer) -> None:
        def overtaken(pid: int) -> None:
            writer.kill(pid)
            other = [sys.executable, "-c", OVERTAKE, database.service_url, str(stream), text]
            subprocess.run(other, check=True)

        writer.before_record = overtaken
        with pytest.raises(LogUnavailable, match="nothing was recorded"):
            await committer.append(one(stream))

    with_writer(database, story)
    assert is_whole(database) == 1


def test_killed_again_and_again_everything_is_told_truly(database: Database) -> None:
    async def story(writer: Writer, committer: Committer) -> None:
        moments = ["before_record", "after_commit"]
        streams = [uuid7() for _ in range(8)]
        told: dict[UUID, int] = {}
        for turn in range(24):
            setattr(writer, moments[turn % 2], writer.kill)
            appends = [(stream, one(stream, told.get(stream, 0) + 1)) for stream in streams]
            answers = await settled(*(committer.append(append) for _, append in appends))
            for (stream, _), answer in zip(appends, answers, strict=True):
                if isinstance(answer, Recorded):
                    assert answer.version == told.get(stream, 0) + 1
                    told[stream] = answer.version
                else:
                    assert "nothing was recorded" in str(answer)
        assert sum(told.values()) == 12 * len(streams)

    with_writer(database, story)
    assert is_whole(database) == 96


def test_while_the_database_is_away_callers_are_told_that_nobody_knows(database: Database) -> None:
    async def story(writer: Writer, committer: Committer) -> None:
        async def away() -> Wire:
            raise psycopg.OperationalError("connection refused\nis the server running?")

        await committer.append(one())
        committer._connect, back = away, committer._connect
        writer.before_record = writer.kill
        with pytest.raises(LogUnavailable, match="may or may not have been recorded"):
            await committer.append(one())
        with pytest.raises(LogUnavailable, match="nothing was recorded"):
            await committer.append(one())
        committer._connect = back
        assert (await committer.append(one())).position == 2

    with_writer(database, story)
    assert is_whole(database) == 2
