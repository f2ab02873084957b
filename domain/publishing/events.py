"""What can happen to a plan, a calendar or the triage. The acts say who published it, and why."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from domain.calendar import Calendar, Year
from domain.event import Event, recorded
from domain.plan import ServicePlan
from domain.ticket.triage import Triage
from domain.upkeep import stream_of
from domain.wall import Weekday

BOOK = stream_of("book of promises")
"""The case that all of it belongs to: whoever knows its last position has missed nothing of it."""
TRIAGE = "standard"
"""What the triage is called: there is one, which every ticket is sorted by."""


def plan_stream(name: str) -> str:
    """What the stream of a plan is called."""
    return f"plan:{name}"


def calendar_stream(name: str) -> str:
    """What the stream of a calendar is called."""
    return f"calendar:{name}"


def triage_stream(name: str) -> str:
    """What the stream of a triage is called."""
    return f"triage:{name}"


class Promised(Event, frozen=True):
    """Something that happened to the book of promises, in whichever of its streams."""

    @property
    def case(self) -> UUID:
        """The book."""
        return BOOK


@recorded
class PlanPublished(Promised, frozen=True, tag="plan.published"):
    """A version of a plan, never changed again; tickets pin it from ``effective_from`` on (SLA 8)."""

    plan: ServicePlan
    effective_from: datetime

    @property
    def number(self) -> str:
        """The plan's name."""
        return self.plan.name


@recorded
class PlanWithdrawn(Promised, frozen=True, tag="plan.withdrawn"):
    """No ticket that is reported from ``effective_from`` on pins any version that there is by now."""

    plan: str
    effective_from: datetime

    @property
    def number(self) -> str:
        """The plan's name."""
        return self.plan


class MadeUp(Struct, frozen=True):
    """A day worked although the week says otherwise (调休), and the weekday whose hours it keeps."""

    day: date
    like: Weekday


class CoveredYear(Struct, frozen=True):
    """What is special in one year, day by day."""

    year: int
    off: tuple[date, ...] = ()
    make_up: tuple[MadeUp, ...] = ()


@recorded
class CalendarPublished(Promised, frozen=True, tag="calendar.published"):
    """A version of a calendar, every day of it written out (SLA 7).

    ``sources`` say where holidays were drawn from. That is a remark: the days are those that stand here.
    """

    calendar: str
    version: int
    zone: str
    week: dict[Weekday, tuple[str, ...]]
    years: tuple[CoveredYear, ...]
    effective_from: datetime
    sources: tuple[str, ...] = ()

    @classmethod
    def of(cls, calendar: Calendar, effective_from: datetime, sources: tuple[str, ...]) -> CalendarPublished:
        """That a calendar was published."""
        years = (
            CoveredYear(
                number,
                tuple(sorted(year.off)),
                tuple(MadeUp(day, like) for day, like in sorted(year.make_up.items())),
            )
            for number, year in sorted(calendar.years.items())
        )
        return cls(
            calendar=calendar.name,
            version=calendar.version,
            zone=calendar.zone,
            week=calendar.week,
            years=tuple(years),
            effective_from=effective_from,
            sources=sources,
        )

    @property
    def body(self) -> Calendar:
        """What it says."""
        years = {
            each.year: Year(frozenset(each.off), {worked.day: worked.like for worked in each.make_up})
            for each in self.years
        }
        return Calendar(self.calendar, self.version, self.zone, self.week, years)

    @property
    def number(self) -> str:
        """The calendar's name."""
        return self.calendar


@recorded
class CalendarWithdrawn(Promised, frozen=True, tag="calendar.withdrawn"):
    """No ticket that is reported from ``effective_from`` on goes by any version that there is by now."""

    calendar: str
    effective_from: datetime

    @property
    def number(self) -> str:
        """The calendar's name."""
        return self.calendar


@recorded
class TriagePublished(Promised, frozen=True, tag="triage.published"):
    """A version of what tickets are sorted by, for what is judged from ``effective_from`` on (R02, R04)."""

    triage: Triage
    effective_from: datetime

    @property
    def number(self) -> str:
        """Its name."""
        return self.triage.name
