"""What somebody wants to be tried."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from application.plans import PlanBody
from domain.calendar import Year
from domain.ticket.words import Priority
from domain.wall import Weekday

Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
Listed = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=300)], ...], Meta(max_length=200)]
Time = Annotated[datetime, Meta(tz=True)]
USUAL_GROUPS = ("priority", "milestone")


class ProposedPlan(PlanBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service plan as it would be published.

    Attributes:
        name: what tables call it; its version is 0 there, since none was published.
    """

    name: Name = "proposed"


class ProposedCalendar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A calendar as it would be published.

    Attributes:
        name: the calendar that it would be a version of, or another.
        zone: IANA time zone of the wall the hours are read from.
        week: for each weekday the hours worked, written "09:00-12:00"; a weekday left out is off.
        years: the covered years, with their holidays and make-up days.
    """

    name: Name
    zone: str = "UTC"
    week: dict[Weekday, tuple[str, ...]] = {}
    years: dict[int, Year] = {}


class Replaced(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose promises are replaced: tickets that fit everything that is given; every ticket, if nothing is.

    Attributes:
        plans: that they were registered under, by name, "standard", or with the version, "standard v1".
        customers: any of these.
        contracts: by number: any of these.
        products: any of these.
        priorities: any of these, as they were registered.
    """

    plans: Listed = ()
    customers: Listed = ()
    contracts: Listed = ()
    products: Listed = ()
    priorities: tuple[Priority, ...] = ()


class Proposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan, a calendar or both, tried on the tickets of a period.

    Attributes:
        plan: what the tickets would have been promised. Without it they keep their plans.
        calendar: in what working time. With a plan that names it, it is the plan's; without a plan it stands
            in the place of every version of the calendar of this name.
        replaces: whose promises are replaced.
        reported_from: only tickets that were reported then or later.
        reported_until: only tickets that were reported before.
        group_by: how both tables are grouped.
        as_of: when clocks that run are judged; now when absent.
        position: up to where the log counts; all of it when absent.
    """

    plan: ProposedPlan | None = None
    calendar: ProposedCalendar | None = None
    replaces: Replaced = Replaced()
    reported_from: Time | None = None
    reported_until: Time | None = None
    group_by: Annotated[tuple[str, ...], Meta(max_length=12)] = USUAL_GROUPS
    as_of: Time | None = None
    position: Annotated[int, Meta(ge=0, le=2**53 - 1)] | None = None
