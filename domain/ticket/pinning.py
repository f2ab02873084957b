"""Re-pinning: asked for by one person with a reason, approved by another (SLA 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from domain.errors import InvalidValue, NotAllowed
from domain.event import Act, Event, Fact
from domain.promises import Promises, UnknownPlan
from domain.ticket.allowed import allowed_actions, must_allow, needs_reason
from domain.ticket.clocks import fold
from domain.ticket.events import PlanPin, TicketRegistered
from domain.ticket.pinning_events import Owed, RepinDeclined, RepinRequested, TicketRepinned
from domain.ticket.state import Repin, Ticket


class SamePerson(NotAllowed):
    """Whoever asks does not approve: what moves deadlines is seen by four eyes (SLA 8)."""

    code = "same-person"


def other_pin(
    ticket: Ticket,
    promises: Promises,
    at: datetime,
    *,
    newest: PlanPin | None = None,
    plan_version: int | None = None,
    calendar: str | None = None,
    calendar_version: int | None = None,
) -> PlanPin:
    """What a ticket would go by; of what is not stated the plan's calendar follows the plan, the rest stays.

    Args:
        ticket: the ticket.
        promises: the book of plans and calendars.
        at: when it is asked: a plan that names no version of its calendar takes the one that counts then.
        newest: what a new ticket would pin of the plan that is asked for, if one is.
        plan_version: another version of that plan, or of the ticket's own.
        calendar: another calendar than the plan's; its version must be stated.
        calendar_version: another version of that calendar, or of the ticket's own.

    Raises:
        UnknownPlan: the book does not hold it.
        WithoutCalendar: it would go by another calendar, which is withdrawn.
        InvalidValue: nothing would be different.
    """
    pin = newest or ticket.pin
    try:
        if plan_version is not None:
            plan = promises.plan(replace(pin, plan_version=plan_version))
            edition = promises.calendar_editions(plan.calendar).at(at)
            counts = edition.body.version if edition else pin.calendar_version
            pin = PlanPin(
                plan=plan.name,
                plan_version=plan.version,
                calendar=plan.calendar,
                calendar_version=plan.calendar_version or counts,
            )
    except UnknownPlan as unknown:
        raise UnknownPlan(unknown.message, field="/plan_version") from None
    if calendar is not None and calendar_version is None:
        raise InvalidValue("say which version of the calendar", field="/calendar_version")
    pin = replace(
        pin,
        calendar=calendar or pin.calendar,
        calendar_version=calendar_version or pin.calendar_version,
    )
    try:
        promises.calendar(pin)
    except UnknownPlan as unknown:
        raise UnknownPlan(unknown.message, field="/calendar_version") from None
    if pin.calendar != ticket.pin.calendar:
        promises.offers_calendar(pin, at)
    if pin == ticket.pin:
        raise InvalidValue(
            f"{ticket.number} goes by plan {pin.plan} v{pin.plan_version} "
            f"and calendar {pin.calendar} v{pin.calendar_version} already",
            field="/plan",
        )
    return pin


def repin(ticket: Ticket, *, pin: PlanPin, by: Act) -> tuple[Event, ...]:
    """Ask that the ticket go by another plan or calendar; nothing moves until somebody else approves.

    Raises:
        InvalidValue: no reason was given.
    """
    must_allow(ticket, "repin", by)
    needs_reason(by, "re-pinning")
    return (RepinRequested(request=ticket.repins + 1, pin=pin),)


def approve_repin(ticket: Ticket, *, request: int, begins: Sequence[Owed], by: Act) -> tuple[Event, ...]:
    """Let it go by what was asked for, from now on.

    Args:
        ticket: the ticket.
        request: the number of the request, so that nobody approves another than they saw.
        begins: what only the new plan promises and still has to be done; see ``newly_owed``.
        by: who, when and why.

    Raises:
        InvalidValue: there is no such open request.
        SamePerson: the one who approves is the one who asked, in whichever role.
    """
    must_allow(ticket, "approve-repin", by)
    asked = _open(ticket, request)
    if _person(asked.by) == _person(by.actor):
        others = tuple(action for action in allowed_actions(ticket) if action != "approve-repin")
        raise SamePerson(
            f"request {request} on {ticket.number} is by {asked.by}: somebody else must approve it",
            state=ticket.status.value,
            allowed=others,
        )
    return (
        TicketRepinned(
            request=request,
            requested_by=asked.by,
            before=ticket.pin,
            pin=asked.pin,
            category=ticket.category,
            begins=tuple(begins),
        ),
    )


def decline_repin(ticket: Ticket, *, request: int, by: Act) -> tuple[Event, ...]:
    """Leave it as it is; whoever asked may do so, too.

    Raises:
        InvalidValue: there is no such open request, or no reason was given.
    """
    must_allow(ticket, "decline-repin", by)
    needs_reason(by, "declining")
    _open(ticket, request)
    return (RepinDeclined(request=request),)


def newly_owed(facts: Sequence[Fact], pin: PlanPin, promises: Promises) -> tuple[Owed, ...]:
    """What a ticket would wait for had it gone by this pin from its report on, and has no clock for."""
    told = [fact for fact in facts if not isinstance(fact.event, TicketRepinned)]
    as_if = fold([_pinned(fact, pin) for fact in told], promises)
    there = {(clock.milestone, clock.cycle) for clock in fold(facts, promises)}
    return tuple(
        Owed(clock.milestone, clock.cycle, clock.started_at)
        for clock in as_if
        if clock.unstopped and (clock.milestone, clock.cycle) not in there
    )


def _pinned(fact: Fact, pin: PlanPin) -> Fact:
    if not isinstance(fact.event, TicketRegistered):
        return fact
    return replace(fact, event=replace(fact.event, pin=pin))


def _open(ticket: Ticket, request: int) -> Repin:
    if ticket.repin is None or ticket.repin.request != request:
        raise InvalidValue(f"{ticket.number} has no open request {request}", field="/request")
    return ticket.repin


def _person(actor: str) -> str:
    """An actor without the role: one person may have several."""
    return actor.partition(":")[2]
