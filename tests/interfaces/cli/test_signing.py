"""``aftersales log checkpoint`` and ``log key``, as whoever runs the service uses them, and an auditor."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from application.database.connect import Database
from application.log.tree.notes import Checkpoint, Note, VerifierKey
from tests.application.log.appending import append_many
from tests.application.log.committing import column, on_the_log
from tests.application.log.tampering import rewrite, tamper
from tests.interfaces.cli.conftest import Answer

Command = Callable[..., Answer]


def grow(database: Database, events: int) -> None:
    on_the_log(database, lambda log: append_many(log, callers=events, each=1))


def keys(command: Command) -> list[dict[str, str]]:
    return json.loads(command("log", "key", "list", "--json").out)


def signed_by(note: str, *listed: dict[str, str]) -> list[str]:
    """Which of the listed keys signed a note."""
    known = [VerifierKey.of(key["vkey"]) for key in listed]
    return [str(key) for key, _ in Note.of(note).signed_by(known)]


@pytest.fixture
def four(on_database: Database) -> Database:
    """A log of four events."""
    grow(on_database, 4)
    return on_database


class TestCheckpoints:
    def test_one_is_signed_on_demand_and_printed_as_it_is(self, command: Command, four: Database) -> None:
        none = command("log", "checkpoint")
        assert (none.code, none.out) == (1, "")
        assert "--now" in none.err
        told = command("log", "checkpoint", "--now")
        assert (told.code, told.err) == (0, "")
        said = Checkpoint.of(Note.of(told.out).text)
        assert said.size == 4
        assert signed_by(told.out, *keys(command)) == [keys(command)[0]["vkey"]]
        assert command("log", "checkpoint").out == told.out

    def test_in_json(self, command: Command, four: Database) -> None:
        note = command("log", "checkpoint", "--now").out
        told = json.loads(command("log", "checkpoint", "--json").out)
        assert (told["checkpoint"]["size"], told["checkpoint"]["note"]) == (4, note)
        assert [each["target"] for each in told["deliveries"]] == ["signing"]

    def test_a_log_that_was_rewritten_is_not_signed(self, command: Command, four: Database) -> None:
        command("log", "checkpoint", "--now")
        tamper(four, "UPDATE log.event SET actor = 'agent:nobody' WHERE position = 2")
        rewrite(four)
        grow(four, 1)
        told = command("log", "checkpoint", "--now")
        assert (told.code, told.out) == (3, "")
        assert told.err.startswith("aftersales: the log is not what was signed before, and is not signed: ")
        assert told.err.count("\n") == 1

    def test_one_that_was_kept_shows_a_rewritten_log(
        self, command: Command, four: Database, tmp_path: Path
    ) -> None:
        kept = tmp_path / "kept.txt"
        kept.write_text(command("log", "checkpoint", "--now").out, encoding="utf-8")
        told = command("log", "verify", "--checkpoint", str(kept))
        assert (told.code, told.err) == (0, "")
        assert "as signed: 4 events of aftersales.invalid/log/" in told.out
        tamper(
            four,
            "TRUNCATE log.cosignature, log.checkpoint",
            "UPDATE log.event SET actor = 'agent:nobody' WHERE position = 2",
        )
        rewrite(four)
        assert command("log", "verify").code == 0
        (key,) = keys(command)
        for options in ((), ("--key", key["vkey"])):
            told = command("log", "verify", "--checkpoint", str(kept), *options)
            assert told.code == 3
            assert "position 4: the checkpoint that was kept was signed of other events" in told.err

    def test_one_that_cannot_be_believed_proves_nothing(
        self, command: Command, four: Database, tmp_path: Path
    ) -> None:
        note = command("log", "checkpoint", "--now").out
        other = tmp_path / "other.txt"
        vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        for text, options in ((note.replace("\n4\n", "\n3\n"), ()), ("x", ()), (note, ("--key", vkey))):
            other.write_text(text, encoding="utf-8")
            told = command("log", "verify", "--checkpoint", str(other), *options)
            assert told.code == 1
            assert "proves nothing" in told.err
        assert command("log", "verify", "--checkpoint", str(other), "--key", "x").code == 2
        assert command("log", "verify", "--checkpoint", str(tmp_path / "none")).code == 1


class TestKeys:
    def test_the_first_is_made_once(self, command: Command, four: Database) -> None:
        assert keys(command) == []
        made = json.loads(command("log", "key", "create", "--json").out)
        assert keys(command) == made
        assert (made[0]["state"], made[0]["until"]) == ("signs", None)
        assert VerifierKey.of(made[0]["vkey"]).fingerprint == made[0]["fingerprint"]
        again = command("log", "key", "create")
        assert (again.code, again.out) == (1, "")
        assert "rotate" in again.err
        command("log", "checkpoint", "--now")
        assert len(keys(command)) == 1

    def test_a_rotation_is_recorded_and_both_sign_for_a_while(self, command: Command, four: Database) -> None:
        command("log", "checkpoint", "--now")
        told = command("log", "key", "rotate", "--reason", "每年一次", "--by", "zhou.min")
        assert told.code == 0
        old, new = keys(command)
        assert (old["state"], new["state"], new["replaces"]) == ("signs", "signs", old["vkey"])
        events = "SELECT type || ' ' || actor || ' ' || reason FROM event_log WHERE position > 4"
        assert column(four, events) == ["log.key_introduced admin:zhou.min 每年一次"]
        note = command("log", "checkpoint", "--now").out
        assert signed_by(note, old, new) == [old["vkey"], new["vkey"]]
        assert signed_by(note, old) == [old["vkey"]]
        again = command("log", "key", "rotate", "--reason", "again")
        assert again.code == 1
        assert "rotate after that" in again.err

    def test_a_key_that_is_replaced_at_once_is_gone(self, command: Command, four: Database) -> None:
        command("log", "checkpoint", "--now")
        command("log", "key", "rotate", "--reason", "others may have read it", "--days", "0")
        old, new = keys(command)
        assert [old["state"], new["state"]] == ["retired", "signs"]
        assert column(four, "SELECT type FROM event_log WHERE position > 4 ORDER BY position") == [
            "log.key_introduced",
            "log.key_retired",
        ]
        note = command("log", "checkpoint", "--now").out
        assert signed_by(note, new) == [new["vkey"]]
        with pytest.raises(ValueError, match="no signature"):
            signed_by(note, old)
        assert command("log", "verify").code == 0
        third = command("log", "key", "rotate", "--reason", "again")
        assert third.code == 0
        assert len(keys(command)) == 3

    def test_there_is_nothing_to_rotate_without_one(self, command: Command, four: Database) -> None:
        told = command("log", "key", "rotate", "--reason", "x")
        assert (told.code, told.err.count("\n")) == (1, 1)

    def test_no_private_key_is_ever_printed(self, command: Command, four: Database, tmp_path: Path) -> None:
        command("log", "checkpoint", "--now")
        (file,) = (tmp_path / "data" / "signing").glob("*.key")
        seed = json.loads(file.read_text())["seed"]
        said = [
            command(*words)
            for words in (
                ("log", "key", "list"),
                ("log", "key", "list", "--json"),
                ("log", "checkpoint", "--json"),
            )
        ]
        file.chmod(0o644)
        said += [command("log", "checkpoint", "--now"), command("log", "key", "list")]
        assert [answer.code for answer in said] == [0, 0, 0, 1, 1]
        assert not any(seed in answer.out + answer.err for answer in said)
