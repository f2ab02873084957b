"""What may be said about the fault, and about help from afar (R06)."""

from __future__ import annotations

from domain.event import Act, Event
from domain.ticket.allowed import must_allow
from domain.ticket.diagnosis_events import CustomerGuided, FaultDiagnosed
from domain.ticket.state import Ticket
from domain.ticket.words import Guidance


def diagnose(
    ticket: Ticket, *, finding: str, cause_code: str | None = None, articles: tuple[str, ...] = (), by: Act
) -> tuple[Event, ...]:
    """Say what was found; of a fault that is dealt with, too, since its cause may be found later (R06)."""
    must_allow(ticket, "diagnose", by)
    return (FaultDiagnosed(finding=finding, cause_code=cause_code, articles=articles),)


def guide(
    ticket: Ticket,
    *,
    guidance: Guidance,
    summary: str,
    person: str | None = None,
    solved: bool | None = None,
    seconds: int | None = None,
    recording: str | None = None,
    articles: tuple[str, ...] = (),
    by: Act,
) -> tuple[Event, ...]:
    """Say how the customer was helped from afar; the ticket is resolved apart (R06)."""
    must_allow(ticket, "guide", by)
    guided = CustomerGuided(
        guidance=guidance,
        summary=summary,
        person=person,
        solved=solved,
        seconds=seconds,
        recording=recording,
        articles=articles,
    )
    return (guided,)
