"""What can happen to a ticket."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from domain.assignment.offers import PlanChoice
from domain.contract.choice import Choice
from domain.event import Event, recorded
from domain.ticket.words import (
    Bounce,
    Channel,
    Direction,
    HoldReason,
    Impact,
    Obstacle,
    Party,
    Priority,
    Reaction,
    Tier,
    TravelBand,
    Urgency,
)
from domain.title import Title


class PlanPin(msgspec.Struct, frozen=True, kw_only=True):
    """The promises a ticket's clocks keep for their whole life (SLA 8).

    Attributes:
        plan: name of the service plan.
        plan_version: its version.
        calendar: name of the working-time calendar.
        calendar_version: its version.
    """

    plan: str
    plan_version: int
    calendar: str
    calendar_version: int


class FromMatrix(msgspec.Struct, frozen=True, kw_only=True):
    """Where a priority comes from that nobody gave (R04).

    Attributes:
        version: of the published triage that has the matrix.
        impact: by which it was looked up.
        urgency: likewise.
    """

    version: int
    impact: Impact
    urgency: Urgency


class Triaged(msgspec.Struct, frozen=True, kw_only=True):
    """By which published triage a category and fault code were taken, and what they are called there (R02).

    Attributes:
        version: of the triage.
        category: its name; ``None`` where the triage lists no categories, and any text is one.
        fault_code: likewise; ``None`` too where none was named.
    """

    version: int
    category: Title | None = None
    fault_code: Title | None = None


@recorded
class TicketRegistered(Event, frozen=True, tag="ticket.registered"):
    """A customer reported something; its occurred time starts the clocks (R02, SLA 2).

    ``band`` says how far it is to the customer, as far as that is known (SLA 14). ``owner`` answers for it
    from the first call on (R05).

    ``matrix`` says that the priority follows from ``impact`` and ``urgency``, and by which matrix (R04);
    ``triage`` which triage the category was taken from.

    ``contract`` says which contract it falls under, and which did not apply and why; ``choice`` what decided
    the plan, and what did not (SLA 13).
    ``source`` names the row of another system that the ticket was imported from, and ``attributes``
    keeps that system's own values.
    """

    SCHEMA: ClassVar[int] = 3

    number: str
    subject: str
    priority: Priority
    pin: PlanPin
    description: str | None = None
    customer: str | None = None
    contact: str | None = None
    site: str | None = None
    product: str | None = None
    asset: str | None = None
    channel: Channel = Channel.OTHER
    category: str | None = None
    band: TravelBand | None = None
    owner: str | None = None
    impact: Impact | None = None
    urgency: Urgency | None = None
    matrix: FromMatrix | None = None
    triage: Triaged | None = None
    customer_class: str | None = None
    contract: Choice | None = None
    choice: PlanChoice | None = None
    source: str | None = None
    attributes: dict[str, str] = {}


@recorded
class TicketClassified(Event, frozen=True, tag="ticket.classified"):
    """Category, fault code, impact and urgency were set (R02); an imported one names no ``triage``.

    Category and fault code are stated whole: without a fault code the ticket has none from then on. Impact
    and urgency stay where they are not named.
    """

    category: str
    fault_code: str | None = None
    impact: Impact | None = None
    urgency: Urgency | None = None
    triage: Triaged | None = None


@recorded
class TicketPrioritised(Event, frozen=True, tag="ticket.prioritised"):
    """The priority changed: clocks keep their start, elapsed time and pauses, the target moves (SLA 9).

    ``matrix`` says where it comes from if nobody gave it (R04).
    """

    SCHEMA: ClassVar[int] = 2

    priority: Priority
    matrix: FromMatrix | None = None


@recorded
class TicketAssigned(Event, frozen=True, tag="ticket.assigned"):
    """A team, and perhaps a person in it, took the ticket (R05).

    ``bounce`` says that the team held it before, and how it came back to it.
    """

    team: str
    person: str | None = None
    bounce: Bounce | None = None


@recorded
class TicketContacted(Event, frozen=True, tag="ticket.contacted"):
    """Somebody spoke or wrote to somebody (R01). A person's answer stops the first response (SLA 3).

    Attributes:
        person: who of ours, or who wrote or called.
        summary: what was said; of a message that came in, its text.
        address: the mail address or telephone number at the other end.
        subject: that of a letter.
        message: what the letter or chat message is called in its own world: a Message-ID, for example.
        letter: which of the ticket's own letters it was that went out.
        seconds: how long a call took.
        recording: where the recording of a call is.
    """

    channel: Channel
    direction: Direction
    party: Party
    person: str | None = None
    summary: str | None = None
    address: str | None = None
    subject: str | None = None
    message: str | None = None
    letter: int | None = None
    seconds: int | None = None
    recording: str | None = None


@recorded
class TicketHeld(Event, frozen=True, tag="ticket.held"):
    """Work waits. The plan says which clocks pause for this reason (SLA 4).

    Attributes:
        hold: why.
        review_at: when somebody is to look at it again, at the latest.
    """

    hold: HoldReason
    review_at: datetime


@recorded
class TicketResumed(Event, frozen=True, tag="ticket.resumed"):
    """The wait is over; ``by_contact`` when the customer's own contact ended it (SLA 4)."""

    by_contact: bool = False


