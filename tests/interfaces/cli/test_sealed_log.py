"""``aftersales log head`` and ``log verify``, as somebody uses them who does not trust the database."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from application.database.connect import Database
from tests.application.log.appending import append_many
from tests.application.log.committing import on_the_log
from tests.application.log.tampering import rewrite, tamper
from tests.interfaces.cli.conftest import Answer

Command = Callable[..., Answer]


@pytest.fixture
def four(on_database: Database) -> Database:
    """A log of four events."""
    on_the_log(on_database, lambda log: append_many(log, callers=2, each=2))
    return on_database


def test_the_head_is_printed_as_verify_takes_it(command: Command, four: Database) -> None:
    kept = command("log", "head").out.strip()
    on_the_log(four, lambda log: append_many(log, callers=1, each=3))
    now = command("log", "head").out.strip()
    assert (kept[:2], now[:2]) == ("4:", "7:")
    told = command("log", "verify", "--expect", kept, "--expect", now)
    assert (told.code, told.err) == (0, "")
    assert told.out == f"verified 7 events: {now}\nas kept: {kept}\nas kept: {now}\n"


def test_in_json(command: Command, four: Database) -> None:
    head = json.loads(command("log", "head", "--json").out)
    assert head["position"] == 4
    told = json.loads(command("log", "verify", "--json").out)
    assert told == {**head, "kept": [], "checkpoints": [], "changed": [], "difference": None}


def test_an_empty_log_is_as_it_should_be(command: Command, on_database: Database) -> None:
    empty = command("log", "head").out
    assert empty == f"0:{'0' * 64}\n"
    assert command("log", "verify", "--expect", empty).code == 0


def test_an_altered_event_is_named_in_one_line(command: Command, four: Database) -> None:
    tamper(four, "UPDATE log.event SET actor = 'agent:nobody' WHERE position = 3")
    told = command("log", "verify")
    assert (told.code, told.out) == (3, "")
    assert told.err.startswith("aftersales: the log is not as it was recorded: position 3: ")
    assert told.err.count("\n") == 1
    in_json = command("log", "verify", "--json")
    assert in_json.code == 3
    said = json.loads(in_json.out)
    assert (said["position"], said["difference"]["position"], said["difference"]["kind"]) == (2, 3, "altered")


def test_a_rewritten_log_is_seen_by_who_kept_a_hash(command: Command, four: Database) -> None:
    kept = command("log", "head").out
    tamper(four, "DELETE FROM log.event WHERE position = 4")
    rewrite(four)
    assert command("log", "verify").code == 0
    told = command("log", "verify", "--expect", kept)
    assert told.code == 3
    assert "position 4" in told.err


def test_the_service_reads_on_whatever_the_hashes_say(command: Command, four: Database) -> None:
    tamper(four, "UPDATE log.event SET leaf_hash = sha256('') WHERE position = 3")
    assert command("log", "show").code == 0


@pytest.mark.parametrize("mark", ["4", "4:abc", "x:" + "0" * 64])
def test_what_is_no_mark_is_not_understood(command: Command, mark: str) -> None:
    told = command("log", "verify", "--expect", mark)
    assert told.code == 2
    assert "aftersales log head" in told.err
