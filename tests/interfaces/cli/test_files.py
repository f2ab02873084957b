"""``aftersales files verify``: every attached file is what the log says, or is named."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from application.database.connect import Database
from application.files.store import PIECE, Files
from application.log.event_log import open_log
from application.ticket_commands.correspondence import AttachFile, WithdrawFile
from domain.ticket.words import FileKind
from tests.application.files.test_store import sent
from tests.application.firm import AGENT, Firm, in_the_firm
from tests.conftest import connected
from tests.interfaces.cli.conftest import Answer
from tests.interfaces.http.signing import KEY, make_key, sign

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


ERASE = r"""
CREATE TEMPORARY TABLE gone ON COMMIT DROP AS SELECT upload FROM file.content WHERE sha256 = '\x{}';
DELETE FROM file.content WHERE upload IN (SELECT upload FROM gone);
DELETE FROM file.piece WHERE upload IN (SELECT upload FROM gone);
"""
"""As docs/operations.md has it."""
WHO = ("--by", "wang.fang", "--reason", "法院裁定第17号")


def kept(database: Database) -> tuple[int, ...]:
    """How many contents, and how many pieces there are."""
    counted = "SELECT (SELECT count(*) FROM file.content), (SELECT count(*) FROM file.piece)"
    with connected(database.owner_url) as owner:
        return owner.execute(counted).fetchone() or ()


def test_a_file_that_an_event_names_is_erased_in_a_recorded_maintenance_only(
    command: Command, two: Database
) -> None:
    before = kept(two)
    for url in (two.service_url, two.owner_url):
        for said in ("", "4"):
            with connected(url) as conn:
                conn.execute("SELECT set_config('log.maintenance', %s, false)", [said])
                for table in ("content", "piece"):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        conn.execute(f"DELETE FROM file.{table}")  # type: ignore[call-overload]
    assert kept(two) == before
    Path("erase.sql").write_text(ERASE.format(FIRST), encoding="utf-8")
    told = command("log", "maintenance", "erase.sql", *WHO)
    assert (told.code, told.err) == (0, "recorded at 4 and 5: 1 file erased\n")
    assert kept(two) == (1, 1)
    closing = json.loads(command("log", "show", "--after", "4", "--json").out)
    assert (closing["type"], closing["data"]["files"]) == ("log.maintenance_closed", [FIRST])
    assert command("log", "verify").code == 0


def test_what_was_erased_is_said_with_its_maintenance(command: Command, two: Database) -> None:
    Path("erase.sql").write_text(ERASE.format(FIRST), encoding="utf-8")
    command("log", "maintenance", "erase.sql", *WHO)
    told = command("files", "verify")
    assert (told.code, told.err) == (0, "")
    assert told.out == (
        f"verified 1 files of {len(NOTE):,} bytes\n{FIRST} (event 2) was erased in maintenance 4\n"
    )
    assert json.loads(command("files", "verify", "--json").out)["erased"] == [
        {"sha256": FIRST, "position": 2, "maintenance": 4}
    ]
    with connected(two.owner_url) as owner, pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute("DELETE FROM file.erased")


def test_a_maintenance_that_fails_erases_nothing(command: Command, two: Database) -> None:
    Path("erase.sql").write_text(ERASE.format(FIRST) + "SELECT 1 / 0;", encoding="utf-8")
    told = command("log", "maintenance", "erase.sql", *WHO)
    assert told.code == 1
    assert "nothing was changed: division by zero" in told.err
    assert command("files", "verify").out.startswith("verified 2 files")


def test_a_case_is_exported_with_its_files_and_says_which_it_leaves_out(
    command: Command, two: Database
) -> None:
    make_key(Path("data", "signing"))
    sign(two, Path("data", "signing"))
    whole = command("export", "case", "T-2026-000001", "-o", "whole.zip")
    assert whole.err == "3 events and 2 files, proven by the checkpoint of 3\n"
    told = command("verify", "whole.zip", "--key", KEY.fingerprint)
    assert "files       2 named, 2 here, byte for byte as their events say" in told.out
    with zipfile.ZipFile("whole.zip") as bundle:
        assert bundle.read(f"files/sha256-{FIRST}") == PHOTO
    small = command("export", "case", "T-2026-000001", "-o", "small.zip", "--files", "100")
    assert small.err.splitlines()[1] == f"without the file {FIRST}: left out for its size"
    found = json.loads(command("verify", "small.zip", "--json").out)["files"]
    assert [each["absent"] for each in found] == ["left out for its size", None]
    Path("erase.sql").write_text(ERASE.format(FIRST), encoding="utf-8")
    command("log", "maintenance", "erase.sql", *WHO)
    erased = command("export", "case", "T-2026-000001", "-o", "erased.zip")
    assert erased.err.splitlines()[1] == f"without the file {FIRST}: erased in maintenance 4"
    assert "absent      x (event 2): erased in maintenance 4" in command("verify", "erased.zip").out
    with zipfile.ZipFile("erased.zip") as bundle:
        assert f"files/sha256-{FIRST}" not in bundle.namelist()


def test_a_file_that_was_withdrawn_or_altered_leaves_the_house_in_no_bundle(
    command: Command, two: Database
) -> None:
    async def withdraw(firm: Firm) -> None:
        gone = WithdrawFile(sha256=SECOND, reason="another customer's")
        await firm.desks.tickets.send("T-2026-000001", gone, AGENT)

    in_the_firm(two, withdraw)
    with connected(two.owner_url) as owner:
        owner.execute("ALTER TABLE file.piece DISABLE TRIGGER USER")
        owner.execute("UPDATE file.piece SET bytes = set_byte(bytes, 0, 7) WHERE place = 1")
    make_key(Path("data", "signing"))
    sign(two, Path("data", "signing"))
    told = command("export", "case", "T-2026-000001")
    assert told.code == 0
    assert told.err.splitlines()[1:] == [
        f"without the file {FIRST}: not in the database as it was attached",
        f"without the file {SECOND}: withdrawn from the ticket",
    ]
    assert "2 named, 0 here" in command("verify", "T-2026-000001.zip").out
