"""Stories about a ticket whose deadlines somebody looks at now and then.

    watched(registered("09:00"), look("13:00")).noted == ["first_response 50% mon 11:00", ...]

Steps stand in the order in which they were recorded; looking is one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from domain.clock import Clock
from domain.event import Fact, Told, type_name
from domain.thresholds import DEADLINE
from domain.ticket.clocks import fold
from domain.ticket.evolution import replay
from domain.ticket.state import Noted, Ticket
from domain.ticket.watch import notes
from domain.ticket.watch_events import DeadlineMissed, DeadlineWarned, MissCorrected
from tests.domain.story import PROMISES, TICKET, Happening, at


class Watched:
    """A ticket and the looks that were taken at it."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def record(self, told: Told) -> None:
        """Something happened, or was noted."""
        version = len(self.facts) + 1
        self.facts.append(
            Fact(stream_id=TICKET, version=version, event=told.event, act=told.act, correlation_id=TICKET)
        )

    def look(self, now: datetime) -> list[Told]:
        """Somebody looks, and notes what there is to be noted."""
        told = notes(self.facts, now, PROMISES)
        for each in told:
            self.record(each)
        return told

    @property
    def ticket(self) -> Ticket:
        """As it stands."""
        ticket = replay(self.facts)
        assert ticket is not None
        return ticket

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """As they stand."""
        return fold(self.facts, PROMISES)

    @property
    def noted(self) -> list[str]:
        """What was noted, in words."""
        return [said for fact in self.facts if (said := _said(fact))]

    @property
    def standing(self) -> list[Noted]:
        """What was noted and not corrected."""
        return [each for each in self.ticket.noted if each.corrected_by is None]


Step = Happening | Callable[[Watched], object]


def look(when: str) -> Step:
    """Somebody looks at a time."""
    return lambda watched: watched.look(at(when))


def watched(*steps: Step) -> Watched:
    """A ticket to which all of this happened, with the looks between."""
    story = Watched()
    for step in steps:
        if callable(step):
            step(story)
        else:
            story.record(Told(*step))
    return story


def _said(fact: Fact) -> str | None:
    event, when = fact.event, f"{fact.act.occurred_at:%a %H:%M}".lower()
    match event:
        case DeadlineWarned():
            return f"{_clock(event)} {event.percent}% {when}"
        case DeadlineMissed():
            return f"{_clock(event)} {event.cause.value} {when}"
        case MissCorrected():
            truly = (
                f" to {event.cause.value} {event.missed_at:%a %H:%M}".lower()
                if event.cause and event.missed_at
                else ""
            )
            return f"{_clock(event)} corrected by {event.fact} {event.shown_by} of {event.missed}{truly}"
        case _:
            assert not type_name(event).startswith("ticket.deadline")
            return None


def _clock(event: DeadlineWarned | DeadlineMissed | MissCorrected) -> str:
    return event.milestone.value + (f"#{event.cycle}" if event.cycle > 1 else "")


def keys(noted: list[Noted], *, missed: bool) -> list[tuple[object, ...]]:
    """Which thresholds, or deadlines, of which clocks."""
    return sorted(
        (each.milestone.value, each.cycle, each.percent, each.due_at, each.at)
        for each in noted
        if (each.percent == DEADLINE) is missed
    )
