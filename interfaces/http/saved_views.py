"""Saved views of queues: for oneself, a team or everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.datastructures import State
from litestar.params import JSONBody, PathParameter
from litestar.response import Stream
from msgspec import Meta

from application.access import Caller
from application.commands import NO_NUL, Name
from application.saved_views import SavedView, Saving, Shared
from domain.errors import InvalidValue
from interfaces.http.auth import READER
from interfaces.http.conditions import (
    VERSION_HEADER,
    VIEW_HEADER,
    IfMatch,
    IfNoneMatch,
    WaitForPosition,
    expected_version,
)
from interfaces.http.feed import After, LastEventId
from interfaces.http.openapi import COMMAND_ANSWERS, CREATE_ANSWERS, ITEM_ANSWERS, READ_ANSWERS
from interfaces.http.params import WrongParameter
from interfaces.http.queue_asking import OfAForm, asked_of_saved, reader
from interfaces.http.queue_events import STREAM_ANSWERS, followed
from interfaces.http.queues import PAGE_ANSWERS, queue_page
from interfaces.http.service import service
from projections.queue.filters import QueueFilter
from projections.queue.names import queue_named
from projections.queue.order import Sort
from projections.queue.queries import QueueTicket

ViewId = Annotated[UUID, PathParameter(description="The saved view's id.")]
COLUMNS = frozenset(QueueTicket.__struct_fields__)


class SaveView(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Save a view of a queue.

    Attributes:
        name: each of your views has another.
        shared: who else sees it; only you and an administrator change it.
        team: with which team it is shared.
        queue: a name as in the path of a queue; `mine` and `my-team` are those of whoever looks.
        filter: its tickets that are meant; of several values any will do.
        sort: the order.
        columns: what is shown of a ticket, in this order; everything, when there are none.
    """

    name: Annotated[str, Meta(min_length=1, max_length=100, pattern=NO_NUL)]
    shared: Shared = Shared.NOBODY
    team: Name | None = None
    queue: Name = "all"
    filter: QueueFilter = QueueFilter()
    sort: Sort = Sort.REMAINING
    columns: Annotated[tuple[Name, ...], Meta(max_length=100)] = ()


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What of it is kept as JSON."""

    queue: str
    filter: QueueFilter
    sort: Sort
    columns: tuple[str, ...]


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A saved view.

    Attributes:
        owner: the person who saved it.
        is_yours: whether you may change it.
        version: the `ETag`.
        changed_by: who changed it last, as an actor.
    """

    id: UUID
    name: str
    owner: str
    is_yours: bool
    shared: Shared
    team: str | None
    queue: str
    filter: QueueFilter
    sort: Sort
    columns: tuple[str, ...]
    version: int
    saved_at: datetime
    changed_at: datetime
    changed_by: str


@get(
    "/saved-views",
    operation_id="ListSavedViews",
    summary="Your saved views, and those shared with you",
    guards=READER,
    responses=READ_ANSWERS,
)
async def list_saved_views(request: Request[Caller, Any, Any], state: State) -> list[View]:
    """By name. An administrator sees all."""
    return [_shown(view) for view in await service(state).saved_views.of(request.user)]


@get(
    "/saved-views/{view:uuid}",
    operation_id="GetSavedView",
    summary="One saved view",
    guards=READER,
    responses=ITEM_ANSWERS,
    response_headers=[VERSION_HEADER],
)
async def get_saved_view(request: Request[Caller, Any, Any], state: State, view: ViewId) -> Response[View]:
    """Its form, not its tickets: those are at `/queues/saved/{view}`."""
    return _tagged(await service(state).saved_views.one(view, request.user))


@post(
    "/saved-views",
    operation_id="SaveView",
    summary="Save a view of a queue",
    guards=READER,
    responses=CREATE_ANSWERS,
    response_headers=[VERSION_HEADER],
)
async def save_view(
    request: Request[Caller, Any, Any], state: State, data: JSONBody[SaveView]
) -> Response[View]:
    """For yourself, a team that you belong to, or everybody. It shows nobody more than their role does."""
    return _tagged(await service(state).saved_views.save(_saving(data), request.user), 201)