@recorded
class TicketEscalated(Event, frozen=True, tag="ticket.escalated"):
    """The case went to another support tier (R07), which has yet to accept it; perhaps to another team."""

    tier: Tier
    team: str | None = None
    bounce: Bounce | None = None


@recorded
class TicketResolved(Event, frozen=True, tag="ticket.resolved"):
    """The fault is dealt with; the resolve clock of this cycle stops (R08).

    ``cause_code`` says what kind of cause it was, ``articles`` which knowledge articles were used (R06).
    """

    solution: str
    cause: str | None = None
    cause_code: str | None = None
    articles: tuple[str, ...] = ()


@recorded
class ResolutionConfirmed(Event, frozen=True, tag="ticket.confirmed"):
    """The customer accepts the resolution (R08, ISO 8.6)."""

    by: str | None = None


@recorded
class ResolutionRejected(Event, frozen=True, tag="ticket.rejected"):
    """The customer does not accept it: the work goes on in a new cycle (R08, SLA 10)."""

    cycle: int


@recorded
class TicketClosed(Event, frozen=True, tag="ticket.closed"):
    """Nothing more is owed on this ticket."""


@recorded
class TicketReopened(Event, frozen=True, tag="ticket.reopened"):
    """The fault is back: cycle 1 keeps its verdict and the next cycle starts (SLA 10)."""

    cycle: int


@recorded
class TicketCancelled(Event, frozen=True, tag="ticket.cancelled"):
    """It should not have been a ticket; its clocks are neither met nor missed (SLA 11)."""

    duplicate_of: UUID | None = None


@recorded
class TicketRemarked(Event, frozen=True, tag="ticket.remarked"):
    """Something worth keeping that changes nothing.

    Imports keep here what the source said and no command could: ``activity`` is the source's own word,
    ``kind`` says why it stayed a remark (``unmapped`` or ``refused``), ``values`` are its columns. ``meant``
    is what a refused one would have done, ``do``, with its arguments.
    """

    text: str
    kind: str | None = None
    activity: str | None = None
    values: dict[str, str] = {}
    meant: dict[str, str] = {}


@recorded
class QuestionRaised(Event, frozen=True, tag="ticket.question_raised"):
    """A reaction to the case was refused, and a person must decide what becomes of it.

    ``subject`` is the number of the part or contract it was about, ``detail`` the refusal in its own words.
    """

    question: UUID
    reaction: Reaction
    obstacle: Obstacle
    detail: str
    subject: str | None = None


@recorded
class QuestionAnswered(Event, frozen=True, tag="ticket.question_answered"):
    """A person decided."""

    question: UUID
    answer: str
