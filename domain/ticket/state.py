"""What a ticket is after its events, for deciding what may happen next."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from domain.assignment.offers import PlanChoice
from domain.clock import Milestone
from domain.contract.choice import Choice
from domain.thresholds import DEADLINE
from domain.ticket.events import (
    FromMatrix,
    PlanPin,
    Triaged,
)
from domain.ticket.words import (
    Channel,
    Counterpart,
    FileKind,
    Guidance,
    HoldReason,
    Impact,
    Link,
    Obstacle,
    Priority,
    Reaction,
    Status,
    Tier,
    TravelBand,
    Trouble,
    Urgency,
)


class Hold(msgspec.Struct, frozen=True):
    """Why work waits, since when, and when somebody looks at it again."""

    reason: HoldReason
    since: datetime
    review_at: datetime


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a person must decide; see ``QuestionRaised``."""

    id: UUID
    reaction: Reaction
    obstacle: Obstacle
    detail: str
    subject: str | None
    since: datetime


class PartOrder(msgspec.Struct, frozen=True):
    """A part that was ordered for the ticket; see ``PartOrdered``."""

    order: int
    part: str
    quantity: int
    ordered_at: datetime
    delivered_at: datetime | None = None
    came_with: str | None = None


class Complaint(msgspec.Struct, frozen=True):
    """What the customer is not content with; see ``ComplaintMade``."""

    complaint: int
    text: str
    made_at: datetime
    answered_at: datetime | None = None


class AttachedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A photo or file; see ``FileAttached``.

    Attributes:
        sha256: the hash of its bytes, by which it is read.
        size: bytes.
        withdrawn_at: since when only auditors see it.
    """

    sha256: str
    size: int
    media_type: str
    name: str
    kind: FileKind
    caption: str | None
    attached_at: datetime
    withdrawn_at: datetime | None = None


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """A case that was handed to a tier which has not accepted it yet (R07).

    Attributes:
        tier: which is asked to take it.
        team: which team of it; ``None`` for any.
        since: when it was handed over.
        from_tier: where it came from, and goes back to when it is refused.
        from_team: likewise.
        from_person: likewise.
    """

    tier: Tier
    team: str | None
    since: datetime
    from_tier: Tier
    from_team: str | None = None
    from_person: str | None = None


class Liaison(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a department of ours or a supplier was asked; see ``OthersAsked``.

    Attributes:
        person: who of ours sees to it that an answer comes (R09).
        answered_at: when they answered.
        ended_at: when it was withdrawn, or ended with the ticket; one that was merged has taken it along.
        came_with: the number of the merged ticket for which it was asked first.
    """

    liaison: int
    counterpart: Counterpart
    who: str
    question: str
    asked_at: datetime
    due_at: datetime
    person: str
    answered_at: datetime | None = None
    answer: str | None = None
    ended_at: datetime | None = None
    came_with: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether an answer is waited for."""
        return self.answered_at is None and self.ended_at is None


class Diagnosis(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody found out; see ``FaultDiagnosed``."""

    finding: str
    found_at: datetime
    by: str
    cause_code: str | None = None


class Guided(msgspec.Struct, frozen=True, omit_defaults=True):
    """Help from afar; see ``CustomerGuided``."""

    guidance: Guidance
    summary: str
    at: datetime
    person: str | None = None
    solved: bool | None = None


