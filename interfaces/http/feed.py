"""The change feed: the log itself, oldest first, for systems that follow it (docs/feed.md)."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, Response, Router, get
from litestar.datastructures import ResponseHeader, State
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from application.access import Permission
from domain.catalogue import EVENT_TYPES
from interfaces.http.auth import may
from interfaces.http.cloudevents import PREFIX, CloudEvent
from interfaces.http.feeding import Asked, Beyond, Feed, Page
from interfaces.http.negotiating import best
from interfaces.http.openapi import READ_ANSWERS, problem_answer
from interfaces.http.params import WrongParameter
from interfaces.http.service import service
from interfaces.http.streaming import STREAM_PAGE, stream

BATCH, STREAM = "application/cloudevents-batch+json", "text/event-stream"

SPANS = 20
"""Stretches of the log that one request is looked through for events of the wanted types."""

LAST = 2**53 - 1
After = Annotated[
    int | None,
    QueryParameter(
        required=False, gt=-1, le=LAST, description="The position of the last event you have; 0 for none."
    ),
]
LastEventId = Annotated[
    int | None,
    HeaderParameter(
        name="Last-Event-ID",
        required=False,
        gt=-1,  # the framework leaves `minimum: 0` out of the document
        le=LAST,
        description="The same, as a client of server-sent events says it when it comes back.",
    ),
]
PageLimit = Annotated[
    int, QueryParameter(required=False, ge=1, le=1000, description="Most events in a batch.")
]
Wait = Annotated[
    int,
    QueryParameter(
        required=False, gt=-1, le=30, description="Seconds to wait for an event when there is none yet."
    ),
]
Types = Annotated[
    str | None,
    QueryParameter(
        required=False,
        min_length=1,
        max_length=1000,
        description="Only events of these types: names such as `ticket.held`, or first words such as "
        "`ticket`, separated by commas.",
    ),
]

KNOWN_TYPES = frozenset(EVENT_TYPES) | {name.partition(".")[0] for name in EVENT_TYPES}
HEADERS = [
    ResponseHeader(
        name="Log-Position",
        value="1",
        description="How far the log was read for this answer: your next `after`.",
        documentation_only=True,
    ),
    ResponseHeader(
        name="Link",
        value="</api/v1/feed?after=1>; rel=next",
        description="The same request with it.",
        documentation_only=True,
    ),
]


@dataclass
class InTwoForms(Operation):
    """The feed's answer as a batch and as a stream."""

    def __post_init__(self) -> None:
        """Name them."""
        answer = (self.responses or {}).get("200")
        if isinstance(answer, OpenAPIResponse) and answer.content is not None:
            (batch,) = answer.content.values()
            answer.content = {BATCH: batch, STREAM: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))}


@get(
    "/feed",
    operation_id="ReadFeed",
    operation_class=InTwoForms,
    summary="The events of the log, oldest first",
    guards=[may(Permission.AUDIT)],
    responses=READ_ANSWERS
    | {
        200: ResponseSpec(list[CloudEvent], description="CloudEvents.", generate_examples=False),
        406: problem_answer("Neither a batch nor a stream is acceptable."),
    },
    response_headers=HEADERS,
)
async def read_feed(
    request: Request[Any, Any, Any],
    state: State,
    after: After = None,
    limit: PageLimit = 100,
    wait: Wait = 0,
    types: Types = None,
    last_event_id: LastEventId = None,
) -> Response[Any]:
    """A batch of CloudEvents that follow `after`, or with `Accept: text/event-stream` all that ever follow.

    Ask again with the `Log-Position` of the answer as `after`. Positions have no gaps: whoever keeps the last
    one together with what it made of the events misses none and takes none twice.
    """
    feed = service(state).feed
    form = best(request.headers.get("Accept", ""), (BATCH, STREAM))
    asked = Asked(begin(after, last_event_id), _wanted(types), STREAM_PAGE if form == STREAM else limit)
    try:
        if form == STREAM:
            feed.must_have_room()
            await feed.page(asked)  # what is wrong is said before the stream begins
            unbuffered = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept"}
            return Stream(stream(request, feed, asked), media_type=STREAM, headers=unbuffered)
        page = await (_awaited(request, feed, asked, wait) if wait else _found(feed, asked))
    except Beyond as beyond:
        raise WrongParameter(str(beyond), "after" if last_event_id is None else "Last-Event-Id") from None
    again = request.query_params.dict() | {"after": [str(page.position)]}
    headers = {
        "Log-Position": str(page.position),
        "Link": f"<{request.url.path}?{urlencode(again, doseq=True)}>; rel=next",
        "Cache-Control": "no-store",
        "Vary": "Accept",
    }
    content = b"[" + b",".join(event.content for event in page.events) + b"]"
    return Response(content, media_type=BATCH, headers=headers)


def begin(after: int | None, last_event_id: int | None) -> int:
    """Where to go on. A client of server-sent events repeats its first request with what it got since."""
    if after is not None and last_event_id is not None and last_event_id < after:
        raise WrongParameter(f"it lies before after={after}: send one of the two", "Last-Event-Id")
    return last_event_id if last_event_id is not None else after or 0


def _wanted(types: str | None) -> tuple[str, ...] | None:
    if types is None:
        return None
    names = tuple(name.strip().removeprefix(PREFIX).removesuffix(".") for name in types.split(","))
    if unknown := [name for name in names if name not in KNOWN_TYPES]:
        raise WrongParameter(f"there are no events of type {unknown[0]!r}", "types")
    return names


async def _found(feed: Feed, asked: Asked) -> Page:
    """The next events, from so many stretches of the log at most."""
    page = await feed.page(asked)
    for _ in range(SPANS):
        if page.events or page.position == page.head:
            break
        page = await feed.page(asked._replace(after=page.position))
    return page


async def _awaited(request: Request[Any, Any, Any], feed: Feed, asked: Asked, wait: int) -> Page:
    """The next events, or none when the time is up, the service stops or the client has gone."""
    feed.must_have_room()
    until = time.monotonic() + wait
    gone = asyncio.create_task(_gone(request), name="feed client")
    with feed.following():
        try:
            while True:
                turn = feed.tail.turn
                page = await _found(feed, asked)
                left = until - time.monotonic()
                if page.events or page.position < page.head or left <= 0 or feed.tail.closed or gone.done():
                    return page
                asked = asked._replace(after=page.position)
                await _first(feed.tail.after(turn, left), gone)
        finally:
            gone.cancel()


async def _gone(request: Request[Any, Any, Any]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _first(waiting: Any, gone: asyncio.Task[None]) -> None:
    task = asyncio.ensure_future(waiting)
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
    finally:
        task.cancel()


feed = Router("/", route_handlers=[read_feed], tags=["Feed"])
