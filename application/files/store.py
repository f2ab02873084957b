"""Where contents are kept: in the database, piece by piece, so that none is ever whole in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, suppress
from hashlib import sha256
from typing import Any, LiteralString
from uuid import UUID

import msgspec
import psycopg
from psycopg import AsyncConnection

from application.files.kinds import LOOKED_AT, FileRules
from application.ids import uuid7
from application.log.errors import LogUnavailable
from domain.errors import InvalidValue

PIECE = 512 * 1024
"""Bytes of a piece. A file that comes or goes takes two or three of them in memory."""
REMEMBERED = 1000
"""Files of which it is known what each piece must be."""

BEGIN: LiteralString = "INSERT INTO file.upload (id) VALUES (%s)"
PUT: LiteralString = "INSERT INTO file.piece (upload, place, bytes) VALUES (%s, %s, %b)"
OFFER: LiteralString = """
    INSERT INTO file.content (sha256, size, upload) VALUES (%s, %s, %s)
    ON CONFLICT (sha256) DO UPDATE SET offered_at = clock_timestamp() RETURNING upload
"""
AGAIN: LiteralString = """
    UPDATE file.content SET offered_at = clock_timestamp() FROM file.handed_in
    WHERE handed_in.sha256 = %s AND token = %s AND content.sha256 = handed_in.sha256
    RETURNING upload, size
"""
HANDED_IN: LiteralString = "INSERT INTO file.handed_in (sha256, token) VALUES (%s, %s) ON CONFLICT DO NOTHING"
DROP_PIECES: LiteralString = "DELETE FROM file.piece WHERE upload = %s"
END: LiteralString = "DELETE FROM file.upload WHERE id = %s"
FIND: LiteralString = "SELECT upload, size FROM file.content WHERE sha256 = %s"
ERASED: LiteralString = "SELECT max(maintenance) FROM file.erased WHERE sha256 = %s"
READ: LiteralString = "SELECT bytes FROM file.piece WHERE upload = %s AND place = %s"


class FileTooLarge(Exception):
    """More bytes than are taken."""


class FileAltered(Exception):
    """A content that is not what its hash says any more, or is not there."""


class FileErased(Exception):
    """A content that was taken out in a recorded maintenance.

    Attributes:
        maintenance: the position at which that was opened.
    """

    def __init__(self, digest: str, maintenance: int) -> None:
        super().__init__(f"the file {digest} was erased in maintenance {maintenance}")
        self.maintenance = maintenance


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A content that is kept: whole, and durable.

    Attributes:
        sha256: its hash, in hexadecimal.
        size: bytes.
        media_type: what it is.
    """

    sha256: str
    size: int
    media_type: str


