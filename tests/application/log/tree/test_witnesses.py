"""Witnesses are asked as C2SP tlog-witness has it, and what they sign is kept only if it holds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from psycopg import AsyncConnection

from application.database.connect import Database
from application.log.tree.checkpoints import Signed, newest_now
from application.log.tree.notes import BadNote, Note
from application.log.tree.proofs import NotInTree
from application.log.tree.witnesses import Witness, accept_cosignature
from tests.application.log.tampering import tamper
from tests.application.log.tree.receiving import Answered, OneWitness, web_server
from tests.application.log.tree.signed import carried, grow, more, sign, verifiers
from tests.conftest import connected


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Where the keys are."""
    return tmp_path / "keys"


@pytest.fixture
def signed(database: Database, keys: Path) -> Signed:
    """The checkpoint of a log of 300 events."""
    grow(database, 300)
    checkpoint = sign(database, keys)
    assert checkpoint
    return checkpoint


class TestAWitness:
    def test_cosigns_what_goes_on_from_what_it_has_seen(
        self, database: Database, keys: Path, signed: Signed
    ) -> None:
        witness = OneWitness(verifiers(keys))
        with web_server(witness.answer) as address:
            asked = Witness(witness.key, f"{address}/w")
            carried(database, asked)
            newest = more(database, keys, 700)
            told = carried(database, asked)
        assert (told[asked.name].size, told[asked.name].failure) == (1000, None)
        assert witness.asked == [0, 300]
        assert (witness.size, witness.root) == (newest.size, newest.root)
        note = Note.of(served(database).text)
        assert [key for key, _ in note.signed_by([*verifiers(keys), witness.key])] == [
            *verifiers(keys),
            witness.key,
        ]

    def test_that_has_seen_something_else_than_we_know_is_asked_again_from_there(
        self, database: Database, keys: Path, signed: Signed
    ) -> None:
        witness = OneWitness(verifiers(keys))
        witness.answer("/w/add-checkpoint", f"old 0\n\n{signed.note}")
        more(database, keys)
        with web_server(witness.answer) as address:
            told = carried(database, Witness(witness.key, f"{address}/w"))
        assert [delivery.failure for delivery in told.values()] == [None]
        assert witness.asked == [0, 0, 300]

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            ((403, ""), "answered 403"),
            ((409, "400\n"), "has cosigned 400 events of this log, and we have 300"),
            ((409, "x"), "answered 409"),
            ((200, "x"), "does not hold"),
            ((200, "— witness.example/w1 AAAAAAAA\n"), "does not hold"),
        ],
    )
    def test_that_answers_something_else_has_not_cosigned(
        self, database: Database, keys: Path, signed: Signed, answer: Answered, words: str
    ) -> None:
        with web_server(lambda path, body: answer) as address:
            told = carried(database, Witness(OneWitness([]).key, f"{address}/w"))
        assert words in str(told)
        assert served(database).cosignatures == []

    def test_whose_signature_is_of_something_else_has_not_cosigned(
        self, database: Database, keys: Path, signed: Signed
    ) -> None:
        witness = OneWitness(verifiers(keys))
        wrong = str(witness.cosign(Note.of(signed.note.replace("\n300\n", "\n299\n"))))
        with web_server(lambda path, body: (200, wrong)) as address:
            told = carried(database, Witness(witness.key, f"{address}/w"))
        assert "does not hold: the signature of witness.example/w1" in str(told)
        assert served(database).cosignatures == []


class TestACosignatureThatIsBrought:
    def test_is_kept_once(self, database: Database, keys: Path, signed: Signed) -> None:
        witness = OneWitness(verifiers(keys))
        brought = signed.note + str(witness.cosign(Note.of(signed.note)))
        assert accepted(database, brought, [Witness(witness.key)]) == 1
        assert accepted(database, brought, [Witness(witness.key)]) == 0
        assert served(database).text == brought

    def test_of_nobody_we_know_is_not_kept(self, database: Database, keys: Path, signed: Signed) -> None:
        witness, other = OneWitness([]), OneWitness([])
        brought = signed.note + str(witness.cosign(Note.of(signed.note)))
        with pytest.raises(BadNote, match="no signature"):
            accepted(database, brought, [Witness(other.key)])
        with pytest.raises(BadNote, match="wrong"):
            accepted(database, brought.replace("\n300\n", "\n301\n"), [Witness(witness.key)])
        assert served(database).cosignatures == []

    def test_of_a_log_that_is_not_ours_is_not_kept(self, database: Database, signed: Signed) -> None:
        witness = OneWitness([])
        for other in ("\n301\n", "\n30\n"):
            note = Note.of(signed.note.replace("\n300\n", other))
            with pytest.raises(NotInTree, match="has not signed"):
                accepted(database, str(note) + str(witness.cosign(note)), [Witness(witness.key)])

    def test_at_no_time_that_there_is_is_not_kept(self, database: Database, signed: Signed) -> None:
        witness = OneWitness([], time=2**62)
        with pytest.raises(BadNote, match="no time"):
            accepted(
                database, signed.note + str(witness.cosign(Note.of(signed.note))), [Witness(witness.key)]
            )


def served(database: Database) -> Signed:
    """The newest checkpoint with all signatures."""
    with connected(database.service_url) as conn:
        newest = newest_now(conn)
    assert newest
    return newest


def accepted(database: Database, text: str, witnesses: Sequence[Witness]) -> int:
    """How many cosignatures were kept of a note that somebody brought."""

    async def accept() -> int:
        async with await AsyncConnection.connect(database.service_url, autocommit=True) as conn:
            return await accept_cosignature(conn, text, witnesses)

    return asyncio.run(accept())


def test_a_cosignature_cannot_be_changed_or_taken_back(
    database: Database, keys: Path, signed: Signed
) -> None:
    witness = OneWitness([])
    accepted(database, signed.note + str(witness.cosign(Note.of(signed.note))), [Witness(witness.key)])
    with connected(database.owner_url) as owner, pytest.raises(Exception, match="append-only"):
        owner.execute("DELETE FROM log.cosignature")
    tamper(database, "DELETE FROM log.cosignature")
    assert served(database).cosignatures == []
