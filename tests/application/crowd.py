"""People who ask for anything, of anything, for anyone: most of it makes sense, much of it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from application.access import Role
from application.desk import Receipt
from application.part_commands import (
    CountPart,
    InstallPart,
    IssuePart,
    PartAction,
    QuarantinePart,
    ReceivePart,
    ReleaseQuarantine,
    ReleaseReservation,
    ReservePart,
    ReturnPart,
    ScrapPart,
    TransferPart,
)
from application.ticket_commands.course import CloseTicket, ReopenTicket, ResolveTicket
from domain.errors import DomainError
from domain.part.words import Bucket, Condition, Fate, Tracking
from tests.application.firm import AGENT, PEOPLE, Firm

PARTS = {"HE-200": Tracking.NONE, "FAN-1": Tracking.NONE, "GAS-5": Tracking.LOT, "PCB-9": Tracking.SERIAL}
LOCATIONS = ("SH-MAIN", "SH-MAIN", "HZ-CENTRE", "VAN-1")
LOTS = ("A", "B", "C", "D", "E")
SERIALS = tuple(f"S{n}" for n in range(24))
ADMIN = PEOPLE[Role.ADMIN]
SETTLE = (ResolveTicket(solution="x"), CloseTicket(), CloseTicket(), ReopenTicket(reason="x"))


class Crowd:
    """They know each other's reservations.

    Args:
        draw: decides what.
        tickets: the tickets there are.
    """

    def __init__(self, draw: Random, tickets: list[Receipt]) -> None:
        self._draw = draw
        self._tickets = tickets
        self.reservations: list[tuple[str, Any]] = []

    async def sends(self, firm: Firm) -> str:
        """Somebody asks for something: "done", or the name of what it was refused with."""
        try:
            if self._draw.random() < 0.1:
                ticket = self._draw.choice(self._tickets)
                await firm.desks.tickets.send(ticket.number, self._draw.choice(SETTLE), AGENT)
                return "done"
            number, ask = self._asks(firm.now)
            receipt = await firm.desks.parts.send(number, ask, ADMIN)
        except DomainError as refused:
            return type(refused).__name__
        if isinstance(ask, ReservePart):
            kept = {
                "location": ask.location,
                "ticket": ask.ticket,
                "quantity": 1,
                "reservation": receipt.made,
            }
            self.reservations.append((number, kept))
        return "done"

    def _asks(self, now: datetime) -> tuple[str, PartAction]:
        """Of which part, and what."""
        draw = self._draw
        number = draw.choice([*PARTS])
        location, ticket = draw.choice(LOCATIONS), draw.choice(self._tickets).number
        goods = self._goods(number)
        asks: list[tuple[int, Callable[[], PartAction]]] = [
            (3, lambda: ReceivePart(location=location, supplier="S", document="D", **self._delivery(number))),
            (5, lambda: ReservePart(location=location, ticket=ticket, expires_at=self._until(now), **goods)),
            (6, lambda: IssuePart(location=location, ticket=ticket, **goods)),
            (5, lambda: InstallPart(ticket=ticket, asset="WH-77", **self._swap(number), **goods)),
            (4, lambda: self._back(ticket, location, goods)),
            (3, lambda: TransferPart(from_location=location, to_location=draw.choice(LOCATIONS), **goods)),
            (2, lambda: CountPart(location=location, reason="counted", **self._delivery(number, 0))),
            (1, lambda: QuarantinePart(location=location, **goods)),
            (2, lambda: ReleaseQuarantine(location=location, **goods)),
            (1, lambda: ScrapPart(bucket=Bucket.QUARANTINE, location=location, **goods)),
            (1, lambda: ScrapPart(bucket=Bucket.GOOD, location=location, **goods)),
            (1, lambda: ScrapPart(bucket=Bucket.ISSUED, ticket=ticket, **goods)),
        ]
        if self.reservations and draw.random() < 0.25:
            return self._of_a_reservation()
        (_, ask) = draw.choices(asks, [weight for weight, _ in asks])[0]
        return number, ask()

    def _of_a_reservation(self) -> tuple[str, PartAction]:
        number, kept = self._draw.choice(self.reservations[-12:])
        if self._draw.random() < 0.3:
            return number, ReleaseReservation(reservation=kept["reservation"])
        return number, IssuePart(**kept)

    def _goods(self, number: str) -> dict[str, Any]:
        draw, tracking = self._draw, PARTS[number]
        if tracking is Tracking.SERIAL and draw.random() < 0.8:
            return {"serials": tuple(draw.sample(SERIALS, draw.randint(1, 2)))}
        if tracking is Tracking.LOT and draw.random() < 0.5:
            return {"lots": {lot: draw.randint(1, 2) for lot in draw.sample(LOTS, draw.randint(1, 2))}}
        return {"quantity": draw.randint(1, 4)}

    def _delivery(self, number: str, least: int = 1) -> dict[str, Any]:
        draw, tracking = self._draw, PARTS[number]
        if tracking is Tracking.SERIAL:
            serials = tuple(draw.sample(SERIALS, draw.randint(least, 4)))
            return {"serials": serials, "quantity": len(serials)}
        if tracking is Tracking.LOT:
            return {"lots": {draw.choice(LOTS): draw.randint(least, 6)}}
        return {"quantity": draw.randint(least, 6)}

    def _swap(self, number: str) -> dict[str, Any]:
        if PARTS[number] is not Tracking.SERIAL or self._draw.random() < 0.5:
            return {}
        return {"serial_out": self._draw.choice(SERIALS), "fate": self._draw.choice([*Fate])}

    def _back(self, ticket: str, location: str, goods: dict[str, Any]) -> ReturnPart:
        condition = self._draw.choice([*Condition])
        return ReturnPart(ticket=ticket, location=location, condition=condition, **goods)

    def _until(self, now: datetime) -> datetime:
        return now + timedelta(minutes=self._draw.choice((5, 60, 600)))
