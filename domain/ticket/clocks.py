"""The clocks of a ticket: how its events start, pause, stop and retarget them (SLA 1 to 11).

A clock follows the times at which things happened, not those at which they were recorded. No order of
events makes it fail: what does not fit (a resumption without a hold, a second resolution) changes nothing.

Some things the rules leave open are settled here:
- Resolving or closing is not a response: a first response that nobody gave stays owed.
- A cancelled ticket's clocks are all cancelled, those that had stopped too; only the cycles before the
  last reopening keep their verdicts, because SLA 10 says so.
- Once the fault is dealt with nobody needs the technician, the workaround or the part any more: their clocks
  end, neither met nor missed, unless they were missed by then.
- Whoever is there was sent, whoever was sent has taken notice, and so has whoever answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from domain.clock import (
    Clock,
    Milestone,
    Target,
    cancel,
    pause,
    resume,
    stop,
    target_at,
    waive,
)
from domain.event import Act, Event, Fact
from domain.plan import FIELDWORK
from domain.promises import Promises
from domain.ticket.absorbing import absorbed
from domain.ticket.care_events import ComplaintAnswered, ComplaintMade, CustomerCalledBack
from domain.ticket.diagnosis_events import CustomerGuided
from domain.ticket.events import (
    ResolutionRejected,
    TicketAssigned,
    TicketCancelled,
    TicketClassified,
    TicketClosed,
    TicketContacted,
    TicketHeld,
    TicketPrioritised,
    TicketRegistered,
    TicketReopened,
    TicketResolved,
    TicketResumed,
)
from domain.ticket.field_events import (
    PartDelivered,
    PartOrdered,
    TechnicianArrived,
    TechnicianDispatched,
    TicketAcknowledged,
    WorkaroundGiven,
)
from domain.ticket.pinning_events import TicketRepinned
from domain.ticket.promised import (
    NEEDED_UNTIL_RESOLVED,
    Clocks,
    at_report,
    changed,
    cycle_of,
    reached,
    repinned,
    same_or,
    started,
)
from domain.ticket.triage_events import TicketAbsorbed, TicketMerged
from domain.ticket.words import Channel, Direction, Party

LIVE = frozenset({Channel.PHONE, Channel.CHAT, Channel.ON_SITE})
"""Channels on which a customer who reaches us is answered by a person there and then (SLA 3)."""


def fold(facts: Iterable[Fact], promises: Promises) -> Clocks:
    """The clocks of a ticket after its facts, in version order."""
    clocks: Clocks = ()
    for fact in facts:
        clocks = advance(clocks, fact.event, fact.act, promises)
    return clocks


def advance(clocks: Clocks, event: Event, act: Act, promises: Promises) -> Clocks:
    """The clocks after one more event.

    Raises:
        UnknownPlan: the book does not hold the plan that the ticket pins. Nothing else, in no order.
    """
    rule = RULES.get(type(event))
    return rule(clocks, event, act, promises) if rule else clocks


def _registered(clocks: Clocks, event: TicketRegistered, act: Act, promises: Promises) -> Clocks:
    """What is owed from the report on starts when the customer reported (SLA 2)."""
    if clocks:
        return clocks
    ticket = Target(act.occurred_at, event.priority, None, event.category, event.band)
    return at_report(event.pin, ticket, promises)


def _prioritised(clocks: Clocks, event: TicketPrioritised, act: Act, promises: Promises) -> Clocks:
    """Another priority, another target (SLA 9)."""
    return changed(clocks, act.occurred_at, promises, priority=event.priority)


def _classified(clocks: Clocks, event: TicketClassified, act: Act, promises: Promises) -> Clocks:
    """A plan may promise more for some kinds of fault (SLA 14)."""
    if not clocks or not promises.plan(clocks[0].pin).tells_categories_apart:
        return clocks
    return changed(clocks, act.occurred_at, promises, category=event.category)


def _noticed(clocks: Clocks, event: Event, act: Act, promises: Promises) -> Clocks:  # noqa: ARG001
    """Somebody of ours has taken notice."""
    return reached(clocks, act.occurred_at, Milestone.ACKNOWLEDGE)


def _dispatched(clocks: Clocks, event: TechnicianDispatched, act: Act, promises: Promises) -> Clocks:
    """A technician is on the way; how far it is may change what was promised (SLA 14)."""
    if event.band is not None:
        clocks = changed(clocks, clocks[0].started_at, promises, band=event.band) if clocks else clocks
    return reached(clocks, act.occurred_at, Milestone.ACKNOWLEDGE, Milestone.DISPATCH)


def _arrived(clocks: Clocks, event: Event, act: Act, promises: Promises) -> Clocks:  # noqa: ARG001
    """Somebody is there, and so was sent."""
    return reached(clocks, act.occurred_at, Milestone.ACKNOWLEDGE, Milestone.DISPATCH, Milestone.ON_SITE)


def _worked_around(clocks: Clocks, event: WorkaroundGiven, act: Act, promises: Promises) -> Clocks:  # noqa: ARG001
    """The customer can work again."""
    return reached(clocks, act.occurred_at, Milestone.WORKAROUND)


def _ordered(clocks: Clocks, event: PartOrdered, act: Act, promises: Promises) -> Clocks:
    """Every order has its own clock."""
    return started(clocks, Milestone.PART_DELIVERED, event.order, act.occurred_at, promises)


def _delivered(clocks: Clocks, event: PartDelivered, act: Act, promises: Promises) -> Clocks:  # noqa: ARG001
    """It is there, and only its own clock stops."""
    return reached(clocks, act.occurred_at, Milestone.PART_DELIVERED, cycle=event.order)


def _complained(clocks: Clocks, event: ComplaintMade, act: Act, promises: Promises) -> Clocks:
    """Every complaint has its own clock (R32)."""
    return started(clocks, Milestone.COMPLAINT_ANSWER, event.complaint, act.occurred_at, promises)


def _complaint_answered(clocks: Clocks, event: ComplaintAnswered, act: Act, promises: Promises) -> Clocks:  # noqa: ARG001
    """The customer knows, and only that complaint's clock stops."""
    return reached(clocks, act.occurred_at, Milestone.COMPLAINT_ANSWER, cycle=event.complaint)


