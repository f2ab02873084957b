"""Contents are kept piece by piece, once each, and handed out only as they were."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from hashlib import sha256
from typing import Any

import psycopg
import pytest

from application.database.connect import Database
from application.files.kinds import FileRules, WrongFileType
from application.files.store import PIECE, FileAltered, Files, FileTooLarge
from application.files.tidying import Tidying
from application.log.event_log import EventLog, open_log
from application.ticket_commands.correspondence import AttachFile
from domain.errors import InvalidValue
from domain.ticket.words import FileKind
from tests.application.firm import AGENT, Firm
from tests.conftest import connected

PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * (PIECE // 100)
"""Of two pieces and some more."""
DIGEST = sha256(PHOTO).hexdigest()
ROWS = """
    SELECT (SELECT count(*) FROM file.upload), (SELECT count(*) FROM file.piece), count(*) FROM file.content
"""
LONG_AGO = """
    UPDATE file.content SET offered_at = offered_at - interval '25 hours';
    UPDATE file.upload SET begun_at = begun_at - interval '25 hours'
"""


async def sent(content: bytes, at_a_time: int = 65_536) -> AsyncIterator[bytes]:
    """A body as it comes."""
    for first in range(0, len(content), at_a_time):
        yield content[first : first + at_a_time]


async def broken(content: bytes) -> AsyncIterator[bytes]:
    """A body that breaks off."""
    yield content
    raise ConnectionError("gone")


async def whole(pieces: AsyncIterator[bytes]) -> bytes:
    """What came."""
    return b"".join([piece async for piece in pieces])


def with_files(
    database: Database, story: Callable[[Files, EventLog], Coroutine[Any, Any, None]], rules: FileRules
) -> None:
    """Run a story with a store of files."""

    async def run() -> None:
        async with open_log(database.service_url) as log:
            await story(Files(log.connection, rules), log)

    asyncio.run(run())


def rows(database: Database) -> tuple[int, int, int]:
    """Uploads, pieces and contents."""
    with connected(database.service_url) as conn:
        row = conn.execute(ROWS).fetchone()
    assert row is not None
    return row


def test_a_file_comes_out_as_it_went_in_whole_or_in_part(database: Database) -> None:
    async def story(files: Files, _: EventLog) -> None:
        kept = await files.keep(sent(PHOTO), "image/jpeg")
        assert (kept.sha256, kept.size, kept.media_type) == (DIGEST, len(PHOTO), "image/jpeg")
        assert await whole(await files.read(DIGEST)) == PHOTO
        for begin, end in [(0, 1), (PIECE - 1, PIECE + 1), (PIECE, 2 * PIECE), (len(PHOTO) - 5, None)]:
            assert await whole(await files.read(DIGEST, begin, end)) == PHOTO[begin:end]

    with_files(database, story, FileRules())
    assert rows(database) == (0, -(-len(PHOTO) // PIECE), 1)


def test_the_same_content_is_kept_once(database: Database) -> None:
    async def story(files: Files, _: EventLog) -> None:
        await asyncio.gather(*(files.keep(sent(PHOTO, size), "") for size in (1000, 65_536, PIECE)))

    with_files(database, story, FileRules())
    assert rows(database) == (0, -(-len(PHOTO) // PIECE), 1)


@pytest.mark.parametrize(
    ("content", "said", "refusal"),
    [
        (sent(PHOTO), "image/jpeg", FileTooLarge),
        (sent(PHOTO[:1000]), "image/png", WrongFileType),
        (sent(PHOTO[:1000]), "text/html", WrongFileType),
        (sent(b""), "image/jpeg", InvalidValue),
        (broken(PHOTO[: PIECE + 1]), "image/jpeg", ConnectionError),
    ],
)
def test_nothing_is_left_of_what_is_refused_or_breaks_off(
    database: Database, content: AsyncIterator[bytes], said: str, refusal: type[Exception]
) -> None:
    async def story(files: Files, _: EventLog) -> None:
        with pytest.raises(refusal):
            await files.keep(content, said)

    with_files(database, story, FileRules(most_bytes=len(PHOTO) - 1))
    assert rows(database) == (0, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE file.piece SET bytes = set_byte(bytes, 7, 0) WHERE place = 1",
        "DELETE FROM file.piece WHERE place = 2",
        "DELETE FROM file.content",
    ],
)
def test_what_was_altered_is_not_handed_out(database: Database, change: str) -> None:
    async def story(files: Files, log: EventLog) -> None:
        await files.keep(sent(PHOTO), "image/jpeg")
        seen_before = Files(log.connection)
        assert await whole(await seen_before.read(DIGEST)) == PHOTO
        with connected(database.owner_url) as owner:
            for table in ("piece", "content"):
                owner.execute(f"ALTER TABLE file.{table} DISABLE TRIGGER USER")
            owner.execute(change)  # type: ignore[arg-type]
        for each in (files, seen_before):
            with pytest.raises(FileAltered, match=DIGEST):
                await whole(await each.read(DIGEST))

    with_files(database, story, FileRules())


REFUSED = [
    "UPDATE file.piece SET bytes = ''",
    "DELETE FROM file.piece",
    "UPDATE file.content SET size = 1",
    "DELETE FROM file.content",
    "TRUNCATE file.content, file.piece CASCADE",
]


def test_nobody_changes_what_an_event_names(database: Database) -> None:
    async def story(files: Files, log: EventLog) -> None:
        kept = await files.keep(sent(PHOTO), "image/jpeg")
        await attached(Firm(log), kept.sha256)

    with_files(database, story, FileRules())
    for url in (database.service_url, database.owner_url):
        for change in REFUSED:
            with connected(url) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(change)  # type: ignore[arg-type]
    assert rows(database)[2] == 1


def test_what_nobody_attached_in_a_day_is_removed(database: Database) -> None:
    async def story(files: Files, log: EventLog) -> None:
        kept = await files.keep(sent(PHOTO), "image/jpeg")
        await attached(Firm(log), kept.sha256)
        await files.keep(sent(PHOTO[:1000]), "image/jpeg")
        with connected(database.service_url) as conn:
            conn.execute("INSERT INTO file.upload (id) VALUES (gen_random_uuid())")
            conn.execute("INSERT INTO file.piece SELECT id, 0, 'x' FROM file.upload")
        assert await Tidying(log).step() == 0
        with connected(database.owner_url) as conn:
            conn.execute(LONG_AGO)
        assert await Tidying(log).step() == 2
        assert await Tidying(log).step() == 0
        assert await whole(await files.read(DIGEST)) == PHOTO

    with_files(database, story, FileRules())
    assert rows(database) == (0, -(-len(PHOTO) // PIECE), 1)


async def attached(firm: Firm, digest: str) -> None:
    """A ticket has the file."""
    ticket = await firm.ticket()
    command = AttachFile(
        sha256=digest, size=len(PHOTO), media_type="image/jpeg", name="cold.jpg", kind=FileKind.PHOTO
    )
    receipts = [await firm.desks.tickets.attach(ticket.number, command, AGENT) for _ in range(2)]
    assert receipts[0] == receipts[1]
    assert receipts[0].version == 2
