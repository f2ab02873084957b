"""Part histories for tests: told by hand or drawn at random, always through the real decisions."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.errors import DomainError
from domain.event import Act, Event, Fact
from domain.part.cataloguing import catalogue, revise
from domain.part.events import PartName
from domain.part.goods import Goods, goods_of
from domain.part.reservations import expire, release, reserve
from domain.part.state import Part, after, begin
from domain.part.stocktaking import count
from domain.part.storekeeping import quarantine, receive, release_quarantine, scrap, transfer
from domain.part.usage import give_back, install, issue
from domain.part.words import SHELVED, Bucket, Condition, Fate, Tracking
from tests.domain.part.story import Written, goods
from tests.projections.histories import Story, act, at, shuffled

MAIN, VAN = "上海总仓", "VAN-1"
LOCATIONS = (MAIN, VAN)
ASSETS = ("WH-77", "WH-78")
UNITS = {Tracking.NONE: (), Tracking.LOT: ("A", "B", "C"), Tracking.SERIAL: ("S1", "S2", "S3", "S4", "S5")}
NAME = PartName(zh="加热管", en="heating element")
CUSTOMERS = ("海风酒店", "Linden Hotels", None)


def today(hours: float) -> date:
    """The day, in UTC, so many hours after the start."""
    return at(hours).date()


class PartStory:
    """One part, told step by step.

    Args:
        serial: a number that no other part of the test has.
        entry: what is catalogued.
    """

    def __init__(
        self, serial: int = 1, tracking: Tracking = Tracking.NONE, hours: float = 0, **entry: Any
    ) -> None:
        self.id = UUID(int=(0x0190_0000_0000_7000_9000 << 48) + serial)
        event = catalogue(
            **{
                "number": f"HE-{serial:03d}",
                "revision": "A",
                "name": NAME,
                "unit": "pcs",
                "tracking": tracking,
                **entry,
            }
        )
        self.part: Part = begin(self.id, event)
        self.facts: list[Fact] = []
        self._take((event,), act(hours))

    def then(
        self,
        decision: Callable[..., Iterable[Event]],
        hours: float,
        written: Written | Goods | None = None,
        *,
        ticket: Story | None = None,
        by: str = "storekeeper:sun",
        why: str | None = None,
        **arguments: Any,
    ) -> PartStory:
        """Ask for something and take what is decided; what a story does not say is usual."""
        takes = inspect.signature(decision).parameters
        usual = {"today": today(hours), "supplier": "合肥电热", "document": "DN-1"}
        arguments = {name: usual[name] for name in usual.keys() & takes.keys()} | arguments
        if written is not None:
            arguments["goods"] = written if isinstance(written, Goods) else goods(written)
        if ticket is not None:
            arguments |= {"for_ticket": ticket.id, "ticket_number": ticket.ticket.number}
        done = act(hours, by, why)
        events = tuple(decision(self.part, by=done, **arguments))
        self.part = after(self.part, events, done)
        self._take(events, done)
        return self

    def _take(self, events: Iterable[Event], by: Act) -> None:
        for event in events:
            fact = Fact(
                stream_id=self.id,
                version=len(self.facts) + 1,
                event=event,
                act=by,
                correlation_id=getattr(event, "for_ticket", None) or self.id,
            )
            self.facts.append(fact)


def random_parts(
    chance: random.Random, *, steps: int, first: int = 1, tickets: int = 3
) -> tuple[list[PartStory], list[Fact]]:
    """One part of every tracking, each asked about so many things, and all that happened, shuffled together.

    Args:
        chance: decides everything.
        steps: how much each is asked.
        first: the serial number of the first part; tickets are numbered from it, too.
        tickets: for how many the parts are used.
    """
    told = [Story(first + number, customer=chance.choice(CUSTOMERS)) for number in range(tickets)]
    parts = [
        PartStory(first + index, tracking, reorder_point=chance.choice((0, 3, 10)))
        for index, tracking in enumerate(Tracking)
    ]
    for part in parts:
        hours = 1.0
        for _ in range(steps):
            hours += chance.uniform(0, 12)
            try_something(part, hours, told, chance)
    return parts, [fact for story in told for fact in story.facts] + shuffled(parts, chance)


def try_something(story: PartStory, hours: float, tickets: list[Story], chance: random.Random) -> None:
    """Ask for something that could be granted; a refusal changes nothing."""
    part, pick = story.part, chance.choice
    place, ticket, asset = pick(LOCATIONS), pick(tickets), pick(ASSETS)
    soon = today(hours) + timedelta(days=chance.randrange(12))
    fresh = some_new(part.tracking, chance)
    serial_out = pick(("OLD-1", "OLD-2", "S1", "S2", None)) if part.tracking is Tracking.SERIAL else None
    bucket = pick((*Bucket,))
    where = {"location": place} if bucket in SHELVED else {"ticket": ticket}

    def there(bucket: Bucket, where: str | UUID = place) -> Goods:
        return some(part, bucket, where, chance)

    asked: dict[Callable[..., Iterable[Event]], dict[str, Any]] = {
        receive: {
            "location": place,
            "written": fresh,
            "expires_on": pick(({}, dict.fromkeys(fresh.units, soon) if fresh.named else {})),
        },
        reserve: {
            "reservation": UUID(int=chance.getrandbits(128)),
            "location": place,
            "written": there(Bucket.GOOD),
            "expires_at": at(hours + 1 + 20 * chance.random()),
            "ticket": ticket,
        },
        issue: {"location": place, "written": there(Bucket.GOOD), "ticket": ticket},
        install: {
            "asset": asset,
            "written": there(Bucket.ISSUED, ticket.id),
            "ticket": ticket,
            "serial_out": serial_out,
            "fate": pick((*Fate,)) if serial_out else None,
        },
        give_back: {
            "location": place,
            "written": there(pick((Bucket.ISSUED, Bucket.REMOVED)), ticket.id),
            "condition": pick((*Condition,)),
            "ticket": ticket,
        },
        transfer: {
            "from_location": place,
            "to_location": pick(LOCATIONS),
            "written": there(Bucket.GOOD),
            "ticket": pick((None, ticket)),
        },
        count: {
            "location": place,
            "written": pick((there(Bucket.GOOD), fresh)),
            "why": "stocktaking",
        },
        quarantine: {"location": place, "written": there(Bucket.GOOD)},
        release_quarantine: {"location": place, "written": there(Bucket.QUARANTINE)},
        scrap: {"bucket": bucket, "written": there(bucket, where.get("location", ticket.id)), **where},
        expire: {},
        revise: {
            "revision": pick("BCD"),
            "name": NAME,
            "shelf_life_days": None if part.tracking is Tracking.NONE else pick((None, 2, 9)),
            "reorder_point": pick((0, 5)),
        },
    }
    promised = sorted(part.reservations.values(), key=lambda each: each.id)
    for kept in promised[:1]:
        asked[release] = {"reservation": kept.id}
        if pick((False, True)):
            asked[issue] |= {
                "reservation": kept.id,
                "location": kept.location,
                "written": kept.goods,
                "ticket": next(each for each in tickets if each.id == kept.ticket),
            }
    weights = {
        receive: 3,
        issue: 4,
        install: 4,
        give_back: 3,
        reserve: 2,
        transfer: 2,
        expire: 0.5,
        revise: 0.5,
    }
    decision = chance.choices([*asked], [weights.get(each, 1.0) for each in asked])[0]
    try:
        story.then(decision, hours, **asked[decision])
    except DomainError:
        return


def some(part: Part, bucket: Bucket, where: Any, chance: random.Random) -> Goods:
    """Goods that are in this place, or that nobody has."""
    stock = part.stock(bucket, where)
    if not stock.total:
        return Goods(1)
    if part.tracking is Tracking.NONE or (part.tracking is Tracking.LOT and chance.random() < 0.3):
        return Goods(chance.randint(1, stock.total))
    units = sorted(stock.units.items())
    chosen = chance.sample(units, chance.randint(1, min(2, len(units))))
    if bucket is Bucket.ISSUED:
        chosen = chosen[:1]
    return goods_of({unit: chance.randint(1, there) for unit, there in chosen}, part.tracking)


def some_new(tracking: Tracking, chance: random.Random) -> Goods:
    """Goods that could come in."""
    if tracking is Tracking.NONE:
        return Goods(chance.randint(1, 9))
    names = chance.sample(UNITS[tracking], chance.randint(1, 3))
    most = 5 if tracking is Tracking.LOT else 1
    return goods_of({name: chance.randint(1, most) for name in names}, tracking)
