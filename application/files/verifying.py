"""Are all files still what the log says that was attached?"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Literal, LiteralString

import msgspec
from psycopg import Connection

NAMED: LiteralString = """
    SELECT digest, first, named.size, upload, content.size,
        (SELECT max(maintenance) FROM file.erased WHERE erased.sha256 = decode(digest, 'hex'))
    FROM (
        SELECT convert_from(data, 'UTF8')::jsonb ->> 'sha256' AS digest, min(position) AS first,
            max((convert_from(data, 'UTF8')::jsonb ->> 'size')::bigint) AS size
        FROM log.event WHERE type IN ('ticket.file_attached', 'mail.set_aside') GROUP BY 1
    ) AS named LEFT JOIN file.content ON sha256 = decode(digest, 'hex')
    WHERE digest IS NOT NULL ORDER BY first
"""
PIECES: LiteralString = "SELECT bytes FROM file.piece WHERE upload = %s ORDER BY place"


class Fault(msgspec.Struct, frozen=True):
    """A file that is not what was attached.

    Attributes:
        sha256: what the log calls it.
        position: of the first event that names it.
        what: whether its bytes are others, or are not there.
    """

    sha256: str
    position: int
    what: Literal["altered", "missing"]

    def __str__(self) -> str:
        return f"{self.sha256} (event {self.position}) is {self.what}"


class Erased(msgspec.Struct, frozen=True):
    """A file that a maintenance took out, which the log records.

    Attributes:
        sha256: what the log calls it.
        position: of the first event that names it.
        maintenance: the position at which the maintenance was opened.
    """

    sha256: str
    position: int
    maintenance: int


class Verified(msgspec.Struct, frozen=True):
    """What was found.

    Attributes:
        files: how many the log names.
        bytes: how many they have, those that are there.
        faults: what is wrong, in the order of the log.
        erased: what is not there and need not be, likewise.
    """

    files: int
    bytes: int
    faults: tuple[Fault, ...]
    erased: tuple[Erased, ...]


def verify(conn: Connection[Any], progress: Callable[[int, int], object] | None = None) -> Verified:
    """Compute the hash of every file anew that an event names; memory does not grow with them.

    Args:
        conn: any role that may read log and files.
        progress: told of how many were read, and how many there are.
    """
    named = conn.execute(NAMED).fetchall()
    faults: list[Fault] = []
    gone: list[Erased] = []
    read = 0
    for done, (digest, first, size, upload, kept, erased) in enumerate(named, 1):
        if upload is None and erased is not None:
            gone.append(Erased(digest, first, erased))
            continue
        if upload is None:
            faults.append(Fault(digest, first, "missing"))
            continue
        whole, length = sha256(), 0
        with conn.transaction(), conn.cursor("pieces", binary=True) as pieces:
            pieces.itersize = 4
            for (piece,) in pieces.execute(PIECES, (upload,)):
                whole.update(piece)
                length += len(piece)
        read += length
        if (whole.hexdigest(), length, kept) != (digest, size, size):
            faults.append(Fault(digest, first, "altered"))
        if progress:
            progress(done, len(named))
    return Verified(len(named), read, tuple(faults), tuple(gone))
