"""What was found and done in a case, what the customer said of it, and what a person still has to decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from domain.event import Event, Fact
from domain.ticket.events import (
    QuestionAnswered,
    QuestionRaised,
    ResolutionConfirmed,
    ResolutionRejected,
    TicketCancelled,
    TicketClosed,
    TicketReopened,
    TicketResolved,
)
from domain.ticket.triage_events import TicketMerged
from domain.ticket.words import Obstacle, Reaction


class Step(StrEnum):
    """A turn on the way from the work to its acceptance."""

    RESOLVED = "resolved"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CLOSED = "closed"
    REOPENED = "reopened"
    CANCELLED = "cancelled"
    MERGED = "merged"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One such turn.

    Attributes:
        cycle: of the work that it belongs to (SLA 10).
        cause: what was found.
        cause_code: what kind of cause it is.
        articles: the knowledge articles that were used.
        solution: what was done.
        by: who accepted it, for the customer.
        reason: why, in the actor's words.
    """

    position: int
    step: Step
    cycle: int
    occurred_at: datetime
    recorded_at: datetime | None
    actor: str
    cause: str | None = None
    cause_code: str | None = None
    articles: tuple[str, ...] = ()
    solution: str | None = None
    by: str | None = None
    reason: str | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person had to decide; open while ``answered`` is ``None``.

    Attributes:
        raised: position of the question.
        answered: position of the answer.
    """

    id: UUID
    reaction: Reaction
    obstacle: Obstacle
    detail: str
    subject: str | None
    raised: int
    answered: int | None
    answer: str | None
    answered_by: str | None


STEPS: dict[type[Event], Step] = {
    TicketResolved: Step.RESOLVED,
    ResolutionConfirmed: Step.CONFIRMED,
    ResolutionRejected: Step.REJECTED,
    TicketClosed: Step.CLOSED,
    TicketReopened: Step.REOPENED,
    TicketCancelled: Step.CANCELLED,
    TicketMerged: Step.MERGED,
}


def outcomes(facts: Sequence[Fact]) -> tuple[Outcome, ...]:
    """Every turn, in position order; a rejection belongs to the cycle that it ends."""
    told: list[Outcome] = []
    cycle = 1
    for fact in facts:
        event = fact.event
        step = STEPS.get(type(event))
        if step is None:
            continue
        told.append(_outcome(fact, step, cycle))
        if isinstance(event, ResolutionRejected | TicketReopened):
            cycle = event.cycle
    return tuple(told)


def questions(facts: Sequence[Fact]) -> tuple[Asked, ...]:
    """Every question with its answer, in position order."""
    answers = {fact.event.question: fact for fact in facts if isinstance(fact.event, QuestionAnswered)}
    return tuple(
        _asked(fact, fact.event, answers.get(fact.event.question))
        for fact in facts
        if isinstance(fact.event, QuestionRaised)
    )


def _outcome(fact: Fact, step: Step, cycle: int) -> Outcome:
    event = fact.event
    resolved = event if isinstance(event, TicketResolved) else None
    return Outcome(
        position=fact.position,
        step=step,
        cycle=cycle,
        occurred_at=fact.act.occurred_at,
        recorded_at=fact.recorded_at,
        actor=fact.act.actor,
        cause=resolved.cause if resolved else None,
        cause_code=resolved.cause_code if resolved else None,
        articles=resolved.articles if resolved else (),
        solution=resolved.solution if resolved else None,
        by=event.by if isinstance(event, ResolutionConfirmed) else None,
        reason=fact.act.reason,
    )


def _asked(fact: Fact, raised: QuestionRaised, answer: Fact | None) -> Asked:
    said = answer.event if answer else None
    return Asked(
        id=raised.question,
        reaction=raised.reaction,
        obstacle=raised.obstacle,
        detail=raised.detail,
        subject=raised.subject,
        raised=fact.position,
        answered=answer.position if answer else None,
        answer=said.answer if isinstance(said, QuestionAnswered) else None,
        answered_by=answer.act.actor if answer else None,
    )
