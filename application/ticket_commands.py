"""The commands a ticket takes, as they arrive: checked for form here, for sense by the domain."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from msgspec import Meta

from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.ticket import decisions
from domain.ticket.state import Ticket
from domain.ticket.words import Channel, Direction, HoldReason, Impact, Party, Priority, Tier

NO_NUL = r"^[^\u0000]*$"
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]
Line = Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]
Text = Annotated[str, Meta(min_length=1, max_length=10_000, pattern=NO_NUL)]
Reference = Annotated[str, Meta(min_length=1, max_length=40, description="A ticket's id or number.")]
Moment = Annotated[datetime, Meta(tz=True)]


def in_utc(moment: datetime, field: str) -> datetime:
    """A time in UTC.

    Raises:
        InvalidValue: there it would lie outside the years 1 to 9999.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise InvalidValue("this is not a time that can be kept", field=field) from None


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every command takes beside its own fields.

    Attributes:
        occurred_at: when it happened, with offset; now when absent. Never in the future.
        reason: why; required when it happened more than a minute ago, and where the action says so.
    """

    action: ClassVar[str]

    occurred_at: Moment | None = None
    reason: Text | None = None

    def decide(self, ticket: Ticket, by: Act) -> tuple[Event, ...]:
        """Ask the domain, which answers with events or refuses with a ``DomainError``."""
        return getattr(decisions, self.action)(ticket, by=by, **self.arguments())

    def arguments(self) -> dict[str, Any]:
        """The command's own fields, by the names the decision gives them."""
        own = (name for name in self.__struct_fields__ if name not in Command.__struct_fields__)
        return {name: getattr(self, name) for name in own}


class RegisterTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Report a problem, request or complaint. ``occurred_at`` is when the customer reported it (SLA 2)."""

    action: ClassVar[str] = "register"

    subject: Line
    priority: Priority = Priority.P3
    description: Text | None = None
    customer: Name | None = None
    contact: Name | None = None
    site: Name | None = None
    product: Name | None = None
    asset: Name | None = None
    channel: Channel = Channel.OTHER
    category: Name | None = None
    plan: Name | None = None

    def arguments(self) -> dict[str, Any]:
        """The arguments of ``register``; the plan is pinned by the desk."""
        return {name: value for name, value in super().arguments().items() if name != "plan"}


class ClassifyTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set category, fault code and impact (R02)."""

    action: ClassVar[str] = "classify"

    category: Name
    fault_code: Name | None = None
    impact: Impact | None = None


class PrioritiseTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change the priority (R04, SLA 9)."""

    action: ClassVar[str] = "prioritise"

    priority: Priority


class AssignTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give the ticket to a team and perhaps a person (R05)."""

    action: ClassVar[str] = "assign"

    team: Name
    person: Name | None = None


class LogContact(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Log a contact in or out, by a person or automatic (R01, SLA 3)."""

    action: ClassVar[str] = "contact"

    channel: Channel
    direction: Direction
    party: Party
    person: Name | None = None
    summary: Text | None = None


class HoldTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Put the ticket on hold (SLA 4)."""

    action: ClassVar[str] = "hold"

    hold: HoldReason
    review_at: Moment | None = None

    def arguments(self) -> dict[str, Any]:
        """``hold`` is the reason that pauses; ``reason`` stays the actor's own words."""
        review_at = in_utc(self.review_at, "/review_at") if self.review_at else None
        return {"reason": self.hold, "review_at": review_at}


class ResumeTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take the work up again."""

    action: ClassVar[str] = "resume"


class EscalateTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hand the case to another support tier (R07)."""

    action: ClassVar[str] = "escalate"

    tier: Tier
    team: Name | None = None


class ResolveTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say the fault is dealt with (R08)."""

    action: ClassVar[str] = "resolve"

    solution: Text
    cause: Line | None = None


class ConfirmTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The customer accepts the resolution (R08)."""

    action: ClassVar[str] = "confirm"

    confirmed_by: Name | None = None


class RejectTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The customer does not accept it; ``reason`` is required (R08)."""

    action: ClassVar[str] = "reject"


class CloseTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Close a resolved ticket (R08)."""

    action: ClassVar[str] = "close"


class ReopenTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fault is back; ``reason`` is required (SLA 10)."""

    action: ClassVar[str] = "reopen"


class CancelTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """It should not have been a ticket; ``reason`` is required (SLA 11)."""

    action: ClassVar[str] = "cancel"

    duplicate_of: Reference | None = None

    def arguments(self) -> dict[str, Any]:
        """``duplicate_of`` has become an id by now: the desk looks a number up."""
        return {"duplicate_of": None if self.duplicate_of is None else UUID(str(self.duplicate_of))}


class RemarkOnTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Note something that changes nothing."""

    action: ClassVar[str] = "remark"

    text: Text
