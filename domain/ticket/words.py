"""The closed lists a ticket is described with. Each value is stored in events: add, never rename."""

from __future__ import annotations

from enum import StrEnum


class Priority(StrEnum):
    """How urgent (R04)."""

    P1 = "P1"
    """Product unusable, business stopped."""
    P2 = "P2"
    """Partly failing, or the installation of a critical site."""
    P3 = "P3"
    """Running with errors."""
    P4 = "P4"
    """Improvement or usage question."""


class Status(StrEnum):
    """Where a ticket stands between report and close."""

    NEW = "new"
    ASSIGNED = "assigned"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CONFIRMED = "confirmed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Tier(StrEnum):
    """Support layer (R07): field team, professional service centre, R&D, vendor."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"


class When(StrEnum):
    """What a rule that escalates is about (R07)."""

    UNASSIGNED = "unassigned"
    """No team has it."""
    IN_TIER = "in_tier"
    """A tier has it, and has accepted it."""
    UNACCEPTED = "unaccepted"
    """A tier has yet to accept it."""
    WARNED = "warned"
    """So much of the time to resolve it was used, and that was noted."""


class Bounce(StrEnum):
    """How a case comes back to a team that has held it before (R05)."""

    RETURN = "return"
    """After others had held it."""
    PING_PONG = "ping_pong"
    """Straight from the team that it had been given to: A, B, A."""


class Channel(StrEnum):
    """The way a contact was made (R01)."""

    PHONE = "phone"
    EMAIL = "email"
    CHAT = "chat"
    WEB = "web"
    PORTAL = "portal"
    ON_SITE = "on_site"
    MONITORING = "monitoring"
    OTHER = "other"


class Direction(StrEnum):
    """Who reached whom: ``inbound`` is the customer to us."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Party(StrEnum):
    """Whether a person spoke for us or a machine did (SLA 3)."""

    PERSON = "person"
    AUTOMATIC = "automatic"


class HoldReason(StrEnum):
    """Why work waits. Which of them pause a customer's clock is the plan's to say (SLA 4)."""

    WAITING_FOR_CUSTOMER = "waiting_for_customer"
    ACCESS_REFUSED = "access_refused"
    CUSTOMER_CHOSE_LATER = "customer_chose_later"
    QUOTE_CONSENT = "quote_consent"
    WAITING_FOR_PART = "waiting_for_part"
    WAITING_FOR_SUPPLIER = "waiting_for_supplier"
    OTHER = "other"


class Counterpart(StrEnum):
    """Whom we ask for a ticket, beside the customer (R06)."""

    INTERNAL = "internal"
    """A department of ours."""
    SUPPLIER = "supplier"


class Guidance(StrEnum):
    """How a customer is helped from afar (R06)."""

    REMOTE_SESSION = "remote_session"
    """We worked on the product over the network."""
    PHONE = "phone"
    """We told them what to do while they did it."""
    WRITTEN = "written"
    """We sent them instructions."""


class TravelBand(StrEnum):
    """How far it is to the customer (SLA 14)."""

    CITY = "city"
    """In the city of the service centre."""
    REGION = "region"
    """Up to 200 km."""
    REMOTE = "remote"
    """Farther."""


class Impact(StrEnum):
    """How much of the customer's business the fault touches (R02)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Urgency(StrEnum):
    """How soon the fault hurts (R04)."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class FileKind(StrEnum):
    """What an attached file shows (R02)."""

    PHOTO = "photo"
    LOG = "log"
    """What the product wrote of itself."""
    DOCUMENT = "document"
    RECORDING = "recording"
    """What was said or filmed."""
    OTHER = "other"


class Trouble(StrEnum):
    """Why a letter did not arrive."""

    REFUSED = "refused"
    """The mail server would not take it."""
    GIVEN_UP = "given_up"
    """No mail server took it for as long as we tried."""
    BOUNCED = "bounced"
    """It was taken, and came back."""


class Link(StrEnum):
    """What one ticket has to do with another (R02)."""

    RELATED = "related"
    CAUSES = "causes"
    """The other fault follows from this one."""
    DUPLICATE_OF = "duplicate_of"
    CHILD_OF = "child_of"
    """It is a part of what the other is about."""
    SPLIT_FROM = "split_from"
    """It was reported with the other and is dealt with apart."""


class Reaction(StrEnum):
    """What the service does by itself when something happens to a case."""

    COUNT_VISIT = "count_visit"
    """Take a visit from the contract, when somebody was on site."""
    COUNT_PART = "count_part"
    """Take a part from the contract, when it was installed."""
    GIVE_BACK = "give_back"
    """Give back what a cancelled ticket took from the contract."""
    RELEASE_RESERVATION = "release_reservation"
    """Release what is still reserved for a ticket that ended."""


class Obstacle(StrEnum):
    """Why a reaction was refused."""

    EXHAUSTED = "exhausted"
    """The contract has none left, or includes none."""
    NOT_COVERED = "not_covered"
    """The contract does not cover it after all."""
    STATE = "state"
    """The state of the part or contract forbids it."""


class MoveCause(StrEnum):
    """Why a deadline moved (B04)."""

    STARTED = "started"
    """It began to be owed."""
    NEXT_CYCLE = "next_cycle"
    """The customer did not accept, or the fault came back (SLA 10)."""
    EARLIER_START = "earlier_start"
    """It turned out to have begun at another time."""
    PAUSED = "paused"
    """It has no deadline while somebody else is waited for, only time remaining (SLA 6)."""
    RESUMED = "resumed"
    PRIORITY = "priority"
    CATEGORY = "category"
    BAND = "band"
    """It was learnt how far it is to the customer (SLA 14)."""
    REPINNED = "repinned"
    """Another plan or calendar (SLA 8)."""
    REACHED = "reached"
    NOT_NEEDED = "not_needed"
    CANCELLED = "cancelled"
    OTHER = "other"
