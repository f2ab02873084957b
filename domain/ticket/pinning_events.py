"""Going by other promises than those a ticket was registered under (SLA 8)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from domain.clock import Milestone
from domain.event import Event, recorded
from domain.ticket.events import PlanPin


class Owed(msgspec.Struct, frozen=True):
    """A milestone that only the new plan promises and nobody has reached, and since when it is waited for."""

    milestone: Milestone
    cycle: int
    since: datetime


@recorded
class RepinRequested(Event, frozen=True, tag="ticket.repin_requested"):
    """Somebody asks that the ticket go by another plan or calendar; nothing moves until another approves.

    Attributes:
        request: its number among those on this ticket, from 1. An earlier one is not open any more.
        pin: what it is to go by.
    """

    request: int
    pin: PlanPin


@recorded
class RepinDeclined(Event, frozen=True, tag="ticket.repin_declined"):
    """It stays as it is: somebody said no, or whoever asked thought better of it."""

    request: int


@recorded
class TicketRepinned(Event, frozen=True, tag="ticket.repinned"):
    """From now on the ticket goes by another plan or calendar (SLA 8). The act says who approved.

    Attributes:
        request: the number of the request.
        requested_by: who asked; never whoever approved.
        before: what it went by.
        pin: what it goes by.
        category: the kind of fault that it is taken for, which the new plan may ask for.
        begins: what is owed from now on and was not before.
    """

    request: int
    requested_by: str
    before: PlanPin
    pin: PlanPin
    category: str | None = None
    begins: tuple[Owed, ...] = ()
