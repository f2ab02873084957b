"""How events make the stock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar
from uuid import UUID

import msgspec

from domain.event import Event
from domain.part.events import PartCatalogued, PartReceived, PartReserved, PartRevised, ReservationReleased
from domain.part.goods import Goods
from domain.part.movements import Movement
from domain.part.words import SHELVED
from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows
from projections.part_ledger.moved import PART_EVENTS, Moved, moved
from projections.stock.rows import DayRow, PartRow, ReservationRow, StockRow, UnitRow, begun

Told = list[tuple[PartRow, Event]]
Moves = list[tuple[PartRow, Moved]]


class StockProjection(Projection):
    """Keeps the catalogue and the stock."""

    name: ClassVar[str] = "stock"
    version: ClassVar[int] = 1
    wants: ClassVar[tuple[str, ...]] = PART_EVENTS

    def fold(self, batch: Batch, rows: Rows) -> None:
        """What the batch touched gets the quantities it now has; what is empty loses its row."""
        told = _tell(batch, rows)
        parts = {part.id: part for part, _ in told}
        moves = [(parts[each.fact.stream_id], each) for each in moved(batch) if each.fact.stream_id in parts]
        _book_parts(moves)
        rows.put("part", parts.values())
        _book_locations(moves, rows)
        _book_units(moves, rows)
        rows.put("stock_day", _last_days(told))
        _promise(told, rows)


def _tell(batch: Batch, rows: Rows) -> Told:
    """Every event with its part; as in a replay, a part begins with its catalogue entry."""
    facts = batch.facts()
    parts: dict[UUID, PartRow] = rows.find(PartRow, "part", {fact.stream_id for fact in facts})
    told: Told = []
    for fact in facts:
        event = fact.event
        if isinstance(event, PartCatalogued) and fact.stream_id not in parts:
            parts[fact.stream_id] = begun(fact.stream_id, event)
        part = parts.get(fact.stream_id)
        if part is None:
            continue
        part.version, part.position = fact.version, fact.position
        if isinstance(event, PartRevised):
            part.revise(event)
        elif isinstance(event, PartReceived):
            part.perishable |= bool(event.expires_on)
        told.append((part, event))
    return told


def _book_parts(moves: Moves) -> None:
    for part, each in moves:
        _add(part, each.movement)


def _book_locations(moves: Moves, rows: Rows) -> None:
    shelved = [((part.id, each.place), part, each) for part, each in moves if each.movement.bucket in SHELVED]
    held = rows.find(StockRow, "stock", {key for key, _, _ in shelved})
    for key, part, each in shelved:
        if key not in held:
            held[key] = StockRow(*key, number=part.number)
        _add(held[key], each.movement)
    _keep(rows, "stock", held)


def _book_units(moves: Moves, rows: Rows) -> None:
    booked = [((*each.key, each.movement.unit), each.movement) for _, each in moves]
    held = rows.find(UnitRow, "stock_unit", {key for key, _ in booked})
    for key, movement in booked:
        row = held.get(key)
        if row is None or row.is_empty:
            row = held[key] = UnitRow(*key)
        row.quantity += movement.delta
        if movement.bucket not in SHELVED:
            row.ticket = movement.ticket
            row.ticket_number = movement.ticket_number or row.ticket_number
    _keep(rows, "stock_unit", held)


def _add(row: PartRow | StockRow, movement: Movement) -> None:
    setattr(row, movement.bucket, getattr(row, movement.bucket) + movement.delta)


def _keep(rows: Rows, table: str, held: Mapping[object, StockRow | UnitRow]) -> None:
    rows.put(table, [row for row in held.values() if not row.is_empty])
    rows.drop(table, [key for key, row in held.items() if row.is_empty])


def _last_days(told: Told) -> Iterable[DayRow]:
    """Of what came in with one; what came again without keeps the day it had."""
    days = {
        (part.id, unit): event.expires_on[unit]
        for part, event in told
        if isinstance(event, PartReceived) and event.expires_on
        for unit in event.goods.units
        if unit in event.expires_on
    }
    return [DayRow(*key, expires_on=day) for key, day in days.items()]


def _promise(told: Told, rows: Rows) -> None:
    promises = [
        (part, event) for part, event in told if isinstance(event, PartReserved | ReservationReleased)
    ]
    touched = {event.reservation for _, event in promises}
    held: dict[UUID, ReservationRow] = rows.find(ReservationRow, "reservation", touched)
    for part, event in promises:
        if isinstance(event, PartReserved):
            held[event.reservation] = _promised(part, event)
        elif event.reservation in held:
            row = held[event.reservation]
            left = left_of(row.goods).less(event.goods)
            row.goods = msgspec.json.encode(left)
            if left.quantity <= 0:
                del held[event.reservation]
    rows.put("reservation", held.values())
    rows.drop("reservation", touched - held.keys())


def _promised(part: PartRow, event: PartReserved) -> ReservationRow:
    return ReservationRow(
        id=event.reservation,
        part_id=part.id,
        location=event.location,
        goods=msgspec.json.encode(event.goods),
        ticket=event.for_ticket,
        ticket_number=event.ticket_number,
        expires_at=event.expires_at,
    )


def left_of(kept: bytes) -> Goods:
    """What a reservation holds, from the bytes they were kept in."""
    return msgspec.json.decode(kept, type=Goods)
