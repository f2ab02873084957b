"""What was found out, and how the customer was helped from afar."""

from __future__ import annotations

from msgspec.structs import replace

from domain.event import Act
from domain.ticket.diagnosis_events import CustomerGuided, FaultDiagnosed
from domain.ticket.evolving.step import on
from domain.ticket.state import Diagnosis, Guided, Ticket


@on(FaultDiagnosed)
def _(event: FaultDiagnosed, ticket: Ticket, act: Act) -> Ticket:
    found = Diagnosis(event.finding, act.occurred_at, act.actor, event.cause_code)
    return replace(
        with_articles(ticket, event.articles),
        diagnoses=(*ticket.diagnoses, found),
        cause_code=event.cause_code or ticket.cause_code,
    )


@on(CustomerGuided)
def _(event: CustomerGuided, ticket: Ticket, act: Act) -> Ticket:
    guided = Guided(event.guidance, event.summary, act.occurred_at, event.person, event.solved)
    latest = max(act.occurred_at, ticket.last_contact_at or act.occurred_at)
    return replace(
        with_articles(ticket, event.articles),
        guidance=(*ticket.guidance, guided),
        last_contact_at=latest,
    )


def with_articles(ticket: Ticket, articles: tuple[str, ...]) -> Ticket:
    """The ticket with the knowledge articles that were used for it, each once."""
    new = tuple(dict.fromkeys(each for each in articles if each not in ticket.articles))
    return replace(ticket, articles=(*ticket.articles, *new)) if new else ticket
