"""How events make the ledger."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import msgspec

from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows
from projections.part_ledger.moved import PART_EVENTS, moved


class MovementRow(msgspec.Struct):
    """A movement and the balance after it."""

    part_id: UUID
    position: int
    line: int
    bucket: str
    location: str | None
    ticket: UUID | None
    ticket_number: str | None
    lot: str | None
    serial: str | None
    delta: int
    balance: int


class BalanceRow(msgspec.Struct):
    """What a bucket of a place holds."""

    part_id: UUID
    bucket: str
    place: str
    balance: int = 0


class LedgerProjection(Projection):
    """Keeps the ledger."""

    name: ClassVar[str] = "part_ledger"
    version: ClassVar[int] = 1
    wants: ClassVar[tuple[str, ...]] = PART_EVENTS

    def fold(self, batch: Batch, rows: Rows) -> None:
        """Every movement gets its line, and its place the balance after it."""
        told = [(each, each.key) for each in moved(batch)]
        balances = rows.find(BalanceRow, "part_balance", {key for _, key in told})
        lines: list[MovementRow] = []
        for (fact, line, movement, _), key in told:
            place = balances.get(key)
            if place is None:
                place = balances[key] = BalanceRow(*key)
            place.balance += movement.delta
            row = MovementRow(
                fact.stream_id,
                fact.position,
                line,
                movement.bucket,
                movement.location,
                movement.ticket,
                movement.ticket_number,
                movement.lot,
                movement.serial,
                movement.delta,
                place.balance,
            )
            lines.append(row)
        rows.add("part_movement", lines)
        rows.put("part_balance", balances.values())
