"""Time cut where a contract's answers change, so that a table can be asked about any moment.

Nothing is decided here: every stretch says what ``domain.contract.term`` answers at its first instant.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from domain.contract.state import Contract
from domain.contract.term import begins, in_force, terms
from domain.wall import EPOCH

ALWAYS = datetime.min.replace(tzinfo=UTC)
DAY = timedelta(days=1)


class Stretch(NamedTuple):
    """Time in which a contract gives one answer; ``until`` is the first instant after it, or never."""

    since: datetime
    until: datetime | None
    plan: str
    in_force: bool


def stretches(contract: Contract) -> list[Stretch]:
    """All of time in order, without gaps; neighbours differ in what they say."""
    turns = sorted({EPOCH + timedelta(seconds=begins(contract, day)) for day in _days(contract)})
    told: list[Stretch] = []
    for since, until in zip([ALWAYS, *turns], [*turns, None], strict=True):
        plan, counts = terms(contract, since).plan, in_force(contract, since)
        if told and (told[-1].plan, told[-1].in_force) == (plan, counts):
            told[-1] = told[-1]._replace(until=until)
        else:
            told.append(Stretch(since, until, plan, counts))
    return told


def last_on(contract: Contract) -> date:
    """The last day on which it may count, as renewed or terminated."""
    if contract.terminated_on is None:
        return contract.ends_on
    return min(contract.ends_on, contract.terminated_on - DAY)


def _days(contract: Contract) -> Iterator[date]:
    """The days whose begin may change an answer."""
    for period in contract.periods:
        yield from (period.starts_on, period.ends_on + DAY)
    yield from (amendment.effective_on for amendment in contract.amendments)
    if contract.terminated_on is not None:
        yield contract.terminated_on
