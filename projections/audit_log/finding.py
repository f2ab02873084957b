"""Where in the log the events lie that a filter means, without looking at all the others.

The events of a stream and of a case are found by indexes that the log has. All others are looked for in the
spans in which they may lie, and each of those is read in the log, until the page is full. Values that are
frequent and never meet could lead through the whole of it; so a search ends after ``MOST`` spans, and says
from where it is to go on. Where that is depends on nothing that is recorded later: the last span, which may
have been half full, is read in any case and does not count, and neither do the reasons known by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString, NamedTuple

import msgspec
from psycopg import AsyncConnection

from projections.audit_log.filters import BY_INDEX, OF_EVENTS, AuditFilter, given
from projections.audit_log.spans import EVENTS, IS_KEPT, spans_of
from projections.engine.filters import meant

FEW = 4
"""Spans that are read first; four times as many each time when that is not enough."""
MOST = 16_384
"""Spans that are read for one page, a million events."""

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

    def begin(self, newest: int) -> int:
        """The first span on it, where ``newest`` is the last of all."""
        if self.newest_first:
            return newest if self.after is None else min(newest, (self.after - 1) >> 6)
        return 0 if self.after is None else (self.after + 1) >> 6


class Found(NamedTuple):
    """The positions of a page.

    Attributes:
        after: where the next page begins; ``None`` when there is nothing more.
    """

    positions: Sequence[int]
    after: int | None


async def find(conn: AsyncConnection[Any], which: AuditFilter, place: Place, limit: int) -> Found:
    """A page of what a filter means, up to a position: full, or the last, or all that ``MOST`` spans have."""
    condition, params = meant(which, OF_EVENTS)
    exact = condition + " AND " + place.condition
    params |= {"after": place.after, "limit": limit + 1}
    if given(which) & BY_INDEX:
        query = _by_index(which).replace("EXACT", exact + " AND " + IS_KEPT)
        return _cut(await _positions(conn, query, params, place), limit, None)
    query, rows, end = OF_SPANS.replace("EXACT", exact), [], None
    for most in (MOST // 16 or 1, MOST):
        spans, end = await _spans(conn, which, place, most)
        rows = await _read(conn, query, params, place, spans)
        if len(rows) > limit or end is None:
            break
    return _cut(rows, limit, end)


async def _read(
    conn: AsyncConnection[Any],
    query: LiteralString,
    params: dict[str, Any],
    place: Place,
    spans: Sequence[int],
) -> list[int]:
    """The events in these spans, until there are enough; more spans each time."""
    rows: list[int] = []
    read, reach = 0, FEW
    while len(rows) < params["limit"] and read < len(spans):
        rows += await _positions(conn, query, params | {"spans": spans[read : read + reach]}, place)
        read, reach = read + reach, reach * 4
    return rows


def _by_index(which: AuditFilter) -> LiteralString:
    if which.stream_id is not None:
        return OF_STREAMS.replace("STREAMS", "SELECT %(stream_id)s::uuid AS stream_id")
    if which.number is not None:
        return OF_STREAMS.replace(
            "STREAMS", "SELECT stream_id FROM view.audit_stream WHERE number = %(number)s"
        )
    return OF_CASE


async def _spans(
    conn: AsyncConnection[Any], which: AuditFilter, place: Place, most: int
) -> tuple[list[int], int | None]:
    """So many of the spans to read, in their order, and where the search ends if others follow."""
    newest = (which.position or 0) >> 6
    begin = place.begin(newest)
    low, high = (0, min(begin, newest - 1)) if place.newest_first else (begin, newest - 1)
    bounds = {"low": low, "high": high, "most": most + 1}
    whatever_reason = msgspec.structs.replace(which, reason_contains=None)
    spans, end = await _listed(conn, whatever_reason, place, bounds), None
    if len(spans) > most:
        spans = spans[:most]
        end = _end(spans[-1], place)
        bounds["low" if place.newest_first else "high"] = spans[-1]
    if which.reason_contains is not None:
        spans = await _listed(conn, which, place, bounds)
    if place.newest_first:
        return [newest] * (begin == newest) + spans, end
    return spans + [newest] * (end is None and begin <= newest), end


async def _listed(
    conn: AsyncConnection[Any], which: AuditFilter, place: Place, bounds: dict[str, int]
) -> list[int]:
    """The spans in which a filter's events may lie."""
    source, condition, params = await spans_of(conn, which)
    query = "SELECT s.span FROM " + source + " WHERE s.span BETWEEN %(low)s AND %(high)s AND "  # noqa: S608
    query += condition + " ORDER BY s.span " + place.direction + " LIMIT %(most)s"
    found = await conn.execute(query, params | bounds, binary=True)
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
