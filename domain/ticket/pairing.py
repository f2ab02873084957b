"""Tickets that belong together: merged, linked, split (R02, SLA 11)."""

from __future__ import annotations

from uuid import UUID

from msgspec.structs import replace

from domain.clock import Clock, Milestone, Pause
from domain.errors import InvalidValue
from domain.event import Act, Event, Told
from domain.ticket.allowed import ENDED, must_allow, must_follow_report, needs_reason, not_allowed
from domain.ticket.decisions import must_be_settled
from domain.ticket.errors import Owing
from domain.ticket.field_events import PartOrdered
from domain.ticket.liaison_events import OthersAsked
from domain.ticket.promised import AT_REPORT, Clocks
from domain.ticket.state import Ticket
from domain.ticket.triage_events import (
    Brought,
    TicketAbsorbed,
    TicketLinked,
    TicketMerged,
    TicketSplit,
    TicketUnlinked,
)
from domain.ticket.words import Link

MOST_LINKS = 200
"""Of one ticket."""


def merge(ticket: Ticket, *, survivor: Ticket, owing: Owing | None = None, by: Act) -> tuple[Event, ...]:
    """End a ticket because another one goes on for both (SLA 11).

    No circle can come of it: what was merged has ended, and nothing is merged into what has ended.

    Args:
        ticket: the one that ends.
        survivor: the one that goes on.
        owing: what was issued for the ticket and is not accounted for, by part number.
        by: who, when and why.

    Raises:
        NotAllowed: the ticket is not open, or the survivor has ended.
        Unsettled: parts are out, or a question is open; see ``close``.
        InvalidValue: they are one ticket.
    """
    must_allow(ticket, "merge", by)
    if survivor.id == ticket.id:
        raise InvalidValue("a ticket is not merged into itself", field="/into")
    if survivor.status in ENDED:
        raise not_allowed(
            survivor, f"{survivor.number} is {survivor.status.value}, so nothing is merged into it"
        )
    must_follow_report(survivor, by)
    must_be_settled(ticket, owing or {})
    return (TicketMerged(into=survivor.id, number=survivor.number),)


def absorb(ticket: Ticket, clocks: Clocks, by: Act) -> TicketAbsorbed:
    """What is said on the survivor when a ticket with these clocks is merged into it."""
    brought = (_brought(clocks, milestone, by) for milestone in AT_REPORT)
    return TicketAbsorbed(
        ticket=ticket.id,
        number=ticket.number,
        reported_at=ticket.reported_at,
        brought=tuple(each for each in brought if each.reached_at or each.pauses),
    )


def taken_along(ticket: Ticket, survivor: Ticket, by: Act) -> list[Told]:
    """What is waited for still when a ticket is merged: the survivor goes on waiting, from the same time on.

    What others were asked, and parts that were ordered. A complaint stays where it was made, to be answered
    there; a question to a person of ours lets nothing be merged.
    """
    told: list[Told] = []
    asked = [each for each in ticket.liaisons if each.is_open]
    for liaison, each in enumerate(asked, len(survivor.liaisons) + 1):
        again = OthersAsked(
            liaison=liaison,
            counterpart=each.counterpart,
            who=each.who,
            question=each.question,
            due_at=each.due_at,
            person=each.person,
            came_with=each.came_with or ticket.number,
        )
        told.append(Told(again, replace(by, occurred_at=each.asked_at)))
    ordered = [each for each in ticket.orders if each.delivered_at is None]
    for order, each in enumerate(ordered, len(survivor.orders) + 1):
        came_with = each.came_with or ticket.number
        again = PartOrdered(order=order, part=each.part, quantity=each.quantity, came_with=came_with)
        told.append(Told(again, replace(by, occurred_at=each.ordered_at)))
    return told


def _brought(clocks: Clocks, milestone: Milestone, by: Act) -> Brought:
    """A solution that stands ends a ticket for merging, so none is brought: an earlier one was not it."""
    own = [clock for clock in clocks if clock.milestone is milestone]
    stops = [clock.stopped_at for clock in own if clock.stopped_at and milestone is not Milestone.RESOLVE]
    pauses = tuple(pause for clock in own for pause in _pauses(clock, by))
    return Brought(milestone=milestone, reached_at=min(stops, default=None), pauses=pauses)


def _pauses(clock: Clock, by: Act) -> tuple[Pause, ...]:
    since = clock.paused_since
    still = (Pause(since, by.occurred_at),) if since is not None and since < by.occurred_at else ()
    return clock.pauses + still


def link(ticket: Ticket, *, to: Ticket, link: Link, by: Act) -> tuple[Event, ...]:
    """Say that a ticket has to do with another.

    Raises:
        InvalidValue: they are one ticket, are linked so already, or the ticket has too many links.
    """
    must_allow(ticket, "link", by)
    if to.id == ticket.id:
        raise InvalidValue("a ticket is not linked with itself", field="/to")
    if (to.id, link) in _links(ticket):
        raise InvalidValue(f"{ticket.number} is linked so with {to.number} already", field="/to")
    if len(ticket.links) >= MOST_LINKS:
        raise InvalidValue(f"a ticket has {MOST_LINKS} links at most", field="/to")
    return (TicketLinked(ticket=to.id, number=to.number, link=link),)


def unlink(ticket: Ticket, *, to: Ticket, link: Link, by: Act) -> tuple[Event, ...]:
    """Take a link back.

    Raises:
        InvalidValue: the ticket has no such link of its own.
    """
    must_allow(ticket, "unlink", by)
    if (to.id, link) not in _links(ticket):
        raise InvalidValue(f"{ticket.number} has no such link with {to.number}", field="/to")
    return (TicketUnlinked(ticket=to.id, number=to.number, link=link),)


def _links(ticket: Ticket) -> set[tuple[UUID, Link]]:
    return {(each.ticket, each.link) for each in ticket.links}


def split(ticket: Ticket, *, new: UUID, number: str, subject: str, by: Act) -> tuple[Event, ...]:
    """Let a part of what was reported become a ticket of its own.

    Raises:
        InvalidValue: no reason was given.
    """
    must_allow(ticket, "split", by)
    needs_reason(by, "splitting")
    return (TicketSplit(ticket=new, number=number, subject=subject),)
