"""A plan and its calendar, told as they are published."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from domain.calendar import Calendar, Year
from domain.clock import Milestone
from domain.event import Act, Event, Fact
from domain.plan import ServicePlan
from domain.promises import Promises
from domain.publishing.events import CalendarPublished, CalendarWithdrawn, PlanPublished, PlanWithdrawn
from domain.ticket.words import Priority
from domain.title import Title
from domain.upkeep import stream_of
from domain.wall import Weekday

WEEK = {Weekday.MON: ("09:00-12:00", "13:00-18:00")}


def day(text: str) -> datetime:
    """The begin of a day of 2026, written "03-02"."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def by(text: str = "03-02", reason: str | None = "agreed in the review") -> Act:
    """What somebody does on a day."""
    return Act(actor="contract_manager:sun.yue", occurred_at=day(text), reason=reason)


def plan(version: int = 1, hours: int = 4, name: str = "gold", **more: Any) -> ServicePlan:
    """A plan that promises P1 in so many hours."""
    usual = {"calendar": "office", "targets": {Milestone.RESOLVE: {Priority.P1: hours * 3600}}}
    title = Title(zh="金牌服务", en="Gold")
    return ServicePlan(name=name, version=version, title=title, **{**usual, **more})


def calendar(version: int = 1, *, saturdays: bool = False, years: tuple[int, ...] = (2025, 2026)) -> Calendar:
    """Office hours, perhaps on Saturdays too."""
    week = WEEK | ({Weekday.SAT: ("09:00-12:00",)} if saturdays else {})
    return Calendar("office", version, "UTC", week, dict.fromkeys(years, Year()))


def shipped(*plans: ServicePlan) -> Promises:
    """A book that comes with the first version of the calendar, and these plans."""
    return Promises(plans, [calendar(), Calendar("24x7", 1)])


def told(events: list[Event], name: str = "plan:gold", first: int = 1) -> list[Fact]:
    """Events as facts of a stream."""
    stream = stream_of(name)
    return [
        Fact(stream_id=stream, version=version, event=event, act=by(), correlation_id=stream)
        for version, event in enumerate(events, first)
    ]


def published(version: int, since: str, hours: int = 4, **more: Any) -> Event:
    """A version of the plan counts from a day on."""
    return PlanPublished(plan=plan(version, hours, **more), effective_from=day(since))


def withdrawn(since: str) -> Event:
    """The plan is offered no more from a day on."""
    return PlanWithdrawn(plan="gold", effective_from=day(since))


def calendar_withdrawn(since: str) -> Event:
    """The calendar is for no more new tickets from a day on."""
    return CalendarWithdrawn(calendar="office", effective_from=day(since))


def calendar_published(version: int, since: str, **more: Any) -> Event:
    """A version of the calendar counts from a day on."""
    return CalendarPublished.of(calendar(version, **more), day(since), ())
