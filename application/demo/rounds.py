"""The storekeepers' year with one spare part: a round every week, so that what is asked for is there."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from application.demo.demand import Demand
from application.demo.diary import Step
from application.demo.firm import say
from application.demo.inspection import Inspection
from application.demo.provision import Provision
from application.demo.storeroom import Storeroom
from application.demo.supplies import SparePart, supplies
from application.part_commands import PartTitle, RevisePart

WEEK = timedelta(days=7)


def keep(
    spare: SparePart, asked: Sequence[Step], *, luck: str, begins: date, ends: datetime, zone: ZoneInfo
) -> list[Step]:
    """Every step of a part: those that tickets ask for, completed, and the storekeepers' own between.

    Args:
        spare: the part.
        asked: the steps of tickets, in the order of time.
        luck: seeds the small things.
        begins: the day of the first round.
        ends: no step is later.
        zone: where the firm is.
    """
    rng = Random(luck)  # noqa: S311 - a story, not a secret
    demand = Demand(asked)
    at, calm = demand.calm(begins, zone)
    room = Storeroom(spare, at, supplies().main.storekeeper, say(rng, "late.stock", "zh"), zone)
    provision, inspection = Provision(room, demand, rng, ends), Inspection(room, rng)
    waiting = deque(asked)
    while at + calm < ends:
        while waiting and waiting[0].at <= at:
            room.take(waiting.popleft())
        room.begin(at, calm)
        weeks = (room.day(ends) - begins) // WEEK
        if spare.revised and weeks == spare.revised.days // 7:
            _revise(room, rng)
        inspection.walk(weeks)
        provision.walk(at, weeks)
        begins += WEEK
        at, calm = demand.calm(begins, zone)
    for step in waiting:
        room.take(step)
    return room.steps


def _revise(room: Storeroom, rng: Random) -> None:
    spare, revised = room.spare, room.spare.revised
    if revised:
        command = RevisePart(
            revision=revised.revision,
            name=PartTitle(spare.zh, spare.en),
            shelf_life_days=spare.shelf_life_days,
            reorder_point=revised.reorder_point,
            reason=say(rng, "stock.revised", "zh"),
        )
        room.do(supplies().main.storekeeper, command)
