"""The commands that service plans, calendars and the triage take, as they arrive."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from application.access import Permission
from application.commands import Action, Decision, Moment, Name, in_utc
from application.drawing import Drawn
from application.plans import PlanBody, SpecialPromise
from domain.calendar import FIRST, LAST, Year
from domain.clock import Milestone
from domain.errors import InvalidValue
from domain.event import Act
from domain.plan import USUAL_WARNINGS, Penalty, Warnings, usual_pauses
from domain.publishing import decisions
from domain.ticket.triage import Coded
from domain.ticket.words import HoldReason, Impact, Priority, Urgency
from domain.title import Title
from domain.wall import Weekday

Version = Annotated[int, Meta(ge=1, le=1_000_000)]
Hours = Annotated[tuple[str, ...], Meta(max_length=24)]


class Publishing(Action, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command to a plan, a calendar or the triage."""

    needs: ClassVar[Permission] = Permission.CONTRACTS

    effective_from: Moment | None = None

    def counts_from(self, act: Act) -> datetime:
        """From when on it counts: from now on, unless it says otherwise."""
        if self.effective_from is None:
            return act.occurred_at
        counts_from = in_utc(self.effective_from, "/effective_from")
        if not FIRST <= counts_from.year < LAST:
            raise InvalidValue(f"this is not between {FIRST} and {LAST}", field="/effective_from")
        return counts_from


class PublishPlan(Publishing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Publish the next version of a service plan; `reason` is required. Tickets keep what they have (SLA 8).

    Attributes:
        effective_from: tickets that are reported from then on pin it; from now on when absent.
        version: the one that this takes itself for; the next one when absent.
        calendar: the working time that it is measured in.
        calendar_version: its version; the newest that counts when a ticket is reported, when absent.
        targets: for each milestone and priority the time promised, as ISO 8601 duration: "PT7H30M".
        special: what is promised otherwise to some tickets, by category or by the way to the customer.
        clock_time: the milestones that are promised in clock time, whatever the calendar says.
        pausing: for each milestone the waits that pause it; what the customer waits for himself when absent.
        warnings: when somebody is warned, in percent of the time promised.
        warnings_of: the same for single milestones.
        penalties: what an hour late costs, or part of one (SLA 14).
    """

    action: ClassVar[str] = "publish"
    decision: ClassVar[Decision] = decisions.publish_plan

    version: Version | None = None
    title: Title
    calendar: Name
    calendar_version: Version | None = None
    targets: dict[Milestone, dict[Priority, timedelta]]
    special: Annotated[tuple[SpecialPromise, ...], Meta(max_length=500)] = ()
    clock_time: frozenset[Milestone] = frozenset()
    pausing: dict[Milestone, frozenset[HoldReason]] = msgspec.field(default_factory=usual_pauses)
    warnings: Warnings = USUAL_WARNINGS
    warnings_of: dict[Milestone, Warnings] = {}
    penalties: Annotated[tuple[Penalty, ...], Meta(max_length=100)] = ()

    @property
    def body(self) -> PlanBody:
        """What the plan would say."""
        return PlanBody(**{name: getattr(self, name) for name in PlanBody.__struct_fields__})


class WithdrawPlan(Publishing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Offer a plan to no more new tickets; `reason` is required. Those that pin it keep it (SLA 8).

    Attributes:
        effective_from: tickets that are reported from then on no longer pin it; from now on when absent.
    """

    action: ClassVar[str] = "withdraw"
    decision: ClassVar[Decision] = decisions.withdraw_plan


class PublishCalendar(Publishing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Publish the next version of a calendar; `reason` is required (SLA 7). Clocks that run keep theirs.

    Attributes:
        effective_from: tickets that are reported from then on go by it; from now on when absent.
        version: the one that this takes itself for; the next one when absent.
        zone: IANA time zone of the wall that the hours are read from.
        week: for each weekday the hours worked, such as "09:00-12:00" or, over midnight, "22:00-06:00".
        years: the covered years with their days off and make-up days, these with the weekday they are like.
        drawn: years whose holidays are drawn from a library now and written out; `years` adds days to them.
    """

    action: ClassVar[str] = "publish"
    decision: ClassVar[Decision] = decisions.publish_calendar

    version: Version | None = None
    zone: Name
    week: dict[Weekday, Hours]
    years: dict[int, Year] = {}
    drawn: Annotated[tuple[Drawn, ...], Meta(max_length=10)] = ()


class WithdrawCalendar(Publishing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let no more new tickets go by a calendar; `reason` is required. Clocks that run keep theirs (SLA 7).

    Plans that name it take no new ticket from then on, until they or it are published anew.

    Attributes:
        effective_from: tickets that are reported from then on no longer go by it; from now on when absent.
    """

    action: ClassVar[str] = "withdraw"
    decision: ClassVar[Decision] = decisions.withdraw_calendar


class PublishTriage(Publishing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Publish the next version of what tickets are sorted by; `reason` is required (R02, R04).

    Attributes:
        effective_from: what is judged from then on goes by it; from now on when absent.
        version: the one that this takes itself for; the next one when absent.
        matrix: the priority by impact, then by urgency; all twelve.
        categories: what a ticket may be classified as; with none any text is taken.
        fault_codes: likewise; `parent` is the category that one belongs to.
    """

    action: ClassVar[str] = "publish"
    decision: ClassVar[Decision] = decisions.publish_triage

    version: Version | None = None
    matrix: dict[Impact, dict[Urgency, Priority]]
    categories: Annotated[tuple[Coded, ...], Meta(max_length=2000)] = ()
    fault_codes: Annotated[tuple[Coded, ...], Meta(max_length=10_000)] = ()


PLAN_ACTIONS: tuple[type[Publishing], ...] = (PublishPlan, WithdrawPlan)
CALENDAR_ACTIONS: tuple[type[Publishing], ...] = (PublishCalendar, WithdrawCalendar)
TRIAGE_ACTIONS: tuple[type[Publishing], ...] = (PublishTriage,)
"""Everything that may be asked of a plan, of a calendar, and of the triage."""
