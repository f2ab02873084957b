"""The promises that tickets would have had: a book with the proposed ones in it, and who goes by them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace

from application.plans import plan_of
from domain.calendar import Calendar
from domain.errors import InvalidValue
from domain.event import Fact
from domain.plan import ServicePlan
from domain.promises import Promises, UnknownPlan
from domain.ticket.events import PlanPin, TicketRegistered
from domain.ticket.pinning_events import TicketRepinned
from projections.what_if.proposal import Proposal

PROPOSED = 0
"""The version of what was never published."""


class Trial:
    """What a proposal would have promised.

    Args:
        proposal: what is tried.
        known: the book of what was published.

    Attributes:
        promises: the book with the proposed plan and calendar in it.

    Raises:
        InvalidValue: the plan or the calendar cannot be; the field is a pointer into the proposal.
    """

    def __init__(self, proposal: Proposal, known: Promises) -> None:
        if proposal.plan is None and proposal.calendar is None:
            raise InvalidValue("propose a plan, a calendar, or both", field="/plan")
        self._proposal = proposal
        self._known = known
        self._calendar, self._plan = _calendar(proposal), _plan(proposal)
        plans = [self._plan] if self._plan else []
        calendars = [self._calendar] if self._calendar else []
        try:
            self.promises = known.beside(plans, calendars)
        except UnknownPlan as unknown:
            raise InvalidValue(unknown.message, field="/plan/calendar") from None

    def pin(self, event: TicketRegistered, reported_at: datetime) -> PlanPin | None:
        """What a ticket would have pinned; ``None`` for one that is not asked about."""
        if not self._is_meant(event, reported_at):
            return None
        if self._plan is not None:
            return self._pin_of(self._plan, reported_at)
        if self._calendar is not None and event.pin.calendar == self._calendar.name:
            return replace(event.pin, calendar_version=PROPOSED)
        return None

    def tried(self, facts: Sequence[Fact], pin: PlanPin) -> Iterator[Fact]:
        """A ticket's facts, as if it had been registered under that pin and never re-pinned."""
        first, *others = facts
        yield replace(first, event=replace(first.event, pin=pin))
        yield from (fact for fact in others if not isinstance(fact.event, TicketRepinned))

    def _is_meant(self, event: TicketRegistered, reported_at: datetime) -> bool:
        begins, ends = self._proposal.reported_from, self._proposal.reported_until
        if (begins and reported_at < begins) or (ends and reported_at >= ends):
            return False
        wanted, pin = self._proposal.replaces, event.pin
        plans = {pin.plan, f"{pin.plan} v{pin.plan_version}"}
        winner = event.contract.winner if event.contract else None
        return (
            (not wanted.plans or not plans.isdisjoint(wanted.plans))
            and (not wanted.customers or event.customer in wanted.customers)
            and (not wanted.contracts or (winner is not None and winner.number in wanted.contracts))
            and (not wanted.products or event.product in wanted.products)
            and (not wanted.priorities or event.priority in wanted.priorities)
        )

    def _pin_of(self, plan: ServicePlan, reported_at: datetime) -> PlanPin:
        """A plan that names no version of its calendar takes the one that counted at the report."""
        version = plan.calendar_version
        if self._calendar is not None and self._calendar.name == plan.calendar:
            version = PROPOSED
        elif version is None:
            editions = self._known.calendar_editions(plan.calendar)
            counted = editions.at(reported_at) or editions.all[0]
            version = counted.body.version
        return PlanPin(
            plan=plan.name, plan_version=plan.version, calendar=plan.calendar, calendar_version=version
        )


def _plan(proposal: Proposal) -> ServicePlan | None:
    if proposal.plan is None:
        return None
    try:
        return plan_of(proposal.plan.name, PROPOSED, proposal.plan)
    except InvalidValue as wrong:
        raise InvalidValue(wrong.message, field=f"/plan{wrong.field or ''}") from None


def _calendar(proposal: Proposal) -> Calendar | None:
    if proposal.calendar is None:
        return None
    body = proposal.calendar
    try:
        return Calendar(name=body.name, version=PROPOSED, zone=body.zone, week=body.week, years=body.years)
    except InvalidValue as wrong:
        raise InvalidValue(wrong.message, field=f"/calendar{wrong.field or ''}") from None
