"""Answers that are new enough: waiting for views, and telling callers that nothing changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response

from application.desk import Desk, NotFound
from interfaces.http.params import WrongParameter
from interfaces.http.service import Service
from projections.engine.waiting import NotYetVisible, wait_for

LONGEST_WAIT = 5.0
"""Seconds that a reader waits for a view before the answer is 503."""

LAST_OF_STREAM = "SELECT position FROM log.event WHERE stream_id = %s ORDER BY version DESC LIMIT 1"


async def seen(service: Service, view: str, position: int) -> None:
    """Wait until a view has read the log up to a position (B09); 0 takes it as it is.

    Raises:
        NotYetVisible: it did not come so far in time.
        WrongParameter: the log itself does not go so far.
    """
    if position == 0:
        return
    try:
        await wait_for(service.log.connection, [view], position, 0)
    except NotYetVisible:
        head = await service.log.head()
        if position > head:
            raise WrongParameter(f"the log ends at {head}", "Wait-For-Position") from None
        await wait_for(service.log.connection, [view], position, LONGEST_WAIT)


async def seen_own(service: Service, view: str, desk: Desk[Any, Any], reference: str, position: int) -> UUID:
    """Wait until a view shows the newest event of one thing, so that a caller always sees its own writes.

    Args:
        service: whose views.
        view: the projection that answers.
        desk: where the thing is known.
        reference: its id or number.
        position: how far the caller wants the view to be besides.

    Returns:
        Its id.

    Raises:
        NotFound: there is no such thing of this kind.
        NotYetVisible: the view did not come so far in time.
    """
    found = await desk.find(reference)
    async with service.log.connection() as conn:
        row = await (await conn.execute(LAST_OF_STREAM, (found,))).fetchone()
    if row is None:
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