class Files:
    """Keeps contents and hands them out.

    Args:
        connection: gives connections for as long as one statement needs them; a slow sender holds none.
        rules: what is taken.
    """

    def __init__(
        self,
        connection: Callable[[], AbstractAsyncContextManager[AsyncConnection[Any]]],
        rules: FileRules | None = None,
    ) -> None:
        self._connection = connection
        self.rules = rules or FileRules()
        self._known: dict[str, tuple[bytes, ...]] = {}

    async def keep(self, pieces: AsyncIterator[bytes], said: str, *, by: UUID | None = None) -> Kept:
        """Take a file in. What no event names within a day is removed again.

        Args:
            pieces: its bytes, in parts of any size.
            said: the media type that its sender gives it; ``""`` where the bytes must tell.
            by: the token with which it may be named later; ``None`` for none.

        Raises:
            FileTooLarge: it is larger than is taken.
            WrongFileType: its type is not taken, or is another than it is said to be.
            InvalidValue: it is empty.
            LogUnavailable: the database does not answer.
        """
        self.rules.must_take(said)
        upload = uuid7()
        await self._do(BEGIN, upload)
        try:
            kept = await self._received(upload, pieces, said)
            await self._offer(upload, kept, by)
        except BaseException:
            with suppress(LogUnavailable, psycopg.Error):
                await self._drop(upload)
            raise
        return kept

    async def _received(self, upload: UUID, pieces: AsyncIterator[bytes], said: str) -> Kept:
        whole, waiting = sha256(), bytearray()
        size, place, media_type = 0, 0, ""
        async for piece in pieces:
            size += len(piece)
            if size > self.rules.most_bytes:
                raise FileTooLarge(f"a file has {self.rules.most_bytes:,} bytes at most")
            whole.update(piece)
            waiting += piece
            while len(waiting) >= PIECE:
                media_type = media_type or self.rules.type_of(said, bytes(waiting[:LOOKED_AT]))
                await self._do(PUT, upload, place, bytes(waiting[:PIECE]))
                del waiting[:PIECE]
                place += 1
        if not size:
            raise InvalidValue("the file is empty")
        media_type = media_type or self.rules.type_of(said, bytes(waiting[:LOOKED_AT]))
        if waiting:
            await self._do(PUT, upload, place, bytes(waiting))
        return Kept(sha256=whole.hexdigest(), size=size, media_type=media_type)

    async def _offer(self, upload: UUID, kept: Kept, by: UUID | None) -> None:
        """Make it a content, unless the same one is there already."""
        digest = bytes.fromhex(kept.sha256)
        async with self._connection() as conn, conn.transaction():
            row = await (await conn.execute(OFFER, (digest, kept.size, upload))).fetchone()
            if by is not None:
                await conn.execute(HANDED_IN, (digest, by))
            if row is None or row[0] != upload:
                await conn.execute(DROP_PIECES, (upload,))
            await conn.execute(END, (upload,))

    async def offered(self, digest: str, said: str, *, by: UUID) -> Kept:
        """A content that was sent before, kept for another day for whoever is about to name it.

        One that others sent is as one that nobody did.

        Args:
            digest: its SHA-256, in hexadecimal.
            said: the media type that its sender gives it; ``""`` where the bytes must tell.
            by: the token that it was sent with.

        Raises:
            FileAltered: it is not there, for this token.
            FileTooLarge: it is larger than is taken.
            WrongFileType: its type is not taken, or is another than it is said to be.
            LogUnavailable: the database does not answer.
        """
        async with self._connection() as conn:
            row = await (await conn.execute(AGAIN, (bytes.fromhex(digest), by))).fetchone()
        beginning = await self._piece(row[0], 0) if row else None
        if row is None or beginning is None:
            raise FileAltered(f"the file {digest} is not there")
        if row[1] > self.rules.most_bytes:
            raise FileTooLarge(f"a file has {self.rules.most_bytes:,} bytes at most")
        media_type = self.rules.type_of(said, beginning[:LOOKED_AT])
        return Kept(sha256=digest, size=row[1], media_type=media_type)

    async def _drop(self, upload: UUID) -> None:
        async with self._connection() as conn, conn.transaction():
            await conn.execute(DROP_PIECES, (upload,))
            await conn.execute(END, (upload,))

    async def read(self, digest: str, begin: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes of a content from ``begin`` up to ``end``, none of them before all were seen to be right.

        Args:
            digest: its SHA-256, in hexadecimal.
            begin: the first byte.
            end: the byte after the last; ``None`` for all.

        Raises:
            FileAltered: it is not what its hash says, or is not there.
            FileErased: a maintenance took it out.
            LogUnavailable: the database does not answer.
        """
        upload, size = await self._found(digest)
        if digest not in self._known:
            await self.verify(digest)
        return self._pieces(digest, upload, begin, size if end is None else min(end, size))

    async def _pieces(self, digest: str, upload: UUID, begin: int, end: int) -> AsyncIterator[bytes]:
        rights = self._known[digest]
        for place in range(begin // PIECE, -(-end // PIECE)):
            piece = await self._piece(upload, place)
            if piece is None or sha256(piece).digest() != rights[place]:
                raise _altered(digest)
            first = place * PIECE
            yield piece[max(begin - first, 0) : end - first]

    async def verify(self, digest: str) -> int:
        """See that a content is what its hash says; its size.

        Raises:
            FileAltered: it is not, or is not there.
            FileErased: a maintenance took it out.
            LogUnavailable: the database does not answer.
        """
        upload, size = await self._found(digest)
        whole, length, rights = sha256(), 0, []
        while (piece := await self._piece(upload, len(rights))) is not None:
            whole.update(piece)
            length += len(piece)
            rights.append(sha256(piece).digest())
        if whole.hexdigest() != digest or length != size:
            raise _altered(digest)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[digest] = tuple(rights)
        return size

    async def _found(self, digest: str) -> tuple[UUID, int]:
        async with self._connection() as conn:
            row = await (await conn.execute(FIND, (bytes.fromhex(digest),))).fetchone()
            if row is not None:
                return row[0], row[1]
            ((erased,),) = await (await conn.execute(ERASED, (bytes.fromhex(digest),))).fetchall()
        if erased is not None:
            raise FileErased(digest, erased)
        raise FileAltered(f"the file {digest} is not there")

    async def _piece(self, upload: UUID, place: int) -> bytes | None:
        async with self._connection() as conn:
            row = await (await conn.execute(READ, (upload, place), binary=True)).fetchone()
        return row[0] if row else None

    async def _do(self, statement: LiteralString, *values: object) -> None:
        async with self._connection() as conn:
            await conn.execute(statement, values)


def _altered(digest: str) -> FileAltered:
    return FileAltered(f"the file {digest} is not what was attached")
