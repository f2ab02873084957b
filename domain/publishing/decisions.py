"""What may be asked of the book, and what then happens.

A version is published whole and never changed; a wrong one is followed by a right one. Every decision takes
what there is of the plan or calendar, its arguments and the act, and returns the events that follow.
"""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from domain.calendar import Calendar
from domain.errors import InvalidValue, NotAllowed
from domain.event import Act, Event
from domain.plan import ROUND_THE_CLOCK, ServicePlan
from domain.publishing.editions import Editions, T
from domain.publishing.events import (
    TRIAGE,
    CalendarPublished,
    CalendarWithdrawn,
    PlanPublished,
    PlanWithdrawn,
    TriagePublished,
)
from domain.ticket.triage import Triage

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}", re.ASCII)
"""What plans and calendars can be called: their names stand in paths and file names."""


def publish_plan(
    editions: Editions[ServicePlan],
    *,
    plan: ServicePlan,
    calendar: Editions[Calendar],
    effective_from: datetime,
    is_needed: bool = False,
    by: Act,
) -> tuple[Event, ...]:
    """Publish the next version of a plan; tickets reported from ``effective_from`` on pin it (SLA 8).

    Args:
        editions: what there is of the plan; nothing, for its first version.
        plan: what it says, with the version that it takes itself for.
        calendar: what there is of the calendar that it names.
        is_needed: whether tickets go by it that nothing else is promised.

    Raises:
        InvalidValue: there is no reason, it is not the next version, the newest version says the same, or its
            calendar has no such version, or none that counts by then, or is withdrawn.
    """
    _is_next(editions, plan, by)
    newest = editions.newest
    if newest and not newest.withdrawn_from and replace(plan, version=newest.body.version) == newest.body:
        raise InvalidValue(f"that is what {plan.name} v{newest.body.version} says")
    if plan.calendar_version is not None and calendar.of(plan.calendar_version) is None:
        raise InvalidValue(
            f"there is no calendar {plan.calendar} v{plan.calendar_version}", field="/calendar_version"
        )
    goes_by = (
        calendar.at(effective_from) if plan.calendar_version is None else calendar.of(plan.calendar_version)
    )
    if goes_by is None:
        raise InvalidValue(
            f"no version of calendar {plan.calendar} counts at {effective_from.isoformat()}",
            field="/calendar",
        )
    ends = goes_by.withdrawn_from
    if ends and (is_needed or goes_by.is_withdrawn(effective_from)):
        raise InvalidValue(
            f"calendar {plan.calendar} is withdrawn from {ends.isoformat()} on", field="/calendar"
        )
    return (PlanPublished(plan=plan, effective_from=effective_from),)


def withdraw_plan(editions: Editions[ServicePlan], *, effective_from: datetime, by: Act) -> tuple[Event, ...]:
    """Offer a plan to no more new tickets from a time on; those that pin it keep it (SLA 8).

    Raises:
        InvalidValue: there is no reason.
        NotAllowed: it is withdrawn already.
    """
    _can_be_withdrawn("plan", editions, by)
    return (PlanWithdrawn(plan=editions.name, effective_from=effective_from),)


def publish_calendar(
    editions: Editions[Calendar],
    *,
    calendar: Calendar,
    effective_from: datetime,
    sources: tuple[str, ...] = (),
    by: Act,
) -> tuple[Event, ...]:
    """Publish the next version of a calendar; clocks that start from ``effective_from`` on go by it (SLA 7).

    Args:
        editions: what there is of the calendar; nothing, for its first version.
        calendar: every day of it, with the version that it takes itself for.
        sources: where holidays were drawn from.

    Raises:
        InvalidValue: there is no reason, it is not the next version, the newest version says the same, it
            does not cover the day on which it comes into force, or a year that it adds has no day off though
            those before it have some.
    """
    if calendar.name == ROUND_THE_CLOCK[0]:
        raise InvalidValue(f"{calendar.name} is every second there is; call another calendar otherwise")
    _is_next(editions, calendar, by)
    newest = editions.newest
    if newest and not newest.withdrawn_from and replace(calendar, version=newest.body.version) == newest.body:
        raise InvalidValue(f"that is what {calendar.name} v{newest.body.version} says")
    year = effective_from.astimezone(ZoneInfo(calendar.zone)).year
    if calendar.years and year not in calendar.years:
        raise InvalidValue(f"it counts from {year} on and does not cover that year", field="/years")
    before = newest.body.years if newest else {}
    bare = [
        number for number, year in sorted(calendar.years.items()) if number not in before and not year.off
    ]
    if bare and any(each.off for each in before.values()):
        raise InvalidValue(
            f"{bare[0]} has no day off, and other years have: list its holidays, or a day that is off anyway",
            field=f"/years/{bare[0]}/off",
        )
    return (CalendarPublished.of(calendar, effective_from, sources),)


def withdraw_calendar(
    editions: Editions[Calendar], *, effective_from: datetime, by: Act
) -> tuple[Event, ...]:
    """Let no more new ticket go by a calendar from a time on; clocks that go by it keep it (SLA 7, 8).

    Plans that name it take no new ticket from then on, until they or it are published anew.

    Raises:
        InvalidValue: there is no reason.
        NotAllowed: it is withdrawn already, or it is the one that every promise in clock time goes by.
    """
    if editions.name == ROUND_THE_CLOCK[0]:
        raise NotAllowed(f"promises in clock time go by {editions.name}", state="needed", allowed=())
    _can_be_withdrawn("calendar", editions, by)
    return (CalendarWithdrawn(calendar=editions.name, effective_from=effective_from),)


def publish_triage(
    editions: Editions[Triage], *, triage: Triage, effective_from: datetime, by: Act
) -> tuple[Event, ...]:
    """Publish the next version of what tickets are sorted by; what they have been given they keep (R02, R04).

    It is not withdrawn: a ticket is always judged by something, and a single code ends by its own days.

    Args:
        editions: what there is of it.
        triage: what it says, with the version that it takes itself for.

    Raises:
        InvalidValue: there is no reason, it is not the next version, or the newest version says the same.
    """
    if triage.name != TRIAGE:
        raise InvalidValue(f"there is one triage, {TRIAGE}", field="/name")
    _is_next(editions, triage, by)
    newest = editions.newest
    if newest and replace(triage, version=newest.body.version) == newest.body:
        raise InvalidValue(f"that is what {triage.name} v{newest.body.version} says")
    return (TriagePublished(triage=triage, effective_from=effective_from),)


def _is_next(editions: Editions[T], body: T, by: Act) -> None:
    _has_reason("publishing", by)
    if not NAME.fullmatch(body.name):
        raise InvalidValue(f"{body.name!r} is not a name such as gold-2026: a-z, 0-9, '.', '_' and '-'")
    if body.version != editions.next:
        raise InvalidValue(f"the next version of {body.name} is {editions.next}", field="/version")


def _can_be_withdrawn(noun: str, editions: Editions[T], by: Act) -> None:
    _has_reason("withdrawing", by)
    newest = editions.newest
    if newest is None or newest.withdrawn_from:
        raise NotAllowed(f"{noun} {editions.name} is withdrawn", state="withdrawn", allowed=("publish",))


def _has_reason(what: str, by: Act) -> None:
    if not (by.reason and by.reason.strip()):
        raise InvalidValue(f"{what} needs a reason", field="/reason")
