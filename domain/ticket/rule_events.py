"""Rules that escalate, and the fact that one was applied."""

from __future__ import annotations

from datetime import datetime

import msgspec

from domain.event import Event, recorded
from domain.ticket.words import Priority, Tier, When

ALL = tuple(Priority)


class EscalationRule(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """When a ticket is handed on, or somebody is told, without anybody asking.

    Attributes:
        name: what it is called.
        version: from 1; a rule that says something else has another one.
        when: what it is about.
        after: how many seconds that must last.
        working_time: whether these are of the ticket's own working time; else of the clock.
        percent: for ``warned``: of the time to resolve.
        priorities: of which tickets.
        tier: with which tier they must be; ``None`` for any.
        to_tier: where they go; ``None`` for nowhere: then somebody is told.
        to_team: which team of it.
        tell: who is told, in words that whoever reads the feed understands.
    """

    name: str
    version: int
    when: When
    after: int = 0
    working_time: bool = False
    percent: int = 0
    priorities: tuple[Priority, ...] = ALL
    tier: Tier | None = None
    to_tier: Tier | None = None
    to_team: str | None = None
    tell: str | None = None


@recorded
class RuleApplied(Event, frozen=True, tag="ticket.rule_applied"):
    """A rule came to apply to the ticket; what it makes happen follows (R07).

    Attributes:
        rule: as it read.
        since: since when what it is about had lasted: to the same moment it applies once.
        due_at: when it should have been applied; later than that only if nobody looked at the time.
    """

    rule: EscalationRule
    since: datetime
    due_at: datetime