@put(
    "/saved-views/{view:uuid}",
    operation_id="ChangeView",
    summary="Save a view in another form",
    guards=READER,
    responses=COMMAND_ANSWERS,
    response_headers=[VERSION_HEADER],
)
async def change_view(
    request: Request[Caller, Any, Any],
    state: State,
    view: ViewId,
    data: JSONBody[SaveView],
    if_match: IfMatch = None,
) -> Response[View]:
    """One of your own; an administrator changes any. What is left out is as if it were new."""
    views = service(state).saved_views
    return _tagged(await views.change(view, _saving(data), request.user, expected_version(if_match)))


@delete(
    "/saved-views/{view:uuid}",
    operation_id="DropView",
    summary="Drop a saved view",
    status_code=204,
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def drop_view(request: Request[Caller, Any, Any], state: State, view: ViewId) -> None:
    """One of your own; an administrator drops any."""
    await service(state).saved_views.drop(view, request.user)


@get(
    "/queues/saved/{view:uuid}",
    operation_id="GetSavedQueue",
    operation_class=OfAForm,
    summary="The tickets of a saved view",
    guards=READER,
    responses=PAGE_ANSWERS | {404: ITEM_ANSWERS[404]},
    response_headers=[VIEW_HEADER],
)
async def get_saved_queue(
    request: Request[Caller, Any, Any],
    state: State,
    view: ViewId,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[Any]:
    """Its queue with its filter, in its order unless you name another; as one page of a queue."""
    known, who = service(state), reader(request)
    saved = await known.saved_views.one(view, request.user)
    content = _content(saved)
    asked = asked_of_saved(request, queue_named(content.queue, who), content.filter, content.sort)
    return await queue_page(known, asked, if_none_match, wait_for_position, saved.version, *who)


@get(
    "/queues/saved/{view:uuid}/events",
    operation_id="FollowSavedQueue",
    summary="What changes in a saved view, as it happens",
    guards=READER,
    responses=STREAM_ANSWERS | {404: ITEM_ANSWERS[404]},
)
async def follow_saved_queue(
    request: Request[Caller, Any, Any],
    state: State,
    view: ViewId,
    after: After = None,
    last_event_id: LastEventId = None,
) -> Stream:
    """As of any queue. A view that is changed meanwhile is followed as it was."""
    known = service(state)
    content = _content(await known.saved_views.one(view, request.user))
    queue = queue_named(content.queue, reader(request))
    try:
        return await followed(request, known, queue, content.filter, after, last_event_id)
    except WrongParameter as wrong:
        raise WrongParameter(str(wrong), "view" if wrong.parameter == "late" else wrong.parameter) from None


def _saving(asked: SaveView) -> Saving:
    for index, column in enumerate(asked.columns):
        if column not in COLUMNS:
            raise InvalidValue(f"a ticket in a queue has no {column}", field=f"/columns/{index}")
    kept = {name: getattr(asked, name) for name in Content.__struct_fields__}
    return Saving(asked.name, asked.shared, asked.team, msgspec.json.encode(Content(**kept)))


def _content(view: SavedView) -> Content:
    return msgspec.json.decode(view.content, type=Content)


def _shown(view: SavedView) -> View:
    kept = msgspec.structs.asdict(_content(view))
    return View(**kept, **{name: value for name, value in view._asdict().items() if name != "content"})


def _tagged(view: SavedView, status: int = 200) -> Response[View]:
    return Response(_shown(view), status_code=status, headers={"ETag": f'"{view.version}"'})


saved_views = [
    *(list_saved_views, get_saved_view, save_view, change_view, drop_view),
    *(get_saved_queue, follow_saved_queue),
]
