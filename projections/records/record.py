"""The record of one service case at one position of the log (R38)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from domain.assignment.offers import PlanChoice
from domain.contract.choice import Choice
from domain.event import Fact, type_name
from domain.promises import Promises
from domain.ticket.events import FromMatrix, PlanPin, Triaged
from domain.ticket.promised import Clocks
from domain.ticket.state import Repinned, Ticket
from domain.ticket.words import Channel, Impact, Priority, Status, Tier, Urgency
from projections.cases.case import Case, replay
from projections.cases.moved import ShownMove, shown_moves
from projections.cases.shown import ShownClock, show
from projections.cases.tracing import Trace
from projections.records.clauses import ClauseMap, shipped_clauses
from projections.records.events import Attachment, attachment, events_json, in_utc
from projections.records.files import FiledFile, filed
from projections.records.findings import ClauseFinding, judge
from projections.records.goods import Balance, Exchange, Use, balances, exchanges, uses
from projections.records.inquiry import AskedOfOthers, Found, findings, liaisons
from projections.records.outcome import Asked, Outcome, outcomes, questions
from projections.records.people import Person, Stream, people, streams
from projections.records.seals import Seals
from projections.words import sentences
from projections.words.values import Text


class AsOf(msgspec.Struct, frozen=True):
    """The moment that was asked for, and which of a fact's two times it means (B02)."""

    moment: datetime
    basis: Literal["occurred", "recorded"]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The ticket as it stands in the record.

    Attributes:
        reported_at: when the customer reported it.
        cycle: 1, and one more for every rejected resolution and every reopening (SLA 10).
        hand_offs: how often it went from one team to another (R05).
        matrix: where the priority comes from, if nobody gave it (R04).
        triage: by which triage category and fault code were taken, and what they are called there.
        contract: the contract it falls under, and those that do not apply (SLA 13).
        choice: what decided its plan as it was registered, and what did not.
        repinned: who let it go by another plan or calendar since, and why (SLA 8).
    """

    id: UUID
    number: str
    status: Status
    subject: str
    description: str | None
    priority: Priority
    reported_at: datetime
    channel: Channel
    customer: str | None
    contact: str | None
    site: str | None
    product: str | None
    asset: str | None
    category: str | None
    fault_code: str | None
    impact: Impact | None
    urgency: Urgency | None
    matrix: FromMatrix | None
    triage: Triaged | None
    team: str | None
    person: str | None
    tier: Tier
    cycle: int
    hand_offs: int
    resolved_at: datetime | None
    closed_at: datetime | None
    duplicate_of: UUID | None
    pin: PlanPin
    contract: Choice | None
    choice: PlanChoice | None
    repinned: Repinned | None
    source: str | None


class ToldEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the case, in words.

    Attributes:
        position: its place in the log.
        stream_id: what it happened to; ``version`` is its place in that stream.
        reason: why, in the actor's own words.
        leaf_hash: SHA-256 of everything recorded of it, in hexadecimal.
        text: what happened, in Chinese and English.
    """

    position: int
    stream_id: UUID
    version: int
    type: str
    occurred_at: datetime
    recorded_at: datetime | None
    actor: str
    reason: str | None
    causation_id: UUID | None
    leaf_hash: str
    text: Text


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """What a clause asks for and this release does not record."""

    clause: str
    title: Text


class CaseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The ISO 9001 record of a service case. Times are UTC, positions those of the log.

    Attributes:
        standard: what the clauses are of, with its edition; ``clause_map`` is the version of the map.
        position: how far the log was read.
        chain_hash: of the log up to the last of the events, in hexadecimal: another one is another log.
        as_of: the moment that was asked for; ``None`` for everything up to ``position``.
        moment: when the clocks were read: the moment asked for, or the last thing that happened.
        zone: IANA time zone in which times inside the texts are told.
        clauses: what each clause needs, and where it is.
        unrecorded: what an auditor will look for and this release does not record.
        exchanges: parts in and out, with serial numbers and lots.
        files: photos and files that were attached, by their hash.
        internal: our own clocks, which no customer was promised (R07).
        findings: what was found out, and what was done from afar (R06).
        liaisons: what departments of ours and suppliers were asked, by when, and what they said.
        moves: how every deadline came to be where it is, by which event (B04).
        outcomes: what was found and done, and what the customer said of it.
        events: all of the case, in position order.
        attachment: the file that holds them in full.
    """

    standard: str
    edition: str
    clause_map: int
    position: int
    chain_hash: str
    as_of: AsOf | None
    moment: datetime
    zone: str
    ticket: Subject
    clauses: tuple[ClauseFinding, ...]
    unrecorded: tuple[Gap, ...]
    clocks: tuple[ShownClock, ...]
    internal: tuple[ShownClock, ...]
    moves: tuple[ShownMove, ...]
    findings: tuple[Found, ...]
    liaisons: tuple[AskedOfOthers, ...]
    outcomes: tuple[Outcome, ...]
    questions: tuple[Asked, ...]
    exchanges: tuple[Exchange, ...]
    balances: tuple[Balance, ...]
    uses: tuple[Use, ...]
    files: tuple[FiledFile, ...]
    people: tuple[Person, ...]
    streams: tuple[Stream, ...]
    events: tuple[ToldEvent, ...]
    attachment: Attachment


def build(
    facts: Sequence[Fact],
    seals: Seals,
    position: int,
    promises: Promises,
    zone: ZoneInfo,
    *,
    as_of: AsOf | None = None,
    clauses: ClauseMap | None = None,
) -> CaseRecord | None:
    """Make the record; the same arguments make the same record.

    Args:
        facts: of one service case across its streams, in position order; those that ``as_of`` includes.
        seals: their hashes, and perhaps others.
        position: how far the log was read for them.
        promises: the book that the ticket's plan and calendar are in.
        zone: where times inside the texts are told.
        as_of: the moment that was asked for, if one was.
        clauses: another map than the one that comes with the product.

    Returns:
        The record, or ``None`` when no ticket is registered among the facts.

    Raises:
        UnknownPlan: the ticket pins a plan that the book does not hold.
    """
    facts = in_utc(facts)
    own = [fact for fact in facts if fact.stream_id == fact.correlation_id]
    case = replay(own, promises)
    if case is None:
        return None
    stated = clauses or shipped_clauses()
    as_of = as_of and AsOf(as_of.moment.astimezone(UTC), as_of.basis)
    moment = as_of.moment if as_of else max(fact.act.occurred_at for fact in facts)
    return CaseRecord(
        standard=stated.standard,
        edition=stated.edition,
        clause_map=stated.version,
        position=position,
        chain_hash=seals[facts[-1].position].chain_hash.hex(),
        as_of=as_of,
        moment=moment,
        zone=zone.key,
        ticket=_subject(case.ticket),
        clauses=tuple(judge(clause, facts) for clause in stated.clauses),
        unrecorded=tuple(
            Gap(clause=gap.clause, title=Text(gap.title.zh, gap.title.en)) for gap in stated.unrecorded
        ),
        clocks=_clocks(case, case.clocks, case.traces, promises, moment),
        internal=_clocks(case, case.internal, case.internal_traces, promises, moment),
        moves=shown_moves(own, promises, zone),
        findings=findings(facts),
        liaisons=liaisons(facts),
        outcomes=outcomes(facts),
        questions=questions(facts),
        exchanges=exchanges(facts),
        balances=balances(facts),
        uses=uses(facts),
        files=filed(facts),
        people=people(facts),
        streams=streams(facts, case.ticket.number),
        events=tuple(_told(fact, seals, zone) for fact in facts),
        attachment=attachment(f"{case.ticket.number}-events.json", len(facts), events_json(facts, seals)),
    )


def to_json(record: CaseRecord) -> bytes:
    """The record as JSON."""
    return msgspec.json.encode(record)


def _subject(ticket: Ticket) -> Subject:
    return Subject(**{name: getattr(ticket, name) for name in Subject.__struct_fields__})


def _clocks(
    case: Case, clocks: Clocks, traces: Sequence[Trace], promises: Promises, moment: datetime
) -> tuple[ShownClock, ...]:
    paired = zip(clocks, traces, strict=True)
    return tuple(show(clock, trace, promises, moment, case.ticket.noted) for clock, trace in paired)


def _told(fact: Fact, seals: Seals, zone: ZoneInfo) -> ToldEvent:
    return ToldEvent(
        position=fact.position,
        stream_id=fact.stream_id,
        version=fact.version,
        type=type_name(fact.event),
        occurred_at=fact.act.occurred_at,
        recorded_at=fact.recorded_at,
        actor=fact.act.actor,
        reason=fact.act.reason,
        causation_id=fact.causation_id,
        leaf_hash=seals[fact.position].leaf_hash.hex(),
        text=sentences.tell(fact.event, zone),
    )
