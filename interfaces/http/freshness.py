"""Answers that are new enough: waiting for views, and telling callers that nothing changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

from litestar import Response

from application.desk import Desk, NotFound
from interfaces.http.params import WrongParameter
from interfaces.http.service import Service
from projections.engine.waiting import NotYetVisible, wait_for

LONGEST_WAIT = 5.0
"""Seconds that a reader waits for a view before the answer is 503."""

LAST_OF_STREAM = "SELECT position FROM log.event WHERE stream_id = %s ORDER BY version DESC LIMIT 1"
LAST_OF_CASE = "SELECT max(position) FROM log.event WHERE correlation_id = %s"


async def seen(service: Service, view: str | Sequence[str], position: int) -> None:
    """Wait until a view, or each of several, has read the log up to a position (B09).

    With position 0 it is taken as it is.

    Raises:
        NotYetVisible: it did not come so far in time.
        WrongParameter: the log itself does not go so far.
    """
    if position == 0:
        return
    views = [view] if isinstance(view, str) else view
    try:
        await wait_for(service.log.connection, views, position, 0)
    except NotYetVisible:
        head = await service.log.head()
        if position > head:
            raise WrongParameter(f"the log ends at {head}", "Wait-For-Position") from None
        await wait_for(service.log.connection, views, position, LONGEST_WAIT)


async def seen_own(
    service: Service, view: str | Sequence[str], desk: Desk[Any, Any], reference: str, position: int
) -> UUID:
    """Wait until a view shows the last event of one thing, so that a caller always sees its own writes.

    Args:
        service: whose views.
        view: the projection that answers, or several.
        desk: where the thing is known.
        reference: its id or number.
        position: how far the caller wants the view to be besides.

    Returns:
        Its id.

    Raises:
        NotFound: there is no such thing of this kind.
        NotYetVisible: the view did not come so far in time.
    """
    return await _seen_last(LAST_OF_STREAM, service, view, desk, reference, position)


async def seen_case(service: Service, view: str | Sequence[str], reference: str, position: int) -> UUID:
    """The same for a ticket and everything that was done for it: parts moved, entitlements used."""
    return await _seen_last(LAST_OF_CASE, service, view, service.desks.tickets, reference, position)


async def _seen_last(
    query: LiteralString,
    service: Service,
    view: str | Sequence[str],
    desk: Desk[Any, Any],
    reference: str,
    position: int,
) -> UUID:
    found = await desk.find(reference)
    async with service.log.connection() as conn:
        row = await (await conn.execute(query, (found,))).fetchone()
    if row is None or row[0] is None:
        raise NotFound(f"there is no {desk.noun} {reference}")
    await seen(service, view, max(row[0], position))
    return found


def tagged(content: Any, tag: str, if_none_match: str | None) -> Response[Any]:
    """The content with its entity tag, or 304 when the caller has it already."""
    etag = f'"{tag}"'
    known = {part.strip().removeprefix("W/") for part in (if_none_match or "").split(",")}
    if etag in known:
        return Response(None, status_code=304, headers={"ETag": etag})
    return Response(content, headers={"ETag": etag})
