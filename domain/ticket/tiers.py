"""What may be asked about who answers for a ticket and which support tier has it (R05, R07)."""

from __future__ import annotations

from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.ticket.allowed import must_allow, not_allowed
from domain.ticket.events import TicketAssigned, TicketEscalated
from domain.ticket.passing import passes_of
from domain.ticket.state import Handover, Ticket
from domain.ticket.tier_events import HandoverAccepted, HandoverRefused, TicketHandedBack, TicketOwned
from domain.ticket.words import Tier


def own(ticket: Ticket, *, person: str, by: Act) -> tuple[Event, ...]:
    """Name the person who answers for it; another one needs a reason (R05).

    Raises:
        InvalidValue: they own it already, or the change has no reason.
    """
    must_allow(ticket, "own", by)
    if person == ticket.owner:
        raise InvalidValue(f"{ticket.number} is owned by {person} already", field="/person")
    if ticket.owner is not None and not (by.reason and by.reason.strip()):
        raise InvalidValue("another owner needs a reason", field="/reason")
    return (TicketOwned(owner=person),)


def assign(ticket: Ticket, *, team: str, person: str | None = None, by: Act) -> tuple[Event, ...]:
    """Give the ticket to a team and, if known, to a person in it (R05).

    A tier that gives a case that was handed to it to one of its own has accepted it.
    """
    must_allow(ticket, "assign", by)
    assigned = TicketAssigned(team=team, person=person, bounce=passes_of(ticket).bounce(team))
    waiting = ticket.handover
    if waiting is not None and person is not None and waiting.team in {None, team}:
        return assigned, HandoverAccepted(tier=waiting.tier, person=person)
    return (assigned,)


def escalate(ticket: Ticket, *, tier: Tier, team: str | None = None, by: Act) -> tuple[Event, ...]:
    """Hand the case to a higher support tier, which then accepts or refuses it (R07).

    Raises:
        InvalidValue: the tier is a lower one; or the ticket is with that tier, and no other team was named.
    """
    must_allow(ticket, "escalate", by)
    if tier < ticket.tier:
        raise InvalidValue(f"{tier.value} is below {ticket.tier.value}: hand the case back", field="/tier")
    if tier is ticket.tier and team in {None, ticket.team}:
        raise InvalidValue(f"the ticket is already with tier {tier.value}", field="/tier")
    return (TicketEscalated(tier=tier, team=team, bounce=passes_of(ticket).bounce(team)),)


def accept_handover(ticket: Ticket, *, person: str | None = None, by: Act) -> tuple[Event, ...]:
    """Take a case that was handed over (R07).

    Raises:
        NotAllowed: no handover waits.
    """
    must_allow(ticket, "accept-handover", by)
    return (HandoverAccepted(tier=_waiting(ticket).tier, person=person),)


def refuse_handover(ticket: Ticket, *, by: Act) -> tuple[Event, ...]:
    """Send a case back to where it came from (R07).

    Raises:
        NotAllowed: no handover waits.
        InvalidValue: no reason was given.
    """
    must_allow(ticket, "refuse-handover", by)
    came = _waiting(ticket)
    if not (by.reason and by.reason.strip()):
        raise InvalidValue("refusing a handover needs a reason", field="/reason")
    bounce = passes_of(ticket).bounce(came.from_team)
    return (
        HandoverRefused(tier=came.from_tier, team=came.from_team, person=came.from_person, bounce=bounce),
    )


def hand_back(
    ticket: Ticket, *, tier: Tier, finding: str, team: str | None = None, by: Act
) -> tuple[Event, ...]:
    """Give the case back to a lower tier, with what was found; it need not accept (R06, R07).

    Raises:
        InvalidValue: the tier is not a lower one.
    """
    must_allow(ticket, "hand-back", by)
    if tier >= ticket.tier:
        raise InvalidValue(
            f"the ticket is with tier {ticket.tier.value}; it is handed back to a lower one", field="/tier"
        )
    bounce = passes_of(ticket).bounce(team)
    return (TicketHandedBack(tier=tier, team=team, finding=finding, bounce=bounce),)


def _waiting(ticket: Ticket) -> Handover:
    if ticket.handover is None:
        raise not_allowed(ticket, f"no tier has yet to accept {ticket.number}")
    return ticket.handover
