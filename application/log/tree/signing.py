"""The signer: makes checkpoints of a log that it has read itself, and never two that contradict each other.

It goes on from what it remembers (``memory``), computes every leaf hash anew from the stored bytes of the
events since then, and refuses to sign when something there is not what it signed before. So whoever owns the
database cannot get a signature under another past, not even with hashes that fit.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.errors import LockNotAvailable

from application.log.maintenance import changed
from application.log.reading import Difference, Mark, head, pieces
from application.log.tree.checking import TreeCheck
from application.log.tree.checkpoints import Signed, newest_now
from application.log.tree.keys import KeyDirectory, KeyProblem, LogKey, note_of
from application.log.tree.memory import NOTHING, Memory, recall, remember
from application.log.tree.merkle import CompactRange, Subtree
from application.log.tree.notes import Checkpoint

LOCK: LiteralString = "SELECT pg_advisory_lock(hashtextextended('signer', 0))"
UNLOCK: LiteralString = "SELECT pg_advisory_unlock(hashtextextended('signer', 0))"
PATIENCE: LiteralString = "SET lock_timeout = '30s'"

ONE_STATE: LiteralString = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
ROOT: LiteralString = "SELECT root FROM log.checkpoint WHERE size = %s"
SUBTREE: LiteralString = "INSERT INTO log.subtree (level, number, hash) VALUES (%s, %s, %s)"
CHECKPOINT: LiteralString = "INSERT INTO log.checkpoint (size, root, note, signed_at) VALUES (%s, %s, %s, %s)"

SHORTER = "the log ends at {}, though {} events were signed"
OTHER_CHAIN = "the log at {} is not the one that was signed: its chain hash is another"
GONE = "the checkpoint of {} that was signed is not stored any more, or is another"
NOT_OURS = "the log was signed with a key that is not in {}: put it there, or sign where it is"
OTHER_NAME = "AFTERSALES_LOG_ORIGIN is {}, but the log is signed as {}: a log keeps its name"


class Contradicts(Exception):
    """The log is not the one that was signed before: nothing is signed. The message says where."""


class Signer:
    """Signs the log of one database with the keys of one directory.

    Args:
        keys: where the keys and the memory are.
        origin: what the log is called; ``None`` for the name its keys bear, or a name of its own if there are
            none yet.
    """

    def __init__(self, keys: KeyDirectory, origin: str | None = None) -> None:
        self._keys = keys
        self._origin = origin

    def sign(self, conn: Connection[Any]) -> Signed | None:
        """Sign the log as it stands; the newest checkpoint if nothing came since, ``None`` for an empty log.

        One signer works at a time, in whichever process; the others wait for it.

        Args:
            conn: of the service's role, in autocommit and not in a transaction.

        Raises:
            Contradicts: the log is not what was signed before.
            KeyProblem: the keys or the memory cannot be used, or another signer took too long.
        """
        with _alone(conn):
            return self._sign(conn)

    def _sign(self, conn: Connection[Any]) -> Signed | None:
        now = datetime.now(UTC)
        keys = self._signing_keys(conn, now)
        before = recall(self._keys.path) or NOTHING
        completed: list[tuple[Subtree, bytes]] = []
        end, tree = self._read(conn, before, completed)
        if tree.size == 0:
            return None
        newest = newest_now(conn)
        after = Memory(tree.size, end.chain_hash, tree.hashes, tree.size, tree.root())
        known = newest.size if newest else 0
        if newest is None or known < tree.size:
            # From here on this tree may have been signed, and no other of its size will be.
            remember(
                self._keys.path,
                Memory(before.size, before.chain_hash, before.subtrees, tree.size, after.signed_root),
            )
            checkpoint = Checkpoint(keys[0].key.name, tree.size, after.signed_root)
            newest = Signed(tree.size, after.signed_root, str(note_of(str(checkpoint), keys)), now, [])
            _store(conn, newest, after=known, completed=completed)
        if after != before:
            remember(self._keys.path, after)
        return newest

    def _signing_keys(self, conn: Connection[Any], now: datetime) -> list[LogKey]:
        """The keys that sign now. The first is made when there are none, and nothing was signed yet.

        Raises:
            KeyProblem: there are none, though the log was signed; or they bear another name.
        """
        keys = self._keys.all()
        if not keys and newest_now(conn) is None:
            keys = [_create(self._keys, self._origin, now)]
        signing = [key for key in keys if key.signs(now)]
        if not signing:
            raise KeyProblem(NOT_OURS.format(self._keys.path))
        name = signing[0].key.name
        if self._origin not in {None, name}:
            raise KeyProblem(OTHER_NAME.format(self._origin, name))
        return signing

    def _read(
        self, conn: Connection[Any], memory: Memory, completed: list[tuple[Subtree, bytes]]
    ) -> tuple[Mark, CompactRange]:
        """Read on from what is remembered to the end of the log.

        Raises:
            Contradicts: see ``sign``.
        """
        verifiers = [key.key for key in self._keys.all()]
        before = [Checkpoint("", memory.signed_size, memory.signed_root)]
        with conn.transaction():
            conn.execute(ONE_STATE)
            end, said = memory.mark, head(conn)
            if said.position < max(memory.size, memory.signed_size):
                raise Contradicts(SHORTER.format(said.position, max(memory.size, memory.signed_size)))
            if said.position == memory.size and said != memory.mark:
                raise Contradicts(OTHER_CHAIN.format(memory.size))
            stored = conn.execute(ROOT, (memory.size,), binary=True).fetchone()
            if memory.size and stored != (memory.tree.root(),):
                raise Contradicts(GONE.format(memory.size))
            tree = TreeCheck(
                conn,
                before,
                verifiers,
                tree=memory.tree,
                complete=lambda *subtree: completed.append(subtree),
            )
            for piece in pieces(conn, end, said, changed(conn)):
                _must_agree(tree.take(piece) or piece.difference)
                end = piece.end
            if end != said:
                raise Contradicts(SHORTER.format(end.position, said.position))
            _must_agree(tree.end())
        return end, tree.tree


def _must_agree(difference: Difference | None) -> None:
    if difference is not None:
        raise Contradicts(str(difference))


def _store(
    conn: Connection[Any], signed: Signed, *, after: int, completed: list[tuple[Subtree, bytes]]
) -> None:
    """Keep a checkpoint, and the subtrees that its tree has more than the one of size ``after``."""
    more = [(level, number, hash_) for (level, number), hash_ in completed if (number + 1) << level > after]
    with conn.transaction(), conn.cursor() as cursor:
        cursor.executemany(SUBTREE, more)
        cursor.execute(CHECKPOINT, (signed.size, signed.root, signed.note, signed.signed_at))


def make_first_key(conn: Connection[Any], keys: KeyDirectory, origin: str | None = None) -> LogKey:
    """Make the key of a log that was not signed yet, before a worker does.

    Raises:
        KeyProblem: there is a key, or the log was signed with one.
    """
    with _alone(conn):
        if keys.all():
            raise KeyProblem(f"there is a key in {keys.path}: aftersales log key rotate replaces it")
        if newest_now(conn) is not None:
            raise KeyProblem(NOT_OURS.format(keys.path))
        return _create(keys, origin, datetime.now(UTC))


def _create(keys: KeyDirectory, origin: str | None, at: datetime) -> LogKey:
    """The first key, under a name that no other log has and that says nothing, if none is given."""
    return keys.create(origin or f"aftersales.invalid/log/{secrets.token_hex(8)}", at)


@contextmanager
def _alone(conn: Connection[Any]) -> Iterator[None]:
    """Be the only one that signs; when this process dies, the server gives the lock back."""
    conn.execute(PATIENCE)
    try:
        conn.execute(LOCK)
    except LockNotAvailable:
        raise KeyProblem("another signer has been at work for half a minute: try again") from None
    try:
        yield
    finally:
        if not conn.broken:
            conn.execute(UNLOCK)
