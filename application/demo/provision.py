"""How a spare part comes in and gets to where it will be asked for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import ceil
from random import Random
from typing import Any

from application.demo.demand import Demand
from application.demo.firm import say
from application.demo.storeroom import Storeroom
from application.demo.supplies import Place, supplies
from application.part_commands import QuarantinePart, ReceivePart, TransferPart
from domain.part.words import Tracking

AHEAD = timedelta(days=9)
"""What a round provides for: until well after the next one."""
ORDERED = timedelta(days=35)
"""How far ahead the firm orders."""
SHORT_DATED = 21
"""How many weeks before its last good day a lot comes that nobody will use up."""
DAMAGED = 0.07
"""Share of the deliveries of which one piece is damaged."""


class Provision:
    """Deliveries and transfers of one part.

    Args:
        room: its storeroom.
        demand: what tickets will ask for.
        rng: decides the small things.
        ends: the end of the year.
    """

    def __init__(self, room: Storeroom, demand: Demand, rng: Random, ends: datetime) -> None:
        self._room = room
        self._demand = demand
        self._rng = rng
        self._ends = ends
        self._main = supplies().main
        self._deliveries = 0
        self._made = 0

    def walk(self, at: datetime, weeks: int) -> None:
        """Have delivered what will be missing, and bring it where it will be missing.

        Args:
            at: the moment of the round.
            weeks: how many are still to come.
        """
        spare, until = self._room.spare, at + AHEAD
        day = self._room.day(until)
        kept = {} if spare.recalled and weeks <= spare.recalled // 7 else spare.keep
        if spare.lapsing and weeks == spare.lapsing // 7 + SHORT_DATED:
            self._short_dated(at, spare.lapsing)
        lacking: dict[str, int] = {}
        for place in supplies().places[1:]:
            free, due = self._room.free(place.name, day), self._demand.due(place.name, at, until)
            usual = kept.get(place.kind, 0)
            if free < due + ceil(usual / 2):
                lacking[place.name] = due + usual - free
        self._order(at, sum(lacking.values()), kept.get("main", 0))
        for name, quantity in lacking.items():
            self._transfer(name, self._room.lasting(self._main.name, quantity, day))

    def _order(self, at: datetime, leaving: int, usual: int) -> None:
        """Let the main warehouse have what it gives away now, and more where it must order anyway."""
        main, until = self._main, at + AHEAD
        free = self._room.free(main.name, self._room.day(until))
        leaving += self._demand.due(main.name, at, until)
        if free >= leaving + ceil(usual / 2):
            return
        short = max(leaving, self._demand.everywhere(at, at + ORDERED)) + usual - free
        batch = self._room.spare.batch if usual else 1
        units = self._receive(main, ceil(short / batch) * batch, None)
        if usual and self._rng.random() < DAMAGED:
            reason = say(self._rng, "stock.damaged", main.lang)
            one = self._room.named(units, 1)
            self._room.do(main.storekeeper, QuarantinePart(location=main.name, reason=reason, **one))

    def _transfer(self, name: str, goods: dict[str, Any]) -> None:
        main = self._main
        command = TransferPart(
            from_location=main.name,
            to_location=name,
            reason=say(self._rng, "late.stock", main.lang),
            **goods,
        )
        self._room.do(main.storekeeper, command)

    def _short_dated(self, at: datetime, lapsing: int) -> None:
        """A centre gets a lot that will not be used up before its last good day."""
        place = self._rng.choice([place for place in supplies().places if place.kind == "centre"])
        last = self._ends - timedelta(days=lapsing)
        left = self._rng.randint(5, 9)
        self._receive(place, self._demand.due(place.name, at, last) + left, self._room.day(last))

    def _receive(self, place: Place, quantity: int, last_day: date | None) -> dict[str, int]:
        """A delivery comes in; which lots or serial numbers it has."""
        spare, today = self._room.spare, self._room.today
        self._deliveries += 1
        units = self._units(quantity)
        if spare.shelf_life_days and last_day is None:
            last_day = today + timedelta(days=spare.shelf_life_days - self._rng.randint(10, 60))
        command = ReceivePart(
            location=place.name,
            supplier=self._rng.choice(spare.suppliers),
            document=f"DN-{today:%y%m%d}-{self._rng.randint(1, 99):02}",
            expires_on=dict.fromkeys(units, last_day) if last_day else {},
            reason=say(self._rng, "late.stock", place.lang),
            **self._room.named(units, quantity),
        )
        self._room.do(place.storekeeper, command)
        return units

    def _units(self, quantity: int) -> dict[str, int]:
        spare, today = self._room.spare, self._room.today
        if spare.tracking is Tracking.LOT:
            return {f"L{today:%y%m%d}-{self._deliveries:02}": quantity}
        if spare.tracking is Tracking.SERIAL:
            first = self._made + 1
            self._made += quantity
            return {f"{spare.number}-{today:%y%m}{n:04}": 1 for n in range(first, first + quantity)}
        return {}
