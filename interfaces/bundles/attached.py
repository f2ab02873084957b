"""The photos and files that a bundle carries, and why it leaves others out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import msgspec
from psycopg import AsyncConnection

from application.files.store import FileAltered, FileErased, Files
from application.log.entries import Entry
from interfaces.offline import verify

FILES_MOST = 32 * 1024 * 1024
"""Bytes of files in a bundle, unless it is asked for with more or fewer."""
FILES_LIMIT = 224 * 1024 * 1024
"""Bytes of files that can be asked for: what is left of a bundle is for its events."""

WITHDRAWN = "withdrawn from the ticket"
TOO_MUCH = "left out for its size"
ALTERED = "not in the database as it was attached"


async def carried(
    conn: AsyncConnection[Any], found: Sequence[Entry], most: int
) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files that these events name, by SHA-256, and why others are not among them.

    Args:
        most: bytes that they may have in all.
    """
    content: dict[str, bytes] = {}
    left_out: dict[str, str] = {}
    files = Files(lambda: nullcontext(conn))
    events = [verify.unseal(entry.sealed) for entry in found]
    withdrawn = _withdrawn(events)
    left = most
    for each in verify.attached(events):
        if each.sha256 in withdrawn:
            left_out[each.sha256] = WITHDRAWN
        elif each.size > left:
            left_out[each.sha256] = TOO_MUCH
        else:
            try:
                pieces = [piece async for piece in await files.read(each.sha256)]
            except FileErased as erased:
                left_out[each.sha256] = f"erased in maintenance {erased.maintenance}"
            except FileAltered:
                left_out[each.sha256] = ALTERED
            else:
                content[each.sha256] = b"".join(pieces)
                left -= each.size
    return content, left_out


def _withdrawn(events: Sequence[verify.Event]) -> set[str]:
    """What the ticket does not show any more."""
    gone: set[str] = set()
    for event in events:
        if event.type == "ticket.file_attached":
            gone.discard(_digest(event))
        elif event.type == "ticket.file_withdrawn":
            gone.add(_digest(event))
    return gone


def _digest(event: verify.Event) -> str:
    return msgspec.json.decode(event.data)["sha256"]
