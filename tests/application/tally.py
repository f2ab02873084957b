"""Stock by plain arithmetic from the events, checked after every one of them: nothing of the domain's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from domain.event import Event, Fact
from domain.part import events as part
from domain.part.words import Condition, Fate
from domain.ticket import events as ticket

BUCKETS = ("good", "quarantine", "reserved", "issued", "removed")
Key = tuple[str, Any]
"""A part number, and where: a location or a ticket."""
Place = tuple[str, Any] | None
"""A bucket, and where; ``None`` is outside of everything."""


def nowhere(_: Any) -> Place:
    """From outside, or gone for good."""
    return None


def shelf(event: Any) -> Place:
    """Among the good stock of its location."""
    return ("good", event.location)


def aside(event: Any) -> Place:
    """In the quarantine of its location."""
    return ("quarantine", event.location)


def handed_out(event: Any) -> Place:
    """With the people who work on its ticket."""
    return ("issued", event.for_ticket)


MOVES: dict[type[Event], tuple[str, Callable[[Any], Place], Callable[[Any], Place]]] = {
    part.PartReceived: ("received", nowhere, shelf),
    part.PartIssued: ("issued", shelf, handed_out),
    part.PartInstalled: ("installed", handed_out, nowhere),
    part.PartReturned: (
        "returned",
        lambda event: ("removed" if event.removed else "issued", event.for_ticket),
        lambda event: shelf(event) if event.condition is Condition.GOOD else aside(event),
    ),
    part.PartTransferred: (
        "sent",
        lambda event: ("good", event.from_location),
        lambda event: ("good", event.to_location),
    ),
    part.PartQuarantined: ("set aside", shelf, aside),
    part.QuarantineReleased: ("found good", aside, shelf),
    part.PartScrapped: (
        "scrapped",
        lambda event: (event.bucket.value, event.location or event.for_ticket),
        nowhere,
    ),
}
"""Which kind of movement an event is, from where and to where its goods go."""


class Tally:
    """What the events so far come to.

    Attributes:
        stock: by bucket, then by part and place, and by lot or serial number ("" for neither).
        moved: good stock's receipts, issues and adjustments, by part and location.
        came: what came in from outside less what is gone for good, by part.
        serials: where each is, by part and serial number.
        promised: what is left of each reservation.
        ended: the tickets that are closed or cancelled.
    """

    def __init__(self) -> None:
        self.stock: dict[str, Counter[tuple[Key, str]]] = {bucket: Counter() for bucket in BUCKETS}
        self.moved: dict[Key, Counter[str]] = {}
        self.came: Counter[str] = Counter()
        self.serials: dict[tuple[str, str], Place] = {}
        self.promised: dict[UUID, int] = {}
        self.ended: set[UUID] = set()

    def add(self, fact: Fact) -> None:
        """One more event; then everything must hold."""
        event = fact.event
        if isinstance(event, ticket.TicketClosed | ticket.TicketCancelled):
            self.ended.add(fact.stream_id)
        elif isinstance(event, ticket.TicketReopened):
            self.ended.discard(fact.stream_id)
        elif isinstance(event, part.PartReserved):
            assert event.reservation not in self.promised, "a reservation is made once"
            self._promise(event, +1)
        elif isinstance(event, part.ReservationReleased):
            self._promise(event, -1)
        elif isinstance(event, part.PartCounted):
            self._move(event.number, event.fewer, "fewer", shelf(event), None)
            self._move(event.number, event.more, "more", None, shelf(event))
        elif type(event) in MOVES:
            what, source, target = MOVES[type(event)]
            self._move(event.number, event.goods, what, source(event), target(event))  # type: ignore[attr-defined]
        if isinstance(event, part.PartInstalled):
            self._fitted(event)
        if hasattr(event, "goods") or fact.stream_id in self.ended:
            self._must_hold()

    def total(self, bucket: str, key: Key) -> int:
        """What a bucket holds in one place."""
        return sum(count for (where, _), count in self.stock[bucket].items() if where == key)

    def _promise(self, event: part.PartReserved | part.ReservationReleased, sign: int) -> None:
        left = self.promised.get(event.reservation, 0) + sign * event.goods.quantity
        assert left >= 0, "no more is released than was reserved"
        self.promised[event.reservation] = left
        self._count("reserved", (event.number, event.location), event.goods, sign)

    def _fitted(self, event: part.PartInstalled) -> None:
        for serial in event.goods.serials:
            self.serials[event.number, serial] = ("installed", event.asset)
        if event.serial_out is not None:
            was = self.serials.pop((event.number, event.serial_out), None)
            assert was in {None, ("installed", event.asset)}, "what comes out was in there, or was never seen"
        if event.serial_out is not None and event.fate is Fate.RETURNED:
            self.came[event.number] += 1
            self.stock["removed"][(event.number, event.for_ticket), event.serial_out] += 1
            self.serials[event.number, event.serial_out] = ("removed", event.for_ticket)

    def _move(self, number: str, goods: Any, what: str, source: Place, target: Place) -> None:
        for place, sign in ((source, -1), (target, +1)):
            if place is None:
                self.came[number] -= sign * goods.quantity
                continue
            bucket, where = place
            self._count(bucket, (number, where), goods, sign)
            if bucket == "good":
                self.moved.setdefault((number, where), Counter())[what] += sign * goods.quantity
        for serial in goods.serials:
            was = self.serials.pop((number, serial), None)
            assert was == source, f"{serial} is in one place: {was}, not {source}"
            if target is not None:
                self.serials[number, serial] = target

    def _count(self, bucket: str, key: Key, goods: Any, sign: int) -> None:
        units = goods.lots or dict.fromkeys(goods.serials, 1) or {"": goods.quantity}
        assert sum(units.values()) == goods.quantity
        for unit, quantity in units.items():
            self.stock[bucket][key, unit] += sign * quantity

    def _must_hold(self) -> None:
        held = {
            bucket: {place: count for place, count in counts.items() if count}
            for bucket, counts in self.stock.items()
        }
        assert all(count > 0 for counts in held.values() for count in counts.values()), "never negative"
        for key in {key for bucket in ("good", "reserved") for key, _ in held[bucket]}:
            good, reserved = self.total("good", key), self.total("reserved", key)
            assert good == sum(self.moved[key].values()), "receipts less issues, and the adjustments"
            assert reserved <= good, "no more is promised than is there"
        for (key, unit), count in held["reserved"].items():
            assert not unit or count <= held["good"].get((key, unit), 0), "nor of a lot or serial number"
        everywhere: Counter[str] = Counter()
        for bucket in ("good", "quarantine", "issued", "removed"):
            for ((number, _), _), count in held[bucket].items():
                everywhere[number] += count
        assert everywhere == +self.came, "and in all places together"
        assert not {out for (_, out), _ in held["issued"]} & self.ended, "no ticket has ended with parts out"


def tallied(facts: Iterable[Fact]) -> Tally:
    """The tally after all of them."""
    tally = Tally()
    for fact in facts:
        tally.add(fact)
    return tally
