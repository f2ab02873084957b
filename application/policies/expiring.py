"""Contracts expire on their day, reservations at their hour."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from application.policies.bulk import ACTOR
from application.streams import Decided, Streams
from domain.contract import decisions
from domain.contract.state import Contract
from domain.contract.term import ends_at
from domain.errors import DomainError
from domain.event import Act, type_name
from domain.part import reservations
from domain.part.state import Part


async def expire_contracts(
    streams: Streams[Contract], contracts: Sequence[UUID], now: datetime
) -> Counter[str]:
    """Record that the last day is over, as of its end in the contract's own zone (R13)."""
    recorded: Counter[str] = Counter()
    for contract in contracts:
        recorded.update(await _expire_contract(streams, contract, now))
    return recorded


async def _expire_contract(streams: Streams[Contract], contract_id: UUID, now: datetime) -> list[str]:
    held = await streams.read(contract_id)
    if held is None or ends_at(held.state) > now:
        return []
    act = Act(actor=ACTOR, occurred_at=ends_at(held.state))

    async def decide(contract: Contract, fresh: bool) -> Decided:  # noqa: ARG001
        return Decided(decisions.expire(contract, by=act))

    with contextlib.suppress(DomainError):  # ended, or renewed, in the meantime
        changed = await streams.change(contract_id, decide, act)
        return [type_name(event) for event in changed[2]] if changed else []
    return []


async def expire_reservations(streams: Streams[Part], parts: Sequence[UUID], now: datetime) -> Counter[str]:
    """End every overdue reservation of these parts, each as of its own hour (R17)."""
    recorded: Counter[str] = Counter()
    for part in parts:
        recorded.update(await _expire_reservations(streams, part, now))
    return recorded


async def _expire_reservations(streams: Streams[Part], part_id: UUID, now: datetime) -> list[str]:
    held = await streams.read(part_id)
    hours = {each.expires_at for each in held.state.reservations.values()} if held else set()
    recorded: list[str] = []
    for hour in sorted(hour for hour in hours if hour <= now):
        act = Act(actor=ACTOR, occurred_at=hour)

        async def decide(part: Part, fresh: bool, act: Act = act) -> Decided:  # noqa: ARG001
            return Decided(reservations.expire(part, by=act))

        changed = await streams.change(part_id, decide, act)
        recorded += [type_name(event) for event in changed[2]] if changed else []
    return recorded
