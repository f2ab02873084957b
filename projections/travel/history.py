"""Everything that happened to a service case, event by event, in words (R03, B02): read from the log."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, LiteralString, NamedTuple, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncConnection

from application.log.errors import UnreadableEvent
from application.log.mapper import fact_of
from application.log.stored import COLUMNS, Row
from domain.event import Fact, id_of
from domain.promises import Promises, UnknownPlan
from domain.ticket.moves import moves
from projections.engine import cursor as cursors
from projections.engine.facts import STREAM
from projections.words.moved import tell as tell_move
from projections.words.sentences import tell, tell_unread
from projections.words.values import Text

ENTRIES: LiteralString = f"""
    SELECT {COLUMNS} FROM log.event WHERE correlation_id = %s AND position > %s ORDER BY position LIMIT %s
"""  # noqa: S608
FIRSTS = "SELECT stream_id, data FROM log.event WHERE stream_id = ANY(%s) AND version = 1"

MANY = 1000
"""Events that are replayed in a thread, as others wait."""


class SubjectKind(StrEnum):
    """What an event may be about: how its type begins."""

    TICKET = "ticket"
    PART = "part"
    CONTRACT = "contract"
    PLAN = "plan"
    CALENDAR = "calendar"
    PROJECTION = "projection"
    LOG = "log"
    MAIL = "mail"
    TRIAGE = "triage"
    OTHER = "other"
    """What this release does not know."""


KINDS: Mapping[str, SubjectKind] = {kind.value: kind for kind in SubjectKind}


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What an event is about: its kind, and what people call it, such as T-2026-000123 or HE-200."""

    kind: SubjectKind
    number: str | None


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a case.

    Attributes:
        id: what it is called as a cause.
        position: its place in the log.
        subject: what it happened to.
        stream_id: the id of that; ``version`` is its place in that stream.
        occurred_at: when it happened.
        recorded_at: when it was recorded.
        reason: why, in the actor's own words.
        causation_id: the ``id`` of the event that caused it, where a reaction recorded it.
        text: what happened, in Chinese and English.
        moves: the deadlines that it moved, in words (B04).
    """

    id: UUID
    position: int
    subject: Subject
    stream_id: UUID
    version: int
    type: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    reason: str | None
    causation_id: UUID | None
    text: Text
    moves: tuple[Text, ...]


class TimelinePage(msgspec.Struct, frozen=True, kw_only=True):
    """Events of a case in the order they were recorded.

    Attributes:
        next: the cursor of the following page; ``None`` on the last.
    """

    items: tuple[TimelineEntry, ...]
    next: str | None


async def history(
    conn: AsyncConnection[Any],
    case_id: UUID,
    *,
    promises: Promises,
    zone: ZoneInfo,
    cursor: str | None = None,
    limit: int = 200,
) -> TimelinePage:
    """A page of what happened to a case; empty when there is none such.

    Args:
        conn: to the database.
        case_id: the id of its ticket.
        promises: the book of plans and calendars, which deadlines go by.
        zone: where times inside the texts are told.
        cursor: of the page before.
        limit: most entries.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    after = cursors.read(cursor, tuple[int])[0] if cursor else 0
    found = await conn.execute(ENTRIES, (case_id, after, limit + 1), binary=True)
    rows, more = cursors.cut(await found.fetchall(), limit, lambda row: row[:1])
    page = [_Recorded(cast(Row, row), _fact(cast(Row, row))) for row in rows]
    numbers = await _numbers(conn, {row[1] for row in rows})
    told = await _moved(conn, case_id, page, promises, zone)
    return TimelinePage(items=tuple(_entry(each, numbers, told, zone) for each in page), next=more)


class _Recorded(NamedTuple):
    """An event as the log has it, and what it says; ``None`` where this release cannot read it."""

    row: Row
    fact: Fact | None


class _Numbered(msgspec.Struct):
    """What the first event of most streams says."""

    number: str | None = None


def _fact(row: Row) -> Fact | None:
    try:
        return fact_of(row)
    except UnreadableEvent:
        return None


async def _numbers(conn: AsyncConnection[Any], streams: Collection[UUID]) -> dict[UUID, str | None]:
    """What people call these streams, as their first events say."""
    found = await conn.execute(FIRSTS, (list(streams),), binary=True)
    return {stream: _number(first) for stream, first in await found.fetchall()}


def _number(first: bytes) -> str | None:
    try:
        return msgspec.json.decode(first, type=_Numbered).number
    except msgspec.MsgspecError:
        return None


async def _moved(
    conn: AsyncConnection[Any], case_id: UUID, page: Sequence[_Recorded], promises: Promises, zone: ZoneInfo
) -> dict[int, list[Text]]:
    """By position, how the events of a page moved deadlines: replayed from the ticket's first event on."""
    own = [each for each in page if each.row[1] == case_id]
    if not own:
        return {}
    begin, version = own[0].row[0], own[0].row[2]
    facts = [each.fact for each in own]
    if version != 1:
        found = await conn.execute(STREAM, (case_id, own[-1].row[0]), binary=True)
        facts = [_fact(cast(Row, row)) for row in await found.fetchall()]
    replayed = partial(_told, facts, promises, zone, begin)
    return replayed() if len(facts) < MANY else await asyncio.to_thread(replayed)


def _told(
    facts: Sequence[Fact | None], promises: Promises, zone: ZoneInfo, begin: int
) -> dict[int, list[Text]]:
    """As far as this release can follow: what it cannot read may have moved a deadline, too."""
    told: dict[int, list[Text]] = {}
    with suppress(UnknownPlan):
        for move in moves(_read(facts), promises):
            if move.fact.position >= begin:
                told.setdefault(move.fact.position, []).append(tell_move(move, zone))
    return told


def _read(facts: Iterable[Fact | None]) -> Iterator[Fact]:
    for fact in facts:
        if fact is None:
            return
        yield fact


def _entry(
    recorded: _Recorded, numbers: Mapping[UUID, str | None], told: Mapping[int, list[Text]], zone: ZoneInfo
) -> TimelineEntry:
    position, stream_id, version, name, schema, _, occurred_at, recorded_at, actor, reason, _, cause, _ = (
        recorded.row
    )
    kind = KINDS.get(name.partition(".")[0], SubjectKind.OTHER)
    return TimelineEntry(
        id=id_of(stream_id, version),
        position=position,
        subject=Subject(kind=kind, number=numbers.get(stream_id)),
        stream_id=stream_id,
        version=version,
        type=name,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        actor=actor,
        reason=reason,
        causation_id=cause,
        text=tell(recorded.fact.event, zone) if recorded.fact else tell_unread(name, schema),
        moves=tuple(told.get(position, ())),
    )
