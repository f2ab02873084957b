"""Asking the log what changed: of one stream, or of a whole case."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from application.log.event_log import EventLog
from application.log.snapshots import NOW, Until
from domain.event import Fact, type_name
from projections.travel.diff import Backwards, Compared, Diff, Side, TooFar, compare, shown
from projections.travel.kinds import Kind, Kinds, case_told
from projections.travel.points import Basis, Point, until_moment

ENDS = (
    "SELECT (SELECT type FROM log.event WHERE stream_id = %(stream)s AND version = 1), "
    "(SELECT max(version) FROM log.event WHERE stream_id = %(stream)s)"
)
NOTHING = Side(version=0, position=0)


class WrongPoint(ValueError):
    """A point that cannot be meant.

    Attributes:
        which: of the two.
    """

    def __init__(self, which: Literal["from", "to"], message: str) -> None:
        super().__init__(message)
        self.which = which


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """From when to when.

    Attributes:
        begin: ``None`` for before everything.
        end: ``None`` for everything there is.
        basis: which of their two times moments mean.
        zone: where times are told.
    """

    begin: Point | None
    end: Point | None
    basis: Basis
    zone: ZoneInfo

    def must_go_forward(self) -> None:
        """Check what can be seen without the log.

        Raises:
            WrongPoint: the second version or moment is before the first.
        """
        begin, end = self.begin, self.end
        numbers = isinstance(begin, int) and isinstance(end, int) and begin > end
        moments = isinstance(begin, datetime) and isinstance(end, datetime) and begin > end
        if numbers or moments:
            raise WrongPoint("from", "it is later than the other one")

    def must_be_there(self, last: int, said: str) -> None:
        """Check that there are so many versions.

        Raises:
            WrongPoint: one of the two is beyond the last.
        """
        if isinstance(self.begin, int) and self.begin > last:
            raise WrongPoint("from", said)
        if isinstance(self.end, int) and self.end > last:
            raise WrongPoint("to", said)


async def diff_of(log: EventLog, kind: Kind[Any], stream_id: UUID, asked: Asked) -> Diff | None:
    """What changed in one stream; ``None`` when it is no stream of this kind.

    Raises:
        WrongPoint: a point is not there, the first is later than the second, or too much lies between.
        LogUnavailable: the database does not answer.
    """
    asked.must_go_forward()
    async with log.connection() as conn:
        row = await (await conn.execute(ENDS, {"stream": stream_id})).fetchone()
    if row is None or row[0] != kind.begins:
        return None
    asked.must_be_there(row[1], f"it is at version {row[1]}")
    begin, end = _until(asked, whole=False)
    kept, facts = await log.snapshots.find(
        kind.form, stream_id, base=_combined(min, begin, end), until=_combined(max, begin, end)
    )
    start = Side(version=kept.version, position=kept.position) if kept else NOTHING
    state = kept.state if kept else None

    def made() -> Diff:
        compared = _compared(facts, begin, end, kind.replay, kind.told, state)
        return shown(compared, stream_id, asked.basis, asked.zone, lambda fact: _side(fact) or start)

    return await asyncio.to_thread(made)


async def case_diff(log: EventLog, kinds: Kinds, case_id: UUID, asked: Asked) -> Diff | None:
    """What changed in a whole case; ``None`` when there is no such ticket.

    Raises:
        WrongPoint: a position is not there, the first point is the later one, or too much lies between.
        LogUnavailable: the database does not answer.
    """
    asked.must_go_forward()
    if isinstance(asked.begin, int) or isinstance(asked.end, int):
        head = await log.head()
        asked.must_be_there(head, f"the log ends at {head}")
    facts = await log.case(case_id)
    if not any(type_name(fact.event) == kinds.ticket.begins for fact in facts):
        return None
    begin, end = _until(asked, whole=True)

    def made() -> Diff:
        compared = _compared(facts, begin, end, kinds.replay_case, case_told, None)
        return shown(compared, case_id, asked.basis, asked.zone, _in_case)

    return await asyncio.to_thread(made)


def _compared(*compared: Any) -> Compared:
    try:
        return compare(*compared)
    except (Backwards, TooFar) as wrong:
        raise WrongPoint("from", str(wrong)) from None


def _until(asked: Asked, *, whole: bool) -> tuple[Until, Until]:
    """The facts that count at either point."""

    def until(point: Point) -> Until:
        if isinstance(point, int):
            return Until(position=point) if whole else Until(version=point)
        return until_moment(point, asked.basis)

    return until(0 if asked.begin is None else asked.begin), NOW if asked.end is None else until(asked.end)


def _combined(of: Callable[[Any, Any], Any], one: Until, other: Until) -> Until:
    return Until(
        version=of(one.version, other.version),
        position=of(one.position, other.position),
        occurred=of(one.occurred, other.occurred),
        recorded=of(one.recorded, other.recorded),
    )


def _side(fact: Fact | None) -> Side | None:
    return Side(version=fact.version, position=fact.position) if fact else None


def _in_case(fact: Fact | None) -> Side:
    return Side(version=None, position=fact.position if fact else 0)
