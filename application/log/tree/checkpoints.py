"""The checkpoints that were signed, as they are kept and handed out: with what witnesses signed of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection, Connection

CHECKPOINT: LiteralString = """
    SELECT size, root, note, signed_at, ARRAY(
        SELECT line FROM log.cosignature AS by WHERE by.size = checkpoint.size ORDER BY cosigned_at, witness
    ) FROM log.checkpoint
"""
NEWEST: LiteralString = CHECKPOINT + " ORDER BY size DESC LIMIT 1"
BELOW: LiteralString = CHECKPOINT + " WHERE size < %s ORDER BY size DESC LIMIT %s"
OF_SIZE: LiteralString = CHECKPOINT + " WHERE size = %s"


class Signed(msgspec.Struct, frozen=True):
    """A checkpoint that was signed.

    Attributes:
        size: the position of the last event it covers.
        root: of the tree over the events up to it.
        note: the signed note as the log signed it.
        signed_at: when, by the signer's clock.
        cosignatures: the signature lines of witnesses, each with its newline.
    """

    size: int
    root: bytes
    note: str
    signed_at: datetime
    cosignatures: list[str]

    @property
    def text(self) -> str:
        """The signed note with all its signatures, the log's first: what everybody is given."""
        return self.note + "".join(self.cosignatures)


async def newest(conn: AsyncConnection[Any]) -> Signed | None:
    """The newest checkpoint; ``None`` while nothing was signed."""
    row = await (await conn.execute(NEWEST, binary=True)).fetchone()
    return Signed(*row) if row else None


async def of_size(conn: AsyncConnection[Any], size: int) -> Signed | None:
    """The checkpoint of exactly this size."""
    row = await (await conn.execute(OF_SIZE, (size,), binary=True)).fetchone()
    return Signed(*row) if row else None


async def below(conn: AsyncConnection[Any], size: int, most: int) -> list[Signed]:
    """The newest checkpoints that are smaller than this, biggest first."""
    rows = await (await conn.execute(BELOW, (size, most), binary=True)).fetchall()
    return [Signed(*row) for row in rows]


def newest_now(conn: Connection[Any]) -> Signed | None:
    """The same as ``newest``, for a caller that is not asynchronous."""
    row = conn.execute(NEWEST, binary=True).fetchone()
    return Signed(*row) if row else None
