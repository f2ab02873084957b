"""The commands a ticket takes, as they arrive."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from msgspec import Meta

from application.access import Permission
from application.commands import Action, Command, Decision, Line, Moment, Name, Reference, Text, in_utc
from domain.errors import InvalidValue
from domain.ticket import aftercare, correspondence, decisions, fieldwork, filing, pairing, pinning, tiers
from domain.ticket.words import (
    Channel,
    Direction,
    FileKind,
    HoldReason,
    Impact,
    Link,
    Party,
    Priority,
    Tier,
    TravelBand,
    Urgency,
)

Url = Annotated[str, Meta(min_length=9, max_length=1000, pattern=r"^https?://[^\s\x00]+$")]
CallTime = Annotated[timedelta, Meta(description="ISO 8601, such as PT4M30S.")]
MailAddress = Annotated[
    str, Meta(min_length=3, max_length=254, pattern=r"^[^@\s<>,;:\"\x00]+@[^@\s<>,;:\"\x00]+$")
]
MailAddresses = Annotated[tuple[MailAddress, ...], Meta(max_length=20)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="In hexadecimal, small letters.")]


class TicketAction(Action, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command to a ticket."""

    needs: ClassVar[Permission] = Permission.WORK


class RegisterTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Report a problem, request or complaint. ``occurred_at`` is when the customer reported it (SLA 2).

    Attributes:
        priority: what impact and urgency give where it is absent, P3 where they are not told either (R04).
    """

    action: ClassVar[str] = "register"
    needs: ClassVar[Permission] = Permission.WORK

    subject: Line
    priority: Priority | None = None
    impact: Impact | None = None
    urgency: Urgency | None = None
    description: Text | None = None
    customer: Name | None = None
    contact: Name | None = None
    site: Name | None = None
    product: Name | None = None
    asset: Name | None = None
    channel: Channel = Channel.OTHER
    category: Name | None = None
    band: TravelBand | None = None
    owner: Name | None = None
    customer_class: Name | None = None
    plan: Name | None = None

    def arguments(self) -> dict[str, Any]:
        """The arguments of ``register``; the plan is pinned by the desk."""
        return {name: value for name, value in super().arguments().items() if name != "plan"}


class ClassifyTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set category, fault code, impact and urgency; the priority follows from the last two (R02, R04)."""

    action: ClassVar[str] = "classify"
    decision: ClassVar[Decision] = decisions.classify

    category: Name
    fault_code: Name | None = None
    impact: Impact | None = None
    urgency: Urgency | None = None


class PrioritiseTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change the priority (R04, SLA 9)."""

    action: ClassVar[str] = "prioritise"
    decision: ClassVar[Decision] = decisions.prioritise

    priority: Priority


class AssignTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give the ticket to a team and perhaps a person (R05)."""

    action: ClassVar[str] = "assign"
    decision: ClassVar[Decision] = tiers.assign

    team: Name
    person: Name | None = None


class OwnTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Name who answers for the ticket; ``reason`` is required where somebody does already (R05)."""

    action: ClassVar[str] = "own"
    decision: ClassVar[Decision] = tiers.own

    person: Name


class LogContact(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Log a contact in or out, by a person or automatic (R01, SLA 3).

    ``address`` is the mail address or telephone number at the other end; of a call, ``duration`` is how long
    it took, and ``recording`` where it can be heard.
    """

    action: ClassVar[str] = "contact"
    decision: ClassVar[Decision] = decisions.contact

    channel: Channel
    direction: Direction
    party: Party
    person: Name | None = None
    summary: Text | None = None
    address: Name | None = None
    duration: CallTime | None = None
    recording: Url | None = None

    def arguments(self) -> dict[str, Any]:
        """The duration in whole seconds."""
        told = super().arguments()
        duration = told.pop("duration")
        return told | {"seconds": None if duration is None else round(duration.total_seconds())}


class HoldTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Put the ticket on hold (SLA 4)."""

    action: ClassVar[str] = "hold"
    decision: ClassVar[Decision] = decisions.hold

    hold: HoldReason
    review_at: Moment | None = None

    def arguments(self) -> dict[str, Any]:
        """``hold`` is the reason that pauses; ``reason`` stays the actor's own words."""
        review_at = in_utc(self.review_at, "/review_at") if self.review_at else None
        return {"reason": self.hold, "review_at": review_at}


class ResumeTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take the work up again."""

    action: ClassVar[str] = "resume"
    decision: ClassVar[Decision] = decisions.resume


class EscalateTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hand the case to a higher support tier, which accepts or refuses it (R07)."""

    action: ClassVar[str] = "escalate"
    decision: ClassVar[Decision] = tiers.escalate

    tier: Tier
    team: Name | None = None


