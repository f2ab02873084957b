"""Stories about a part: what happened to it, what is asked of it, what follows.

    given(received("MAIN", 5)).when(reserve, location="MAIN", goods=3).then(reserved("MAIN", 3))

It is Monday 2 March 2026, and 09:00 UTC unless a story says otherwise. Goods are written as a quantity
(``5``), as lots (``{"A": 5}``) or as serial numbers (``["S1", "S2"]``). A part is tracked as its first
goods are.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from domain.errors import DomainError
from domain.event import Act, Event, Fact
from domain.part.cataloguing import catalogue
from domain.part.events import (
    PartInstalled,
    PartIssued,
    PartName,
    PartQuarantined,
    PartReceived,
    PartReserved,
    PartReturned,
    ReservationReleased,
)
from domain.part.goods import Goods
from domain.part.picking import Shelf, shelf
from domain.part.state import Part, replay
from domain.part.words import Bucket, Condition, Fate, Release, Tracking

TODAY = date(2026, 3, 2)
PART = UUID("01890000-0000-7000-8000-0000000000aa")
T1 = UUID("01890000-0000-7000-8000-000000000001")
T2 = UUID("01890000-0000-7000-8000-000000000002")
NUMBERS = {T1: "T-2026-000001", T2: "T-2026-000002"}
NAME = PartName(zh="加热管", en="heating element")
R1 = UUID("01890000-0000-7000-8000-0000000000f1")
R2 = UUID("01890000-0000-7000-8000-0000000000f2")
R3 = UUID("01890000-0000-7000-8000-0000000000f3")

Written = int | dict[str, int] | list[str]


def goods(written: Written) -> Goods:
    """Goods as a story writes them."""
    if isinstance(written, int):
        return Goods(written)
    if isinstance(written, dict):
        return Goods(sum(written.values()), lots=written)
    return Goods(len(written), serials=tuple(written))


def day(text: str) -> date:
    """ "03-31" of the story's year."""
    return date.fromisoformat(f"2026-{text}")


def at(text: str) -> datetime:
    """ "09:00" on the story's day."""
    return datetime.combine(TODAY, datetime.min.time(), UTC) + timedelta(
        hours=int(text[:2]), minutes=int(text[3:])
    )


def catalogued(tracking: Tracking = Tracking.NONE, **more: Any) -> Event:
    """The part's entry."""
    return catalogue(number="HE-200", revision="B", name=NAME, unit="pcs", tracking=tracking, **more)


def received(location: str, written: Written, expires_on: dict[str, str] | None = None) -> PartReceived:
    """A delivery, with the last good day of each lot or serial number."""
    days = {unit: day(text) for unit, text in (expires_on or {}).items()}
    return PartReceived(
        number="HE-200",
        goods=goods(written),
        location=location,
        supplier="Hefei Heating",
        document="DN-1",
        expires_on=days,
    )


FIVE = received("MAIN", 5)
LOTS = received("MAIN", {"A": 2, "B": 3, "C": 4}, {"A": "03-01", "B": "06-30", "C": "04-30"})
SERIALS = received("MAIN", ["S1", "S2", "S3"])


def reserved(
    location: str, written: Written, *, promise: UUID = R1, ticket: UUID = T1, until: str = "17:00"
) -> PartReserved:
    """A promise."""
    return PartReserved(
        number="HE-200",
        goods=goods(written),
        reservation=promise,
        location=location,
        expires_at=at(until),
        for_ticket=ticket,
        ticket_number=NUMBERS[ticket],
    )


def released(
    location: str, written: Written, why: str, *, promise: UUID = R1, ticket: UUID = T1
) -> ReservationReleased:
    """The end of a promise."""
    return ReservationReleased(
        number="HE-200",
        goods=goods(written),
        reservation=promise,
        location=location,
        why=Release(why),
        for_ticket=ticket,
        ticket_number=NUMBERS[ticket],
    )


def issued(
    location: str, written: Written, *, ticket: UUID = T1, reservation: UUID | None = None
) -> PartIssued:
    """Goods handed out."""
    return PartIssued(
        number="HE-200",
        goods=goods(written),
        location=location,
        reservation=reservation,
        for_ticket=ticket,
        ticket_number=NUMBERS[ticket],
    )


