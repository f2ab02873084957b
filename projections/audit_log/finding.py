"""Where in the log the events lie that a filter means, without looking at all the others.

The events of a stream and of a case are found by indexes that the log has. All others are looked for in the
spans in which they may lie, and each of those is read in the log. Values that are frequent and never meet
could lead through the whole of it; so a search ends after ``MOST`` spans, and says from where it is to go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString, NamedTuple

from psycopg import AsyncConnection

from projections.audit_log.filters import BY_INDEX, OF_EVENTS, AuditFilter, given
from projections.audit_log.spans import EVENTS, IS_KEPT, spans_of
from projections.engine.filters import meant

FEW = 4
"""Spans that are read first; four times as many each time when that is not enough."""
MOST = 1024
"""Spans that are read for one page, 65,536 events."""

OF_STREAMS: LiteralString = """
    SELECT found.position FROM (STREAMS) AS own, LATERAL (
        SELECT e.position FROM log.event e WHERE e.stream_id = own.stream_id AND EXACT
        ORDER BY e.version DIRECTION LIMIT %(limit)s) AS found
    ORDER BY found.position DIRECTION LIMIT %(limit)s
"""
OF_CASE: LiteralString = (
    "SELECT e.position FROM log.event e WHERE EXACT ORDER BY e.position DIRECTION LIMIT %(limit)s"
)
OF_SPANS: LiteralString = (
    "SELECT e.position FROM unnest(%(spans)s::integer[]) AS chosen (span) "  # noqa: S608
    "JOIN view.audit_span s USING (span), " + EVENTS + " AND EXACT "
    "ORDER BY e.position DIRECTION LIMIT %(limit)s"
)


class Place(NamedTuple):
    """Where a page begins: after a position, if any, towards the older or the newer events."""

    after: int | None
    newest_first: bool

    @property
    def direction(self) -> LiteralString:
        """How its events follow each other."""
        return "DESC" if self.newest_first else "ASC"

    @property
    def condition(self) -> LiteralString:
        """What is so of the events ``e`` on it."""
        if self.after is None:
            return "true"
        return "e.position < %(after)s" if self.newest_first else "e.position > %(after)s"


class Found(NamedTuple):
    """The positions of a page.

    Attributes:
        after: where the next page begins; ``None`` when there is nothing more.
    """

    positions: Sequence[int]
    after: int | None


async def find(conn: AsyncConnection[Any], which: AuditFilter, place: Place, limit: int) -> Found:
    """A page of what a filter means. It may be short, or empty, and not be the last."""
    condition, params = meant(which, OF_EVENTS)
    exact = condition + " AND " + place.condition
    params |= {"after": place.after, "limit": limit + 1}
    rows: list[int] = []
    if given(which) & BY_INDEX:
        query = _by_index(which).replace("EXACT", exact + " AND " + IS_KEPT)
        return _cut(await _positions(conn, query, params, place), limit, None)
    spans = await _spans(conn, which, place)
    read, reach = 0, FEW
    while len(rows) <= limit and read < min(len(spans), MOST):
        some = {"spans": spans[read : min(read + reach, MOST)]}
        rows += await _positions(conn, OF_SPANS.replace("EXACT", exact), params | some, place)
        read, reach = read + reach, reach * 4
    return _cut(rows, limit, _end(spans[MOST - 1], place) if len(spans) > MOST else None)


def _by_index(which: AuditFilter) -> LiteralString:
    if which.stream_id is not None:
        return OF_STREAMS.replace("STREAMS", "SELECT %(stream_id)s::uuid AS stream_id")
    if which.number is not None:
        return OF_STREAMS.replace(
            "STREAMS", "SELECT stream_id FROM view.audit_stream WHERE number = %(number)s"
        )
    return OF_CASE


async def _spans(conn: AsyncConnection[Any], which: AuditFilter, place: Place) -> list[int]:
    """The spans to read, in their order; one more than are read when there are more."""
    source, condition, params = await spans_of(conn, which)
    if place.after is not None:
        condition += " AND s.span <= %(edge)s" if place.newest_first else " AND s.span >= %(edge)s"
        params |= {"edge": (place.after - 1 if place.newest_first else place.after + 1) >> 6}
    query = "SELECT s.span FROM " + source + " WHERE " + condition  # noqa: S608
    query += " ORDER BY s.span " + place.direction + " LIMIT %(most)s"
    found = await conn.execute(query, params | {"most": MOST + 1}, binary=True)
    return [span for (span,) in await found.fetchall()]


async def _positions(
    conn: AsyncConnection[Any], query: LiteralString, params: dict[str, Any], place: Place
) -> list[int]:
    found = await conn.execute(query.replace("DIRECTION", place.direction), params, binary=True)
    return [position for (position,) in await found.fetchall()]


def _end(span: int, place: Place) -> int:
    """The last position of a span that was read."""
    return span << 6 if place.newest_first else (span << 6) + 63


def _cut(rows: list[int], limit: int, end: int | None) -> Found:
    """One page of what was found, and where the next one begins."""
    return Found(rows[:limit], rows[limit - 1]) if len(rows) > limit else Found(rows, end)
