"""The signer signs what it has read, once, and never two logs that contradict each other."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from application.database.connect import Database
from application.log.tree import signing
from application.log.tree.checkpoints import Signed
from application.log.tree.keys import KeyDirectory, KeyProblem
from application.log.tree.memory import recall
from application.log.tree.merkle import root
from application.log.tree.notes import Checkpoint, Note
from application.log.tree.signing import Contradicts
from tests.application.log.committing import column
from tests.application.log.tampering import found, rewrite, tamper
from tests.application.log.tree.signed import ORIGIN, grow, rows, sign, signers, verifiers
from tests.conftest import connected

FORGED = "UPDATE log.event SET actor = 'agent:nobody' WHERE position = "


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Where the keys are; nothing is there yet."""
    return tmp_path / "data" / "signing"


@pytest.fixture
def ten(database: Database, keys: Path) -> Database:
    """A log of ten events, signed."""
    grow(database, 10)
    assert sign(database, keys)
    return database


def stored_root(database: Database, size: int) -> bytes:
    return root(
        column(database, f"SELECT leaf_hash FROM log.event WHERE position <= {size} ORDER BY position")
    )


class TestACheckpoint:
    def test_is_a_signed_note_of_the_trees_root(self, ten: Database, keys: Path) -> None:
        signed = sign(ten, keys)
        assert signed
        said = Checkpoint.of(Note.of(signed.text).text)
        assert said == Checkpoint(ORIGIN, 10, stored_root(ten, 10))
        assert (signed.size, signed.root) == (10, said.root)
        assert signers(signed, keys) == [verifiers(keys)[0].id.hex()]

    def test_is_not_made_again_while_nothing_comes(self, ten: Database, keys: Path) -> None:
        assert sign(ten, keys) == sign(ten, keys)
        assert column(ten, "SELECT size FROM log.checkpoint") == [10]

    def test_of_an_empty_log_there_is_none(self, database: Database, keys: Path) -> None:
        assert sign(database, keys) is None

    def test_goes_on_from_the_one_before(self, ten: Database, keys: Path) -> None:
        for size in (11, 300, 1100):
            grow(ten, size - column(ten, "SELECT position FROM log.head")[0])
            signed = sign(ten, keys)
            assert signed
            assert (signed.size, signed.root) == (size, stored_root(ten, size))
        assert column(ten, "SELECT number FROM log.subtree WHERE level = 8 ORDER BY 1") == [0, 1, 2, 3]
        assert found(ten) is None

    def test_is_made_by_one_signer_at_a_time(self, database: Database, keys: Path) -> None:
        grow(database, 300)
        together = [threading.Thread(target=sign, args=(database, keys)) for _ in range(4)]
        for each in together:
            each.start()
        for each in together:
            each.join()
        assert column(database, "SELECT size FROM log.checkpoint") == [300]
        assert len(verifiers(keys)) == 1
        assert found(database) is None


class TestTheKey:
    def test_is_readable_by_its_owner_only(self, ten: Database, keys: Path) -> None:
        (file,) = keys.glob("*.key")
        assert [path.stat().st_mode & 0o777 for path in (keys, file)] == [0o700, 0o600]
        for path, mode in ((file, 0o640), (file, 0o604), (keys, 0o750)):
            before = path.stat().st_mode
            path.chmod(mode)
            with pytest.raises(KeyProblem, match="others may read"):
                sign(ten, keys)
            path.chmod(before)
        assert sign(ten, keys)

    def test_is_not_made_anew_for_a_log_that_was_signed(self, ten: Database, tmp_path: Path) -> None:
        with pytest.raises(KeyProblem, match="signed with a key that is not in"):
            sign(ten, tmp_path / "elsewhere")
        assert not (tmp_path / "elsewhere").exists()

    def test_of_another_log_signs_nothing(self, ten: Database, tmp_path: Path) -> None:
        with connected(ten.service_url):
            KeyDirectory(tmp_path / "elsewhere").create(ORIGIN, signing.datetime.now(signing.UTC))
        with pytest.raises(Contradicts, match="no signature of a key that is known"):
            sign(ten, tmp_path / "elsewhere")

    def test_bears_the_name_of_the_log_for_good(self, ten: Database, keys: Path) -> None:
        with pytest.raises(KeyProblem, match=r"AFTERSALES_LOG_ORIGIN is other\.example"):
            sign(ten, keys, "other.example")
        assert sign(ten, keys, None)

    def test_has_a_name_nobody_else_has_if_none_is_set(self, database: Database, keys: Path) -> None:
        grow(database, 1)
        signed = sign(database, keys, None)
        assert signed
        assert signed.text.startswith("aftersales.invalid/log/")

    @pytest.mark.parametrize("content", [b"", b"{}", b'{"vkey":"x","since":"2026-01-01T00:00:00Z"}'])
    def test_that_is_none_is_refused_without_repeating_it(
        self, ten: Database, keys: Path, content: bytes
    ) -> None:
        (file,) = keys.glob("*.key")
        seed = file.read_text().partition('"seed": "')[2].partition('"')[0]
        file.write_bytes(content)
        with pytest.raises(KeyProblem, match="is not a key of the log") as refused:
            sign(ten, keys)
        assert seed not in str(refused.value)


