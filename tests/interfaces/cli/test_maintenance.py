"""``aftersales log maintenance``, and what ``log verify`` says afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from application.database.connect import Database
from application.log import maintenance as maintaining
from tests.application.log.appending import append_many
from tests.application.log.committing import column, on_the_log
from tests.application.log.tampering import tamper
from tests.interfaces.cli.conftest import Answer

Command = Callable[..., Answer]
WHO = ("--by", "wang.fang", "--reason", "法院裁定第17号")


@pytest.fixture
def four(on_database: Database) -> Database:
    """A log of four events."""
    on_the_log(on_database, lambda log: append_many(log, callers=2, each=2))
    return on_database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """SQL that changes an event."""
    file = tmp_path / "erase.sql"
    file.write_text("UPDATE log.event SET actor = 'agent:erased' WHERE position = 3;\n", encoding="utf-8")
    return file


def test_a_change_is_made_and_recorded(command: Command, four: Database, file: Path) -> None:
    told = command("log", "maintenance", str(file), *WHO)
    assert (told.code, told.out, told.err) == (0, "", "recorded at 5 and 6: 1 changed\n")
    shown = command("log", "show", "--after", "4", "--json").out.splitlines()
    opened, closed = map(json.loads, shown)
    assert (opened["type"], closed["type"]) == ("log.maintenance_opened", "log.maintenance_closed")
    assert (opened["actor"], opened["reason"]) == ("admin:wang.fang", "法院裁定第17号")
    assert opened["data"]["statements"] == file.read_text(encoding="utf-8").strip()
    assert closed["data"]["changes"][0]["position"] == 3


def test_verify_names_what_was_changed_and_proves_all_the_rest(
    command: Command, four: Database, file: Path
) -> None:
    with file.open("a", encoding="utf-8") as more:
        more.write("DELETE FROM log.event WHERE position IN (1, 2);")
    command("log", "maintenance", str(file), *WHO)
    file.write_text("DELETE FROM log.event WHERE position = 3", encoding="utf-8")
    command("log", "maintenance", str(file), *WHO)
    told = command("log", "verify")
    assert (told.code, told.out.partition(":")[0]) == (3, "verified 8 events")
    assert told.err.endswith("what it says a maintenance changed: 1, 2, 3\n")
    said = json.loads(command("log", "verify", "--json").out)
    assert (said["position"], said["changed"], said["difference"]) == (8, [1, 2, 3], None)


@pytest.mark.parametrize(
    ("more", "position"),
    [
        ("UPDATE log.event SET actor = 'agent:else' WHERE position = 3", 3),
        ("UPDATE log.event SET leaf_hash = sha256('') WHERE position = 3", 3),
        ("UPDATE log.event SET reason = 'else' WHERE position = 4", 4),
        ("DELETE FROM log.event WHERE position = 4", 4),
    ],
)
def test_verify_finds_what_no_maintenance_did(
    command: Command, four: Database, file: Path, more: str, position: int
) -> None:
    command("log", "maintenance", str(file), *WHO)
    tamper(four, more)
    said = json.loads(command("log", "verify", "--json").out)
    assert said["difference"]["position"] == position


def test_verify_says_where_a_maintenance_was_left_open(
    command: Command, four: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(maintaining, "_close", dies)
    command("log", "maintenance", str(file), *WHO)
    told = command("log", "verify")
    assert told.code == 3
    assert "position 3: " in told.err
    assert told.err.endswith("a maintenance changed it that was recorded at position 5\n")
    said = json.loads(command("log", "verify", "--json").out)["difference"]
    assert (said["position"], said["kind"], said["maintenance"]) == (3, "altered", [5])


def test_in_json(command: Command, four: Database, file: Path) -> None:
    said = json.loads(command("log", "maintenance", str(file), *WHO, "--json").out)
    assert (said["position"], said["maintenance"], said["updated"], said["failure"]) == (6, 5, 1, None)


def test_statements_that_fail_change_nothing(command: Command, four: Database, file: Path) -> None:
    file.write_text("UPDATE log.event SET actor = 'x'; SELECT nothing", encoding="utf-8")
    told = command("log", "maintenance", str(file), *WHO)
    assert told.code == 1
    assert "nothing was changed: column" in told.err
    assert command("log", "verify").code == 0


def test_one_that_was_interrupted_is_closed_by_hand(
    command: Command, four: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(maintaining, "_close", dies)
        assert command("log", "maintenance", str(file), *WHO).code == 1
    again = command("log", "maintenance", str(file), *WHO)
    assert again.code == 1
    assert "position 5" in again.err
    assert "log maintenance --close" in again.err
    told = command("log", "maintenance", "--close", *WHO)
    assert (told.code, told.err) == (0, "recorded at 5 and 6: 1 changed\n")
    assert command("log", "maintenance", "--close", *WHO).code == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{file}", "--close", *WHO], "--close"),
        (WHO, "--close"),
        (["{file}", "--by", " ", "--reason", "x"], "--by"),
        (["{file}", "--by", "x", "--reason", "a\nb"], "--reason"),
        (["{file}", "--by", "x"], "--reason"),
        (["{empty}", *WHO], "SQL"),
        (["{latin}", *WHO], "UTF-8"),
    ],
)
def test_what_is_not_understood(
    command: Command, four: Database, file: Path, arguments: list[str], says: str
) -> None:
    empty, latin = file.with_name("empty.sql"), file.with_name("latin.sql")
    empty.write_text(" \n", encoding="utf-8")
    latin.write_bytes("é".encode("latin-1"))
    given = [each.format(file=file, empty=empty, latin=latin) for each in arguments]
    told = command("log", "maintenance", *given)
    assert told.code == 2
    assert says in told.err
    assert column(four, "SELECT position FROM log.head") == [4]


def test_a_file_that_is_not_there(command: Command, four: Database) -> None:
    told = command("log", "maintenance", "nowhere.sql", *WHO)
    assert (told.code, told.err) == (1, "aftersales: nowhere.sql: No such file or directory\n")


def test_without_the_owners_connection(
    command: Command, four: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERSALES_OWNER_DATABASE_URL", four.service_url)
    told = command("log", "maintenance", str(file), *WHO)
    assert told.code == 1
    assert "AFTERSALES_OWNER_DATABASE_URL" in told.err
    assert column(four, "SELECT position FROM log.head") == [4]
