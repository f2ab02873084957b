"""Stories about what is asked of a ticket: what happened to it, what is asked, what follows.

    given(registered("09:00"), resolved("09:10")).when("close").then(TicketClosed())

Times are those of ``tests.domain.story``; somebody asks at 10:00 unless a story says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from domain.errors import DomainError
from domain.event import Act, Event, Fact
from domain.ticket import (
    aftercare,
    correspondence,
    decisions,
    diagnosis,
    fieldwork,
    filing,
    liaison,
    pairing,
    pinning,
    tiers,
)
from domain.ticket.care_events import ComplaintAnswered, ComplaintMade, CustomerCalledBack
from domain.ticket.diagnosis_events import CustomerGuided, FaultDiagnosed
from domain.ticket.events import (
    QuestionAnswered,
    QuestionRaised,
    ResolutionConfirmed,
    ResolutionRejected,
    TicketAssigned,
    TicketCancelled,
    TicketClassified,
    TicketClosed,
    TicketContacted,
    TicketEscalated,
    TicketHeld,
    TicketPrioritised,
    TicketRegistered,
    TicketRemarked,
    TicketReopened,
    TicketResolved,
    TicketResumed,
)
from domain.ticket.evolution import begin, evolve, replay
from domain.ticket.field_events import (
    PartDelivered,
    PartOrdered,
    TechnicianArrived,
    TechnicianDispatched,
    TicketAcknowledged,
    WorkaroundGiven,
)
from domain.ticket.file_events import FileAttached, FileWithdrawn
from domain.ticket.liaison_events import LiaisonMoved, LiaisonWithdrawn, OthersAnswered, OthersAsked
from domain.ticket.mail_events import CustomerIdentified, LetterWritten
from domain.ticket.pinning_events import RepinDeclined, RepinRequested, TicketRepinned
from domain.ticket.state import Ticket
from domain.ticket.tier_events import HandoverAccepted, HandoverRefused, TicketHandedBack, TicketOwned
from domain.ticket.triage_events import TicketLinked, TicketMerged, TicketSplit, TicketUnlinked
from domain.ticket.words import (
    Channel,
    Counterpart,
    Direction,
    FileKind,
    Guidance,
    HoldReason,
    Impact,
    Link,
    Obstacle,
    Party,
    Priority,
    Reaction,
    Status,
    Tier,
    TravelBand,
)
from tests.domain.story import (
    MONDAY,
    PROMISES,
    TICKET,
    Happening,
    at,
    cancelled,
    closed,
    confirmed,
    happened,
    held,
    registered,
    resolved,
)

ROOMS = (
    *(decisions, fieldwork, aftercare, filing, pinning, tiers, correspondence, pairing),
    *(diagnosis, liaison),
)
OTHER = UUID(int=7)
QUESTION = UUID(int=8)
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PHOTO = FileAttached(
    sha256=DIGEST, size=4, media_type="image/jpeg", name="cold.jpg", kind=FileKind.PHOTO, caption="no flame"
)
[REPORT] = [event for event, _ in [registered("08:00")] if isinstance(event, TicketRegistered)]
SURVIVOR = begin(
    OTHER, replace(REPORT, number="T-2026-000007"), Act(actor="agent:li.wei", occurred_at=at("08:00"))
)
"""Another ticket, which was reported an hour before."""
LINKED = TicketLinked(ticket=OTHER, number="T-2026-000007", link=Link.RELATED)

ASKED: dict[str, dict[str, Any]] = {
    "classify": {"category": "heating", "fault_code": "E-07", "impact": Impact.HIGH},
    "prioritise": {"priority": Priority.P1},
    "assign": {"team": "华东一组", "person": "王芳"},
    "contact": {"channel": Channel.PHONE, "direction": Direction.OUTBOUND, "party": Party.PERSON},
    "hold": {"reason": HoldReason.WAITING_FOR_PART},
    "resume": {},
    "own": {"person": "赵敏"},
    "escalate": {"tier": Tier.L2},
    "accept-handover": {"person": "王芳"},
    "refuse-handover": {},
    "hand-back": {"tier": Tier.L1, "finding": "the fuse"},
    "diagnose": {"finding": "scale", "cause_code": "C-12", "articles": ("KB-0117",)},
    "guide": {"guidance": Guidance.REMOTE_SESSION, "summary": "reset", "solved": False},
    "liaise": {
        "counterpart": Counterpart.SUPPLIER,
        "who": "宁波热能",
        "question": "is the lot known?",
        "due_at": at("tue 12:00"),
    },
    "answer-liaison": {"liaison": 1, "answer": "it is", "answered_by": "何工"},
    "move-liaison": {"liaison": 1, "due_at": at("wed 12:00")},
    "withdraw-liaison": {"liaison": 1},
    "resolve": {"solution": "new element"},
    "confirm": {"confirmed_by": "陈经理"},
    "reject": {},
    "close": {},
    "reopen": {},
    "cancel": {},
    "remark": {"text": "prefers mornings"},
    "answer": {"question": QUESTION, "answer": "a visit on the house"},
    "acknowledge": {},
    "dispatch": {"technician": "张伟", "band": TravelBand.REGION},
    "arrive": {"technician": "张伟"},
    "work-around": {"workaround": "boiler of the annex"},
    "order-part": {"part": "HE-200", "quantity": 2},
    "deliver-part": {"order": 1},
    "complain": {"text": "nobody called"},
    "answer-complaint": {"complaint": 1, "answer": "we are sorry"},
    "call-back": {"reached": True, "satisfied": True},
    "withdraw-file": {"sha256": DIGEST},
    "write": {"mailbox": "support", "to": ("chen@hotel.example",), "text": "we come tomorrow"},
    "identify": {"customer": "海风酒店"},
    "repin": {"pin": PROMISES.pin("office", MONDAY)},
    "approve-repin": {"request": 1, "begins": ()},
    "decline-repin": {"request": 1},
    "merge": {"survivor": SURVIVOR},
    "link": {"to": SURVIVOR, "link": Link.CAUSES},
    "unlink": {"to": SURVIVOR, "link": Link.RELATED},
    "split": {"new": OTHER, "number": "T-2026-000009", "subject": "noise"},
}
"""Every action with arguments that it takes."""

FOLLOWS: dict[str, Event] = {
    "classify": TicketClassified(category="heating", fault_code="E-07", impact=Impact.HIGH),
    "prioritise": TicketPrioritised(priority=Priority.P1),
    "assign": TicketAssigned(team="华东一组", person="王芳"),
    "contact": TicketContacted(channel=Channel.PHONE, direction=Direction.OUTBOUND, party=Party.PERSON),
    "hold": TicketHeld(hold=HoldReason.WAITING_FOR_PART, review_at=at("thu 10:00")),
    "resume": TicketResumed(),
    "own": TicketOwned(owner="赵敏"),
    "escalate": TicketEscalated(tier=Tier.L2),
    "accept-handover": HandoverAccepted(tier=Tier.L2, person="王芳"),
    "refuse-handover": HandoverRefused(tier=Tier.L1),
    "hand-back": TicketHandedBack(tier=Tier.L1, finding="the fuse"),
    "diagnose": FaultDiagnosed(finding="scale", cause_code="C-12", articles=("KB-0117",)),
    "guide": CustomerGuided(guidance=Guidance.REMOTE_SESSION, summary="reset", solved=False),
    "liaise": OthersAsked(
        liaison=1,
        counterpart=Counterpart.SUPPLIER,
        who="宁波热能",
        question="is the lot known?",
        due_at=at("tue 12:00"),
        person="li.wei",
    ),
    "answer-liaison": OthersAnswered(liaison=1, answer="it is", answered_by="何工"),
    "move-liaison": LiaisonMoved(liaison=1, due_at=at("wed 12:00"), before=at("tue 12:00")),
    "withdraw-liaison": LiaisonWithdrawn(liaison=1),
    "resolve": TicketResolved(solution="new element"),
    "confirm": ResolutionConfirmed(by="陈经理"),
    "reject": ResolutionRejected(cycle=2),
    "close": TicketClosed(),
    "reopen": TicketReopened(cycle=2),
    "cancel": TicketCancelled(),
    "remark": TicketRemarked(text="prefers mornings"),
    "answer": QuestionAnswered(question=QUESTION, answer="a visit on the house"),
    "acknowledge": TicketAcknowledged(),
    "dispatch": TechnicianDispatched(technician="张伟", band=TravelBand.REGION),
    "arrive": TechnicianArrived(technician="张伟"),
    "work-around": WorkaroundGiven(workaround="boiler of the annex"),
    "order-part": PartOrdered(order=1, part="HE-200", quantity=2),
    "deliver-part": PartDelivered(order=1),
    "complain": ComplaintMade(complaint=1, text="nobody called"),
    "answer-complaint": ComplaintAnswered(complaint=1, answer="we are sorry"),
    "call-back": CustomerCalledBack(reached=True, satisfied=True),
    "withdraw-file": FileWithdrawn(sha256=DIGEST, name="cold.jpg"),
    "write": LetterWritten(
        letter=1, mailbox="support", to=("chen@hotel.example",), subject="冷水", text="we come tomorrow"
    ),
    "identify": CustomerIdentified(customer="海风酒店"),
    "repin": RepinRequested(request=1, pin=PROMISES.pin("office", MONDAY)),
    "approve-repin": TicketRepinned(
        request=1,
        requested_by="agent:chen.na",
        before=PROMISES.pin("always", MONDAY),
        pin=PROMISES.pin("office", MONDAY),
    ),
    "decline-repin": RepinDeclined(request=1),
    "merge": TicketMerged(into=OTHER, number="T-2026-000007"),
    "link": TicketLinked(ticket=OTHER, number="T-2026-000007", link=Link.CAUSES),
    "unlink": TicketUnlinked(ticket=OTHER, number="T-2026-000007", link=Link.RELATED),
    "split": TicketSplit(ticket=OTHER, number="T-2026-000009", subject="noise"),
}
"""What each of them makes of a ticket in its first cycle."""


FOLLOWS_IN: dict[tuple[str, Status], Event] = {
    ("refuse-handover", Status.ASSIGNED): HandoverRefused(tier=Tier.L1, team="A"),
}
"""What else follows where the state makes a difference."""


def assigned(when: str, team: str = "A", person: str | None = None) -> Happening:
    """A team has it."""
    return happened(TicketAssigned(team=team, person=person), when)


def raised(when: str, question: UUID = QUESTION) -> Happening:
    """The service could not take a visit from the contract, and asks."""
    event = QuestionRaised(
        question=question,
        reaction=Reaction.COUNT_VISIT,
        obstacle=Obstacle.EXHAUSTED,
        detail="C-2026-000012 has 0 left of visit, not 1",
        subject="C-2026-000012",
    )
    return happened(event, when)


def repin_asked(when: str, plan: str = "office", by: str = "agent:chen.na") -> Happening:
    """Somebody asked that it go by another plan."""
    act = Act(actor=by, occurred_at=at(when), reason="the contract came late")
    return RepinRequested(request=1, pin=PROMISES.pin(plan, MONDAY)), act


def answered(when: str, question: UUID = QUESTION) -> Happening:
    """Somebody decided."""
    return happened(QuestionAnswered(question=question, answer="a visit on the house"), when)


def others_asked(when: str, liaison: int = 1, due: str = "tue 12:00") -> Happening:
    """A supplier was asked."""
    event = OthersAsked(
        liaison=liaison,
        counterpart=Counterpart.SUPPLIER,
        who="宁波热能",
        question="is the lot known?",
        due_at=at(due),
        person="王芳",
    )
    return happened(event, when)


STANDS: dict[Status, tuple[Happening, ...]] = {
    Status.NEW: (registered("09:00"),),
    Status.ASSIGNED: (registered("09:00"), assigned("09:10")),
    Status.ON_HOLD: (registered("09:00"), held("09:10", "waiting_for_customer")),
    Status.RESOLVED: (registered("09:00"), resolved("09:10")),
    Status.CONFIRMED: (registered("09:00"), resolved("09:10"), confirmed("09:20")),
    Status.CLOSED: (registered("09:00"), resolved("09:10"), closed("09:20")),
    Status.CANCELLED: (registered("09:00"), cancelled("09:10")),
}
"""A shortest way into every state."""

FIRST: dict[str, tuple[Happening, ...]] = {
    "answer": (raised("09:30"),),
    **dict.fromkeys(
        ("accept-handover", "refuse-handover", "hand-back"),
        (happened(TicketEscalated(tier=Tier.L2), "09:05"),),
    ),
    **dict.fromkeys(("answer-liaison", "move-liaison", "withdraw-liaison"), (others_asked("09:00"),)),
    "approve-repin": (repin_asked("09:30"),),
    "decline-repin": (repin_asked("09:30"),),
    "deliver-part": (happened(PartOrdered(order=1, part="HE-200"), "09:05"),),
    "answer-complaint": (happened(ComplaintMade(complaint=1, text="nobody called"), "09:05"),),
    "withdraw-file": (happened(PHOTO, "09:05"),),
    "unlink": (happened(LINKED, "09:05"),),
}
"""What must have happened in any state before an action is asked for."""


def decision(action: str) -> Any:
    """What decides on an action."""
    name = action.replace("-", "_")
    return next(getattr(room, name) for room in ROOMS if hasattr(room, name))


@dataclass(frozen=True)
class Standing:
    """A ticket to which things have happened."""

    ticket: Ticket

    def when(self, action: str, when: str = "10:00", *, why: str | None = "because", **asked: Any) -> Answer:
        """Ask for something."""
        by = Act(actor="agent:li.wei", occurred_at=at(when), reason=why)
        try:
            return Answer(self.ticket, decision(action)(self.ticket, by=by, **asked), None, by)
        except DomainError as refused:
            return Answer(self.ticket, (), refused, by)


@dataclass(frozen=True)
class Answer:
    """What follows."""

    before: Ticket
    events: tuple[Event, ...]
    error: DomainError | None
    by: Act

    @property
    def ticket(self) -> Ticket:
        """The ticket after it."""
        ticket = self.before
        for event in self.events:
            ticket = evolve(event, ticket, self.by)
        return ticket

    def then(self, *events: Event) -> Ticket:
        """These events follow; the ticket after them."""
        assert self.error is None
        assert self.events == events
        return self.ticket

    def refused(self, kind: type[DomainError], field: str | None = None) -> DomainError:
        """It is refused, and nothing happened."""
        assert type(self.error) is kind
        assert self.events == ()
        assert self.error.field == field
        return self.error


def given(*happenings: Happening) -> Standing:
    """A ticket to which this happened."""
    ticket = replay(facts(happenings))
    assert ticket is not None
    return Standing(ticket)


def facts(happenings: tuple[Happening, ...]) -> list[Fact]:
    """What happened, as the log keeps it."""
    return [
        Fact(stream_id=TICKET, version=version, event=event, act=act, correlation_id=TICKET)
        for version, (event, act) in enumerate(happenings, 1)
    ]
