"""What tickets will ask for of one spare part: the storekeepers of an invented firm know it beforehand."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from application.demo.diary import Step
from application.demo.fitting import OWN
from application.part_commands import IssuePart, ReservePart, TransferPart

OPENS, CLOSES = time(8), time(18, 30)
CALM = timedelta(minutes=30)


class Demand:
    """When, where and how much.

    Args:
        asked: the steps of tickets, in the order of time.
    """

    def __init__(self, asked: Sequence[Step]) -> None:
        self._times = [step.at for step in asked]
        wanted: dict[str, list[tuple[datetime, int]]] = {}
        brought: set[tuple[int | None, str]] = set()
        for step in asked:
            match step.command:
                case TransferPart(from_location=place, to_location=target, quantity=int(quantity)):
                    brought.add((step.ticket, target))
                case ReservePart(location=place, quantity=int(quantity)):
                    if (step.ticket, place) in brought:
                        continue
                case IssuePart(location=place, quantity=int(quantity), reservation=own) if own != OWN:
                    pass
                case _:
                    continue
            wanted.setdefault(place, []).append((step.at, quantity))
        self._by_place = {
            place: ([at for at, _ in each], [0, *accumulate(quantity for _, quantity in each)])
            for place, each in wanted.items()
        }

    def due(self, place: str, since: datetime, until: datetime) -> int:
        """How much is taken from a place in that time."""
        times, sums = self._by_place.get(place, ([], [0]))
        return sums[bisect_left(times, until)] - sums[bisect_left(times, since)]

    def everywhere(self, since: datetime, until: datetime) -> int:
        """How much is taken in all."""
        return sum(self.due(place, since, until) for place in self._by_place)

    def calm(self, day: date, zone: ZoneInfo) -> tuple[datetime, timedelta]:
        """When in the working hours of a day nobody asks for anything for a while, and for how long."""
        opens, closes = (datetime.combine(day, hour, zone) for hour in (OPENS, CLOSES))
        asked = self._times[bisect_left(self._times, opens) : bisect_left(self._times, closes)]
        breaks = list(pairwise((opens, *asked, closes)))
        since, until = max(breaks, key=lambda each: min(each[1] - each[0], CALM))
        return since, min(until - since, CALM)