def _called_back(clocks: Clocks, event: CustomerCalledBack, act: Act, promises: Promises) -> Clocks:  # noqa: ARG001
    """Only a call that reached the customer counts (R30)."""
    return reached(clocks, act.occurred_at, Milestone.CALLBACK) if event.reached else clocks


def _contacted(clocks: Clocks, event: TicketContacted, act: Act, promises: Promises) -> Clocks:
    """A person's answer is a first response, the earliest one counts; a machine's never is (SLA 3)."""
    spoken = event.channel in LIVE and event.message is None  # what came as a message waits for its answer
    answered = event.direction is Direction.OUTBOUND or spoken
    if event.party is not Party.PERSON or not answered:
        return clocks
    clocks = same_or(
        clocks,
        [
            stop(clock, act.occurred_at) if clock.milestone is Milestone.FIRST_RESPONSE else clock
            for clock in clocks
        ],
    )
    if event.channel is Channel.ON_SITE and event.direction is Direction.OUTBOUND:
        return _arrived(clocks, event, act, promises)
    return _noticed(clocks, event, act, promises)


def _guided(clocks: Clocks, event: CustomerGuided, act: Act, promises: Promises) -> Clocks:  # noqa: ARG001
    """Whoever helps the customer from afar has answered them (SLA 3)."""
    return reached(clocks, act.occurred_at, Milestone.ACKNOWLEDGE, Milestone.FIRST_RESPONSE)


def _held(clocks: Clocks, event: TicketHeld, act: Act, promises: Promises) -> Clocks:
    """The plan says which clocks pause. A wait that is not the customer's ends one that was (SLA 4)."""

    def moved(clock: Clock) -> Clock:
        pin = clock.pin_of(target_at(clock, act.occurred_at))
        pauses = promises.plan(pin).pauses(clock.milestone, event.hold)
        return (pause if pauses else resume)(clock, act.occurred_at)

    return same_or(clocks, [moved(clock) for clock in clocks])


