"""What becomes of a ticket from registration to close, and the questions on the way."""

from __future__ import annotations

from msgspec.structs import replace

from domain.event import Act
from domain.ticket.events import (
    QuestionAnswered,
    QuestionRaised,
    ResolutionConfirmed,
    ResolutionRejected,
    TicketCancelled,
    TicketClosed,
    TicketHeld,
    TicketReopened,
    TicketResolved,
    TicketResumed,
)
from domain.ticket.evolving.diagnosis import with_articles
from domain.ticket.evolving.liaison import without_liaisons
from domain.ticket.evolving.step import on
from domain.ticket.state import Hold, Question, Ticket
from domain.ticket.words import Status


@on(TicketHeld)
def _(event: TicketHeld, ticket: Ticket, act: Act) -> Ticket:
    return replace(
        ticket, status=Status.ON_HOLD, hold=Hold(event.hold, since=act.occurred_at, review_at=event.review_at)
    )


@on(TicketResumed)
def _(event: TicketResumed, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, status=ticket.working, hold=None)


@on(TicketResolved)
def _(event: TicketResolved, ticket: Ticket, act: Act) -> Ticket:
    return replace(
        with_articles(ticket, event.articles),
        status=Status.RESOLVED,
        hold=None,
        handover=None,
        planned_at=None,
        solution=event.solution,
        cause=event.cause,
        cause_code=event.cause_code or ticket.cause_code,
        resolved_at=act.occurred_at,
    )


@on(ResolutionConfirmed)
def _(event: ResolutionConfirmed, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, status=Status.CONFIRMED)


@on(ResolutionRejected)
@on(TicketReopened)
def _(event: ResolutionRejected | TicketReopened, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(
        ticket,
        status=ticket.working,
        cycle=event.cycle,
        resolved_at=None,
        closed_at=None,
        called_back_at=None,
    )


@on(TicketClosed)
def _(event: TicketClosed, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    return replace(ticket, status=Status.CLOSED, hold=None, handover=None, closed_at=act.occurred_at)


@on(TicketCancelled)
def _(event: TicketCancelled, ticket: Ticket, act: Act) -> Ticket:
    return replace(
        without_liaisons(ticket, act.occurred_at),
        status=Status.CANCELLED,
        hold=None,
        handover=None,
        closed_at=act.occurred_at,
        duplicate_of=event.duplicate_of,
    )


@on(QuestionRaised)
def _(event: QuestionRaised, ticket: Ticket, act: Act) -> Ticket:
    question = Question(
        id=event.question,
        reaction=event.reaction,
        obstacle=event.obstacle,
        detail=event.detail,
        subject=event.subject,
        since=act.occurred_at,
    )
    return replace(ticket, questions=(*ticket.questions, question))


@on(QuestionAnswered)
def _(event: QuestionAnswered, ticket: Ticket, act: Act) -> Ticket:  # noqa: ARG001
    left = tuple(question for question in ticket.questions if question.id != event.question)
    return replace(ticket, questions=left)
