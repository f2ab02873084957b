"""What is open on a ticket: every step, who is responsible for it, and by when it is due (R09).

A step is there for as long as the ticket is in a state that asks for it, as clocks are. Who is responsible is
the person named for the step itself, else whoever works on the ticket, else its owner (R05), else its team.
Where there is none of these, or no due time, the step shows that: it is a defect that somebody should mend.

Of a ticket that has been resolved or has ended only what can still be done is open. What nobody was promised
is no step. But to deal with the fault, to answer a handover or a complaint, and to deliver what was ordered
always are steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from domain.clock import Clock, Milestone
from domain.ticket.allowed import OPEN
from domain.ticket.state import Ticket
from domain.ticket.words import Status


class StepKind(StrEnum):
    """What is to be done; those that a clock measures are called as it is."""

    ACKNOWLEDGE = "acknowledge"
    FIRST_RESPONSE = "first_response"
    DISPATCH = "dispatch"
    ON_SITE = "on_site"
    WORKAROUND = "workaround"
    RESOLVE = "resolve"
    PART_DELIVERED = "part_delivered"
    CALLBACK = "callback"
    COMPLAINT_ANSWER = "complaint_answer"
    HANDOVER = "handover"
    TIER_L1 = "tier_l1"
    TIER_L2 = "tier_l2"
    TIER_L3 = "tier_l3"
    TIER_L4 = "tier_l4"
    PART_WAIT = "part_wait"
    SUPPLIER_WAIT = "supplier_wait"
    LIAISON = "liaison"
    REVIEW = "review"
    """Look again at a ticket that is on hold."""
    VISIT = "visit"
    """Be at the customer's when expected."""
    QUESTION = "question"
    """Decide what the service could not do by itself."""
    REPIN = "repin"
    """Decide on a request to go by another plan or calendar."""
    CLOSE = "close"
    """Have the customer confirm the solution, and close."""


class Ground(StrEnum):
    """Why somebody is responsible."""

    NAMED = "named"
    """Named for this very step."""
    WORKER = "worker"
    """Works on the ticket."""
    OWNER = "owner"
    """Owns it."""
    TEAM = "team"
    """No person is: the team has it."""
    NOBODY = "nobody"
    """A defect to be mended."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something open on a ticket.

    Attributes:
        item: which one of its kind: the cycle of a clock, a number, an id; empty where there is one only.
        person: who is responsible.
        team: which has it.
        ground: why it is theirs.
        since: from when on it is open.
        due_at: by when it is due, where no clock says so.
        clock: that measures it.
        about: what it is about, in the words that were used.
    """

    kind: StepKind
    item: str = ""
    person: str | None
    team: str | None
    ground: Ground
    since: datetime
    due_at: datetime | None = None
    clock: Clock | None = None
    about: str | None = None


AFTER_THE_WORK = frozenset({Milestone.CALLBACK, Milestone.COMPLAINT_ANSWER, Milestone.LIAISON})
"""What is still open when the fault is dealt with."""
ALWAYS = frozenset({Milestone.RESOLVE, Milestone.HANDOVER})
"""What is a step even where nothing says by when."""


def steps(ticket: Ticket, clocks: Iterable[Clock], known_since: datetime | None = None) -> Iterator[Step]:
    """Every open step of a ticket.

    Args:
        clocks: all of the ticket's, the customer's and our own.
        known_since: when it came here, if it was imported: what had ended by then is nobody's step here.
    """
    is_open = ticket.status in OPEN
    told = set[tuple[StepKind, str]]()
    for clock in clocks:
        if clock.unstopped and (clock.targets[-1].seconds is not None or clock.milestone in ALWAYS):
            is_ours = known_since is None or clock.started_at > known_since
            if is_open or (clock.milestone in AFTER_THE_WORK and is_ours):
                step = _measured(ticket, clock)
                told.add((step.kind, step.item))
                yield step
    for step in _unpromised(ticket):
        if (step.kind, step.item) not in told:
            yield step
    if ticket.hold is not None:
        hold = ticket.hold
        yield Step(kind=StepKind.REVIEW, since=hold.since, due_at=hold.review_at, **_who(ticket))
    if is_open and ticket.planned_at is not None:
        since, who = ticket.dispatched_at or ticket.planned_at, _who(ticket, ticket.technician)
        yield Step(kind=StepKind.VISIT, since=since, due_at=ticket.planned_at, **who)
    for asked in ticket.questions:
        item, who = str(asked.id), _who(ticket)
        yield Step(kind=StepKind.QUESTION, item=item, since=asked.since, about=asked.detail, **who)
    if ticket.repin is not None:
        item, who = str(ticket.repin.request), _who(ticket, but=ticket.repin.by.rpartition(":")[2])
        yield Step(kind=StepKind.REPIN, item=item, since=ticket.repin.since, about=ticket.repin.reason, **who)
    if ticket.status in {Status.RESOLVED, Status.CONFIRMED}:
        yield Step(kind=StepKind.CLOSE, since=ticket.resolved_at or ticket.reported_at, **_who(ticket))


def _unpromised(ticket: Ticket) -> Iterator[Step]:
    """What is waited for whether or not a plan says by when."""
    who = _who(ticket)
    for each in ticket.complaints:
        if each.answered_at is None:
            kind, item = StepKind.COMPLAINT_ANSWER, str(each.complaint)
            yield Step(kind=kind, item=item, since=each.made_at, about=each.text, **who)
    for order in ticket.orders if ticket.status in OPEN else ():
        if order.delivered_at is None:
            kind, item = StepKind.PART_DELIVERED, str(order.order)
            yield Step(kind=kind, item=item, since=order.ordered_at, about=order.part, **who)


def _measured(ticket: Ticket, clock: Clock) -> Step:
    """The step that a clock measures."""
    who, about = _who(ticket), None
    match clock.milestone:
        case Milestone.LIAISON:
            asked = next(each for each in ticket.liaisons if each.liaison == clock.cycle)
            who, about = _who(ticket, asked.person), f"{asked.who}: {asked.question}"
        case Milestone.ON_SITE:
            who = _who(ticket, ticket.technician)
        case Milestone.HANDOVER if ticket.handover is not None:
            # Who handed it over is not who accepts it.
            who = _who(msgspec.structs.replace(ticket, person=None, team=ticket.handover.team))
        case Milestone.PART_DELIVERED:
            about = next((order.part for order in ticket.orders if order.order == clock.cycle), None)
        case Milestone.COMPLAINT_ANSWER:
            about = next((each.text for each in ticket.complaints if each.complaint == clock.cycle), None)
        case _:
            pass
    kind, item = StepKind(clock.milestone.value), str(clock.cycle)
    return Step(kind=kind, item=item, since=clock.started_at, clock=clock, about=about, **who)


def _who(ticket: Ticket, named: str | None = None, *, but: str | None = None) -> Any:
    """Who is responsible.

    Args:
        named: for the step itself.
        but: who cannot be.
    """
    found = ((Ground.NAMED, named), (Ground.WORKER, ticket.person), (Ground.OWNER, ticket.owner))
    nobody = Ground.TEAM if ticket.team else Ground.NOBODY
    ground, person = next((each for each in found if each[1] not in {None, but}), (nobody, None))
    return {"person": person, "team": ticket.team, "ground": ground}
