"""A year of reports: who calls, when, about what, and how it will go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import Enum
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from application.demo.firm import Customer, Fault, Product, faults, firm
from domain.ticket.words import Channel, Priority

ZONE = ZoneInfo("Asia/Shanghai")
FAR_AND_WIDE = {"factory": "distance-bands"}
"""Kinds of customer that are promised another plan than everybody: one for travelling."""
DAYS = 365
MONTHS = (0.0, 1.9, 1.5, 1.1, 0.8, 0.7, 0.75, 0.85, 0.9, 0.8, 0.9, 1.3, 1.7)
"""How busy each month is, from January at 1: winter is the season of a hot-water firm."""
WEEKDAYS = (1.25, 1.1, 1.05, 1.0, 1.05, 0.85, 0.8)
HOURS = (1, 1, 1, 1, 1, 3, 7, 10, 10, 9, 8, 6, 4, 4, 5, 5, 4, 4, 5, 7, 8, 7, 4, 2)
"""How many call at each hour: mornings, and again when people want to shower."""
COLD_SNAP = 1.9
COLD_MONTHS = frozenset({12, 1, 2})

CHANNELS = {
    Channel.PHONE: 52,
    Channel.EMAIL: 12,
    Channel.WEB: 10,
    Channel.PORTAL: 10,
    Channel.CHAT: 8,
    Channel.MONITORING: 5,
    Channel.ON_SITE: 3,
}


class Fate(Enum):
    """How a ticket stands at the end of the year."""

    SERVED = "served"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"
    CUSTOMER_WAITS = "customer_waits"
    PART_WAITS = "part_waits"
    ACTIVE = "active"
    LATE = "late"
    BREAKING = "breaking"
    NEW = "new"


ENDED = {Fate.SERVED: 960, Fate.DUPLICATE: 22, Fate.WITHDRAWN: 18}
OPEN = {
    Fate.CUSTOMER_WAITS: 42,
    Fate.ACTIVE: 31,
    Fate.PART_WAITS: 11,
    Fate.LATE: 8,
    Fate.BREAKING: 5,
    Fate.NEW: 3,
}
PATIENT = frozenset({Fate.CUSTOMER_WAITS, Fate.PART_WAITS})
"""Nobody whose business stands still is left waiting for weeks."""
OPEN_SHARE = 0.095
"""Of all tickets, those not yet resolved at the end."""


class Asset(NamedTuple):
    """One installed system."""

    product: Product
    serial: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer reports.

    Attributes:
        at: when; for one that will stay open, its story says when.
        original: the report that this one repeats, by its place in the list.
        luck: seeds everything else about it.
        plan: what its ticket is promised.
        merges: its ticket is merged into that of the original, which is still in work.
        thorough: everything that can happen to a part happens in its repair.
    """

    at: datetime
    customer: Customer
    asset: Asset
    contact: str
    fault: Fault
    priority: Priority
    channel: Channel
    fate: Fate
    luck: str
    original: int | None = None
    plan: str = "standard"
    merges: bool = False
    thorough: bool = False


def reports(count: int, *, seed: int, now: datetime) -> list[Report]:
    """A year of reports that ends at ``now``, in no order."""
    rng = Random(f"{seed}")  # noqa: S311 - a story, not a secret
    days = _busyness(rng, now)
    estate = _estate(rng)
    staying = round(count * OPEN_SHARE)
    made: list[Report] = []
    for index in range(count):
        stays = index < staying
        fate = rng.choices(list(OPEN if stays else ENDED), list((OPEN if stays else ENDED).values()))[0]
        luck = f"{seed}/{index}"
        if fate is Fate.DUPLICATE and len(made) > staying:
            made.append(_repeated(rng, made, staying, luck))
            continue
        at = now if stays else _moment(rng, days)
        if at > now - timedelta(hours=1):
            at = now - timedelta(hours=rng.uniform(1, 30))
        made.append(_report(rng, estate, at.replace(microsecond=0), fate, luck))
    return made


def _busyness(rng: Random, now: datetime) -> dict[datetime, float]:
    """How much every day of the year brings; three winter weeks are colder than the others."""
    midnight = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight - timedelta(days=back) for back in range(DAYS)]
    cold = [day for day in days if day.month in COLD_MONTHS]
    snaps = [rng.choice(cold) for _ in range(3)]
    return {
        day: MONTHS[day.month]
        * WEEKDAYS[day.weekday()]
        * (COLD_SNAP if any(timedelta(0) <= day - snap < timedelta(days=7) for snap in snaps) else 1.0)
        for day in days
    }


def _moment(rng: Random, days: dict[datetime, float]) -> datetime:
    day = rng.choices(list(days), list(days.values()))[0]
    hour = rng.choices(range(24), HOURS)[0]
    return day + timedelta(hours=hour, seconds=rng.randrange(3600))


def _estate(rng: Random) -> list[tuple[Customer, Asset]]:
    """The installed systems, one line each: who has more of them calls more often."""
    estate: list[tuple[Customer, Asset]] = []
    for customer in firm().customers:
        sold = [product for product in firm().products if customer.kind in product.kinds]
        for _ in range(rng.randint(2, 6)):
            product = rng.choice(sold)
            made = f"{rng.randint(19, 25)}{rng.randint(1, 12):02}"
            estate.append((customer, Asset(product, f"{product.model}-{made}-{rng.randint(1, 9999):04}")))
    return estate


def _report(rng: Random, estate: list[tuple[Customer, Asset]], at: datetime, fate: Fate, luck: str) -> Report:
    customer, asset = rng.choice(estate)
    month = at.astimezone(ZONE).month
    possible = [fault for fault in faults() if fault.strikes(customer, asset.product, month)]
    fault = rng.choices(possible, [fault.weight for fault in possible])[0]
    priority = rng.choices(list(Priority), fault.priorities)[0]
    if priority is Priority.P1 and fate in PATIENT:
        priority = Priority.P3
    return Report(
        at=at,
        customer=customer,
        asset=asset,
        contact=rng.choices(customer.contacts, (2, 1))[0],
        fault=fault,
        priority=priority,
        channel=rng.choices(list(CHANNELS), list(CHANNELS.values()))[0],
        fate=fate,
        luck=luck,
        plan=FAR_AND_WIDE.get(customer.kind, "standard"),
    )


def _repeated(rng: Random, made: list[Report], first: int, luck: str) -> Report:
    """Somebody else of the same customer reports the same fault an hour or two later."""
    index = rng.randrange(first, len(made))
    original = made[index]
    return msgspec.structs.replace(
        original,
        at=original.at + timedelta(seconds=rng.randint(600, 3000)),
        contact=next(_others(original)),
        channel=rng.choice((Channel.PHONE, Channel.CHAT)),
        fate=Fate.DUPLICATE,
        luck=luck,
        original=index if original.original is None else original.original,
    )


def _others(report: Report) -> Iterator[str]:
    return (contact for contact in report.customer.contacts if contact != report.contact)
