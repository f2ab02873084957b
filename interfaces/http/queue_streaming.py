"""A queue as server-sent events: what comes, changes and goes, and who is looking at what."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request

from application.access import Caller
from application.log.errors import LogUnavailable
from application.presence import Everywhere, Present
from interfaces.http.auth import is_still_known
from interfaces.http.feeding import Beyond
from interfaces.http.live import ChangesPage
from interfaces.http.service import Service
from interfaces.http.streaming import HEARTBEAT, LOOK_AGAIN, RETRY, UNVERIFIED
from projections.cases.dials import Dials
from projections.queue import queries
from projections.queue.changes import Change, is_in
from projections.queue.filters import COMING, QueueFilter, last_rank
from projections.queue.names import Queue

TICK = 1.0
"""Seconds between looks at what time alone brings into a queue."""

encode = msgspec.json.Encoder().encode


class Someone(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is at a ticket, as a stream tells it: staying there is no news."""

    name: str
    role: str
    doing: str
    since: datetime


People = Mapping[UUID, tuple[Someone, ...]]


async def stream(
    request: Request[Caller, Any, Any], known: Service, queue: Queue, which: QueueFilter, position: int
) -> AsyncIterator[bytes]:
    """The stream, until the client goes, its token ends, or the service stops.

    Nothing is kept for a client that is slow: it reads on from where it is, and starts anew when it has
    missed too much.

    Args:
        position: of the last event that the client knows of.
    """
    live, presence = known.live, known.presence
    verified = spoken = time.monotonic()
    looked = known.now()
    told: People = {}
    with live.following(), presence.followed():
        yield RETRY
        while not live.tail.closed:
            turn, seen = live.tail.turn, presence.turn
            pieces: list[bytes] = []
            is_behind, patience = False, _patience(queue, which)
            try:
                if not await is_still_known(request):
                    return
                verified = time.monotonic()
                page = await live.page(position)
                now = known.now()
                pieces += _changed(page, queue, which, Dials(known.promises, now.replace(microsecond=0)))
                if queue.moves(which) and now > looked:
                    pieces += await _arrived(known, queue, which, looked, now)
                looked = now
                told, news = _people(presence.there, told)
                pieces += news
                position, is_behind = page.position, page.position < page.head
            except LogUnavailable:
                patience = LOOK_AGAIN
                if time.monotonic() - verified > UNVERIFIED:
                    return
            except Beyond:
                return  # another log stands in the place of the one that was followed
            if pieces:
                yield b"".join(pieces)
                spoken = time.monotonic()
            if time.monotonic() - spoken >= HEARTBEAT:
                yield b": nothing new\nid: %d\n\n" % position
                spoken = time.monotonic()
            if not is_behind:
                await _first(live.tail.after(turn, patience), presence.after(seen))


def _patience(queue: Queue, which: QueueFilter) -> float:
    return TICK if queue.moves(which) else HEARTBEAT


def _changed(page: ChangesPage, queue: Queue, which: QueueFilter, dials: Dials) -> Iterator[bytes]:
    if page.is_reset:
        yield _event("reset", b'{"position":%d}' % page.position, page.position)
    for change in page.changes:
        if kind := _kind(change, queue, which, dials.now):
            ticket = queries.item(queries.line_of(change.now), dials)
            yield _event(kind, b'{"position":%d,"ticket":%b}' % (change.position, ticket), change.position)


def _kind(change: Change, queue: Queue, which: QueueFilter, now: datetime) -> str:
    was, is_now = (is_in(row, queue, which, now) for row in (change.before, change.after))
    if is_now:
        return "changed" if was else "added"
    return "removed" if was else ""


async def _arrived(
    known: Service, queue: Queue, which: QueueFilter, before: datetime, now: datetime
) -> list[bytes]:
    """What time alone has brought into a queue: tickets that are due soon, or what ``COMING`` says."""
    asked = queue.asked(which)
    minutes = max(each.breaking or 0 for each in asked)
    async with known.log.connection() as conn:
        if coming := [what for name, what in COMING.items() if any(getattr(each, name) for each in asked)]:
            rows = await queries.come(conn, queue, which, coming[0], before, now)
        else:
            places = last_rank(before, minutes), last_rank(now, minutes)
            rows = await queries.due(conn, queue, which, now, *places)
    dials = Dials(known.promises, now.replace(microsecond=0))
    return [_event("added", b'{"position":null,"ticket":%b}' % queries.item(row, dials)) for row in rows]


def _people(there: Everywhere, told: People) -> tuple[People, list[bytes]]:
    """Who is at which ticket, and what is new of it since it was told."""
    now = {ticket: tuple(map(_someone, people)) for ticket, people in there.items()}
    different = [ticket for ticket in {**told, **now} if told.get(ticket) != now.get(ticket)]
    news = [{"id": ticket, "people": now.get(ticket, ())} for ticket in different]
    return now, [_event("presence", encode(each)) for each in news]


def _someone(present: Present) -> Someone:
    return Someone(name=present.name, role=present.role, doing=present.doing, since=present.since)


def _event(kind: str, content: bytes, position: int | None = None) -> bytes:
    """One event. Without a position it leaves the client's last id as it is."""
    mark = b"" if position is None else b"id: %d\n" % position
    return b"%bevent: %b\ndata: %b\n\n" % (mark, kind.encode(), content)


async def _first(*waiting: Any) -> None:
    tasks = [asyncio.ensure_future(each) for each in waiting]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
