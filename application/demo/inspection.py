"""How the stock of a spare part is looked after: counted, examined, thrown away, recalled."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from application.demo.firm import say
from application.demo.storeroom import Storeroom
from application.demo.supplies import Place, supplies
from application.part_commands import CountPart, PartAction, QuarantinePart, ReleaseQuarantine, ScrapPart
from domain.part.words import Bucket, Tracking

COUNTED = {"main": (30, 6), "centre": (18,), "van": ()}
"""How many weeks before the end a place is counted."""
EXAMINED = 4
"""Every how many weeks somebody decides what becomes of what is in quarantine."""
LAPSED = timedelta(days=60)
"""How long after its last good day a lot is thrown away."""
DIFFERS, MISSING = 0.12, 0.06
"""Shares of the counts that find another quantity, and that do not find a serial number."""
WAITS, GOOD = 0.2, 0.38
"""Of what is in quarantine: the share that nobody decides on yet, and that with what is found good."""


class Inspection:
    """The storekeepers look at what is there.

    Args:
        room: the part's storeroom.
        rng: decides the small things.
    """

    def __init__(self, room: Storeroom, rng: Random) -> None:
        self._room = room
        self._rng = rng
        self._missing: dict[str, set[str]] = {}

    def walk(self, weeks: int) -> None:
        """One round.

        Args:
            weeks: how many are still to come.
        """
        recalled = self._room.spare.recalled
        for place in supplies().places:
            if weeks in COUNTED[place.kind]:
                self._count(place)
            if weeks % EXAMINED == 0 and not (recalled and weeks < recalled // 7):
                self._examine(place)
                self._throw_away(place)
        if recalled and weeks == recalled // 7:
            self._recall()

    def _count(self, place: Place) -> None:
        room, rng = self._room, self._rng
        books = dict(room.part.stock(Bucket.GOOD, place.name).units.items())
        if not books:
            return
        free, differs = room.free(place.name, room.today), rng.random()
        found = dict(books)
        if room.spare.tracking is Tracking.SERIAL:
            found |= dict.fromkeys(self._missing.pop(place.name, ()), 1)
            if differs < MISSING and free > 0 and found == books:
                self._missing[place.name] = {unit := max(books)}
                del found[unit]
        elif differs < DIFFERS:
            unit = max(books)
            found[unit] = max(books[unit] + rng.choice((-2, -1, 1)), books[unit] - max(free, 0), 1)
        why = "late.stock" if found == books else "stock.difference"
        goods = room.named(found, sum(found.values()))
        self._do(place, CountPart(location=place.name, reason=self._say(why, place), **goods))

    def _examine(self, place: Place) -> None:
        """Decide on what is in quarantine: serial numbers one by one, everything else as a whole."""
        room = self._room
        units = dict(sorted(room.part.stock(Bucket.QUARANTINE, place.name).units.items()))
        luck = {unit: self._rng.random() for unit in units}
        good = {unit: units[unit] for unit in units if WAITS <= luck[unit] < GOOD}
        bad = {unit: units[unit] for unit in units if luck[unit] >= GOOD}
        if good:
            goods = room.named(good, sum(good.values()))
            reason = self._say("stock.found_good", place)
            self._do(place, ReleaseQuarantine(location=place.name, reason=reason, **goods))
        if bad:
            reason = self._say("stock.beyond_repair", place)
            self._scrap(place, Bucket.QUARANTINE, bad, reason)

    def _throw_away(self, place: Place) -> None:
        room = self._room
        stock, day = room.part.stock(Bucket.GOOD, place.name), room.today - LAPSED
        lapsed = {unit: of for unit, of in stock.units.items() if room.part.expired(unit, day)}
        promised = room.part.stock(Bucket.RESERVED, place.name).total
        if lapsed and sum(lapsed.values()) <= stock.total - promised:
            self._scrap(place, Bucket.GOOD, lapsed, self._say("stock.past_its_day", place))

    def _recall(self) -> None:
        """What is free in the main warehouse may not be used any more."""
        place = supplies().main
        units = dict(self._room.part.stock(Bucket.GOOD, place.name).units.items())
        free = self._room.free(place.name, self._room.today)
        if free <= 0:
            return
        goods = self._room.named(units, free)
        reason = self._say("stock.recalled", place)
        self._do(place, QuarantinePart(location=place.name, reason=reason, **goods))

    def _scrap(self, place: Place, bucket: Bucket, units: dict[str, int], reason: str) -> None:
        goods = self._room.named(units, sum(units.values()))
        self._do(place, ScrapPart(bucket=bucket, location=place.name, reason=reason, **goods))

    def _say(self, what: str, place: Place) -> str:
        return say(self._rng, what, place.lang)

    def _do(self, place: Place, command: PartAction) -> None:
        self._room.do(place.storekeeper, command)
