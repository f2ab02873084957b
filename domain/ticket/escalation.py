"""What escalates by itself: rules about tickets that nobody takes, and what they make happen (R07).

Whether a rule applies follows from the ticket's own facts, and that it was applied is one of them. So looking
often, late or twice makes no difference: each rule applies once to each occasion, which is a ticket and the
moment since when what the rule is about has lasted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.calendar import CalendarGap
from domain.clock import Milestone
from domain.errors import DomainError
from domain.event import Act, Event, Fact, Told
from domain.promises import Promises
from domain.ticket.allowed import OPEN
from domain.ticket.evolution import evolve, replay
from domain.ticket.rule_events import EscalationRule, RuleApplied, When
from domain.ticket.state import Ticket
from domain.ticket.tiers import escalate

ACTOR = "system:timer"


class Occasion(NamedTuple):
    """What a rule applies to.

    Attributes:
        since: since when it has lasted: by this an occasion is told from the next one.
        due_at: when the rule applies.
    """

    since: datetime
    due_at: datetime


def applied(
    facts: Sequence[Fact], now: datetime, rules: Sequence[EscalationRule], promises: Promises
) -> list[Told]:
    """What the rules make of a ticket at a moment; nothing, mostly.

    Nothing is done to what was imported: its history is over.

    Args:
        facts: all of the ticket's, in version order.

    Raises:
        UnknownPlan: the book does not hold what the ticket pins.
    """
    ticket = replay(facts)
    if ticket is None or ticket.source is not None:
        return []
    told: list[Told] = []
    for rule in rules:
        occasion = occasion_of(rule, ticket, promises)
        if occasion is None or occasion.due_at > now or (rule.name, occasion.since) in ticket.applied:
            continue
        by = Act(actor=ACTOR, occurred_at=now, reason=f"{rule.name} v{rule.version}")
        note = RuleApplied(rule=rule, since=occasion.since, due_at=occasion.due_at)
        for event in (note, *_done(rule, ticket, by)):
            told.append(Told(event, by))
            ticket = evolve(event, ticket, by)
    return told


def occasion_of(rule: EscalationRule, ticket: Ticket, promises: Promises) -> Occasion | None:
    """What the rule is about in a ticket as it stands, whether due or not; ``None`` for nothing."""
    fits = ticket.status in OPEN and ticket.priority in rule.priorities and rule.tier in {None, ticket.tier}
    since = next(_since(rule, ticket), None) if fits else None
    if since is None:
        return None
    if not rule.working_time:
        return Occasion(since, since + timedelta(seconds=rule.after))
    calendar = promises.calendar(ticket.pin)
    try:
        return Occasion(since, calendar.moment(calendar.mark(since) + rule.after))
    except CalendarGap:  # nothing is guessed (SLA 7)
        return None


def _since(rule: EscalationRule, ticket: Ticket) -> Iterator[datetime]:
    if rule.when is When.UNASSIGNED and ticket.team is None:
        yield ticket.reported_at
    elif rule.when is When.IN_TIER and ticket.handover is None:
        yield ticket.tier_since or ticket.reported_at
    elif rule.when is When.UNACCEPTED and ticket.handover is not None:
        yield ticket.handover.since
    elif rule.when is When.WARNED:
        for each in ticket.noted:
            is_ours = each.milestone is Milestone.RESOLVE and each.cycle == ticket.cycle
            if is_ours and each.percent >= rule.percent:
                yield each.at


def _done(rule: EscalationRule, ticket: Ticket, by: Act) -> tuple[Event, ...]:
    """The handover that a rule asks for; what the ticket does not allow is not done."""
    if rule.to_tier is None:
        return ()
    try:
        return escalate(ticket, tier=rule.to_tier, team=rule.to_team, by=by)
    except DomainError:
        return ()