def _resumed(clocks: Clocks, event: TicketResumed, act: Act, promises: Promises) -> Clocks:  # noqa: ARG001
    """The wait is over (SLA 4)."""
    return same_or(clocks, [resume(clock, act.occurred_at) for clock in clocks])


def _ended(clocks: Clocks, event: Event, act: Act, promises: Promises) -> Clocks:  # noqa: ARG001
    """The resolve clock that runs stops, and every wait is over; until a reopening nothing runs."""

    def moved(clock: Clock) -> Clock:
        if clock.milestone in NEEDED_UNTIL_RESOLVED and clock.started_at <= act.occurred_at:
            return waive(clock, act.occurred_at)
        resolves = clock.milestone is Milestone.RESOLVE and clock.unstopped
        return (stop if resolves else resume)(clock, act.occurred_at)

    return same_or(clocks, [moved(clock) for clock in clocks])


def _closed(clocks: Clocks, event: TicketClosed, act: Act, promises: Promises) -> Clocks:
    """From now on the customer is owed a call (R30)."""
    ended = _ended(clocks, event, act, promises)
    return started(ended, Milestone.CALLBACK, cycle_of(clocks), act.occurred_at, promises)


def _reopened(
    clocks: Clocks,
    event: ResolutionRejected | TicketReopened,
    act: Act,
    promises: Promises,
) -> Clocks:
    """The next cycle starts; the ones before keep their verdicts (SLA 10). The call back has time again."""
    if not clocks or event.cycle <= cycle_of(clocks):
        return clocks
    clocks = tuple(
        waive(clock, act.occurred_at) if clock.milestone is Milestone.CALLBACK else clock
        for clock in _ended(clocks, event, act, promises)
    )
    for milestone in FIELDWORK:
        clocks = started(clocks, milestone, event.cycle, act.occurred_at, promises)
    return clocks


def _cancelled(clocks: Clocks, event: TicketCancelled | TicketMerged, act: Act, promises: Promises) -> Clocks:  # noqa: ARG001
    """Neither met nor missed (SLA 11)."""
    current = cycle_of(clocks)
    since = [
        clock.started_at
        for clock in clocks
        if clock.cycle == current and clock.milestone is Milestone.RESOLVE
    ]
    return tuple(
        cancel(clock, act.occurred_at) if clock.unstopped or clock.started_at >= since[0] else clock
        for clock in clocks
    )


def _repinned(clocks: Clocks, event: TicketRepinned, act: Act, promises: Promises) -> Clocks:
    """From now on another plan and calendar, and what only that plan promises (SLA 8)."""
    return repinned(clocks, act.occurred_at, event, promises)


RULES: dict[type[Event], Callable[[Clocks, Any, Act, Promises], Clocks]] = {
    TicketRegistered: _registered,
    TicketAcknowledged: _noticed,
    TicketAssigned: _noticed,
    TicketPrioritised: _prioritised,
    TicketClassified: _classified,
    TicketContacted: _contacted,
    CustomerGuided: _guided,
    TicketHeld: _held,
    TicketResumed: _resumed,
    TechnicianDispatched: _dispatched,
    TechnicianArrived: _arrived,
    WorkaroundGiven: _worked_around,
    PartOrdered: _ordered,
    PartDelivered: _delivered,
    TicketResolved: _ended,
    TicketClosed: _closed,
    CustomerCalledBack: _called_back,
    ComplaintMade: _complained,
    ComplaintAnswered: _complaint_answered,
    ResolutionRejected: _reopened,
    TicketReopened: _reopened,
    TicketCancelled: _cancelled,
    TicketRepinned: _repinned,
    TicketMerged: _cancelled,
    TicketAbsorbed: absorbed,
}
"""What each event does to the clocks; the others do nothing."""
