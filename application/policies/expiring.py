"""Contracts expire on their day, reservations at their hour."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from application.policies.bulk import ACTOR
from application.streams import Decided, Streams
from domain.contract import decisions
from domain.contract.state import Contract
from domain.contract.term import ends_at
from domain.errors import DomainError
from domain.event import Act
from domain.part import reservations
from domain.part.state import Part


async def expire_contracts(streams: Streams[Contract], contracts: Sequence[UUID], now: datetime) -> int:
    """Record that the last day is over, as of its end in the contract's own zone (R13)."""
    return sum([await _expire_contract(streams, contract, now) for contract in contracts])


async def _expire_contract(streams: Streams[Contract], contract_id: UUID, now: datetime) -> int:
    held = await streams.read(contract_id)
    if held is None or ends_at(held.state) > now:
        return 0
    act = Act(actor=ACTOR, occurred_at=ends_at(held.state))

    async def decide(contract: Contract, fresh: bool) -> Decided:  # noqa: ARG001
        return Decided(decisions.expire(contract, by=act))

    with contextlib.suppress(DomainError):  # ended, or renewed, in the meantime
        await streams.change(contract_id, decide, act)
        return 1
    return 0


async def expire_reservations(streams: Streams[Part], parts: Sequence[UUID], now: datetime) -> int:
    """End every overdue reservation of these parts, each as of its own hour (R17)."""
    return sum([await _expire_reservations(streams, part, now) for part in parts])


async def _expire_reservations(streams: Streams[Part], part_id: UUID, now: datetime) -> int:
    held = await streams.read(part_id)
    hours = {each.expires_at for each in held.state.reservations.values()} if held else set()
    due = sorted(hour for hour in hours if hour <= now)
    for hour in due:
        act = Act(actor=ACTOR, occurred_at=hour)

        async def decide(part: Part, fresh: bool, act: Act = act) -> Decided:  # noqa: ARG001
            return Decided(reservations.expire(part, by=act))

        await streams.change(part_id, decide, act)
    return len(due)
