"""How long a ticket took, as a reader sees it: the first time, and in all (SLA 10)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from domain.calendar import CalendarGap
from domain.promises import Promises
from domain.ticket.promised import Clocks
from domain.ticket.resolution import resolution
from projections.cases.duration import iso, iso_or_none


class ShownResolution(msgspec.Struct, frozen=True, kw_only=True):
    """First and total resolution, reported apart. Durations are working time in ISO 8601, without pauses.

    Attributes:
        first_at: when it was resolved for the first time.
        first: working time until then.
        last_at: when it was resolved for the last time; ``None`` while a later cycle is open.
        total: working time from the report to then, the time between cycles included.
    """

    first_at: datetime
    first: str
    last_at: datetime | None
    total: str | None


def shown_resolution(clocks: Clocks, promises: Promises) -> ShownResolution | None:
    """``None`` before the first; also where the calendar has no holiday data, which the clocks then name."""
    if not clocks:
        return None
    resolve = next((clock for clock in clocks if clock.milestone == "resolve"), clocks[0])
    try:
        found = resolution(clocks, promises.calendar(resolve.pin))
    except CalendarGap:
        return None
    if found is None:
        return None
    return ShownResolution(
        first_at=found.first_at, first=iso(found.first), last_at=found.last_at, total=iso_or_none(found.total)
    )
