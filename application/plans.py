"""The service plans that come with the product, one TOML file a version, and the book made of them."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from application.calendars import published, shipped_calendars
from application.triage import shipped_triages
from domain.clock import Milestone
from domain.plan import (
    USUAL_WARNINGS,
    Penalty,
    ServicePlan,
    Special,
    Warnings,
    usual_pauses,
)
from domain.promises import Promises
from domain.ticket.words import HoldReason, Priority, TravelBand
from domain.title import Title

PLANS = Path(__file__).with_name("service_plans")


class SpecialPromise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A promise for some tickets only, as people write it; see ``Special``."""

    milestone: Milestone
    within: timedelta
    priority: Priority | None = None
    category: str | None = None
    band: TravelBand | None = None


class PlanBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a service plan says, as people write it: durations are in ISO 8601, "PT7H30M"."""

    title: Title
    calendar: str
    calendar_version: int | None = None
    targets: dict[Milestone, dict[Priority, timedelta]]
    special: tuple[SpecialPromise, ...] = ()
    clock_time: frozenset[Milestone] = frozenset()
    pausing: dict[Milestone, frozenset[HoldReason]] = msgspec.field(default_factory=usual_pauses)
    warnings: Warnings = USUAL_WARNINGS
    warnings_of: dict[Milestone, Warnings] = {}
    penalties: tuple[Penalty, ...] = ()


class PlanFile(PlanBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service plan as a file states it."""

    name: str
    version: int


@cache
def shipped_plans() -> tuple[ServicePlan, ...]:
    """Every version of every plan that comes with the product."""
    return published(PLANS, read_plan)


def shipped_promises() -> Promises:
    """A new book of what comes with the product, and nothing else."""
    return Promises(shipped_plans(), shipped_calendars(), shipped_triages())


def read_plan(stated: dict[str, Any]) -> ServicePlan:
    """A service plan as its file states it.

    Raises:
        InvalidValue: see ``ServicePlan``.
        msgspec.ValidationError: a field is missing, unknown or of the wrong type.
    """
    file = msgspec.convert(stated, PlanFile)
    return plan_of(file.name, file.version, file)


def plan_of(name: str, version: int, body: PlanBody) -> ServicePlan:
    """The service plan that a body proposes, under a name and version.

    Raises:
        InvalidValue: see ``ServicePlan``; the field is a pointer into the body.
    """
    targets = {
        milestone: {priority: int(span.total_seconds()) for priority, span in promised.items()}
        for milestone, promised in body.targets.items()
    }
    return ServicePlan(
        name=name,
        version=version,
        title=body.title,
        calendar=body.calendar,
        calendar_version=body.calendar_version,
        targets=targets,
        special=tuple(map(_special, body.special)),
        clock_time=body.clock_time,
        pausing=body.pausing,
        warnings=body.warnings,
        warnings_of=body.warnings_of,
        penalties=body.penalties,
    )


def _special(stated: SpecialPromise) -> Special:
    return Special(
        milestone=stated.milestone,
        seconds=int(stated.within.total_seconds()),
        priority=stated.priority,
        category=stated.category,
        band=stated.band,
    )
