"""The warnings and misses noted on a ticket."""

from __future__ import annotations

from msgspec.structs import replace

from domain.event import Act
from domain.thresholds import DEADLINE
from domain.ticket.evolving.step import on
from domain.ticket.state import Noted, Ticket
from domain.ticket.watch_events import DeadlineMissed, DeadlineWarned, MissCorrected


@on(DeadlineWarned)
def _(event: DeadlineWarned, ticket: Ticket, act: Act) -> Ticket:
    return _noted(ticket, event, event.percent, act)


@on(DeadlineMissed)
def _(event: DeadlineMissed, ticket: Ticket, act: Act) -> Ticket:
    return _noted(ticket, event, DEADLINE, act)


@on(MissCorrected)
def _(event: MissCorrected, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    wrong = (event.milestone, event.cycle, event.due_at)
    noted: list[Noted] = []
    for each in ticket.noted:
        if each not in ticket.misses or (each.milestone, each.cycle, each.due_at) != wrong:
            noted.append(each)
            continue
        noted.append(replace(each, corrected_by=event.fact))
        if event.missed_at is not None:
            noted.append(replace(each, at=event.missed_at))
    return replace(ticket, noted=tuple(noted))


def _noted(ticket: Ticket, event: DeadlineWarned | DeadlineMissed, percent: int, act: Act) -> Ticket:
    noted = Noted(event.milestone, event.cycle, percent, event.due_at, act.occurred_at, event.detected_at)
    return replace(ticket, noted=(*ticket.noted, noted))
