"""How events make the flow rows: each row is all that its ticket's next event needs."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from domain.event import Fact
from domain.ticket.events import TicketRegistered
from projections.cases.folding import TICKET_EVENTS
from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows
from projections.flow.rules import RULES


class FlowRow(msgspec.Struct):
    """A row of the table."""

    id: UUID
    number: str
    version: int
    source: str | None
    plan: str
    priority: str
    customer: str | None
    product: str | None
    first_at: datetime
    last_at: datetime
    tier_since: datetime
    team: str | None = None
    came_from: str | None = None
    held_by: str = "[]"
    cancelled: bool = False
    resolved_at: datetime | None = None
    tier: str = "L1"
    highest_tier: str = "L1"
    tier_moves: int = 0
    refusals: int = 0
    hand_offs: int = 0
    returns: int = 0
    ping_pongs: int = 0
    reopenings: int = 0
    waits: int = 0
    waited: int = 0
    waiting_since: datetime | None = None
    is_open: bool = True
    handover_since: datetime | None = None
    warned_percent: int = 0
    warned_at: datetime | None = None
    applied: str = "|"


class FlowProjection(Projection):
    """Keeps the flow rows."""

    name: ClassVar[str] = "flow"
    version: ClassVar[int] = 2
    wants: ClassVar[tuple[str, ...]] = TICKET_EVENTS

    def fold(self, batch: Batch, rows: Rows) -> None:
        """Every ticket that the batch touched gets the row it now has."""
        told = batch.told()
        known = rows.find(FlowRow, "flow", [each for each, facts in told.items() if facts[0].version > 1])
        touched = [_after(known.get(ticket), facts) for ticket, facts in told.items()]
        rows.put("flow", [row for row in touched if row is not None])


def _after(row: FlowRow | None, facts: list[Fact]) -> FlowRow | None:
    for fact in facts:
        event, at = fact.event, fact.act.occurred_at
        if row is None:
            row = _begun(fact, event) if isinstance(event, TicketRegistered) else None
            continue
        row.version = fact.version
        row.last_at = max(row.last_at, at)
        rule = RULES.get(type(event))
        if rule is not None:
            rule(row, event, at)
    return row


def _begun(fact: Fact, event: TicketRegistered) -> FlowRow:
    at = fact.act.occurred_at
    return FlowRow(
        id=fact.stream_id,
        number=event.number,
        version=fact.version,
        source=event.source.partition("/")[0] if event.source else None,
        plan=event.pin.plan,
        priority=event.priority,
        customer=event.customer,
        product=event.product,
        first_at=at,
        last_at=at,
        tier_since=at,
    )
