"""One spare part through the year, by the domain's own rules: nothing that is told here can be refused.

Here the steps get what their engineers left open: which lots and serial numbers they moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from application.access import Caller
from application.demo.diary import Step
from application.demo.fitting import OWN
from application.demo.supplies import SparePart
from application.part_commands import (
    CataloguePart,
    InstallPart,
    IssuePart,
    PartAction,
    PartTitle,
    ReservePart,
    ReturnPart,
    ScrapPart,
    TransferPart,
)
from domain.event import Act, Event
from domain.part.cataloguing import catalogue
from domain.part.holdings import Stock
from domain.part.state import Part, after, begin
from domain.part.words import Bucket, Condition, Tracking

SECOND = timedelta(seconds=1)
UNKNOWN = UUID(int=0)


class Storeroom:
    """Does one step after the other and keeps the books.

    Args:
        spare: the part.
        at: when it is taken into the catalogue.
        who: by whom.
        reason: why that is recorded late.
        zone: where the firm is.
    """

    def __init__(self, spare: SparePart, at: datetime, who: Caller, reason: str, zone: ZoneInfo) -> None:
        self.spare = spare
        self._zone = zone
        self._clock, self._pause = at, SECOND
        self._reserved: dict[int | None, UUID] = {}
        self._brought: dict[int | None, tuple[str, ...]] = {}
        self._inside: dict[str, str] = {}
        command = CataloguePart(
            number=spare.number,
            revision=spare.revision,
            name=PartTitle(spare.zh, spare.en),
            unit=spare.unit,
            tracking=spare.tracking,
            shelf_life_days=spare.shelf_life_days,
            reorder_point=spare.reorder_point,
            occurred_at=at,
            reason=reason,
        )
        self.steps = [Step(at=at, caller=who, command=command, part=spare.number)]
        self.part: Part = begin(UNKNOWN, catalogue(**command.arguments()))

    @property
    def today(self) -> date:
        """The day of the round, where the firm is."""
        return self.day(self._clock)

    def day(self, at: datetime) -> date:
        """The day of a moment, where the firm is."""
        return at.astimezone(self._zone).date()

    def begin(self, at: datetime, calm: timedelta) -> None:
        """A round begins, and has so much time before somebody asks for something."""
        self._clock, self._pause = at, min(calm / 40, timedelta(seconds=45))

    def do(self, who: Caller, command: PartAction) -> None:
        """Book what a storekeeper does on a round.

        Raises:
            DomainError: the stock does not allow it.
        """
        self._clock += self._pause
        self._book(self._clock, who, command, None)

    def take(self, step: Step) -> None:
        """Book a step of a ticket, completed: a moment later where something else stands at its time.

        Raises:
            DomainError: the stock does not allow it.
        """
        if isinstance(step.command, PartAction):
            self._book(step.at, step.caller, self._completed(step.command, step.ticket), step.ticket)

    def _book(self, at: datetime, who: Caller, command: PartAction, ticket: int | None) -> None:
        at = max(at.replace(microsecond=0), self.steps[-1].at + SECOND)
        command = msgspec.structs.replace(command, occurred_at=at)
        act = Act(actor=who.actor, occurred_at=at, reason=command.reason)
        self.part = after(self.part, self._decided(command, ticket, act), act)
        if isinstance(command, InstallPart) and command.serials:
            self._inside[command.asset] = command.serials[0]
        if isinstance(command, TransferPart) and ticket is not None:
            self._brought[ticket] = command.serials
        self.steps.append(Step(at=at, caller=who, command=command, ticket=ticket, part=self.spare.number))

    def free(self, place: str, day: date) -> int:
        """Good stock that will not have expired on a day, less what is promised; below zero where short."""
        good = self.part.stock(Bucket.GOOD, place)
        expired = sum(of for unit, of in good.units.items() if self.part.expired(unit, day))
        return good.total - expired - self.part.stock(Bucket.RESERVED, place).total

    def lasting(self, place: str, quantity: int, day: date) -> dict[str, Any]:
        """So much of the good stock, of what will not have expired on a day what expires first."""
        units = self.part.stock(Bucket.GOOD, place).units.items()
        kept = {unit: of for unit, of in units if not self.part.expired(unit, day)}
        return self.named(kept, quantity, key=lambda unit: (self.part.last_day(unit), unit))

    def named(self, units: Mapping[str, int], quantity: int, key: Any = None) -> dict[str, Any]:
        """So many of these lots or serial numbers, as the fields of a command."""
        tracking = self.spare.tracking
        if tracking is Tracking.NONE:
            return {"quantity": quantity}
        taken: dict[str, int] = {}
        for unit in sorted(units, key=key):
            left = quantity - sum(taken.values())
            if left > 0:
                taken[unit] = min(left, units[unit])
        lots = {"quantity": quantity, "lots": taken}
        return lots if tracking is Tracking.LOT else {"quantity": quantity, "serials": tuple(taken)}

    def _completed(self, command: PartAction, ticket: int | None) -> PartAction:
        return msgspec.structs.replace(command, **self._left_open(command, ticket))

    def _left_open(self, command: PartAction, ticket: int | None) -> dict[str, Any]:
        """Which lots and serial numbers a step of a ticket moves."""
        part, serial = self.part, self.spare.tracking is Tracking.SERIAL
        issued, brought = part.stock(Bucket.ISSUED, _id_of(ticket)), self._brought.get(ticket, ())
        match command:
            case IssuePart(location=place, quantity=int(quantity)) if serial:
                there = dict(part.stock(Bucket.GOOD, place).units.items())
                return self.named(there, quantity, key=lambda unit: (unit not in brought, unit))
            case TransferPart(from_location=place, quantity=int(quantity)) if serial:
                return self._of(part.stock(Bucket.GOOD, place), quantity)
            case InstallPart(asset=asset, quantity=int(quantity), fate=fate):
                out = self._inside.get(asset) or f"{part.number}-{asset.removeprefix('HW-')}"
                return self._of(issued, quantity) | ({"serial_out": out} if fate else {})
            case ReturnPart(quantity=int(quantity), condition=condition):
                removed = part.stock(Bucket.REMOVED, _id_of(ticket))
                back = removed if condition is Condition.FAULTY and removed.total else issued
                return self._of(back, quantity)
            case ScrapPart(bucket=Bucket.ISSUED, quantity=int(quantity)):
                return self._of(issued, quantity)
            case _:
                return {}

    def _of(self, stock: Stock, quantity: int) -> dict[str, Any]:
        return self.named(dict(stock.units.items()), quantity)

    def _decided(self, command: PartAction, ticket: int | None, by: Act) -> tuple[Event, ...]:
        """What follows, as the storekeeper's desk would have it."""
        arguments = command.arguments()
        if command.asks("today"):
            arguments["today"] = self.day(by.occurred_at)
        if getattr(command, "ticket", None) is not None:
            arguments |= {"for_ticket": _id_of(ticket), "ticket_number": str(ticket)}
        if isinstance(command, ReservePart):
            self._reserved[ticket] = arguments["reservation"] = UUID(int=len(self.steps))
        elif arguments.get("reservation") == OWN:
            arguments["reservation"] = self._reserved[ticket]
        return type(command).decision(self.part, by=by, **arguments)


def _id_of(ticket: int | None) -> UUID:
    """What stands here for the id that the ticket will have."""
    return UNKNOWN if ticket is None else UUID(int=ticket + 1)