class Recipient(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody whom a letter goes to, and what became of it there; as yet nothing where neither time is told.

    Attributes:
        copy: whether he is told only for his information.
        taken_at: when a mail server took it for him.
        failed_at: when it was known that it does not arrive, or did not.
        trouble: why.
        detail: what the mail server said.
    """

    address: str
    copy: bool = False
    taken_at: datetime | None = None
    failed_at: datetime | None = None
    trouble: Trouble | None = None
    detail: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is to be brought to him yet."""
        return self.taken_at is None and self.failed_at is None


class Letter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A letter that we wrote; see ``LetterWritten``.

    Attributes:
        by: who wrote it; ``None`` for an automatic one.
        recipients: what became of it with each.
        sent_at: when a mail server took it first.
        trouble: why it did not arrive with one of them, the last one who is known.
    """

    letter: int
    to: tuple[str, ...]
    subject: str
    written_at: datetime
    by: str | None = None
    recipients: tuple[Recipient, ...] = ()
    sent_at: datetime | None = None
    trouble: Trouble | None = None

    @property
    def automatic(self) -> bool:
        """Whether nobody wrote it."""
        return self.by is None


class Repin(msgspec.Struct, frozen=True, kw_only=True):
    """A request to go by another plan or calendar that nobody has decided on; see ``RepinRequested``."""

    request: int
    pin: PlanPin
    by: str
    since: datetime
    reason: str | None = None


class Repinned(msgspec.Struct, frozen=True, kw_only=True):
    """How a ticket came to go by what it pins now, instead of what it was registered under (SLA 8).

    Attributes:
        request: the number of the request that was approved last.
        before: what it went by until then.
        requested_by: who asked.
        wanted: why.
        approved_by: who approved, somebody else.
        since: from when on it counts.
        reason: what whoever approved said to that.
    """

    request: int
    before: PlanPin
    requested_by: str
    wanted: str | None
    approved_by: str
    since: datetime
    reason: str | None = None


class Noted(msgspec.Struct, frozen=True, omit_defaults=True):
    """A threshold that was passed, or a deadline that was missed, as the service noted it (SLA 12).

    Attributes:
        milestone: with the cycle, the clock.
        percent: of the target; 100 is the deadline.
        due_at: the deadline.
        at: when it was passed.
        detected_at: when that was noticed.
        corrected_by: what showed later that it was none, or missed otherwise: the type of that fact.
    """

    milestone: Milestone
    cycle: int
    percent: int
    due_at: datetime
    at: datetime
    detected_at: datetime
    corrected_by: str | None = None


class TicketLink(msgspec.Struct, frozen=True):
    """A link of the ticket's own; see ``TicketLinked``."""

    ticket: UUID
    number: str
    link: Link


class OtherTicket(msgspec.Struct, frozen=True):
    """Another ticket, by id and number."""

    ticket: UUID
    number: str


class Ticket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One ticket as it stands.

    Attributes:
        number: the number people say, for example T-2026-000123.
        reported_at: when the customer reported it: the start of its clocks (SLA 2).
        cycle: 1, and one more for every rejected resolution and every reopening (SLA 10).
        prioritised_at: when the priority that stands was given; one from before changes nothing any more.
        owner: who answers for it from the first call to its close, whoever works on it (R05).
        owner_changes: how often somebody else became its owner.
        tier_since: when it came to its tier; ``None`` while that is where it began.
        tier_moves: how often it went from one tier to another.
        handover: that a tier has yet to accept.
        refusals: how many handovers were refused.
        finding: what the higher tier that handed it back last had found.
        hand_offs: how often the ticket went from one team to another (R05).
        returns: how often a team got it that had held it before, among its hand-offs.
        ping_pongs: how often of those it came straight back: from A to B to A.
        came_from: the team that had it before.
        held_by: every team that has had it, in the order of the first time.
        applied: the rules that escalated it, each with the moment since when it had reason to.
        last_contact_at: when anybody last spoke or wrote, in or out.
        customer_class: of the customer, as it was said with the report.
        contract: the contract it falls under, and those that do not apply (SLA 13).
        choice: what decided the plan, and what did not (SLA 13).
        questions: what the service could not do by itself and a person must decide.
        band: how far it is to the customer, as far as that is known (SLA 14).
        technician: who was sent last, or is there.
        planned_at: when they are expected there, until they are.
        workaround: what lets the customer work until the fault is dealt with.
        orders: the parts that were ordered for it, in order.
        complaints: in order.
        called_back_at: when the customer was reached after closing (R30).
        matrix: where the priority comes from, if nobody gave it (R04).
        triage: by which triage category and fault code were taken, and what they are called there.
        merged_into: the ticket that goes on in its place (SLA 11).
        absorbed: the tickets that were merged into it.
        links: what it has to do with others, as far as it says so itself.
        split_off: what became tickets of their own.
        files: photos and files, the withdrawn ones too, in the order in which they were attached first.
        diagnoses: what was found out, in order (R06).
        cause_code: what kind of cause it was, as was said last.
        guidance: how the customer was helped from afar, in order.
        articles: the knowledge articles that were used, each once.
        liaisons: what departments of ours and suppliers were asked, in order.
        letters: what we wrote, in order.
        correspondent: the address that the customer wrote from last.
        thread: the Message-IDs of what the customer wrote lately, the oldest first.
        repin: the request to go by another plan or calendar that is open (SLA 8).
        repins: how many such requests there were.
        repinned: who let it go by what it pins now; ``None`` while that is what it was registered under.
        noted: what was noted of its deadlines, in the order of recording.
    """

    id: UUID
    number: str
    subject: str
    reported_at: datetime
    pin: PlanPin
    priority: Priority
    status: Status = Status.NEW
    prioritised_at: datetime | None = None
    description: str | None = None
    customer: str | None = None
    contact: str | None = None
    site: str | None = None
    product: str | None = None
    asset: str | None = None
    channel: Channel = Channel.OTHER
    category: str | None = None
    fault_code: str | None = None
    impact: Impact | None = None
    urgency: Urgency | None = None
    matrix: FromMatrix | None = None
    triage: Triaged | None = None
    team: str | None = None
    person: str | None = None
    owner: str | None = None
    owner_changes: int = 0
    tier: Tier = Tier.L1
    tier_since: datetime | None = None
    tier_moves: int = 0
    handover: Handover | None = None
    refusals: int = 0
    finding: str | None = None
    hold: Hold | None = None
    cycle: int = 1
    hand_offs: int = 0
    returns: int = 0
    ping_pongs: int = 0
    came_from: str | None = None
    held_by: tuple[str, ...] = ()
    applied: tuple[tuple[str, datetime], ...] = ()
    solution: str | None = None
    cause: str | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    last_contact_at: datetime | None = None
    duplicate_of: UUID | None = None
    customer_class: str | None = None
    contract: Choice | None = None
    choice: PlanChoice | None = None
    questions: tuple[Question, ...] = ()
    band: TravelBand | None = None
    technician: str | None = None
    acknowledged_at: datetime | None = None
    dispatched_at: datetime | None = None
    planned_at: datetime | None = None
    arrived_at: datetime | None = None
    workaround: str | None = None
    orders: tuple[PartOrder, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    called_back_at: datetime | None = None
    files: tuple[AttachedFile, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    cause_code: str | None = None
    guidance: tuple[Guided, ...] = ()
    articles: tuple[str, ...] = ()
    liaisons: tuple[Liaison, ...] = ()
    letters: tuple[Letter, ...] = ()
    correspondent: str | None = None
    thread: tuple[str, ...] = ()
    repin: Repin | None = None
    repins: int = 0
    repinned: Repinned | None = None
    noted: tuple[Noted, ...] = ()
    merged_into: OtherTicket | None = None
    absorbed: tuple[OtherTicket, ...] = ()
    links: tuple[TicketLink, ...] = ()
    split_off: tuple[OtherTicket, ...] = ()
    source: str | None = None
    attributes: dict[str, str] = {}

    @property
    def working(self) -> Status:
        """The status of a ticket somebody may work on: assigned once a team has it, new before."""
        return Status.ASSIGNED if self.team else Status.NEW

    @property
    def misses(self) -> tuple[Noted, ...]:
        """The noted misses that were not corrected."""
        return tuple(each for each in self.noted if each.percent == DEADLINE and each.corrected_by is None)
