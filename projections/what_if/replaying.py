"""Tickets replayed from the log, as they are and as they would be: what one process does at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import groupby
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import msgspec
import psycopg
from psycopg import Connection

from application.log.errors import UnreadableEvent
from application.log.mapper import fact_of
from application.log.stored import COLUMNS, Row
from domain.event import Fact
from domain.promises import UnknownPlan
from domain.ticket.events import TicketRegistered
from projections.cases.case import replay
from projections.cases.settled import settle
from projections.engine.garbage import collected_later
from projections.sla_compliance.row import ClockRow, rows_of
from projections.what_if.changes import Side, changed
from projections.what_if.trial import Trial

NAME = "aftersales what-if"
"""What the database knows our connections by."""
EVENTS: LiteralString = (
    f"SELECT {COLUMNS} FROM log.event "  # noqa: S608
    "WHERE stream_id = ANY(%s) AND position <= %s AND type LIKE 'ticket.%%' ORDER BY stream_id, version"
)


class Hand:
    """What one process has: its connection, and what is tried.

    Args:
        url: the service role's connection string.
        makes: makes the trial, in the process itself.
        position: up to where the log counts.
        as_of: when clocks that run are judged.
    """

    def __init__(self, url: str, makes: Callable[[], Trial], position: int, as_of: datetime) -> None:
        self.conn: Connection[Any] = psycopg.connect(
            url, autocommit=True, application_name="aftersales what-if"
        )
        self.trial = makes()
        self.position = position
        self.as_of = as_of

    def read(self, tickets: tuple[UUID, ...]) -> list[Row]:
        """The events of these tickets, ticket by ticket."""
        return self.conn.execute(EVENTS, (list(tickets), self.position), binary=True).fetchall()


class Changed(NamedTuple):
    """A ticket of which some verdict would be another, told as JSON."""

    number: str
    ticket: UUID
    told: str


class Replayed(NamedTuple):
    """What came of some tickets.

    Attributes:
        looked_at: how many they were.
        tickets: how many of them are asked about.
        left_out: how many of those cannot be read.
        real: the rows of their clocks as they are, as JSON.
        tried: and as they would be.
    """

    looked_at: int
    tickets: int
    left_out: int
    real: str
    tried: str
    changes: list[Changed]


class Replay(NamedTuple):
    """Replay these tickets, twice each; none that is not asked about."""

    tickets: tuple[UUID, ...]

    def do(self, hand: Hand) -> Replayed:
        """Read and replay them."""
        real: list[ClockRow] = []
        tried: list[ClockRow] = []
        changes: list[Changed] = []
        meant = left_out = 0
        with collected_later():
            for _, rows in groupby(hand.read(self.tickets), key=lambda row: row[1]):
                try:
                    sides = _sides(hand.trial, list(rows))
                except (UnreadableEvent, UnknownPlan):
                    left_out += 1
                    continue
                if sides is None:
                    continue
                meant += 1
                before, after = sides
                promises = hand.trial.promises
                real += rows_of(before.case, before.settled, promises)
                tried += rows_of(after.case, after.settled, promises)
                found = changed(before, after, promises, hand.as_of)
                if found is not None:
                    changes.append(Changed(found.number, found.ticket_id, _json(found)))
        return Replayed(len(self.tickets), meant, left_out, _json(real), _json(tried), changes)


def _sides(trial: Trial, rows: list[Row]) -> tuple[Side, Side] | None:
    """A ticket as it is and as it would be; ``None`` for one that is not asked about.

    Raises:
        UnreadableEvent: this release cannot read one of its events.
        UnknownPlan: it pins what was never published.
    """
    first = fact_of(rows[0])
    if not isinstance(first.event, TicketRegistered):
        return None
    pin = trial.pin(first.event, first.act.occurred_at)
    if pin is None:
        return None
    facts = [first, *map(fact_of, rows[1:])]
    before, after = _side(facts, trial), _side(trial.tried(facts, pin), trial)
    return (before, after) if before and after else None


def _side(facts: Iterable[Fact], trial: Trial) -> Side | None:
    case = replay(facts, trial.promises)
    return Side(case, [settle(clock, trial.promises) for clock in case.clocks]) if case else None


def _json(told: object) -> str:
    return msgspec.json.encode(told).decode()
