"""What can happen to the assignments: one stream of the book of promises."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from domain.event import recorded
from domain.publishing.events import Promised

ASSIGNMENTS = "plan assignments"
"""What their stream is called."""


class Scope(StrEnum):
    """What a plan is assigned to; the values are those of ``Level``."""

    ASSET = "asset"
    """One serial."""
    PRODUCT = "product"
    CUSTOMER_CLASS = "customer_class"
    DEFAULT = "default"
    """Whatever nothing else is promised to."""


@recorded
class PlanAssigned(Promised, frozen=True, tag="plan.assigned"):
    """A plan is promised to tickets that are reported within [effective_from, until).

    Attributes:
        assignment: its number in the book, from 1.
        key: the serial, product or class; ``None`` for everybody.
    """

    assignment: int
    scope: Scope
    key: str | None
    plan: str
    effective_from: datetime
    until: datetime | None = None


@recorded
class PlanUnassigned(Promised, frozen=True, tag="plan.unassigned"):
    """An assignment ends: tickets that are reported from ``until`` on do not fall under it."""

    assignment: int
    until: datetime
