"""Where the stories of a case's clocks stand in the log, and who had the ticket while they ran."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from domain.clock import Clock
from domain.ticket.state import Ticket
from domain.ticket.words import Tier


class Trace(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a clock's story stands in the log, and who had the ticket while it ran (SLA 15).

    Attributes:
        first: position of the event that started it.
        last: position of the last event that changed it.
        team: the team that had the ticket, at the end of the clock once it has ended.
        person: the person in it.
        technician: who was sent to the customer last, likewise.
        tier: of a clock of our own, the tier that had the ticket, likewise.
    """

    first: int
    last: int
    team: str | None
    person: str | None
    technician: str | None = None
    tier: Tier | None = None


class Holder(NamedTuple):
    """Who has a ticket; see ``Trace``."""

    team: str | None
    person: str | None
    technician: str | None
    tier: Tier | None = None


def holder(ticket: Ticket) -> Holder:
    """Who has a ticket, for the customer's clocks."""
    return Holder(ticket.team, ticket.person, ticket.technician)


def own_holder(ticket: Ticket) -> Holder:
    """The same for our own clocks, which also tell tiers apart (R07)."""
    return Holder(ticket.team, ticket.person, ticket.technician, ticket.tier)


class Tracing:
    """The traces of clocks that events move; of those that run it is settled at the end who has them.

    Args:
        traces: as they were before.
    """

    def __init__(self, traces: Sequence[Trace]) -> None:
        self._traces = list(traces)

    def move(self, before: Sequence[Clock], clocks: Sequence[Clock], position: int, holder: Holder) -> None:
        """Take in an event that moved clocks or started some.

        Args:
            position: of the event.
            holder: who has the clocks that end with it.
        """
        for place, (old, new) in enumerate(zip(before, clocks, strict=False)):
            if new is old or new == old:
                continue
            trace = self._traces[place]
            if old.unstopped and not new.unstopped:
                self._traces[place] = Trace(trace.first, position, *holder)
            else:
                self._traces[place] = replace(trace, last=position)
        begun = len(clocks) - len(self._traces)
        self._traces += [Trace(position, position, *holder)] * begun

    def of(self, clocks: Sequence[Clock], holder: Holder) -> tuple[Trace, ...]:
        """The traces of all clocks, those that run with whoever has the ticket."""
        return tuple(
            [
                Trace(trace.first, trace.last, *holder) if clock.unstopped else trace
                for clock, trace in zip(clocks, self._traces, strict=True)
            ]
        )
