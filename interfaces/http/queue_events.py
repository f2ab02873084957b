"""Following a queue: its changes as they happen, as server-sent events."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from litestar import Request, get
from litestar.datastructures import State
from litestar.openapi import ResponseSpec
from litestar.response import Stream

from application.access import Caller
from interfaces.http.auth import READER
from interfaces.http.feed import STREAM, After, LastEventId, begin
from interfaces.http.feeding import Beyond
from interfaces.http.openapi import READ_ANSWERS
from interfaces.http.params import WrongParameter
from interfaces.http.queue_asking import OfAQueue, filter_of, reader
from interfaces.http.queue_streaming import stream
from interfaces.http.queues import QueueName
from interfaces.http.service import Service, service
from projections.queue.filters import COMING, QueueFilter
from projections.queue.names import Queue, queue_named


class QueueEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the stream, by its fields.

    Attributes:
        event: what became of a ticket; `reset`, too much has happened; `presence`, who is at a ticket.
        data: JSON: the ticket as the queue shows it with the position, the position alone, or the people.
        id: the position, to go on behind; what time alone brings, and presence, have none.
    """

    event: Literal["added", "changed", "removed", "reset", "presence"]
    data: str
    id: str = ""


STREAM_ANSWERS = READ_ANSWERS | {
    200: ResponseSpec(
        QueueEvent,
        description="Events `added`, `changed` and `removed` with the ticket, `reset`, and `presence`.",
        media_type=STREAM,
        generate_examples=False,
    )
}
UNBUFFERED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@get(
    "/queues/{name:str}/events",
    operation_id="FollowQueue",
    operation_class=OfAQueue,
    summary="What changes in a queue, as it happens",
    guards=READER,
    responses=STREAM_ANSWERS,
)
async def follow_queue(
    request: Request[Caller, Any, Any],
    state: State,
    name: QueueName,
    after: After = None,
    last_event_id: LastEventId = None,
) -> Stream:
    """Tickets that come, change and go, and who looks at or edits which; an answer that does not end.

    `after` is the `position` of the page that you have. `reset` says that too much has happened since: read
    the queue again.
    """
    queue = queue_named(name, reader(request))
    return await followed(request, service(state), queue, filter_of(request, "after"), after, last_event_id)


async def followed(
    request: Request[Caller, Any, Any],
    known: Service,
    queue: Queue,
    which: QueueFilter,
    after: int | None,
    last_event_id: int | None,
) -> Stream:
    """The stream of a queue from a position on, or from now.

    Raises:
        WrongParameter: it cannot be followed, or not from there.
        LogBusy: too many follow already.
    """
    if which.late is not None:
        raise WrongParameter(
            "time makes tickets late without an event; a ticket says when: late_from", "late"
        )
    asked = queue.asked(which)
    for name in COMING:
        if any(getattr(each, name) is False for each in asked):
            raise WrongParameter("time ends this without an event: follow those for which it is so", name)
    come = [name for name in (*COMING, "breaking") if any(getattr(each, name) is not None for each in asked)]
    if len(come) > 1:
        raise WrongParameter("time brings tickets into both: follow one of them", come[-1])
    known.live.must_have_room()
    position = begin(after, last_event_id) if after is not None or last_event_id is not None else None
    if position is None:
        position = await known.log.head()
    try:
        await known.live.page(position)  # what is wrong is said before the stream begins
    except Beyond as beyond:
        raise WrongParameter(str(beyond), "after" if last_event_id is None else "Last-Event-Id") from None
    told = stream(request, known, queue, which, position)
    return Stream(told, media_type=STREAM, headers=UNBUFFERED)
