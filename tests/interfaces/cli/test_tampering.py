"""Every way to change a log behind the service's back, and what ``aftersales log verify`` says of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from application.database.connect import Database
from tests.application.log.committing import column
from tests.application.log.tampering import rewrite, tamper
from tests.interfaces.cli.conftest import Answer
from tests.projections.histories import random_facts, record

Command = Callable[..., Answer]
FACTS = random_facts(tickets=4, steps=12)[:12]

ALTERED = ("UPDATE log.event SET data = set_byte(data, 9, get_byte(data, 9) # 1) WHERE position = 7",)
DELETED = ("DELETE FROM log.event WHERE position = 7",)
CLOSED_UP = (
    *DELETED,
    "UPDATE log.event SET position = position + 100 WHERE position > 7",
    "UPDATE log.event SET position = position - 101 WHERE position > 100",
    "UPDATE log.head SET position = position - 1",
)
INSERTED = (
    "ALTER TABLE log.event DROP CONSTRAINT event_stream_id_version_key",
    "UPDATE log.event SET position = position + 100 WHERE position > 5",
    "UPDATE log.event SET position = position - 99 WHERE position > 100",
    "UPDATE log.head SET position = position + 1",
    "CREATE TEMPORARY TABLE forged AS SELECT * FROM log.event WHERE position = 5",
    "UPDATE forged SET position = 6, actor = 'agent:nobody'",
    "INSERT INTO log.event SELECT * FROM forged",
)
SWAPPED = (
    "UPDATE log.event SET position = position + 100 WHERE position IN (4, 9)",
    "UPDATE log.event SET position = 113 - position WHERE position > 100",
)
TRUNCATED = ("DELETE FROM log.event WHERE position > 10",)


class Attack(NamedTuple):
    """What an owner of the database does, and the position at which it first shows."""

    statements: tuple[str, ...]
    first: int


ATTACKS = {
    "a byte altered": Attack(ALTERED, 7),
    "a row deleted and the gap closed": Attack(CLOSED_UP, 7),
    "a row inserted": Attack(INSERTED, 6),
    "two rows swapped": Attack(SWAPPED, 4),
    "the tail cut off": Attack(TRUNCATED, 11),
}


@pytest.fixture
def kept(command: Command, on_database: Database) -> list[str]:
    """A log, and what ``log head`` printed after each event of it: kept outside."""
    record(on_database.service_url, FACTS, commit=1)
    marks = column(on_database, "SELECT position || ':' || chain_hash FROM event_log ORDER BY position")
    assert marks[-1] == command("log", "head").out.strip()
    expected = [argument for mark in marks for argument in ("--expect", mark)]
    assert command("log", "verify", *expected).code == 0
    return expected


@pytest.mark.parametrize("attack", [*ATTACKS.values(), Attack(DELETED, 7)], ids=[*ATTACKS, "a row deleted"])
def test_a_change_to_the_rows_is_named_by_its_first_position(
    command: Command, on_database: Database, kept: list[str], attack: Attack
) -> None:
    tamper(on_database, *attack.statements)
    told = command("log", "verify")
    assert (told.code, told.out) == (3, "")
    assert f": position {attack.first}: " in told.err


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_with_all_hashes_computed_anew_it_shows_to_who_kept_one(
    command: Command, on_database: Database, kept: list[str], attack: Attack
) -> None:
    tamper(on_database, *attack.statements)
    rewrite(on_database)
    assert command("log", "verify").code == 0
    told = command("log", "verify", *kept)
    assert told.code == 3
    assert f": position {attack.first}: " in told.err
    before = kept[: 2 * (attack.first - 1)]
    assert command("log", "verify", *before).code == 0


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_with_the_checkpoints_thrown_away_as_well_it_shows_to_who_kept_one(
    command: Command, on_database: Database, kept: list[str], attack: Attack, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "kept.txt"
    checkpoint.write_text(command("log", "checkpoint", "--now").out, encoding="utf-8")
    assert command("log", "verify", "--checkpoint", str(checkpoint)).code == 0
    tamper(on_database, *attack.statements, "TRUNCATE log.cosignature, log.checkpoint")
    rewrite(on_database)
    assert command("log", "verify").code == 0
    told = command("log", "verify", "--checkpoint", str(checkpoint))
    assert told.code == 3
    assert f": position {11 if attack.statements is TRUNCATED else 12}: " in told.err
