"""The language of the table of rules: what happened to a ticket, and what its clocks then show, a line each.

    03-02 09:00 reported P2 band=city          a line of the story: when, what, and more
    03-02 10:00 held waiting_for_customer
    03-02 12:00 resolve pending elapsed=1:00   a line of the outcome: at which moment which clock shows what

Times are those of 2026 on the wall of the plan's calendar; ``02:30*`` is the second 02:30 of the night in
which clocks are put back. Lines stand in the order in which they were recorded, whatever the times say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.clock import Clock
from domain.event import Act, Event, Fact
from domain.promises import Promises
from domain.reading import Reading, read
from domain.ticket.care_events import ComplaintAnswered, ComplaintMade, CustomerCalledBack
from domain.ticket.clocks import fold
from domain.ticket.events import (
    PlanPin,
    ResolutionConfirmed,
    TicketAssigned,
    TicketCancelled,
    TicketClassified,
    TicketClosed,
    TicketContacted,
    TicketEscalated,
    TicketHeld,
    TicketPrioritised,
    TicketRegistered,
    TicketReopened,
    TicketResolved,
    TicketResumed,
)
from domain.ticket.events import ResolutionRejected as TicketRejected
from domain.ticket.field_events import (
    PartDelivered,
    PartOrdered,
    TechnicianArrived,
    TechnicianDispatched,
    TicketAcknowledged,
    WorkaroundGiven,
)
from domain.ticket.pinning_events import TicketRepinned
from domain.ticket.triage_events import TicketAbsorbed, TicketMerged
from domain.ticket.watch import notes
from domain.ticket.watch_events import DeadlineMissed, DeadlineWarned
from domain.ticket.words import Channel, Direction, HoldReason, Party, Priority, Tier, TravelBand
from tests.domain.story import TICKET

Words = list[str]
OTHER = UUID("01890000-0000-7000-8000-000000000002")
REVIEW = datetime(2027, 12, 31, tzinfo=UTC)
NOTHING = {"none", "nothing"}
ABSENT = "absent"
"""What stands for the verdict of a clock that there is not."""


def _contact(direction: Direction, party: Party) -> Callable[[Words], Event]:
    return lambda words: TicketContacted(
        channel=Channel(words[0] if words else "phone"), direction=direction, party=party
    )


def _dispatched(words: Words) -> Event:
    return TechnicianDispatched(technician="张伟", band=TravelBand(words[0]) if words else None)


HAPPENINGS: dict[str, Callable[[Words], Event]] = {
    "answered": _contact(Direction.OUTBOUND, Party.PERSON),
    "auto-answered": _contact(Direction.OUTBOUND, Party.AUTOMATIC),
    "customer": _contact(Direction.INBOUND, Party.PERSON),
    "assigned": lambda words: TicketAssigned(team=words[0]),
    "escalated": lambda words: TicketEscalated(tier=Tier(words[0])),
    "prioritised": lambda words: TicketPrioritised(priority=Priority(words[0])),
    "classified": lambda words: TicketClassified(category=words[0]),
    "held": lambda words: TicketHeld(hold=HoldReason(words[0]), review_at=REVIEW),
    "resumed": lambda _: TicketResumed(),
    "acknowledged": lambda _: TicketAcknowledged(),
    "dispatched": _dispatched,
    "arrived": lambda _: TechnicianArrived(),
    "worked-around": lambda _: WorkaroundGiven(workaround="annex"),
    "ordered": lambda words: PartOrdered(order=int(words[0]), part="HE-200"),
    "delivered": lambda words: PartDelivered(order=int(words[0])),
    "resolved": lambda _: TicketResolved(solution="new element"),
    "confirmed": lambda _: ResolutionConfirmed(),
    "closed": lambda _: TicketClosed(),
    "rejected": lambda words: TicketRejected(cycle=int(words[0])),
    "reopened": lambda words: TicketReopened(cycle=int(words[0])),
    "cancelled": lambda _: TicketCancelled(),
    "complained": lambda words: ComplaintMade(complaint=int(words[0]), text="nobody called"),
    "apologised": lambda words: ComplaintAnswered(complaint=int(words[0]), answer="we are sorry"),
    "merged": lambda _: TicketMerged(into=OTHER, number="T-2026-000002"),
    "called": lambda words: CustomerCalledBack(reached=words[0] == "reached"),
}


class Outcome(NamedTuple):
    """What one clock shows at one moment.

    Attributes:
        at: the moment, and that at which a worker looks.
        clock: milestone and cycle.
        shows: what is to be compared: the verdict, and each of elapsed, paused, remaining (working seconds),
            due, broken, cause, target, noted as the line names them.
    """

    at: datetime
    clock: tuple[str, int]
    shows: dict[str, object]


class Told(NamedTuple):
    """A row of the table, understood."""

    facts: tuple[Fact, ...]
    outcomes: tuple[Outcome, ...]


def tell(plan: str, story: str, outcome: str, pins: Callable[[str], tuple[PlanPin, str]]) -> Told:
    """Understand a row: its story is told about a ticket under this plan.

    Args:
        pins: what a ticket under a plan pins, and the zone its times are told in.
    """
    pin, zone = pins(plan)
    facts = tuple(
        Fact(stream_id=TICKET, version=version, event=event, act=act, correlation_id=TICKET)
        for version, (event, act) in enumerate(
            _happenings(_lines(story), pin, ZoneInfo(zone), lambda name: pins(name)[0]), 1
        )
    )
    return Told(facts, tuple(_outcome(words, ZoneInfo(zone)) for words in _lines(outcome)))


def shown(told: Told, promises: Promises) -> Iterator[tuple[Outcome, dict[str, object]]]:
    """Every outcome that the row asks for, with what the clock really shows."""
    clocks = {(clock.milestone.value, clock.cycle): clock for clock in fold(told.facts, promises)}
    for outcome in told.outcomes:
        clock = clocks.get(outcome.clock)
        really = _compared(clock, promises, outcome) if clock else {"verdict": ABSENT}
        if "noted" in outcome.shows:
            really["noted"] = _noted(told.facts, outcome, promises)
        yield outcome, really


def wall(day: str, time: str, zone: ZoneInfo) -> datetime:
    """ "03-02", "09:00" of 2026 on the wall, as UTC."""
    second = time.endswith("*")
    local = datetime.fromisoformat(f"2026-{day} {time.rstrip('*')}").replace(tzinfo=zone, fold=int(second))
    return local.astimezone(UTC)


def span(text: str) -> int:
    """ "1:30", "-0:00:01" in seconds."""
    hour, minute, second = (int(part) for part in f"{text.lstrip('-')}:00".split(":")[:3])
    return (hour * 3600 + minute * 60 + second) * (-1 if text.startswith("-") else 1)


def _lines(text: str) -> Iterator[Words]:
    return (line.split() for line in text.strip().splitlines())


def _happenings(
    lines: Iterable[Words], plan: PlanPin, zone: ZoneInfo, pin_of: Callable[[str], PlanPin]
) -> Iterator[tuple[Event, Act]]:
    for day, time, what, *words in lines:
        match what:
            case "reported":
                event = _reported(words, plan)
            case "repinned":
                event = TicketRepinned(request=1, requested_by="agent:a", before=plan, pin=pin_of(words[0]))
            case "absorbed":
                reported_at = wall(words[0], words[1], zone)
                event = TicketAbsorbed(ticket=OTHER, number="T-2026-000002", reported_at=reported_at)
            case _:
                event = HAPPENINGS[what](words)
        yield event, Act(actor="agent:li.wei", occurred_at=wall(day, time, zone), reason="as told")


def _reported(words: Words, plan: PlanPin) -> Event:
    priority, *more = words
    known = dict(word.split("=") for word in more)
    band = known.get("band")
    return TicketRegistered(
        number="T-2026-000001",
        subject="冷水",
        priority=Priority(priority),
        pin=plan,
        category=known.get("category"),
        band=TravelBand(band) if band else None,
    )


def _outcome(words: Words, zone: ZoneInfo) -> Outcome:
    day, time, clock, verdict, *more = words
    milestone, _, cycle = clock.partition("#")
    shows: dict[str, object] = {"verdict": verdict}
    for word in more:
        name, _, text = word.partition("=")
        if text in NOTHING:
            shows[name] = None
        elif "T" in text:
            on, _, clock_time = text.partition("T")
            shows[name] = wall(on, clock_time, zone)
        else:
            shows[name] = span(text) if ":" in text else text
    return Outcome(wall(day, time, zone), (milestone, int(cycle or 1)), shows)


def _compared(clock: Clock, promises: Promises, outcome: Outcome) -> dict[str, object]:
    shows: Reading = read(clock, promises.calendar, outcome.at)
    everything: dict[str, object] = {
        "noted": None,
        "verdict": shows.verdict.value,
        "state": shows.state.value,
        "elapsed": shows.elapsed,
        "paused": shows.paused,
        "remaining": shows.remaining,
        "target": shows.target,
        "due": shows.due_at,
        "broken": shows.breached_at,
        "cause": shows.cause.value if shows.cause else None,
    }
    return {name: everything[name] for name in outcome.shows}


def _noted(facts: tuple[Fact, ...], outcome: Outcome, promises: Promises) -> str:
    """What a worker that looks for the first time notes of a clock: percentages, and the miss (SLA 12)."""
    said = [told.event for told in notes(facts, outcome.at, promises)]
    ours = (
        event
        for event in said
        if isinstance(event, DeadlineWarned | DeadlineMissed)
        and (event.milestone.value, event.cycle) == outcome.clock
    )
    return ",".join("missed" if isinstance(event, DeadlineMissed) else str(event.percent) for event in ours)
