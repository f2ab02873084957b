"""A case as the log has it, with its proofs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC
from typing import Any, Literal, LiteralString
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncConnection

from application.desk import NotFound
from application.log import entries
from application.log.tree import checkpoints, proofs
from application.log.tree.keys import KeyDirectory
from application.log.tree.notes import Note, VerifierKey
from application.parts import PartDesk
from interfaces.bundles.attached import FILES_MOST, carried
from interfaces.bundles.contents import About, Sealed, bundle
from interfaces.offline.verify import MOST_FILES

MOST_EVENTS = MOST_FILES // 2 - 2
"""What one bundle can hold."""

EVENTS_APART = 100
"""Events that are proven with one question to the database."""

UNSIGNED = "no checkpoint was signed yet: aftersales log checkpoint --now signs one"
NONE_SO_LARGE = "there is no checkpoint of {} events; aftersales log checkpoint lists what there is"
UNCOVERED = (
    "the checkpoint ends at {}, before its first event: aftersales log checkpoint --now signs a new one"
)
NO_KEY = "the key that signed the log is not in {}: export where it is, or set AFTERSALES_SIGNING_KEY_DIR"
TOO_LONG = f"it has {{}} events, and a bundle holds {MOST_EVENTS} at most"

NAMED: LiteralString = "SELECT stream_id FROM log.name WHERE name = ANY(%s) LIMIT 1"
FIRST: LiteralString = "SELECT type FROM log.event WHERE stream_id = %s AND version = 1"
NEWER: dict[str, LiteralString] = {
    "case": "SELECT count(*) FROM log.event WHERE correlation_id = %s AND position > %s",
    "stream": "SELECT count(*) FROM log.event WHERE stream_id = %s AND position > %s",
}
ENTRIES = {"case": entries.of_case, "stream": entries.of_stream}


class CannotExport(Exception):
    """There is nothing to prove it by. The message is one line and says what to do."""


class Subject(msgspec.Struct, frozen=True):
    """What is exported.

    Attributes:
        about: a whole service case, or the stream of a part or contract.
        id: of that case or stream.
    """

    about: Literal["case", "stream"]
    id: UUID


class Exported(msgspec.Struct, frozen=True):
    """A bundle.

    Attributes:
        content: its bytes.
        name: a file name for it.
        size: of the checkpoint that it is proven by.
        events: how many it holds.
        newer: how many more there are that the checkpoint does not cover.
        files: how many photos and files it holds.
        left_out: why others are not in it, by their SHA-256.
    """

    content: bytes
    name: str
    size: int
    events: int
    newer: int
    files: int
    left_out: dict[str, str]


async def meant(conn: AsyncConnection[Any], reference: str) -> Subject:
    """What an id or number means: T-2026-000123, C-2026-000012, HE-200.

    Raises:
        NotFound: there is no such thing.
    """
    names = [reference, PartDesk.prefix + reference]
    row = await (await conn.execute(NAMED, (names,))).fetchone()
    try:
        of = row[0] if row else UUID(reference)
    except ValueError:
        raise NotFound(f"there is no ticket, part or contract {reference}") from None
    first = await (await conn.execute(FIRST, (of,))).fetchone()
    if first is None:
        raise NotFound(f"there is no ticket, part or contract {reference}")
    return Subject("case" if first[0] == "ticket.registered" else "stream", of)


async def export(
    conn: AsyncConnection[Any],
    subject: Subject,
    keys: KeyDirectory,
    zone: ZoneInfo,
    size: int | None = None,
    *,
    files_most: int = FILES_MOST,
) -> Exported:
    """Everything that a checkpoint covers of it, with proofs, verified before it is handed out.

    Args:
        keys: where the log's keys are; only their public parts are read out.
        zone: where times are shown.
        size: of the checkpoint; ``None`` for the newest.
        files_most: bytes of photos and files that it may carry in all; those that come first are carried.

    Raises:
        CannotExport: no checkpoint covers any of it, or the key that signed is not there.
        NotProven: the log is not what was signed.
        KeyProblem: the keys cannot be read.
    """
    signed = await (checkpoints.newest(conn) if size is None else checkpoints.of_size(conn, size))
    if signed is None:
        raise CannotExport(UNSIGNED if size is None else NONE_SO_LARGE.format(size))
    found = await ENTRIES[subject.about](conn, subject.id, signed.size)
    if not 0 < len(found) <= MOST_EVENTS:
        raise CannotExport(TOO_LONG.format(len(found)) if found else UNCOVERED.format(signed.size))
    ((newer,),) = await (await conn.execute(NEWER[subject.about], (subject.id, signed.size))).fetchall()
    attached, left_out = await carried(conn, found, files_most)
    about = About(
        about=subject.about,
        id=subject.id,
        signed_at=signed.signed_at.astimezone(UTC),
        utc_offset=signed.signed_at.astimezone(zone).isoformat()[-6:],
        left_out=left_out or msgspec.UNSET,
    )
    sealed = await _proven(conn, found, signed.size)
    signers = await asyncio.to_thread(_signers, keys, signed.note)
    content, proven = await asyncio.to_thread(bundle, about, sealed, signed.text, signers, attached)
    name = file_name(proven.number)
    return Exported(content, name, signed.size, len(found), newer, len(attached), left_out)


def file_name(number: str) -> str:
    """A file name that every system takes."""
    return f"{re.sub(r'[^A-Za-z0-9.-]+', '-', number).strip('.-') or 'case'}.zip"


async def _proven(conn: AsyncConnection[Any], found: Sequence[entries.Entry], size: int) -> list[Sealed]:
    sealed: list[Sealed] = []
    for begin in range(0, len(found), EVENTS_APART):
        some = found[begin : begin + EVENTS_APART]
        paths = await proofs.inclusions(conn, [entry.position for entry in some], size)
        sealed += [
            Sealed(entry.position, entry.sealed, path) for entry, path in zip(some, paths, strict=True)
        ]
    return sealed


def _signers(keys: KeyDirectory, note: str) -> list[VerifierKey]:
    """The keys that signed a note, the newest first."""
    signatures = Note.of(note).signatures
    found = [key.key for key in reversed(keys.all()) if any(map(key.key.made, signatures))]
    if not found:
        raise CannotExport(NO_KEY.format(keys.path))
    return found
