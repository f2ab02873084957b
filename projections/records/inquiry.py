"""What was found out in a case, how the customer was helped from afar, and what others were asked (R06)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from domain.event import Fact
from domain.ticket.diagnosis_events import CustomerGuided, FaultDiagnosed
from domain.ticket.liaison_events import LiaisonMoved, LiaisonWithdrawn, OthersAnswered, OthersAsked
from domain.ticket.tier_events import TicketHandedBack
from domain.ticket.words import Counterpart, Guidance


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when something was said, and by whom, with both times (B02)."""

    position: int
    occurred_at: datetime
    recorded_at: datetime | None
    actor: str
    reason: str | None


class Found(Told, frozen=True, kw_only=True):
    """Something that was found out, or done from afar.

    Attributes:
        text: what.
        guidance: how the customer was helped, where they were.
        cause_code: what kind of cause it is.
        articles: the knowledge articles that were used.
    """

    text: str
    guidance: Guidance | None = None
    cause_code: str | None = None
    articles: tuple[str, ...] = ()


class DueMove(Told, frozen=True, kw_only=True):
    """Another due time."""

    before: datetime
    due_at: datetime


class AskedOfOthers(Told, frozen=True, kw_only=True):
    """What a department of ours or a supplier was asked, and what became of it.

    Attributes:
        due_at: by when it was to be answered first.
        moves: how that moved.
        person: who saw to it.
        answered: where the answer stands; ``None`` while there is none.
        withdrawn: where it was withdrawn.
    """

    liaison: int
    counterpart: Counterpart
    who: str
    question: str
    due_at: datetime
    person: str
    moves: tuple[DueMove, ...]
    answered: Told | None
    answer: str | None
    answered_by: str | None
    withdrawn: Told | None


def findings(facts: Sequence[Fact]) -> tuple[Found, ...]:
    """Everything that was found out, in position order."""
    return tuple(found for fact in facts if (found := _found(fact)))


def liaisons(facts: Sequence[Fact]) -> tuple[AskedOfOthers, ...]:
    """Everything that others were asked, in position order."""
    return tuple(_asked(fact, fact.event, facts) for fact in facts if isinstance(fact.event, OthersAsked))


def _found(fact: Fact) -> Found | None:
    match fact.event:
        case FaultDiagnosed(finding=text, cause_code=code, articles=articles):
            return Found(**_told(fact), text=text, cause_code=code, articles=articles)
        case CustomerGuided(summary=text, guidance=guidance, articles=articles):
            return Found(**_told(fact), text=text, guidance=guidance, articles=articles)
        case TicketHandedBack(finding=text):
            return Found(**_told(fact), text=text)
        case _:
            return None


def _asked(fact: Fact, asked: OthersAsked, facts: Sequence[Fact]) -> AskedOfOthers:
    own = [
        each
        for each in facts
        if isinstance(each.event, OthersAnswered | LiaisonMoved | LiaisonWithdrawn)
        and each.event.liaison == asked.liaison
    ]
    answer = next((each for each in own if isinstance(each.event, OthersAnswered)), None)
    said = answer.event if answer and isinstance(answer.event, OthersAnswered) else None
    withdrawn = next((each for each in own if isinstance(each.event, LiaisonWithdrawn)), None)
    return AskedOfOthers(
        **_told(fact),
        liaison=asked.liaison,
        counterpart=asked.counterpart,
        who=asked.who,
        question=asked.question,
        due_at=asked.due_at,
        person=asked.person,
        moves=tuple(
            DueMove(**_told(each), before=each.event.before, due_at=each.event.due_at)
            for each in own
            if isinstance(each.event, LiaisonMoved)
        ),
        answered=Told(**_told(answer)) if answer else None,
        answer=said.answer if said else None,
        answered_by=said.answered_by if said else None,
        withdrawn=Told(**_told(withdrawn)) if withdrawn else None,
    )


def _told(fact: Fact) -> dict[str, Any]:
    return {
        "position": fact.position,
        "occurred_at": fact.act.occurred_at,
        "recorded_at": fact.recorded_at,
        "actor": fact.act.actor,
        "reason": fact.act.reason,
    }
