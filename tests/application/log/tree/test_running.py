"""The signer at work: it signs in time by itself, tells others, and says when and while it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from application.database.connect import Database
from application.log.tree.delivering import deliveries
from application.log.tree.keys import KeyDirectory
from application.log.tree.notes import Note
from application.log.tree.running import signing
from application.settings import Settings
from tests.application.database.conftest import until
from tests.application.log.committing import column
from tests.application.log.tampering import rewrite, tamper
from tests.application.log.tree.receiving import OneWitness, web_server
from tests.application.log.tree.signed import ORIGIN, grow, sign, verifiers
from tests.conftest import connected

Set = Callable[..., Settings]


@pytest.fixture
def settings(tmp_path: Path) -> Set:
    """Settings of an installation in the test's directory, with these variables."""

    def make(**variables: str) -> Settings:
        named = {f"AFTERSALES_{name.upper()}": value for name, value in variables.items()}
        return Settings.from_env(
            {"AFTERSALES_DATA_DIR": str(tmp_path / "data"), "AFTERSALES_LOG_ORIGIN": ORIGIN} | named
        )

    return make


def sizes(database: Database) -> list[int]:
    return column(database, "SELECT size FROM log.checkpoint ORDER BY size")


def signer(database: Database) -> str | None:
    """Why it refuses."""
    with connected(database.service_url) as conn:
        return {delivery.target: delivery.failure for delivery in deliveries(conn)}.get("signing")


def test_it_signs_the_first_event_and_then_every_so_many(database: Database, settings: Set) -> None:
    made = settings(checkpoint_events="5", checkpoint_seconds="86400")
    with signing(made, database.service_url):
        until(made.keys.exists)
        assert sizes(database) == []
        grow(database, 1)
        until(lambda: sizes(database) == [1])
        grow(database, 4)
        grow(database, 1)
        until(lambda: sizes(database) == [1, 6])


def test_it_signs_what_is_there_after_some_time(database: Database, settings: Set) -> None:
    made = settings(checkpoint_events="1000", checkpoint_seconds="1")
    with signing(made, database.service_url):
        grow(database, 1)
        until(lambda: sizes(database) == [1])
        grow(database, 1)
        until(lambda: sizes(database) == [1, 2])


def test_places_outside_and_witnesses_are_told(database: Database, settings: Set, tmp_path: Path) -> None:
    grow(database, 3)
    assert sign(database, settings().keys)
    witness = OneWitness(verifiers(settings().keys))
    with web_server(witness.answer) as address:
        made = settings(
            checkpoint_targets=f"file:{tmp_path}/out",
            witnesses=f"{witness.key} {address}/w",
            checkpoint_events="2",
        )
        with signing(made, database.service_url):
            until((tmp_path / "out" / "checkpoint").exists)
            until(lambda: witness.size == 3)
            grow(database, 2)
            until(lambda: witness.size == 5)
            until(lambda: Note.of((tmp_path / "out" / "checkpoint").read_text()).text.split("\n")[1] == "5")


def test_a_refusal_is_an_alert_and_shown_until_it_is_over(
    database: Database, settings: Set, capsys: pytest.CaptureFixture[str]
) -> None:
    made = settings()
    grow(database, 4)
    assert sign(database, made.keys)
    tamper(database, "CREATE TABLE log.kept AS SELECT * FROM log.event WHERE position = 4")
    tamper(database, "UPDATE log.event SET actor = 'agent:nobody' WHERE position = 4")
    rewrite(database, start=4)
    with signing(made, database.service_url):
        until(lambda: signer(database) is not None)
    assert "is not the one that was signed" in str(signer(database))
    said = capsys.readouterr()
    assert "ALERT" in said.out + said.err
    tamper(
        database, "DELETE FROM log.event WHERE position = 4", "INSERT INTO log.event SELECT * FROM log.kept"
    )
    tamper(database, "UPDATE log.head SET chain_hash = (SELECT chain_hash FROM log.kept)")
    with signing(made, database.service_url):
        until(lambda: signer(database) is None)


def test_a_key_whose_time_is_over_is_retired_and_the_log_says_so(database: Database, settings: Set) -> None:
    made = settings(checkpoint_events="1")
    grow(database, 1)
    assert sign(database, made.keys)
    keys = KeyDirectory(made.keys)
    (old,) = keys.all()
    keys.create(ORIGIN, old.since, replaces=old)
    file = made.keys / f"{old.key.id.hex()}.key"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"until": "2026-01-01T00:00:00Z"}))
    with signing(made, database.service_url):
        until(lambda: sizes(database)[-1:] == [3])
    assert column(database, "SELECT type FROM event_log WHERE position > 1 ORDER BY position") == [
        "log.key_introduced",
        "log.key_retired",
    ]
    assert "seed" not in json.loads(file.read_text())
    (newest,) = column(database, "SELECT note FROM log.checkpoint WHERE size = 3")
    assert [key.fingerprint for key, _ in Note.of(newest).signed_by(verifiers(made.keys))] == [
        key.key.fingerprint for key in keys.all() if key.seed
    ]
