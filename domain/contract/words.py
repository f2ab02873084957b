"""The closed lists a contract is described with. Each value is stored or shown: add, never rename."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """How far the paper is. Whether the contract is in force at a moment is ``term.in_force``'s to say."""

    DRAFT = "draft"
    SIGNED = "signed"
    ACTIVE = "active"
    EXPIRED = "expired"
    TERMINATED = "terminated"


class Scope(StrEnum):
    """What a contract is for."""

    ASSETS = "assets"
    """The serials it names, and nothing else."""
    CUSTOMER = "customer"
    """Everything its customer has; it names no serials."""


class Kind(StrEnum):
    """What a contract may include."""

    VISIT = "visit"
    """Visits, counted."""
    HOURS = "hours"
    """Working time, in seconds."""
    PART = "part"
    """Spare parts, by quantity."""


class Level(StrEnum):
    """How closely a plan belongs to a ticket, the closest first (SLA 13).

    Contracts answer at ``LINE`` and ``CONTRACT``; the other levels are found without one.
    """

    NAMED = "named"
    """Whoever registered it named the plan."""
    ASSET = "asset"
    """A plan that is assigned to the serial."""
    LINE = "line"
    """A contract that names the serial."""
    CONTRACT = "contract"
    PRODUCT = "product"
    CUSTOMER_CLASS = "customer_class"
    DEFAULT = "default"


class Why(StrEnum):
    """Why a contract does not apply, or does not give what is asked."""

    NOT_ACTIVATED = "not_activated"
    OTHER_CUSTOMER = "other_customer"
    """It is another customer's; or it is for everything of a customer, and the ticket names none."""
    TERMINATED = "terminated"
    NOT_YET = "not_yet"
    """Its first day has not come."""
    NO_LONGER = "no_longer"
    """Its last day is over; also between the end of one term and the begin of a later renewal."""
    ASSET_UNKNOWN = "asset_unknown"
    """It names serials, and the ticket has none."""
    ASSET_NOT_COVERED = "asset_not_covered"
    LESS_SPECIFIC = "less_specific"
    """It is for the customer; the winner names the serial."""
    OLDER = "older"
    """Its term began on an earlier day than the winner's."""
    HIGHER_NUMBER = "higher_number"
    """Equal in all else: the winner has the lower number (or, with one number, the lower id)."""
    NOT_INCLUDED = "not_included"
    """It applies, but includes nothing of this kind."""
    OUTRANKED = "outranked"
    """Another plan goes before it."""
    WITHDRAWN = "withdrawn"
    """The plan is no longer for those who report then."""
    CALENDAR_WITHDRAWN = "calendar_withdrawn"
    """The calendar that the plan goes by is no longer for them."""
    NOT_OFFERED = "not_offered"
    """No version of the plan, or of its calendar, counts then."""
    REPLACED = "replaced"
    """Another assignment to the same thing began later."""
    NOT_IN_EFFECT = "not_in_effect"
    """It had not begun, or had ended."""
    EXHAUSTED = "exhausted"
    """It includes this, but less remains than is asked."""
