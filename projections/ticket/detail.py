"""One ticket in full, at one moment."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from domain.assignment.offers import PlanChoice
from domain.contract.choice import Choice
from domain.promises import Promises
from domain.ticket.allowed import allowed_actions
from domain.ticket.events import FromMatrix, PlanPin, Triaged
from domain.ticket.state import (
    AttachedFile,
    Complaint,
    Diagnosis,
    Guided,
    Handover,
    Hold,
    Letter,
    Liaison,
    OtherTicket,
    PartOrder,
    Question,
    Repin,
    Repinned,
    TicketLink,
)
from domain.ticket.words import Channel, Impact, Priority, Status, Tier, TravelBand, Urgency
from projections.cases.case import Case
from projections.cases.resolved import ShownResolution, shown_resolution
from projections.cases.shown import ShownClock, show


class TicketDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket with its clocks.

    Attributes:
        version: of its stream; the ``ETag``.
        position: of its last event in the log.
        actions: what may be asked of it in this state.
        reported_at: when the customer reported it: the start of its clocks (SLA 2).
        cycle: 1, and one more for every rejected resolution and every reopening (SLA 10).
        prioritised_at: since when it has this priority.
        owner: who answers for it, whoever works on it (R05).
        owner_changes: how often somebody else became its owner.
        tier_since: when it came to its tier; `null` while that is where it began.
        tier_moves: how often it went from one tier to another.
        handover: that a tier has yet to accept (R07).
        refusals: how many handovers were refused.
        finding: what the higher tier that handed it back last had found.
        hand_offs: how often it went from one team to another (R05).
        returns: how often a team got it that had held it before.
        ping_pongs: how often of those it came straight back: from A to B to A.
        came_from: the team that had it before.
        held_by: every team that has had it.
        applied: the rules that escalated it, each with the moment since when it had reason to.
        contract: the contract it falls under and why, and those that do not apply (SLA 13).
        pin: the promises that it goes by now.
        choice: what decided the plan as it was registered, and what did not, and why (SLA 13).
        questions: what the service could not do by itself and a person must decide.
        band: how far it is to the customer (SLA 14).
        technician: who was sent last, or is there.
        planned_at: when they are expected there, until they are.
        workaround: what lets the customer work until the fault is dealt with.
        orders: the parts that were ordered for it.
        complaints: what the customer was not content with.
        called_back_at: when the customer was reached after closing (R30).
        matrix: where the priority comes from, if nobody gave it (R04).
        triage: by which triage category and fault code were taken, and what they are called there.
        merged_into: the ticket that goes on in its place (SLA 11).
        absorbed: the tickets that were merged into it.
        links: what it has to do with others, as far as it says so itself.
        split_off: what became tickets of their own.
        files: photos and files that are not withdrawn.
        diagnoses: what was found out about the fault (R06).
        cause_code: what kind of cause it was.
        guidance: remote sessions, and guidance by telephone or in writing.
        articles: the knowledge articles that were used.
        liaisons: what departments of ours and suppliers were asked, and by when they are to answer (R06).
        letters: what we wrote to the customer, and what became of it (R01).
        correspondent: the address that the customer wrote from last.
        thread: the Message-IDs of what the customer wrote lately.
        repin: the request to go by another plan or calendar that nobody has decided on (SLA 8).
        repins: how many such requests there were.
        repinned: what it went by before, who asked for another plan and why, and who approved; `null` while
            it goes by what was chosen as it was registered.
        source: the row of another system that it was imported from.
        attributes: that system's own values.
        clocks: every milestone of every cycle (SLA 1).
        internal: our own clocks: until a tier accepted it, with each tier, waiting for parts or suppliers.
        resolution: how long it took, the first time and in all (SLA 10).
    """

    id: UUID
    number: str
    version: int
    position: int
    status: Status
    actions: tuple[str, ...]
    subject: str
    description: str | None
    priority: Priority
    prioritised_at: datetime | None
    customer: str | None
    contact: str | None
    site: str | None
    product: str | None
    asset: str | None
    channel: Channel
    category: str | None
    fault_code: str | None
    impact: Impact | None
    urgency: Urgency | None
    matrix: FromMatrix | None
    triage: Triaged | None
    team: str | None
    person: str | None
    owner: str | None
    owner_changes: int
    tier: Tier
    tier_since: datetime | None
    tier_moves: int
    handover: Handover | None
    refusals: int
    finding: str | None
    hold: Hold | None
    cycle: int
    hand_offs: int
    returns: int
    ping_pongs: int
    came_from: str | None
    held_by: tuple[str, ...]
    applied: tuple[tuple[str, datetime], ...]
    reported_at: datetime
    last_contact_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    solution: str | None
    cause: str | None
    duplicate_of: UUID | None
    pin: PlanPin
    customer_class: str | None
    contract: Choice | None
    choice: PlanChoice | None
    questions: tuple[Question, ...]
    band: TravelBand | None
    technician: str | None
    acknowledged_at: datetime | None
    dispatched_at: datetime | None
    planned_at: datetime | None
    arrived_at: datetime | None
    workaround: str | None
    orders: tuple[PartOrder, ...]
    complaints: tuple[Complaint, ...]
    called_back_at: datetime | None
    files: tuple[AttachedFile, ...]
    diagnoses: tuple[Diagnosis, ...]
    cause_code: str | None
    guidance: tuple[Guided, ...]
    articles: tuple[str, ...]
    liaisons: tuple[Liaison, ...]
    letters: tuple[Letter, ...]
    correspondent: str | None
    thread: tuple[str, ...]
    repin: Repin | None
    repins: int
    repinned: Repinned | None
    merged_into: OtherTicket | None
    absorbed: tuple[OtherTicket, ...]
    links: tuple[TicketLink, ...]
    split_off: tuple[OtherTicket, ...]
    source: str | None
    attributes: dict[str, str]
    clocks: tuple[ShownClock, ...]
    internal: tuple[ShownClock, ...]
    resolution: ShownResolution | None


def detail(case: Case, promises: Promises, now: datetime) -> TicketDetail:
    """Show a case at ``now``; for a case replayed up to some version, ``now`` is the moment meant by that."""
    shown = [name for name in case.ticket.__struct_fields__ if name != "noted"]  # the clocks show it
    ticket = {name: getattr(case.ticket, name) for name in shown}
    ticket["files"] = tuple(file for file in case.ticket.files if file.withdrawn_at is None)
    return TicketDetail(
        **ticket,
        version=case.version,
        position=case.position,
        actions=allowed_actions(case.ticket),
        clocks=tuple(
            show(clock, trace, promises, now, case.ticket.noted)
            for clock, trace in zip(case.clocks, case.traces, strict=True)
        ),
        internal=tuple(
            show(clock, trace, promises, now, case.ticket.noted)
            for clock, trace in zip(case.internal, case.internal_traces, strict=True)
        ),
        resolution=shown_resolution(case.clocks, promises),
    )
