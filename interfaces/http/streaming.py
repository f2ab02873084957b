"""The feed as server-sent events: one answer that does not end."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

from litestar import Request

from application.log.errors import LogUnavailable
from interfaces.http.auth import is_still_known
from interfaces.http.feeding import Asked, Beyond, Feed, Page, Told

HEARTBEAT = 15.0
"""Seconds after which a stream without events says that it is there, and how far it has read."""
UNVERIFIED = 60.0
"""Seconds that a stream goes on while the database cannot say whether its token still holds."""
LOOK_AGAIN = 1.0
"""Seconds between tries while the database does not answer."""
RETRY = b"retry: 1000\n\n"
PIECE = 64 * 1024
"""Bytes that are sent at a time. The server takes some thirty pieces ahead of a slow client, no more."""
STREAM_PAGE = 500


async def stream(request: Request[Any, Any, Any], feed: Feed, asked: Asked) -> AsyncIterator[bytes]:
    """The stream, until the client goes, its token ends, or the service stops.

    A page is read when the one before is on its way: a slow client slows down nobody else.
    """
    verified = spoken = time.monotonic()
    with feed.following():
        yield RETRY
        while not feed.tail.closed:
            turn = feed.tail.turn
            page, patience = Page((), asked.after, asked.after), HEARTBEAT
            try:
                if not await is_still_known(request):
                    return
                verified = time.monotonic()
                page = await feed.page(asked)
            except LogUnavailable:
                patience = LOOK_AGAIN
                if time.monotonic() - verified > UNVERIFIED:
                    return
            except Beyond:
                return  # another log stands in the place of the one that was followed
            for piece in _pieces(page.events):
                yield piece
                spoken = time.monotonic()
            asked = asked._replace(after=page.position)
            if page.position == page.head:
                await feed.tail.after(turn, patience)
            if time.monotonic() - spoken >= HEARTBEAT:
                yield b": nothing new\nid: %d\n\n" % asked.after
                spoken = time.monotonic()


def _pieces(events: tuple[Told, ...]) -> list[bytes]:
    pieces: list[bytes] = []
    piece = bytearray()
    for event in events:
        piece += b"id: %d\nevent: %s\n" % (event.position, event.type.encode())
        for line in event.content.splitlines():
            piece += b"data: " + line + b"\n"
        piece += b"\n"
        if len(piece) >= PIECE:
            pieces.append(bytes(piece))
            piece.clear()
    return [*pieces, bytes(piece)] if piece else pieces
