"""Who answers for a ticket, and how it passes from one support tier to another."""

from __future__ import annotations

from domain.event import Event, recorded
from domain.ticket.words import Bounce, Tier


@recorded
class TicketOwned(Event, frozen=True, tag="ticket.owned"):
    """One person of ours answers for it from now to its close, whoever works on it meanwhile (R05)."""

    owner: str


@recorded
class HandoverAccepted(Event, frozen=True, tag="ticket.handover_accepted"):
    """The tier that a case was handed to has taken it (R07).

    Attributes:
        tier: which took it.
        person: who works on it there, as far as that is known.
    """

    tier: Tier
    person: str | None = None


@recorded
class HandoverRefused(Event, frozen=True, tag="ticket.handover_refused"):
    """The tier would not have it: the case is where it came from again (R07).

    Attributes:
        tier: where it is again.
        team: which has it again; ``None`` where none had it.
        person: who works on it again.
        bounce: whether that team held it before, and how it came back to it.
    """

    tier: Tier
    team: str | None = None
    person: str | None = None
    bounce: Bounce | None = None


@recorded
class TicketHandedBack(Event, frozen=True, tag="ticket.handed_back"):
    """A higher tier has found out what it could, and gives the case back with it (R06, R07).

    Attributes:
        tier: which has it from now on.
        team: which has it from now on; the one that has it where none is named.
        finding: what was found.
        bounce: whether that team held it before, and how it came back to it.
    """

    tier: Tier
    finding: str
    team: str | None = None
    bounce: Bounce | None = None
