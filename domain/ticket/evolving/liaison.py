"""What our own departments and suppliers were asked, and what they said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from domain.event import Act
from domain.ticket.evolving.step import on
from domain.ticket.liaison_events import LiaisonMoved, LiaisonWithdrawn, OthersAnswered, OthersAsked
from domain.ticket.state import Liaison, Ticket


@on(OthersAsked)
def _(event: OthersAsked, ticket: Ticket, act: Act) -> Ticket:
    asked = Liaison(
        liaison=event.liaison,
        counterpart=event.counterpart,
        who=event.who,
        question=event.question,
        asked_at=act.occurred_at,
        due_at=event.due_at,
        person=event.person,
        came_with=event.came_with,
    )
    return replace(ticket, liaisons=(*ticket.liaisons, asked))


@on(OthersAnswered)
def _(event: OthersAnswered, ticket: Ticket, act: Act) -> Ticket:
    return _changed(ticket, event.liaison, answered_at=act.occurred_at, answer=event.answer)


@on(LiaisonMoved)
def _(event: LiaisonMoved, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return _changed(ticket, event.liaison, due_at=event.due_at)


@on(LiaisonWithdrawn)
def _(event: LiaisonWithdrawn, ticket: Ticket, act: Act) -> Ticket:
    return _changed(ticket, event.liaison, ended_at=act.occurred_at)


def without_liaisons(ticket: Ticket, at: datetime) -> Ticket:
    """The ticket without a question that is open: it turned out to be none, or goes on as another."""
    if not any(each.is_open for each in ticket.liaisons):
        return ticket
    ended = (replace(each, ended_at=at) if each.is_open else each for each in ticket.liaisons)
    return replace(ticket, liaisons=tuple(ended))


def _changed(ticket: Ticket, liaison: int, **change: Any) -> Ticket:
    changed = (
        replace(each, **change) if each.liaison == liaison and each.is_open else each
        for each in ticket.liaisons
    )
    return replace(ticket, liaisons=tuple(changed))
