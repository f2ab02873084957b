"""Many people at the desks of two processes, all at once: the books are right at every log position."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from application.database.connect import Database
from application.desk import Receipt
from application.log.append import Recorded
from application.log.errors import BasisMoved, VersionConflict
from domain.event import Fact
from domain.part.state import replay
from domain.part.words import Bucket, Tracking
from tests.application.crowd import LOCATIONS, PARTS, SERIALS, Crowd
from tests.application.firm import NOW, Firm, in_two_processes
from tests.application.tally import Tally, tallied

CALLERS, EACH = 32, 50


async def opened(firm: Firm) -> list[Receipt]:
    """A firm with some of everything, and four tickets."""
    for number, tracking in PARTS.items():
        life = None if tracking is Tracking.NONE else 2
        await firm.part(number, tracking=tracking, shelf_life_days=life)
    for n, location in enumerate(LOCATIONS[1:]):
        for number in ("HE-200", "FAN-1"):
            await firm.receive(number, location, quantity=10)
        await firm.receive("GAS-5", location, lots={"A": 5, "B": 5})
        await firm.receive("PCB-9", location, serials=(f"S{3 * n}", f"S{3 * n + 1}", f"S{3 * n + 2}"))
    return [await firm.ticket() for _ in range(4)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_books_are_right_at_every_position(database: Database, seed: int) -> None:
    told: Counter[str] = Counter()

    async def story(here: Firm, there: Firm) -> None:
        tickets = await opened(here)
        for firm in (here, there):
            notes_conflicts(firm, told)
        crowd = Crowd(Random(seed), tickets)  # noqa: S311
        clock = iter(NOW + timedelta(minutes=5 * n) for n in range(CALLERS * EACH))

        async def caller(firm: Firm) -> None:
            for _ in range(EACH):
                here.now = there.now = next(clock)
                told[await crowd.sends(firm)] += 1

        await asyncio.gather(*(caller((here, there)[n % 2]) for n in range(CALLERS)))
        facts = await here.log.after(0, 100_000)
        tally = tallied(facts)
        for number in PARTS:
            await agrees(there, number, tally)

    in_two_processes(database, story)
    assert told["done"] > 200
    assert min(told["NotEnoughStock"], told["VersionConflict"]) > 20, "they got in each other's way"


def notes_conflicts(firm: Firm, told: Counter[str]) -> None:
    """Count how often another was faster."""
    append = firm.log.append

    async def noted(facts: Sequence[Fact], **more: Any) -> Recorded:
        try:
            return await append(facts, **more)
        except (VersionConflict, BasisMoved) as overtaken:
            told[type(overtaken).__name__] += 1
            raise

    firm.log.append = noted  # type: ignore[method-assign, assignment]


async def agrees(firm: Firm, number: str, tally: Tally) -> None:
    """The part as replayed holds what the tally says, in every bucket and place, by lot and serial number."""
    part_id = await firm.desks.parts.find(number)
    part = replay(await firm.log.stream(part_id))
    held = await firm.desks.parts.streams.read(part_id)
    assert part is not None
    assert held is not None
    assert held.state == part, "the state at hand is the replayed one"
    for bucket in Bucket:
        counts = tally.stock[bucket.value].items()
        ours = {(where, unit): count for ((of, where), unit), count in counts if of == number and count}
        stocks = part.stocks.get(bucket)
        theirs = {
            (where, unit): count
            for where, stock in (stocks.items() if stocks else ())
            for unit, count in stock.units.items()
        }
        assert theirs == ours
    places = {serial: place for (of, serial), place in tally.serials.items() if of == number}
    known = ((serial, part.place(serial)) for serial in SERIALS)
    assert {serial: (str(at.kind), at.where) for serial, at in known if at and at.where} == places
    left = {reservation.id: reservation.goods.quantity for reservation in part.reservations.values()}
    assert left.items() <= tally.promised.items()
