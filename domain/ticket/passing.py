"""How a case passes from team to team and from tier to tier (R05, R07).

Two ways in which a case comes back are told apart: a team holds it again after another one held it, and the
direct form of that, from A to B and straight back to A.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from domain.ticket.state import Handover, Ticket
from domain.ticket.tier_events import HandoverAccepted, HandoverRefused, TicketHandedBack
from domain.ticket.words import Bounce, Status, Tier


class Passes(NamedTuple):
    """What became of a case among teams.

    Attributes:
        team: that has it.
        came_from: the team that had it before.
        held_by: every team that has had it, in the order of the first time.
        hand_offs: how often it went from one team to another.
        returns: how often a team got it that had held it before.
        ping_pongs: how often of those it came straight back from the team it had been given to.
    """

    team: str | None = None
    came_from: str | None = None
    held_by: tuple[str, ...] = ()
    hand_offs: int = 0
    returns: int = 0
    ping_pongs: int = 0

    def bounce(self, team: str | None) -> Bounce | None:
        """How a case would come back to a team; ``None`` when it has it, or never had it."""
        if team is None or team == self.team or team not in self.held_by:
            return None
        return Bounce.PING_PONG if team == self.came_from else Bounce.RETURN

    def to(self, team: str) -> Passes:
        """After the case went to a team, which may be the one that has it."""
        if team == self.team:
            return self
        bounce = self.bounce(team)
        return Passes(
            team=team,
            came_from=self.team,
            held_by=self.held_by if team in self.held_by else (*self.held_by, team),
            hand_offs=self.hand_offs + (self.team is not None),
            returns=self.returns + (bounce is not None),
            ping_pongs=self.ping_pongs + (bounce is Bounce.PING_PONG),
        )


def passes_of(ticket: Ticket) -> Passes:
    """What became of a ticket among teams."""
    return Passes(
        ticket.team, ticket.came_from, ticket.held_by, ticket.hand_offs, ticket.returns, ticket.ping_pongs
    )


def passes(teams: Iterable[str]) -> Passes:
    """What becomes of a case that goes to these teams, one after the other."""
    passed = Passes()
    for team in teams:
        passed = passed.to(team)
    return passed


def given_to(ticket: Ticket, team: str | None) -> Ticket:
    """The ticket with a team, or with whom it is; a person of another team no longer works on it."""
    if team is None or team == ticket.team:
        return ticket
    status = Status.ASSIGNED if ticket.status is Status.NEW else ticket.status
    passed = passes_of(ticket).to(team)
    return replace(
        ticket,
        status=status,
        person=None,
        team=passed.team,
        came_from=passed.came_from,
        held_by=passed.held_by,
        hand_offs=passed.hand_offs,
        returns=passed.returns,
        ping_pongs=passed.ping_pongs,
    )


def assigned(ticket: Ticket, team: str, person: str | None) -> Ticket:
    """The ticket with a team and a person; the first person whom it is given to owns it (R05).

    A handover that waits is waited for from that team.
    """
    moved = given_to(ticket, team)
    if ticket.handover is not None:
        moved = replace(moved, handover=replace(ticket.handover, team=team))
    return replace(moved, person=person, owner=ticket.owner or person)


def handed_over(ticket: Ticket, tier: Tier, team: str | None, at: datetime) -> Ticket:
    """The ticket with another tier, which has not accepted it yet."""
    handover = Handover(
        tier=tier,
        team=team,
        since=at,
        from_tier=ticket.tier,
        from_team=ticket.team,
        from_person=ticket.person,
    )
    return replace(on_tier(given_to(ticket, team), tier, at), handover=handover)


def accepted(ticket: Ticket, event: HandoverAccepted) -> Ticket:
    """The ticket with the tier that has taken it."""
    person = event.person or ticket.person
    return replace(ticket, handover=None, person=person, owner=ticket.owner or person)


def refused(ticket: Ticket, event: HandoverRefused, at: datetime) -> Ticket:
    """The ticket where it came from."""
    back = on_tier(given_to(ticket, event.team), event.tier, at)
    return replace(back, handover=None, person=event.person, refusals=ticket.refusals + 1)


def handed_back(ticket: Ticket, event: TicketHandedBack, at: datetime) -> Ticket:
    """The ticket with a lower tier, and with what the higher one found."""
    back = on_tier(given_to(ticket, event.team), event.tier, at)
    return replace(back, handover=None, finding=event.finding)


def owned(ticket: Ticket, owner: str) -> Ticket:
    """The ticket with an owner; naming the first one is no change."""
    changed = ticket.owner is not None and ticket.owner != owner
    return replace(ticket, owner=owner, owner_changes=ticket.owner_changes + changed)


def on_tier(ticket: Ticket, tier: Tier, at: datetime) -> Ticket:
    """The ticket with a tier."""
    if tier is ticket.tier:
        return ticket
    return replace(ticket, tier=tier, tier_since=at, tier_moves=ticket.tier_moves + 1)
