"""Answers that are new enough: waiting for views, and telling callers that nothing changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from hashlib import sha256
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from litestar import Response
from psycopg import AsyncConnection

from application.desk import Desk, NotFound
from interfaces.http.params import WrongParameter
from interfaces.http.service import Service
from projections.engine.held import must_be_whole
from projections.engine.marks import mark_of
from projections.engine.waiting import Look

LONGEST_WAIT = 5.0
"""Seconds that a reader waits for a view before the answer is 503."""

LAST_OF_STREAM = "SELECT position FROM log.event WHERE stream_id = %s ORDER BY version DESC LIMIT 1"
LAST_OF_CASE = "SELECT max(position) FROM log.event WHERE correlation_id = %s"


@asynccontextmanager
async def fresh(
    service: Service, view: str | Sequence[str], position: int
) -> AsyncIterator[AsyncConnection[Any]]:
    """A connection for asking a view, or several, that has read the log up to a position (B09).

    With position 0 it is taken as it is.

    Raises:
        NotYetVisible: it did not come so far in time.
        WrongParameter: the log itself does not go so far.
    """
    await _seen(service, view, position)
    async with service.log.connection() as conn:
        yield conn


def fresh_own(
    service: Service, view: str | Sequence[str], desk: Desk[Any, Any], reference: str, position: int
) -> AbstractAsyncContextManager[tuple[AsyncConnection[Any], UUID]]:
    """The same for one thing and its last event, so that a caller always sees its own writes.

    Args:
        service: whose views.
        view: the projection that answers, or several.
        desk: where the thing is known.
        reference: its id or number.
        position: how far the caller wants the view to be besides.

    Returns:
        The connection, and the thing's id.

    Raises:
        NotFound: there is no such thing of this kind.
        NotYetVisible: the view did not come so far in time.
        HeldBack: the view holds it back behind an event that it cannot fold.
    """
    return _fresh_last(LAST_OF_STREAM, service, view, desk, reference, position)


def fresh_case(
    service: Service, view: str | Sequence[str], reference: str, position: int
) -> AbstractAsyncContextManager[tuple[AsyncConnection[Any], UUID]]:
    """The same for a ticket and everything that was done for it: parts moved, entitlements used.

    Without a view it is the log that answers, which always shows all there is.
    """
    return _fresh_last(LAST_OF_CASE, service, view, service.desks.tickets, reference, position)


@asynccontextmanager
async def _fresh_last(
    query: LiteralString,
    service: Service,
    view: str | Sequence[str],
    desk: Desk[Any, Any],
    reference: str,
    position: int,
) -> AsyncIterator[tuple[AsyncConnection[Any], UUID]]:
    found = await desk.find(reference)
    async with service.log.connection() as conn:
        row = await (await conn.execute(query, (found,))).fetchone()
    if row is None or row[0] is None:
        raise NotFound(f"there is no {desk.noun} {reference}")
    look = await _seen(service, view, max(row[0], position))
    views = {view} if isinstance(view, str) else {*view}
    async with service.log.connection() as conn:
        if look is not None and look.parked & views:
            await must_be_whole(conn, views, found)
        yield conn, found


async def _seen(service: Service, view: str | Sequence[str], position: int) -> Look | None:
    """Wait until the views are there, and tell how far everything was then."""
    if position == 0:
        return None
    views = [view] if isinstance(view, str) else view
    look = await service.watch.look()
    if position > look.head:
        raise WrongParameter(f"the log ends at {look.head}", "Wait-For-Position")
    if look.shows(views, position):
        return look
    return await service.watch.wait_for(views, position, LONGEST_WAIT)


def tagged(content: Any, tag: str, if_none_match: str | None, *, weak: bool = False) -> Response[Any]:
    """The content with its entity tag, or 304 when the caller has it already.

    Args:
        weak: whether the content may be newer than its tag, though never older.
    """
    if is_known(tag, if_none_match):
        return unchanged(tag, weak=weak)
    return Response(content, headers={"ETag": _etag(tag, weak=weak)})


async def while_same(
    conn: AsyncConnection[Any],
    view: str,
    if_none_match: str | None,
    ask: Callable[[], Awaitable[Any]],
    *besides: object,
) -> Response[Any]:
    """What a view answers, tagged with its state; 304 without a look to whoever has that.

    The state is read first: a tag that is older than its answer is merely asked for once more.

    Args:
        conn: asks the view.
        view: its name.
        if_none_match: what the caller has.
        ask: gives the answer.
        besides: what else the answer depends on, such as the day.
    """
    tag = "-".join(map(str, ((await mark_of(conn, view)).tag, *besides)))
    if is_known(tag, if_none_match):
        return unchanged(tag, weak=True)
    return tagged(await ask(), tag, None, weak=True)


def encoded(content: Any, if_none_match: str | None) -> Response[bytes]:
    """The content as JSON, tagged with the digest of its bytes; 304 to whoever has it."""
    body = msgspec.json.encode(content)
    answer = tagged(body, sha256(body).hexdigest(), if_none_match)
    answer.media_type = "application/json"
    answer.headers["Vary"] = "Accept"
    return answer


def is_known(tag: str, if_none_match: str | None) -> bool:
    """Whether the caller has what carries this tag."""
    return f'"{tag}"' in {part.strip().removeprefix("W/") for part in (if_none_match or "").split(",")}


def unchanged(tag: str, *, weak: bool = False) -> Response[Any]:
    """304: the caller has it."""
    return Response(None, status_code=304, headers={"ETag": _etag(tag, weak=weak)})


def _etag(tag: str, *, weak: bool) -> str:
    return f'W/"{tag}"' if weak else f'"{tag}"'
