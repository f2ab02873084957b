"""What each event makes of a ticket's flow row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from domain.clock import Milestone
from domain.event import Event
from domain.thresholds import DEADLINE
from domain.ticket.events import (
    ResolutionRejected,
    TicketAssigned,
    TicketCancelled,
    TicketClosed,
    TicketEscalated,
    TicketHeld,
    TicketPrioritised,
    TicketRemarked,
    TicketReopened,
    TicketResolved,
    TicketResumed,
)
from domain.ticket.passing import Passes
from domain.ticket.rule_events import RuleApplied
from domain.ticket.tier_events import HandoverAccepted, HandoverRefused, TicketHandedBack
from domain.ticket.triage_events import TicketMerged
from domain.ticket.watch_events import DeadlineMissed, DeadlineWarned
from domain.ticket.words import HoldReason

SECOND = timedelta(seconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _prioritised(row: Any, event: TicketPrioritised, at: datetime) -> None:  # noqa: ARG001
    row.priority = event.priority.value


def _assigned(row: Any, event: TicketAssigned, at: datetime) -> None:  # noqa: ARG001
    _pass(row, event.team)


def _escalated(row: Any, event: TicketEscalated, at: datetime) -> None:
    _pass(row, event.team)
    _on_tier(row, event.tier.value, at)
    row.handover_since = at


def _accepted(row: Any, event: Event, at: datetime) -> None:  # noqa: ARG001
    row.handover_since = None


def _handed_back(row: Any, event: TicketHandedBack, at: datetime) -> None:
    _pass(row, event.team)
    _on_tier(row, event.tier.value, at)
    row.handover_since = None


def _refused(row: Any, event: HandoverRefused, at: datetime) -> None:
    _pass(row, event.team)
    _on_tier(row, event.tier.value, at)
    row.handover_since = None
    row.refusals += 1


def _held(row: Any, event: TicketHeld, at: datetime) -> None:
    for_customer = event.hold is HoldReason.WAITING_FOR_CUSTOMER
    if for_customer:
        row.waits += 1
    if for_customer and row.waiting_since is not None:
        return
    _waited(row, event, at)
    if for_customer:
        row.waiting_since = at


def _waited(row: Any, event: Event, at: datetime) -> None:  # noqa: ARG001
    """Whatever it waited for, it no longer does."""
    if row.waiting_since is not None:
        row.waited += max((at - row.waiting_since) // SECOND, 0)
        row.waiting_since = None


def _ended(row: Any, event: Event, at: datetime) -> None:
    _waited(row, event, at)
    row.is_open, row.handover_since = False, None


def _resolved(row: Any, event: TicketResolved, at: datetime) -> None:
    _ended(row, event, at)
    row.resolved_at = max(row.resolved_at or at, at)


def _reopened(row: Any, event: TicketReopened | ResolutionRejected, at: datetime) -> None:
    _waited(row, event, at)
    row.reopenings += 1
    row.is_open, row.warned_percent, row.warned_at, row.applied = True, 0, None, "|"


def _cancelled(row: Any, event: Event, at: datetime) -> None:
    _ended(row, event, at)
    row.cancelled = True


def _warned(row: Any, event: DeadlineWarned, at: datetime) -> None:
    if event.milestone is Milestone.RESOLVE:
        row.warned_percent, row.warned_at = max(event.percent, row.warned_percent), row.warned_at or at


def _missed(row: Any, event: DeadlineMissed, at: datetime) -> None:
    """Whatever the plan warns at, and if it warns of nothing: all of the time is used."""
    if event.milestone is Milestone.RESOLVE:
        row.warned_percent, row.warned_at = DEADLINE, row.warned_at or at


def _applied(row: Any, event: RuleApplied, at: datetime) -> None:  # noqa: ARG001
    microseconds = (event.since - EPOCH) // timedelta(microseconds=1)
    row.applied += f"{event.rule.name}@{microseconds // 1_000_000}.{microseconds % 1_000_000:06}|"


def _remarked(row: Any, event: TicketRemarked, at: datetime) -> None:
    """What another system did, though our rules refused it, happened there."""
    if event.kind != "refused":
        return
    meant = event.meant
    if meant.get("do") == "resolve":
        row.resolved_at = max(row.resolved_at or at, at)
    row.waits += meant.get("hold") == HoldReason.WAITING_FOR_CUSTOMER.value
    _pass(row, meant.get("team"))
    if "tier" in meant:
        _on_tier(row, meant["tier"], at)


def _pass(row: Any, team: str | None) -> None:
    if team is None or team == row.team:
        return
    held_by = tuple(msgspec.json.decode(row.held_by))
    passed = Passes(row.team, row.came_from, held_by, row.hand_offs, row.returns, row.ping_pongs).to(team)
    row.held_by = msgspec.json.encode(passed.held_by).decode()
    row.team, row.came_from = passed.team, passed.came_from
    row.hand_offs, row.returns, row.ping_pongs = passed.hand_offs, passed.returns, passed.ping_pongs


def _on_tier(row: Any, tier: str, at: datetime) -> None:
    if tier == row.tier:
        return
    row.tier_moves += 1
    row.tier, row.tier_since = tier, at
    row.highest_tier = max(row.highest_tier, tier)


RULES: dict[type[Event], Callable[[Any, Any, datetime], None]] = {
    TicketPrioritised: _prioritised,
    TicketAssigned: _assigned,
    TicketEscalated: _escalated,
    HandoverAccepted: _accepted,
    TicketHandedBack: _handed_back,
    HandoverRefused: _refused,
    TicketHeld: _held,
    TicketResumed: _waited,
    TicketResolved: _resolved,
    TicketClosed: _ended,
    TicketReopened: _reopened,
    ResolutionRejected: _reopened,
    TicketCancelled: _cancelled,
    TicketMerged: _cancelled,
    DeadlineWarned: _warned,
    DeadlineMissed: _missed,
    RuleApplied: _applied,
    TicketRemarked: _remarked,
}
"""The others change nothing but when something last happened."""