class AcceptHandover(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take a case that was handed over (R07)."""

    action: ClassVar[str] = "accept-handover"
    decision: ClassVar[Decision] = tiers.accept_handover

    person: Name | None = None


class RefuseHandover(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Send a case back to where it came from; ``reason`` is required (R07)."""

    action: ClassVar[str] = "refuse-handover"
    decision: ClassVar[Decision] = tiers.refuse_handover


class HandBackTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give the case back to a lower tier, with what was found (R06, R07)."""

    action: ClassVar[str] = "hand-back"
    decision: ClassVar[Decision] = tiers.hand_back

    tier: Tier
    finding: Text
    team: Name | None = None


class ResolveTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say the fault is dealt with (R08)."""

    action: ClassVar[str] = "resolve"
    decision: ClassVar[Decision] = decisions.resolve

    solution: Text
    cause: Line | None = None


class ConfirmTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The customer accepts the resolution (R08)."""

    action: ClassVar[str] = "confirm"
    decision: ClassVar[Decision] = decisions.confirm

    confirmed_by: Name | None = None


class RejectTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The customer does not accept it; ``reason`` is required (R08)."""

    action: ClassVar[str] = "reject"
    decision: ClassVar[Decision] = decisions.reject


class CloseTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Close a resolved ticket (R08)."""

    action: ClassVar[str] = "close"
    decision: ClassVar[Decision] = decisions.close


class ReopenTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fault is back; ``reason`` is required (SLA 10)."""

    action: ClassVar[str] = "reopen"
    decision: ClassVar[Decision] = decisions.reopen


class CancelTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """It should not have been a ticket; ``reason`` is required (SLA 11)."""

    action: ClassVar[str] = "cancel"
    decision: ClassVar[Decision] = decisions.cancel

    duplicate_of: Reference | None = None

    def arguments(self) -> dict[str, Any]:
        """``duplicate_of`` has become an id by now: the desk looks a number up."""
        return {"duplicate_of": None if self.duplicate_of is None else UUID(str(self.duplicate_of))}


class RemarkOnTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Note something that changes nothing."""

    action: ClassVar[str] = "remark"
    decision: ClassVar[Decision] = decisions.remark

    text: Text


class AnswerQuestion(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Decide what the service could not do by itself; the ticket's `questions` lists what is open."""

    action: ClassVar[str] = "answer"
    decision: ClassVar[Decision] = decisions.answer

    question: UUID
    answer: Text


class AcknowledgeTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take notice of the ticket (R09)."""

    action: ClassVar[str] = "acknowledge"
    decision: ClassVar[Decision] = fieldwork.acknowledge


class DispatchTechnician(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Send a technician; `band` says how far it is, and holds from the report on (R25, SLA 14)."""

    action: ClassVar[str] = "dispatch"
    decision: ClassVar[Decision] = fieldwork.dispatch

    technician: Name
    planned_at: Moment | None = None
    band: TravelBand | None = None

    def arguments(self) -> dict[str, Any]:
        """Times in UTC."""
        planned_at = in_utc(self.planned_at, "/planned_at") if self.planned_at else None
        return super().arguments() | {"planned_at": planned_at}


class ArriveOnSite(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Be on site; ``occurred_at`` is when, however late it is recorded (B02)."""

    action: ClassVar[str] = "arrive"
    decision: ClassVar[Decision] = fieldwork.arrive

    technician: Name | None = None


class WorkAroundTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say how the customer can work until the fault is dealt with."""

    action: ClassVar[str] = "work-around"
    decision: ClassVar[Decision] = fieldwork.work_around

    workaround: Text


class OrderPart(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Have a part brought to the customer (R19)."""

    action: ClassVar[str] = "order-part"
    decision: ClassVar[Decision] = fieldwork.order_part

    part: Name
    quantity: Count = 1


class DeliverPart(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say that an ordered part is there; `order` is its place among the ticket's orders."""

    action: ClassVar[str] = "deliver-part"
    decision: ClassVar[Decision] = fieldwork.deliver_part

    order: Count


class ComplainAboutTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take a complaint, which has a deadline of its own (R32)."""

    action: ClassVar[str] = "complain"
    decision: ClassVar[Decision] = aftercare.complain

    text: Text


class AnswerComplaint(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tell the customer what became of a complaint; `complaint` is its place on the ticket (R32)."""

    action: ClassVar[str] = "answer-complaint"
    decision: ClassVar[Decision] = aftercare.answer_complaint

    complaint: Count
    answer: Text


class CallCustomerBack(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Log the call after closing; only one that reached the customer counts (R30)."""

    action: ClassVar[str] = "call-back"
    decision: ClassVar[Decision] = aftercare.call_back

    reached: bool
    satisfied: bool | None = None
    remark: Text | None = None


class MergeTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """End the ticket because `into` goes on for both, from the earlier report on (SLA 11)."""

    action: ClassVar[str] = "merge"
    decision: ClassVar[Decision] = pairing.merge

    into: Reference

    def arguments(self) -> dict[str, Any]:
        """The desk finds the survivor."""
        return {}


class LinkTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say what the ticket has to do with another one, which shows it as well (R02)."""

    action: ClassVar[str] = "link"
    decision: ClassVar[Decision] = pairing.link

    to: Reference
    link: Link

    def arguments(self) -> dict[str, Any]:
        """The desk finds the other ticket."""
        return {"link": self.link}


class UnlinkTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take back a link that the ticket has of its own."""

    action: ClassVar[str] = "unlink"
    decision: ClassVar[Decision] = pairing.unlink

    to: Reference
    link: Link

    def arguments(self) -> dict[str, Any]:
        """The desk finds the other ticket."""
        return {"link": self.link}


class SplitTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let a part of what was reported become a ticket of its own; ``reason`` is required.

    Attributes:
        subject: what moves; the new ticket's subject.
        description: of the new ticket.
        priority: of the new ticket; that of this one where absent.
        category: of the new ticket.
        reported_at: when the customer reported what moves; with this ticket where absent (SLA 2).
        files: those of this ticket's files that belong to the new one as well, by their SHA-256.
    """

    action: ClassVar[str] = "split"
    decision: ClassVar[Decision] = pairing.split

    subject: Line
    description: Text | None = None
    priority: Priority | None = None
    category: Name | None = None
    reported_at: Moment | None = None
    files: Annotated[tuple[Sha256, ...], Meta(max_length=100)] = ()


class AttachFile(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Attach a file that is kept already; it comes as it is, not as JSON (R02)."""

    action: ClassVar[str] = "attach-file"
    decision: ClassVar[Decision] = filing.attach_file

    sha256: Sha256
    size: int
    media_type: str
    name: str
    kind: FileKind
    caption: str | None = None


class WithdrawFile(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Show a file no more, but to auditors; ``reason`` is required."""

    action: ClassVar[str] = "withdraw-file"
    decision: ClassVar[Decision] = filing.withdraw_file

    sha256: Sha256


class WriteLetter(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Write to the customer by mail. It goes out soon, and is a contact once a mail server has taken it.

    Without ``to`` it goes to whoever wrote last; without ``mailbox``, from the first one that is set up.
    """

    action: ClassVar[str] = "write"
    decision: ClassVar[Decision] = correspondence.write

    text: Text
    to: MailAddresses = ()
    cc: MailAddresses = ()
    subject: Line | None = None
    mailbox: Name | None = None


class IdentifyCustomer(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say who an unknown caller is (R02)."""

    action: ClassVar[str] = "identify"
    decision: ClassVar[Decision] = correspondence.identify

    customer: Name
    contact: Name | None = None
    site: Name | None = None
    product: Name | None = None
    asset: Name | None = None


class RepinTicket(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask that the ticket go by another plan or calendar; somebody else must approve it (SLA 8).

    `reason` is required. `GET /tickets/{ticket}/repin` shows beforehand what it would do to every clock.

    Attributes:
        plan: its newest version, unless `plan_version` says another; the ticket's own when absent.
        calendar: another than the plan's, by `calendar_version`.
    """

    action: ClassVar[str] = "repin"
    needs: ClassVar[Permission] = Permission.REPIN
    decision: ClassVar[Decision] = pinning.repin

    plan: Name | None = None
    plan_version: Count | None = None
    calendar: Name | None = None
    calendar_version: Count | None = None


class ApproveRepin(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let the ticket go by what somebody else asked for, from now on; `request` is the number (SLA 8)."""

    action: ClassVar[str] = "approve-repin"
    needs: ClassVar[Permission] = Permission.CONTRACTS
    decision: ClassVar[Decision] = pinning.approve_repin

    request: Count

    def arguments(self) -> dict[str, Any]:
        """Deadlines that were given are not moved in the past."""
        if self.occurred_at is not None:
            raise InvalidValue("it counts from when it is approved", field="/occurred_at")
        return super().arguments()


class DeclineRepin(TicketAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Leave the ticket with the plan and calendar it has; `reason` is required (SLA 8)."""

    action: ClassVar[str] = "decline-repin"
    needs: ClassVar[Permission] = Permission.REPIN
    decision: ClassVar[Decision] = pinning.decline_repin

    request: Count


ACTIONS: tuple[type[TicketAction], ...] = (
    ClassifyTicket,
    PrioritiseTicket,
    LinkTicket,
    UnlinkTicket,
    SplitTicket,
    AcknowledgeTicket,
    AssignTicket,
    OwnTicket,
    LogContact,
    WriteLetter,
    IdentifyCustomer,
    HoldTicket,
    ResumeTicket,
    EscalateTicket,
    AcceptHandover,
    RefuseHandover,
    HandBackTicket,
    DispatchTechnician,
    ArriveOnSite,
    WorkAroundTicket,
    OrderPart,
    DeliverPart,
    ResolveTicket,
    ConfirmTicket,
    RejectTicket,
    CloseTicket,
    CallCustomerBack,
    ReopenTicket,
    ComplainAboutTicket,
    AnswerComplaint,
    RepinTicket,
    ApproveRepin,
    DeclineRepin,
    CancelTicket,
    MergeTicket,
    RemarkOnTicket,
    AnswerQuestion,
    WithdrawFile,
)
"""Everything that may be asked of a ticket, in the order of a life."""
