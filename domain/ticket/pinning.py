"""Re-pinning: asked for by one person with a reason, approved by another (SLA 8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from domain.errors import InvalidValue, NotAllowed
from domain.event import Act, Event, Fact
from domain.plan import Promises, UnknownPlan
from domain.ticket.allowed import must_allow, not_allowed
from domain.ticket.clocks import fold
from domain.ticket.events import PlanPin, TicketRegistered
from domain.ticket.pinning_events import Owed, RepinDeclined, RepinRequested, TicketRepinned
from domain.ticket.promised import AT_REPORT
from domain.ticket.state import Ticket


class SamePerson(NotAllowed):
    """Whoever asks does not approve: four eyes."""

    code = "same-person"


def other_pin(
    pin: PlanPin,
    newest: PlanPin,
    promises: Promises,
    *,
    plan_version: int | None = None,
    calendar: str | None = None,
    calendar_version: int | None = None,
) -> PlanPin:
    """What a ticket would go by that goes by ``pin``; whatever is not stated follows from what is.

    Args:
        pin: what it goes by.
        newest: what a new ticket would pin of the plan that is asked for; ``pin`` where none is.
        promises: the book of plans and calendars.
        plan_version: another version of that plan.
        calendar: another calendar than that of the plan.
        calendar_version: its version.

    Raises:
        UnknownPlan: the book does not hold it.
        InvalidValue: nothing would be different.
    """
    asked = newest
    if plan_version is not None:
        asked = replace(asked, plan_version=plan_version)
    plan = _known(lambda: promises.plan(asked), "/plan_version")
    if plan_version is not None or newest != pin:
        asked = replace(asked, calendar=plan.calendar, calendar_version=plan.calendar_version)
    if calendar is not None:
        asked = replace(asked, calendar=calendar)
    if calendar_version is not None:
        asked = replace(asked, calendar_version=calendar_version)
    _known(lambda: promises.calendar(asked), "/calendar_version")
    if asked == pin:
        raise InvalidValue(f"it goes by {told(pin)} already", field="/plan")
    return asked
