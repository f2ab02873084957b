"""How tickets come to belong together, and apart."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from domain.clock import Milestone, Pause
from domain.event import Event, recorded
from domain.ticket.words import Link


def mention_of(ticket: UUID) -> str:
    """The name by which the tickets that say something of another are found."""
    return f"ticket/{ticket}"


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """What a merged ticket brings along for one milestone.

    Attributes:
        milestone: which.
        reached_at: when it was reached there, if it was.
        pauses: the waits that did not count there.
    """

    milestone: Milestone
    reached_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()


@recorded
class TicketMerged(Event, frozen=True, tag="ticket.merged"):
    """It was reported twice, and the work goes on elsewhere; its clocks are neither met nor missed (SLA 11).

    Attributes:
        into: the ticket that goes on.
        number: that ticket's number.
    """

    into: UUID
    number: str

    @property
    def mentions(self) -> tuple[str, ...]:
        """The ticket that goes on."""
        return (mention_of(self.into),)


@recorded
class TicketAbsorbed(Event, frozen=True, tag="ticket.absorbed"):
    """Another ticket was merged into this one, which keeps the earlier start of the two (SLA 11).

    Attributes:
        ticket: the one that ended.
        number: its number.
        reported_at: when the customer reported it.
        brought: what had been reached there, and which waits did not count.
    """

    ticket: UUID
    number: str
    reported_at: datetime
    brought: tuple[Brought, ...] = ()


@recorded
class TicketLinked(Event, frozen=True, tag="ticket.linked"):
    """It has to do with another ticket; this stands here only, and is seen from there as well (R02)."""

    ticket: UUID
    number: str
    link: Link

    @property
    def mentions(self) -> tuple[str, ...]:
        """The other ticket."""
        return (mention_of(self.ticket),)


@recorded
class TicketUnlinked(Event, frozen=True, tag="ticket.unlinked"):
    """It has not, after all."""

    ticket: UUID
    number: str
    link: Link


@recorded
class TicketSplit(Event, frozen=True, tag="ticket.split"):
    """A part of what was reported became a ticket of its own.

    Attributes:
        ticket: the new one.
        number: its number.
        subject: what moved.
    """

    ticket: UUID
    number: str
    subject: str
