"""Witnesses: others who look at every checkpoint, and sign it only if it goes on from the one before.

They speak C2SP tlog-witness. A checkpoint with the cosignature of one who is independent of us cannot be
taken back, and no second log can be shown to somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection, Connection

from application.log.tree.checkpoints import Signed, of_size
from application.log.tree.notes import COSIGNATURE, BadNote, Checkpoint, Note, Signature, VerifierKey, encoded
from application.log.tree.proofs import NotInTree, consistency_now
from application.log.tree.web import Answer, NotDelivered, may_send_to, post

SEEN: LiteralString = "SELECT coalesce(max(size), 0) FROM log.cosignature WHERE witness = %s"
KEEP: LiteralString = (
    "INSERT INTO log.cosignature (size, witness, line, cosigned_at) VALUES (%s, %s, %s, %s) "
    "ON CONFLICT DO NOTHING"
)
LATEST = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())


class Witness(msgspec.Struct, frozen=True):
    """One who may cosign.

    Attributes:
        key: what its cosignatures are verified with.
        url: where it takes checkpoints, without ``/add-checkpoint``; ``None`` for one that comes by itself.
        apart: how much time passes at least between two.
    """

    key: VerifierKey
    url: str | None = None
    apart: timedelta = timedelta()

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"witness {called(self.key)}"

    def deliver(self, conn: Connection[Any], signed: Signed) -> None:
        """Ask for a cosignature, and keep it.

        Raises:
            NotDelivered: it gave none, or one that does not hold.
        """
        ((seen,),) = conn.execute(SEEN, (called(self.key),)).fetchall()
        answer = self._ask(conn, signed, seen)
        if answer.status == 409 and (size := answer.text.strip()).isdecimal():
            # It has seen another size than we know of, after a restore or a lost answer.
            if int(size) > signed.size:
                raise NotDelivered(f"it has cosigned {size} events of this log, and we have {signed.size}")
            answer = self._ask(conn, signed, int(size))
        if answer.status != 200:
            raise NotDelivered(f"answered {answer.status}")
        try:
            note = Note.of(signed.note + answer.text)
            rows = [_row(signed.size, *found) for found in note.signed_by([self.key])]
        except BadNote as bad:
            raise NotDelivered(f"its cosignature does not hold: {bad}") from None
        with conn.cursor() as cursor:
            cursor.executemany(KEEP, rows)

    def _ask(self, conn: Connection[Any], signed: Signed, old: int) -> Answer:
        proof = consistency_now(conn, old, signed.size) if old else []
        lines = [f"old {old}", *map(encoded, proof), "", signed.note]
        return post(f"{(self.url or '').rstrip('/')}/add-checkpoint", "\n".join(lines))


async def accept_cosignature(conn: AsyncConnection[Any], text: str, witnesses: Iterable[Witness]) -> int:
    """Keep the cosignatures that somebody brings.

    Args:
        conn: in autocommit.
        text: a checkpoint of this log as a signed note, with cosignatures.
        witnesses: whose are taken; those of others are passed over.

    Returns:
        How many were kept that were not known yet.

    Raises:
        BadNote: it is not a signed checkpoint, no cosignature is of a known witness, or one does not hold.
        NotInTree: this log never signed that checkpoint.
    """
    note = Note.of(text)
    said = Checkpoint.of(note.text)
    found = note.signed_by([witness.key for witness in witnesses])
    signed = await of_size(conn, said.size)
    if signed is None or Note.of(signed.note).text != note.text:
        raise NotInTree(f"this log has not signed such a checkpoint of {said.size}")
    kept = 0
    for key, signature in found:
        kept += (await conn.execute(KEEP, _row(said.size, key, signature))).rowcount
    return kept


def called(key: VerifierKey) -> str:
    """How a witness is named in the database: name and key id."""
    return f"{key.name}+{key.id.hex()}"


def witnesses(words: Sequence[str]) -> tuple[Witness, ...]:
    """Read verifier keys, each with the address that may follow it.

    Raises:
        BadNote: a key is none, or not that of a witness.
        ValueError: an address is none, or follows no key.
    """
    found: list[Witness] = []
    for word in words:
        if "://" in word:
            if not found or found[-1].url or not may_send_to(word):
                raise ValueError(word)
            found[-1] = Witness(found[-1].key, word)
            continue
        key = VerifierKey.of(word)
        if key.algorithm != COSIGNATURE:
            raise BadNote(f"{key.name} is not a witness: its key is not of type 4")
        found.append(Witness(key))
    return tuple(found)


def _row(size: int, key: VerifierKey, signature: Signature) -> tuple[int, str, str, datetime]:
    if signature.time > LATEST:
        raise BadNote(f"the cosignature of {key.name} has no time that a clock says")
    return size, called(key), str(signature), datetime.fromtimestamp(signature.time, UTC)
