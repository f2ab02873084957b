"""The service plans that come with the product, one TOML file a version, and the book made of them."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from application.calendars import published, shipped_calendars
from domain.clock import Milestone
from domain.plan import (
    USUAL_WARNINGS,
    Penalty,
    ServicePlan,
    Special,
    Title,
    Warnings,
    usual_pauses,
)
from domain.promises import Promises
from domain.ticket.words import HoldReason, Priority, TravelBand

PLANS = Path(__file__).with_name("service_plans")


class SpecialPromise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A promise for some tickets only, as people write it; see ``Special``."""

    milestone: Milestone
    within: timedelta
    priority: Priority | None = None
    category: str | None = None
    band: TravelBand | None = None


class PlanFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service plan as people write it: targets are ISO 8601 durations of working time, "PT7H30M"."""

    name: str
    version: int
    title: Title
    calendar: str
    calendar_version: int
    targets: dict[Milestone, dict[Priority, timedelta]]
    special: tuple[SpecialPromise, ...] = ()
    clock_time: frozenset[Milestone] = frozenset()
    pausing: dict[Milestone, frozenset[HoldReason]] = msgspec.field(default_factory=usual_pauses)
    warnings: Warnings = USUAL_WARNINGS
    warnings_of: dict[Milestone, Warnings] = {}
    penalties: tuple[Penalty, ...] = ()


@cache
def shipped_promises() -> Promises:
    """The book of the plans and calendars that come with the product."""
    return Promises(published(PLANS, read_plan), shipped_calendars())


def read_plan(stated: dict[str, Any]) -> ServicePlan:
    """A service plan as its file states it.

    Raises:
        InvalidValue: a target is not a positive number of seconds.
        msgspec.ValidationError: a field is missing, unknown or of the wrong type.
    """
    plan = msgspec.convert(stated, PlanFile)
    targets = {
        milestone: {priority: int(span.total_seconds()) for priority, span in promised.items()}
        for milestone, promised in plan.targets.items()
    }
    return ServicePlan(
        name=plan.name,
        version=plan.version,
        title=plan.title,
        calendar=plan.calendar,
        calendar_version=plan.calendar_version,
        targets=targets,
        special=tuple(map(_special, plan.special)),
        clock_time=plan.clock_time,
        pausing=plan.pausing,
        warnings=plan.warnings,
        warnings_of=plan.warnings_of,
        penalties=plan.penalties,
    )


def _special(stated: SpecialPromise) -> Special:
    return Special(
        milestone=stated.milestone,
        seconds=int(stated.within.total_seconds()),
        priority=stated.priority,
        category=stated.category,
        band=stated.band,
    )
