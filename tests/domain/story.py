"""Stories about a ticket: what happened at which time of a week, and what its clocks then show.

    given(registered("09:00"), held("10:00", "waiting_for_customer")).at("12:00").resolve.elapsed == hours(1)

The week begins on Monday 2 March 2026; a time without a weekday is Monday's. All times are UTC. Plans:
``always`` counts every second, ``office`` 09:00-17:00 from Monday to Friday, and ``lenient`` every second but
pauses both milestones while waiting for a part. P4 has no promise in any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from domain.calendar import Calendar, Year
from domain.clock import Clock, Milestone
from domain.event import Act, Event, Fact
from domain.plan import ROUND_THE_CLOCK, ServicePlan
from domain.promises import Promises
from domain.reading import Reading, reading
from domain.ticket.clocks import fold
from domain.ticket.decisions import REVIEW_WITHIN
from domain.ticket.events import (
    ResolutionConfirmed,
    ResolutionRejected,
    TicketCancelled,
    TicketClosed,
    TicketContacted,
    TicketHeld,
    TicketPrioritised,
    TicketRegistered,
    TicketReopened,
    TicketResolved,
    TicketResumed,
)
from domain.ticket.resolution import Resolution, resolution
from domain.ticket.words import Channel, Direction, HoldReason, Party, Priority
from domain.title import Title
from domain.wall import Weekday

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
TICKET = UUID("01890000-0000-7000-8000-000000000001")

ALWAYS = Calendar("always", 1)
OFFICE = Calendar(
    "office",
    1,
    week=dict.fromkeys(list(Weekday)[:5], ("09:00-17:00",)),
    years={2026: Year(off=frozenset({date(2026, 3, 6)}))},
)

HOUR = 3600
TARGETS = {
    Milestone.FIRST_RESPONSE: {Priority.P1: 1 * HOUR, Priority.P2: 4 * HOUR, Priority.P3: 8 * HOUR},
    Milestone.RESOLVE: {Priority.P1: 8 * HOUR, Priority.P2: 24 * HOUR, Priority.P3: 48 * HOUR},
}


def _plan(name: str, calendar: str, **more: dict[Milestone, frozenset[HoldReason]]) -> ServicePlan:
    title = Title(zh=name, en=name)
    return ServicePlan(
        name=name, version=1, title=title, calendar=calendar, calendar_version=1, targets=TARGETS, **more
    )


PROMISES = Promises(
    [
        _plan("always", "always"),
        _plan("office", "office"),
        _plan(
            "lenient",
            "always",
            pausing=dict.fromkeys(Milestone, frozenset({HoldReason.WAITING_FOR_PART})),
        ),
    ],
    [ALWAYS, OFFICE, Calendar(*ROUND_THE_CLOCK)],
)


def at(text: str) -> datetime:
    """ "09:00" on the story's Monday, "tue 09:00:30" on its Tuesday."""
    weekday, _, time = text.rpartition(" ")
    hour, minute, second = (int(part) for part in f"{time}:00".split(":")[:3])
    day = tuple(Weekday).index(Weekday(weekday or "mon"))
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute, seconds=second)


def hours(number: float) -> int:
    """Hours in seconds, the measure of clocks."""
    return round(number * HOUR)


Happening = tuple[Event, Act]


def happened(event: Event, when: str, *, reason: str | None = None) -> Happening:
    """An event that somebody caused at a time of the story."""
    return event, Act(actor="agent:li.wei", occurred_at=at(when), reason=reason)


def registered(when: str, *, priority: str = "P2", plan: str = "always") -> Happening:
    """The customer reported."""
    pin = PROMISES.pin(plan, datetime(2026, 3, 2, tzinfo=UTC))
    return happened(
        TicketRegistered(number="T-2026-000001", subject="冷水", priority=Priority(priority), pin=pin), when
    )


def prioritised(when: str, priority: str) -> Happening:
    """The priority changed."""
    return happened(TicketPrioritised(priority=Priority(priority)), when)


def contacted(
    when: str, channel: str = "phone", *, direction: str = "outbound", party: str = "person"
) -> Happening:
    """Somebody spoke or wrote to somebody."""
    event = TicketContacted(channel=Channel(channel), direction=Direction(direction), party=Party(party))
    return happened(event, when)


def held(when: str, reason: str) -> Happening:
    """Work waits."""
    return happened(TicketHeld(hold=HoldReason(reason), review_at=at(when) + REVIEW_WITHIN), when)


def resumed(when: str) -> Happening:
    """The wait is over."""
    return happened(TicketResumed(), when)


def resolved(when: str) -> Happening:
    """The fault is dealt with."""
    return happened(TicketResolved(solution="new element"), when)


def confirmed(when: str) -> Happening:
    """The customer accepts."""
    return happened(ResolutionConfirmed(), when)


def rejected(when: str, *, cycle: int = 2) -> Happening:
    """The customer does not accept."""
    return happened(ResolutionRejected(cycle=cycle), when, reason="still cold")


def closed(when: str) -> Happening:
    """Nothing more is owed."""
    return happened(TicketClosed(), when)


def reopened(when: str, *, cycle: int = 2) -> Happening:
    """The fault is back."""
    return happened(TicketReopened(cycle=cycle), when, reason="cold again")


def cancelled(when: str, *, duplicate_of: UUID | None = None) -> Happening:
    """It should not have been a ticket."""
    return happened(TicketCancelled(duplicate_of=duplicate_of), when, reason="a duplicate")


@dataclass(frozen=True)
class Story:
    """What happened to one ticket, in the order in which it was recorded."""

    facts: tuple[Fact, ...]

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """Its clocks as they stand."""
        return fold(self.facts, PROMISES)

    @property
    def resolution(self) -> Resolution | None:
        """Its first and total resolution."""
        clocks = self.clocks
        return resolution(clocks, PROMISES.calendar(clocks[0].pin))

    def at(self, when: str) -> Shown:
        """What the clocks show at a time."""
        return Shown(self.clocks, at(when))


@dataclass(frozen=True)
class Shown:
    """The clocks of a ticket, read at one moment."""

    clocks: tuple[Clock, ...]
    now: datetime

    @property
    def first_response(self) -> Reading:
        """The response clock."""
        return self._read(Milestone.FIRST_RESPONSE, 1)

    @property
    def resolve(self) -> Reading:
        """The resolve clock of the newest cycle."""
        return self.cycle(max(clock.cycle for clock in self.clocks))

    def cycle(self, number: int) -> Reading:
        """The resolve clock of one cycle."""
        return self._read(Milestone.RESOLVE, number)

    def _read(self, milestone: Milestone, cycle: int) -> Reading:
        [clock] = [each for each in self.clocks if (each.milestone, each.cycle) == (milestone, cycle)]
        return reading(clock, PROMISES.calendar(clock.pin), self.now)


def given(*happenings: Happening) -> Story:
    """A ticket to which these things happened, recorded in this order."""
    return Story(
        tuple(
            Fact(stream_id=TICKET, version=version, event=event, act=act, correlation_id=TICKET)
            for version, (event, act) in enumerate(happenings, 1)
        )
    )
