"""``aftersales files verify``: every attached file is what the log says, or is named."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from hashlib import sha256

import pytest

from application.database.connect import Database
from application.files.store import PIECE, Files
from application.log.event_log import open_log
from application.ticket_commands.correspondence import AttachFile
from domain.ticket.words import FileKind
from tests.application.files.test_store import sent
from tests.application.firm import AGENT, Firm
from tests.conftest import connected
from tests.interfaces.cli.conftest import Answer

Command = Callable[..., Answer]
PHOTO = b"\xff\xd8\xff" + bytes(PIECE)
NOTE = b"E-07 at 09:00"
FIRST, SECOND = (sha256(content).hexdigest() for content in (PHOTO, NOTE))


@pytest.fixture
def two(on_database: Database) -> Database:
    """A ticket with two files."""

    async def attach() -> None:
        async with open_log(on_database.service_url) as log:
            firm, files = Firm(log), Files(log.connection)
            ticket = await firm.ticket()
            for content, said in [(PHOTO, "image/jpeg"), (NOTE, "text/plain")]:
                kept = await files.keep(sent(content), said)
                command = AttachFile(
                    sha256=kept.sha256,
                    size=kept.size,
                    media_type=kept.media_type,
                    name="x",
                    kind=FileKind.OTHER,
                )
                await firm.desks.tickets.attach(ticket.number, command, AGENT)

    asyncio.run(attach())
    return on_database


def test_what_is_as_it_was_is_counted(command: Command, two: Database) -> None:
    told = command("files", "verify")
    assert (told.code, told.out) == (0, f"verified 2 files of {len(PHOTO) + len(NOTE):,} bytes\n")


def test_what_is_not_is_named(command: Command, two: Database) -> None:
    with connected(two.owner_url) as owner:
        owner.execute("ALTER TABLE file.piece DISABLE TRIGGER USER")
        owner.execute("ALTER TABLE file.content DISABLE TRIGGER USER")
        owner.execute("UPDATE file.piece SET bytes = set_byte(bytes, 0, 7) WHERE place = 1")
        owner.execute("DELETE FROM file.content WHERE size = %s", (len(NOTE),))
    told = command("files", "verify")
    assert (told.code, told.out) == (3, "")
    assert f"2 of 2 files are not what was attached: {FIRST} (event 2) is altered, {SECOND}" in told.err
    in_json = json.loads(command("files", "verify", "--json").out)
    assert [(each["position"], each["what"]) for each in in_json["faults"]] == [
        (2, "altered"),
        (3, "missing"),
    ]
