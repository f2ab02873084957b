"""What is found out about a fault, and how the customer is helped from afar (R06)."""

from __future__ import annotations

from domain.event import Event, recorded
from domain.ticket.words import Guidance


@recorded
class FaultDiagnosed(Event, frozen=True, tag="ticket.diagnosed"):
    """Somebody has found something out about the fault (R06).

    Attributes:
        finding: what was found.
        cause_code: what kind of cause it is, by its code.
        articles: the knowledge articles that were used, by number.
    """

    finding: str
    cause_code: str | None = None
    articles: tuple[str, ...] = ()


@recorded
class CustomerGuided(Event, frozen=True, tag="ticket.guided"):
    """Somebody of ours worked on it from afar, or told the customer what to do (R06).

    It is a response to the customer like any real contact by a person (SLA 3).

    Attributes:
        guidance: in which way.
        summary: what was done or said.
        person: who of ours did.
        solved: whether that was the end of it; ``None`` where nobody knows yet.
        seconds: how long it took.
        recording: where it can be seen or heard.
        articles: the knowledge articles that were used, by number.
    """

    guidance: Guidance
    summary: str
    person: str | None = None
    solved: bool | None = None
    seconds: int | None = None
    recording: str | None = None
    articles: tuple[str, ...] = ()
