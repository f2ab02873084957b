"""Views of queues that the firm's people have saved, for themselves, their team or everybody."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from application.access import Caller, Role
from application.demo.firm import VISITOR
from application.log.event_log import EventLog
from application.saved_views import AlreadySaved, SavedViews, Saving, Shared


class _View(NamedTuple):
    """Who has saved what, and for whom."""

    owner: str
    name: str
    shared: Shared
    queue: str
    filter: dict[str, Any]
    team: str | None = None
    sort: str = "remaining"
    columns: tuple[str, ...] = ()


SHORT = ("number", "subject", "customer", "priority", "team", "person", "due_at", "remaining")
VIEWS = (
    _View("王芳", "四小时内到期 Due in four hours", Shared.EVERYBODY, "breaking", {"breaking": 240}),
    _View("王芳", "等配件 Waiting for a part", Shared.EVERYBODY, "waiting-for-part", {}, sort="reported"),
    _View("张伟", "华东急单 Urgent, east", Shared.TEAM, "my-team", {"priority": ["P1", "P2"]}, "east-field"),
    _View("赵立新", "专家组 Service centre", Shared.TEAM, "all", {"tier": ["L2"]}, "service-centre"),
    _View(VISITOR.name, "我的 Mine", Shared.NOBODY, "mine", {}, sort="priority", columns=SHORT),
)


async def save_views(log: EventLog) -> None:
    """Save them; those that are there already stay as they are."""
    views = SavedViews(log)
    for view in VIEWS:
        content = {"queue": view.queue, "filter": view.filter, "sort": view.sort, "columns": view.columns}
        owner = Caller(view.owner, Role.AGENT, UUID(int=0), teams=(view.team,) if view.team else ())
        saving = Saving(view.name, view.shared, view.team, msgspec.json.encode(content))
        with suppress(AlreadySaved):
            await views.save(saving, owner)
