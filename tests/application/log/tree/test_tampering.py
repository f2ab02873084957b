"""Whatever an owner of the database does to the stored tree or to signed checkpoints is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.database.connect import Database
from application.log.sealing import HASH_BYTES
from application.log.tree.merkle import root
from application.log.tree.notes import Checkpoint, Note, VerifierKey, signed, verifier_key
from application.log.verifying import verify
from tests.application.log.committing import column
from tests.application.log.tampering import rewrite, tamper
from tests.application.log.tree.signed import ORIGIN, grow, sign, verifiers
from tests.conftest import connected

FORGED = "UPDATE log.event SET actor = 'agent:nobody' WHERE position = 300"


@pytest.fixture
def signed_twice(database: Database, tmp_path: Path) -> Database:
    """A log of 600 events, signed at 520 and at 600."""
    grow(database, 520)
    assert sign(database, tmp_path / "keys")
    grow(database, 80)
    assert sign(database, tmp_path / "keys")
    assert found(database, *kept(database), keys=verifiers(tmp_path / "keys")) is None
    return database


def kept(database: Database) -> list[Checkpoint]:
    """Every checkpoint there is, as somebody outside keeps them."""
    return [Checkpoint.of(Note.of(note).text) for note in column(database, "SELECT note FROM log.checkpoint")]


def found(
    database: Database, *checkpoints: Checkpoint, keys: list[VerifierKey] | None = None
) -> tuple[int, str] | None:
    """Where the log first differs and how, or nothing."""
    with connected(database.service_url) as conn:
        difference = verify(conn, checkpoints=checkpoints, keys=keys or []).difference
    return (difference.position, difference.kind) if difference else None


def rewrite_all(database: Database) -> None:
    """What an owner can do who has not the key: events, chain and subtrees fit again."""
    tamper(database, FORGED)
    rewrite(database, start=300)
    leaves = column(database, "SELECT leaf_hash FROM log.event ORDER BY position")
    tamper(
        database,
        f"UPDATE log.subtree SET hash = '\\x{root(leaves[:256]).hex()}' WHERE number = 0",
        f"UPDATE log.subtree SET hash = '\\x{root(leaves[256:512]).hex()}' WHERE number = 1",
    )


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE log.subtree SET hash = sha256(hash) WHERE number = 1", (512, "subtree")),
        ("DELETE FROM log.subtree WHERE number = 0", (256, "subtree")),
        ("INSERT INTO log.subtree VALUES (8, 2, sha256(''))", (600, "subtree")),
        ("INSERT INTO log.subtree VALUES (64, 0, sha256(''))", (600, "subtree")),
        ("UPDATE log.checkpoint SET root = sha256(root) WHERE size = 520", (520, "checkpoint")),
        ("UPDATE log.checkpoint SET size = 530 WHERE size = 520", (530, "checkpoint")),
        ("UPDATE log.checkpoint SET size = 700 WHERE size = 600", (601, "checkpoint")),
        ("UPDATE log.checkpoint SET note = 'log' WHERE size = 520", (520, "checkpoint")),
        ("UPDATE log.checkpoint SET note = replace(note, '520', '521')", (520, "checkpoint")),
    ],
)
def test_a_changed_row_of_the_tree(signed_twice: Database, statement: str, where: tuple[int, str]) -> None:
    tamper(signed_twice, statement)
    assert found(signed_twice) == where


def test_a_note_under_another_key(signed_twice: Database, tmp_path: Path) -> None:
    (said,) = [checkpoint for checkpoint in kept(signed_twice) if checkpoint.size == 520]
    forger = Ed25519PrivateKey.from_private_bytes(bytes(HASH_BYTES))
    note = Note(str(said), (signed(str(said), ORIGIN, forger),))
    tamper(signed_twice, f"UPDATE log.checkpoint SET note = '{note}' WHERE size = 520")
    assert found(signed_twice) is None
    assert found(signed_twice, keys=[verifier_key(ORIGIN, forger)]) == (600, "checkpoint")
    assert found(signed_twice, keys=verifiers(tmp_path / "keys")) == (520, "checkpoint")


def test_events_rewritten_with_chain_and_subtrees_do_not_fit_what_was_signed(signed_twice: Database) -> None:
    rewrite_all(signed_twice)
    assert found(signed_twice) == (520, "checkpoint")


def test_with_the_checkpoints_gone_only_one_kept_outside_shows_it(signed_twice: Database) -> None:
    outside = kept(signed_twice)
    rewrite_all(signed_twice)
    tamper(signed_twice, "TRUNCATE log.cosignature, log.checkpoint, log.subtree")
    assert found(signed_twice) is None
    assert found(signed_twice, outside[1]) == (600, "expected")
    assert found(signed_twice, *outside) == (520, "expected")


def test_an_end_that_was_taken_off_shows_too(signed_twice: Database) -> None:
    outside = kept(signed_twice)
    tamper(signed_twice, "DELETE FROM log.event WHERE position > 590")
    rewrite(signed_twice, start=590)
    assert found(signed_twice) == (591, "checkpoint")
    tamper(signed_twice, "DELETE FROM log.checkpoint WHERE size = 600")
    assert found(signed_twice) is None
    assert found(signed_twice, *outside) == (591, "expected")