class TestWhoeverRewritesTheLog:
    """The owner of the database, with every hash computed anew."""

    def refused(self, database: Database, keys: Path, words: str) -> None:
        before = rows(database, "SELECT size FROM log.checkpoint")
        with pytest.raises(Contradicts, match=words):
            sign(database, keys)
        assert rows(database, "SELECT size FROM log.checkpoint") == before

    def test_before_what_was_signed(self, ten: Database, keys: Path) -> None:
        tamper(ten, FORGED + "4")
        rewrite(ten, start=4)
        self.refused(ten, keys, "at 10 is not the one that was signed")
        grow(ten, 1)
        self.refused(ten, keys, "position 11: the chain hash does not follow")

    def test_takes_off_its_end(self, ten: Database, keys: Path) -> None:
        tamper(ten, "DELETE FROM log.event WHERE position > 8")
        rewrite(ten)
        self.refused(ten, keys, "ends at 8, though 10")

    def test_takes_off_its_end_and_puts_another_there(self, ten: Database, keys: Path) -> None:
        tamper(ten, "DELETE FROM log.event WHERE position > 8")
        rewrite(ten)
        grow(ten, 5)
        self.refused(ten, keys, "position 11: the chain hash does not follow")

    def test_and_the_checkpoint_with_it(self, ten: Database, keys: Path) -> None:
        tamper(ten, FORGED + "4")
        rewrite(ten, start=4)
        tamper(ten, f"UPDATE log.checkpoint SET root = '\\x{stored_root(ten, 10).hex()}'")
        self.refused(ten, keys, "is not the one that was signed")

    def test_takes_the_checkpoint_away(self, ten: Database, keys: Path) -> None:
        tamper(ten, "TRUNCATE log.checkpoint, log.cosignature")
        grow(ten, 1)
        self.refused(ten, keys, "the checkpoint of 10 that was signed is not stored")

    def test_alters_an_event_that_was_not_signed_yet(self, ten: Database, keys: Path) -> None:
        grow(ten, 3)
        tamper(ten, FORGED + "12")
        self.refused(ten, keys, "position 12: the event does not have its leaf hash")

    def test_while_the_memory_is_lost(self, ten: Database, keys: Path) -> None:
        (keys / "memory.json").unlink()
        tamper(ten, FORGED + "4")
        rewrite(ten, start=4)
        self.refused(ten, keys, "position 10: the checkpoint stored for this position")

    def test_puts_in_a_subtree(self, ten: Database, keys: Path) -> None:
        with connected(ten.service_url) as conn:
            conn.execute("INSERT INTO log.subtree VALUES (8, 0, sha256(''))")
        grow(ten, 300)
        self.refused(ten, keys, "subtrees that no checkpoint covers")


class TestTheMemory:
    def test_that_is_lost_is_made_anew_from_the_whole_log(self, ten: Database, keys: Path) -> None:
        known = recall(keys)
        (keys / "memory.json").unlink()
        assert sign(ten, keys)
        assert recall(keys) == known
        assert (keys / "memory.json").stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("content", [b"", b"{", b"[]"])
    def test_that_cannot_be_read_is_not_passed_over(self, ten: Database, keys: Path, content: bytes) -> None:
        (keys / "memory.json").write_bytes(content)
        with pytest.raises(KeyProblem, match="move it away"):
            sign(ten, keys)


class Killed(BaseException):
    """The process ends here."""


STEPS = {
    "before anything is written": ("remember", 0, False),
    "with the memory half written": ("remember", 0, True),
    "before the checkpoint is stored": ("_store", 0, False),
    "after the checkpoint is stored": ("_store", 0, True),
    "after all of it": ("remember", 1, True),
}
"""At which call of what, and whether its work is done by then."""


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("more", [0, 300])
def test_killed_at_any_step_it_goes_on_as_if_nothing_had_been(
    ten: Database, keys: Path, monkeypatch: pytest.MonkeyPatch, step: str, more: int
) -> None:
    name, nth, done = STEPS[step]
    real, calls = getattr(signing, name), []

    def dies(*arguments: object, **named: object) -> None:
        calls.append(name)
        if len(calls) <= nth or done:
            real(*arguments, **named)
        if len(calls) > nth:
            raise Killed

    grow(ten, 290)
    monkeypatch.setattr(signing, name, dies)
    with pytest.raises(Killed):
        sign(ten, keys)
    (keys / ".memory.json.new").write_bytes(b"half")
    monkeypatch.setattr(signing, name, real)
    grow(ten, more) if more else None
    signed = sign(ten, keys)
    assert isinstance(signed, Signed)
    assert (signed.size, signed.root) == (300 + more, stored_root(ten, 300 + more))
    assert found(ten) is None
    assert (memory := recall(keys))
    assert (memory.size, memory.signed_size, memory.signed_root) == (signed.size, signed.size, signed.root)


def test_what_was_signed_before_a_kill_binds_though_it_was_not_stored(
    ten: Database, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*arguments: object, **named: object) -> None:
        raise Killed

    grow(ten, 2)
    with monkeypatch.context() as patched:
        patched.setattr(signing, "_store", dies)
        with pytest.raises(Killed):
            sign(ten, keys)
    tamper(ten, FORGED + "11")
    rewrite(ten, start=11)
    grow(ten, 5)
    with pytest.raises(Contradicts, match="position 12: the checkpoint that was kept"):
        sign(ten, keys)
