"""How a case goes up the support tiers: handed over, accepted or refused, and handed back (R07)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random

from application.demo.diary import Diary
from application.demo.firm import firm
from application.ticket_commands.tiers import (
    AcceptHandover,
    AssignTicket,
    EscalateTicket,
    HandBackTicket,
    RefuseHandover,
)
from domain.ticket.words import Tier

UPPER = (("service-centre", Tier.L2), ("research", Tier.L3))
REFUSED, TAKEN_BY_ONE, HANDED_BACK = 0.08, 0.5, 0.12
"""Shares of what is handed over: refused; accepted by somebody in person, and not by giving it to one of
their own; of what was accepted, given back with what was found."""


def climb(
    diary: Diary, rng: Random, way: Callable[[float], datetime], *, owner: str, team: str, tiers: int
) -> str:
    """Write how a case goes up so many tiers.

    Args:
        diary: the ticket's.
        rng: decides the small things.
        way: the time at which a part of the way to the resolution is done.
        owner: who has it.
        team: theirs.
        tiers: how many.

    Returns:
        Who has it in the end.
    """
    below: tuple[str, str, Tier] = (owner, team, Tier.L1)
    for step, (upper, tier) in enumerate(UPPER[:tiers]):
        person = rng.choice(firm().teams[upper].people)
        diary.write(way(0.58 + 0.16 * step), owner, EscalateTicket, tier=tier, team=upper)
        at, luck = way(0.64 + 0.16 * step), rng.random()
        if luck < REFUSED:
            diary.write(at, person, RefuseHandover, reason=diary.say("refused"))
            return owner
        if luck < TAKEN_BY_ONE:
            diary.write(at, person, AcceptHandover, person=person)
        else:
            diary.write(at, person, AssignTicket, team=upper, person=person)
        if rng.random() < HANDED_BACK:
            name, lower, back = below
            found = diary.say("found")
            diary.write(way(0.7 + 0.16 * step), person, HandBackTicket, tier=back, team=lower, finding=found)
            diary.write(diary.later(0.1, 1), name, AssignTicket, team=lower, person=name)
            return name
        below, owner = (person, upper, tier), person
    return owner