def installed(
    asset: str, written: Written, *, out: str | None = None, fate: str | None = None, ticket: UUID = T1
) -> PartInstalled:
    """Goods put into an asset."""
    return PartInstalled(
        number="HE-200",
        goods=goods(written),
        asset=asset,
        serial_out=out,
        fate=Fate(fate) if fate else None,
        for_ticket=ticket,
        ticket_number=NUMBERS[ticket],
    )


def returned(
    location: str, written: Written, condition: str, *, removed: bool = False, ticket: UUID = T1
) -> PartReturned:
    """Goods brought back."""
    return PartReturned(
        number="HE-200",
        goods=goods(written),
        location=location,
        condition=Condition(condition),
        removed=removed,
        for_ticket=ticket,
        ticket_number=NUMBERS[ticket],
    )


def quarantined(location: str, written: Written) -> PartQuarantined:
    """Goods set aside."""
    return PartQuarantined(number="HE-200", goods=goods(written), location=location)


@dataclass(frozen=True)
class Story:
    """What happened to one part, and the answer to what was asked last."""

    facts: tuple[Fact, ...]
    answer: tuple[Event, ...] = ()
    refusal: DomainError | None = None

    @property
    def part(self) -> Part:
        """The part as it stands."""
        part = replay(self.facts)
        assert part is not None
        return part

    def when(
        self,
        decision: Callable[..., Iterable[Event]],
        *,
        when: str = "09:00",
        reason: str | None = None,
        **arguments: Any,
    ) -> Story:
        """Ask; whatever the decision needs and the story does not say is usual."""
        act = Act(actor="store:wang", occurred_at=at(when), reason=reason)
        usual = {"today": TODAY, "for_ticket": T1, "supplier": "Hefei Heating", "document": "DN-1"}
        takes = inspect.signature(decision).parameters.values()
        needed = {each.name for each in takes if each.default is each.empty}
        arguments = {name: usual[name] for name in needed & usual.keys()} | arguments
        if "goods" in arguments:
            arguments["goods"] = goods(arguments["goods"])
        if "for_ticket" in arguments:
            arguments["ticket_number"] = NUMBERS[arguments["for_ticket"]]
        try:
            answer = tuple(decision(self.part, by=act, **arguments))
        except DomainError as refusal:
            return Story(self.facts, refusal=refusal)
        return Story(self.facts + _facts(answer, act, len(self.facts)), answer)

    def then(self, *events: Event) -> Story:
        """Exactly this followed."""
        assert self.refusal is None, self.refusal
        assert self.answer == events
        return self

    def refused(self, error: type[DomainError], words: str = "", **shows: Any) -> Story:
        """It was refused for this, in words that say so, and with these figures."""
        assert type(self.refusal) is error, self.refusal or self.answer
        assert words in self.refusal.message
        assert {name: getattr(self.refusal, name) for name in shows} == shows
        return self

    def on(self, location: str, today: date = TODAY) -> Shelf:
        """What the shelf of a location shows."""
        return shelf(self.part, location, today)

    def units(self, bucket: str, where: str | UUID) -> dict[str, int]:
        """What a bucket holds, by lot or serial number."""
        return dict(self.part.stock(Bucket(bucket), where).units.items())


def given(*events: Event, tracking: str | None = None, **entry: Any) -> Story:
    """A part to which these things happened, tracked as the first goods are named."""
    first = next((getattr(event, "goods", None) for event in events), None) or Goods(0)
    usual = Tracking.LOT if first.lots else Tracking.SERIAL if first.serials else Tracking.NONE
    begun = catalogued(Tracking(tracking or usual), **entry)
    return Story(_facts((begun, *events), Act(actor="store:wang", occurred_at=at("08:00"))))


def _facts(events: Iterable[Event], act: Act, version: int = 0) -> tuple[Fact, ...]:
    return tuple(
        Fact(stream_id=PART, version=number, event=event, act=act, correlation_id=PART)
        for number, event in enumerate(events, version + 1)
    )
