"""What each event makes of a ticket's flow row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from domain.event import Event
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
from domain.ticket.tier_events import HandoverRefused, TicketHandedBack
from domain.ticket.words import HoldReason

SECOND = timedelta(seconds=1)


def _prioritised(row: Any, event: TicketPrioritised, at: datetime) -> None:  # noqa: ARG001
    row.priority = event.priority.value


def _assigned(row: Any, event: TicketAssigned, at: datetime) -> None:  # noqa: ARG001
    _pass(row, event.team)


def _moved(row: Any, event: TicketEscalated | TicketHandedBack, at: datetime) -> None:  # noqa: ARG001
    _pass(row, event.team)
    _on_tier(row, event.tier.value)


def _refused(row: Any, event: HandoverRefused, at: datetime) -> None:  # noqa: ARG001
    _pass(row, event.team)
    _on_tier(row, event.tier.value)
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


def _resolved(row: Any, event: TicketResolved, at: datetime) -> None:
    _waited(row, event, at)
    row.resolved_at = max(row.resolved_at or at, at)


def _reopened(row: Any, event: TicketReopened | ResolutionRejected, at: datetime) -> None:
    _waited(row, event, at)
    row.reopenings += 1


def _cancelled(row: Any, event: TicketCancelled, at: datetime) -> None:
    _waited(row, event, at)
    row.cancelled = True


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
        _on_tier(row, meant["tier"])


def _pass(row: Any, team: str | None) -> None:
    if team is None or team == row.team:
        return
    held_by = tuple(msgspec.json.decode(row.held_by))
    passed = Passes(row.team, row.came_from, held_by, row.hand_offs, row.returns, row.ping_pongs).to(team)
    row.held_by = msgspec.json.encode(passed.held_by).decode()
    row.team, row.came_from = passed.team, passed.came_from
    row.hand_offs, row.returns, row.ping_pongs = passed.hand_offs, passed.returns, passed.ping_pongs


def _on_tier(row: Any, tier: str) -> None:
    row.tier_moves += tier != row.tier
    row.tier = tier
    row.highest_tier = max(row.highest_tier, tier)


RULES: dict[type[Event], Callable[[Any, Any, datetime], None]] = {
    TicketPrioritised: _prioritised,
    TicketAssigned: _assigned,
    TicketEscalated: _moved,
    TicketHandedBack: _moved,
    HandoverRefused: _refused,
    TicketHeld: _held,
    TicketResumed: _waited,
    TicketResolved: _resolved,
    TicketClosed: _waited,
    TicketReopened: _reopened,
    ResolutionRejected: _reopened,
    TicketCancelled: _cancelled,
    TicketRemarked: _remarked,
}
"""The others change nothing but when something last happened."""
