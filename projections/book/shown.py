"""Plans, calendars and the triage as a reader sees them, and as people write them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from domain.calendar import Calendar, Year
from domain.clock import Milestone
from domain.plan import Penalty, ServicePlan, Special
from domain.promises import NotOffered, Promises
from domain.publishing.editions import Edition, Editions
from domain.ticket.triage import Coded, Triage
from domain.ticket.words import HoldReason, Impact, Priority, TravelBand, Urgency
from domain.title import Title
from domain.wall import Weekday
from projections.book.alerts import Alert, alerts, covered_until
from projections.cases.duration import iso


class ShownSpecial(msgspec.Struct, frozen=True, kw_only=True):
    """A promise for some tickets only."""

    milestone: Milestone
    within: str
    priority: Priority | None
    category: str | None
    band: TravelBand | None


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """One version of something, and how it came to be.

    Attributes:
        effective_from: tickets that are reported from then on go by it; ``None`` for what is shipped.
        withdrawn_from: those that are reported from then on no longer do.
        published_by: who published it.
        published_at: when.
        reason: why.
    """

    name: str
    version: int
    effective_from: datetime | None
    withdrawn_from: datetime | None
    published_by: str | None
    published_at: datetime | None
    reason: str | None


class ShownPlan(Issue, frozen=True, kw_only=True):
    """One version of a service plan, as it can be published again.

    Attributes:
        calendar_version: ``None`` for the newest that counts when a ticket is reported.
        targets: durations in ISO 8601; the others likewise.
    """

    title: Title
    calendar: str
    calendar_version: int | None
    targets: dict[Milestone, dict[Priority, str]]
    special: tuple[ShownSpecial, ...]
    clock_time: tuple[Milestone, ...]
    pausing: dict[Milestone, tuple[HoldReason, ...]]
    warnings: tuple[int, ...]
    warnings_of: dict[Milestone, tuple[int, ...]]
    penalties: tuple[Penalty, ...]


class ShownYear(msgspec.Struct, frozen=True, kw_only=True):
    """What is special in one year."""

    off: tuple[date, ...]
    make_up: dict[date, Weekday]


class ShownCalendar(Issue, frozen=True, kw_only=True):
    """One version of a calendar, as it can be published again.

    Attributes:
        covered_until: the last day with holiday data; ``None`` for one without end.
        sources: where holidays were drawn from as it was published.
    """

    zone: str
    week: dict[Weekday, tuple[str, ...]]
    years: dict[int, ShownYear]
    covered_until: date | None
    sources: tuple[str, ...]


class ShownTriage(Issue, frozen=True, kw_only=True):
    """One version of what tickets are sorted by, as it can be published again.

    Attributes:
        matrix: the priority by impact, then by urgency.
        categories: what a ticket may be classified as; with none any text is taken.
        fault_codes: likewise.
    """

    matrix: dict[Impact, dict[Urgency, Priority]]
    categories: tuple[Coded, ...]
    fault_codes: tuple[Coded, ...]


class PlanLine(Issue, frozen=True, kw_only=True):
    """A plan in a list: what its newest version is, and which one counts now.

    Attributes:
        counting: the version that a ticket reported now would pin; ``None`` for none.
    """

    title: Title
    calendar: str
    counting: int | None


class CalendarLine(Issue, frozen=True, kw_only=True):
    """A calendar in a list: what its newest version is, and which one counts now."""

    zone: str
    first_year: int | None
    covered_until: date | None
    counting: int | None


class PlanBook(msgspec.Struct, frozen=True):
    """Every plan, and what is wrong with the calendars that they go by."""

    items: tuple[PlanLine, ...]
    alerts: tuple[Alert, ...]


class CalendarBook(msgspec.Struct, frozen=True):
    """Every calendar, and those that will soon say nothing more."""

    items: tuple[CalendarLine, ...]
    alerts: tuple[Alert, ...]


class PlanHistory(msgspec.Struct, frozen=True):
    """A plan with all its versions, the newest first.

    Attributes:
        version: how many of its events the log holds; the ``ETag``, and what ``If-Match`` names.
    """

    name: str
    version: int
    items: tuple[ShownPlan, ...]


class CalendarHistory(msgspec.Struct, frozen=True):
    """A calendar with all its versions, the newest first.

    Attributes:
        version: how many of its events the log holds; the ``ETag``, and what ``If-Match`` names.
    """

    name: str
    version: int
    items: tuple[ShownCalendar, ...]


class TriageHistory(msgspec.Struct, frozen=True):
    """What tickets are sorted by with all its versions, the newest first.

    Attributes:
        version: how many of its events the log holds; the ``ETag``, and what ``If-Match`` names.
    """

    name: str
    version: int
    items: tuple[ShownTriage, ...]


def plan_book(promises: Promises, now: datetime) -> PlanBook:
    """Every plan, as it is now."""
    lines = (
        _plan_line(each.newest, _counting(promises, each.name, now))
        for each in promises.all_plans
        if each.newest
    )
    return PlanBook(tuple(lines), alerts(promises, now))


def calendar_book(promises: Promises, now: datetime) -> CalendarBook:
    """Every calendar, as it is now."""
    lines = (_calendar_line(each, each.newest, now) for each in promises.all_calendars if each.newest)
    return CalendarBook(tuple(lines), alerts(promises, now))


def going_by(promises: Promises, calendar: str) -> tuple[str, ...]:
    """The plans that name a calendar, by name; those that are withdrawn go by nothing."""
    newest = (each.newest for each in promises.all_plans)
    return tuple(
        each.body.name
        for each in newest
        if each and not each.withdrawn_from and each.body.calendar == calendar
    )


def _counting(promises: Promises, plan: str, now: datetime) -> int | None:
    try:
        return promises.pin(plan, now).plan_version
    except NotOffered:
        return None


def _plan_line(newest: Edition[ServicePlan], counting: int | None) -> PlanLine:
    body = newest.body
    return PlanLine(**_issue(newest), title=body.title, calendar=body.calendar, counting=counting)


def _calendar_line(editions: Editions[Calendar], newest: Edition[Calendar], now: datetime) -> CalendarLine:
    body, counting = newest.body, editions.offered(now)
    return CalendarLine(
        **_issue(newest),
        zone=body.zone,
        first_year=min(body.years, default=None),
        covered_until=covered_until(body),
        counting=counting.body.version if counting else None,
    )


def shown_plan(edition: Edition[ServicePlan]) -> ShownPlan:
    """One version of a plan."""
    plan = edition.body
    return ShownPlan(
        **_issue(edition),
        title=plan.title,
        calendar=plan.calendar,
        calendar_version=plan.calendar_version,
        targets={
            milestone: {priority: iso(seconds) for priority, seconds in each.items()}
            for milestone, each in plan.targets.items()
        },
        special=tuple(map(_special, plan.special)),
        clock_time=tuple(sorted(plan.clock_time)),
        pausing={milestone: tuple(sorted(waits)) for milestone, waits in plan.pausing.items()},
        warnings=plan.warnings,
        warnings_of=plan.warnings_of,
        penalties=plan.penalties,
    )


def shown_calendar(edition: Edition[Calendar]) -> ShownCalendar:
    """One version of a calendar."""
    calendar = edition.body
    return ShownCalendar(
        **_issue(edition),
        zone=calendar.zone,
        week=calendar.week,
        years={number: _year(year) for number, year in sorted(calendar.years.items())},
        covered_until=covered_until(calendar),
        sources=edition.sources,
    )


def shown_triage(edition: Edition[Triage]) -> ShownTriage:
    """One version of what tickets are sorted by."""
    triage = edition.body
    return ShownTriage(
        **_issue(edition),
        matrix=triage.matrix,
        categories=triage.categories,
        fault_codes=triage.fault_codes,
    )


def _issue(edition: Edition[Any]) -> dict[str, Any]:
    act = edition.act
    return {
        "name": edition.body.name,
        "version": edition.body.version,
        "effective_from": edition.effective_from,
        "withdrawn_from": edition.withdrawn_from,
        "published_by": act and act.actor,
        "published_at": act and act.occurred_at,
        "reason": act and act.reason,
    }


def _special(special: Special) -> ShownSpecial:
    return ShownSpecial(
        milestone=special.milestone,
        within=iso(special.seconds),
        priority=special.priority,
        category=special.category,
        band=special.band,
    )


def _year(year: Year) -> ShownYear:
    return ShownYear(off=tuple(sorted(year.off)), make_up=dict(sorted(year.make_up.items())))
