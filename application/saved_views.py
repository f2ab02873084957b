"""Views of queues that people have saved under a name, for themselves, their team or everybody.

They are preferences and no facts: docs/decisions/0031.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from application.access import Caller, Role
from application.desk import NotFound
from application.ids import uuid7
from application.log.event_log import EventLog
from application.streams import StaleVersion
from domain.errors import DomainError, InvalidValue

MOST_OWN = 100
"""Views that one person may save."""

ROWS = """
    SELECT id, name, owner, shared, team, content, version, saved_at, changed_at, changed_by
    FROM access.saved_view
    WHERE (owner = %(name)s OR shared = 'everybody' OR shared = 'team' AND team = ANY(%(teams)s) OR %(all)s)
"""
PUT = """
    INSERT INTO access.saved_view (id, name, owner, shared, team, content, version, changed_by)
    SELECT %(id)s, %(name)s, %(owner)s, %(shared)s, %(team)s, %(content)s, 1, %(actor)s
    WHERE (SELECT count(*) FROM access.saved_view WHERE owner = %(owner)s) < %(most)s
"""
CHANGE = """
    UPDATE access.saved_view SET name = %(name)s, shared = %(shared)s, team = %(team)s, content = %(content)s,
        version = version + 1, changed_at = now(), changed_by = %(actor)s
    WHERE id = %(id)s AND (%(version)s::integer IS NULL OR version = %(version)s)
"""


class Shared(StrEnum):
    """Who else sees a view."""

    NOBODY = "nobody"
    TEAM = "team"
    EVERYBODY = "everybody"


class Saving(NamedTuple):
    """What is to be saved.

    Attributes:
        name: each of a person's views has another.
        shared: who else sees it; only the owner and an administrator change it.
        team: with which team it is shared.
        content: queue, filter, order and columns, as JSON.
    """

    name: str
    shared: Shared
    team: str | None
    content: bytes


class NotYours(Exception):
    """The view belongs to somebody else."""


class AlreadySaved(DomainError):
    """The person has a view of this name."""

    code = "already-saved"


class SavedView(NamedTuple):
    """A view of a queue that somebody has saved.

    Attributes:
        owner: the person.
        content: what was saved.
        changed_by: who changed it last, as an actor.
        is_yours: whether whoever asked may change it.
    """

    id: UUID
    name: str
    owner: str
    shared: Shared
    team: str | None
    content: bytes
    version: int
    saved_at: datetime
    changed_at: datetime
    changed_by: str
    is_yours: bool


class SavedViews:
    """The saved views that somebody may see.

    Args:
        log: lends connections.
    """

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def of(self, caller: Caller) -> Sequence[SavedView]:
        """Their own views and those that are shared with them, by name."""
        async with self._log.connection() as conn:
            rows = await (await conn.execute(ROWS + "ORDER BY name, id", _seen_by(caller))).fetchall()
        return [_view(row, caller) for row in rows]

    async def one(self, view_id: UUID, caller: Caller) -> SavedView:
        """One of them.

        Raises:
            NotFound: there is none, or it is not shared with them.
        """
        async with self._log.connection() as conn:
            asked = _seen_by(caller) | {"id": view_id}
            row = await (await conn.execute(ROWS + "AND id = %(id)s", asked)).fetchone()
        if row is None:
            raise NotFound(f"there is no saved view {view_id}")
        return _view(row, caller)

    async def save(self, asked: Saving, caller: Caller) -> SavedView:
        """Save a new one.

        Raises:
            InvalidValue: it is shared with a team that the caller does not belong to, or they have too many.
            AlreadySaved: they have one of this name.
        """
        told = _told(asked, caller) | {"id": uuid7(), "owner": caller.name, "most": MOST_OWN}
        if not await self._changed(PUT, told):
            raise InvalidValue(f"nobody can save more than {MOST_OWN} views", field="/name")
        return await self.one(told["id"], caller)

    async def change(self, view_id: UUID, asked: Saving, caller: Caller, expected: int | None) -> SavedView:
        """Save one of one's own in another form.

        Args:
            expected: the version that the caller saw; ``None`` takes whatever stands.

        Raises:
            NotFound: there is none that the caller sees.
            NotYours: it belongs to somebody else.
            StaleVersion: it has been changed since.
        """
        await self._own(view_id, caller)
        told = _told(asked, caller) | {"id": view_id, "version": expected}
        if not await self._changed(CHANGE, told):
            raise StaleVersion((await self.one(view_id, caller)).version)
        return await self.one(view_id, caller)

    async def drop(self, view_id: UUID, caller: Caller) -> None:
        """Forget one of one's own.

        Raises:
            NotFound: there is none that the caller sees.
            NotYours: it belongs to somebody else.
        """
        await self._own(view_id, caller)
        await self._changed("DELETE FROM access.saved_view WHERE id = %(id)s", {"id": view_id})

    async def _own(self, view_id: UUID, caller: Caller) -> SavedView:
        view = await self.one(view_id, caller)
        if not view.is_yours:
            raise NotYours(f"{view.name} belongs to {view.owner}: save one of your own")
        return view

    async def _changed(self, query: Any, told: dict[str, Any]) -> bool:
        try:
            async with self._log.connection() as conn:
                return (await conn.execute(query, told)).rowcount == 1
        except psycopg.errors.UniqueViolation:
            raise AlreadySaved(f"there is a view {told['name']} already", field="/name") from None


def _seen_by(caller: Caller) -> dict[str, Any]:
    return {"name": caller.name, "teams": list(caller.teams), "all": caller.role is Role.ADMIN}


def _told(asked: Saving, caller: Caller) -> dict[str, Any]:
    if (asked.team is not None) != (asked.shared is Shared.TEAM):
        raise InvalidValue("a team is named where a view is shared with one, and only there", field="/team")
    if asked.team is not None and asked.team not in caller.teams and caller.role is not Role.ADMIN:
        raise InvalidValue(f"you do not belong to {asked.team}", field="/team")
    return {**asked._asdict(), "shared": asked.shared.value, "actor": caller.actor}


def _view(row: Sequence[Any], caller: Caller) -> SavedView:
    is_yours = row[2] == caller.name or caller.role is Role.ADMIN
    return SavedView._make((*row, is_yours))._replace(shared=Shared(row[3]))
