"""Every command a part takes, and what follows from it, as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from application.desk import Receipt
from application.part_commands import (
    CountPart,
    InstallPart,
    IssuePart,
    PartAction,
    PartTitle,
    QuarantinePart,
    ReceivePart,
    ReleaseQuarantine,
    ReleaseReservation,
    ReservePart,
    ReturnPart,
    RevisePart,
    ScrapPart,
    TransferPart,
)
from domain.event import Event
from domain.part.events import (
    PartCounted,
    PartInstalled,
    PartIssued,
    PartName,
    PartQuarantined,
    PartReceived,
    PartReserved,
    PartReturned,
    PartRevised,
    PartScrapped,
    PartTransferred,
    QuarantineReleased,
    ReservationReleased,
)
from domain.part.goods import Goods
from domain.part.words import Bucket, Condition, Release
from tests.application.firm import EARLIER, NOW, PART, SHELF, SOON, STOREKEEPER, Firm


class Standing(NamedTuple):
    """What there is before: 20 on the shelf, 2 set aside, 3 issued for the ticket and 4 reserved for it."""

    ticket: Receipt
    reservation: UUID
    made: UUID = UUID(int=0)

    @property
    def moved(self) -> dict[str, Any]:
        """Of which part, and for whom."""
        return {"number": PART, "for_ticket": self.ticket.id, "ticket_number": self.ticket.number}


async def standing(firm: Firm) -> Standing:
    """Make it so."""
    ticket = await firm.ticket()
    await firm.part()
    await firm.receive(quantity=25)
    aside = QuarantinePart(location=SHELF, quantity=2)
    await firm.desks.parts.send(PART, aside, STOREKEEPER)
    await firm.issue(ticket.number, quantity=3)
    return Standing(ticket, await firm.reserve(ticket.number, quantity=4))


Ask = Callable[[Standing], PartAction]
Follows = Callable[[Standing], tuple[Event, ...]]

EVERY: list[tuple[Ask, Follows]] = [
    (
        lambda now: RevisePart(revision="B", name=PartTitle("管", "Tube"), reorder_point=3, **EARLIER),
        lambda now: (PartRevised(number=PART, revision="B", name=PartName("管", "Tube"), reorder_point=3),),
    ),
    (
        lambda now: ReceivePart(location="VAN", supplier="S", document="D", quantity=5, **EARLIER),
        lambda now: (PartReceived(number=PART, goods=Goods(5), location="VAN", supplier="S", document="D"),),
    ),
    (
        lambda now: ReservePart(
            location=SHELF, ticket=now.ticket.number, quantity=16, expires_at=SOON, **EARLIER
        ),
        lambda now: (
            PartReserved(goods=Goods(16), reservation=now.made, location=SHELF, expires_at=SOON, **now.moved),
        ),
    ),
    (
        lambda now: ReleaseReservation(reservation=now.reservation, **EARLIER),
        lambda now: (
            ReservationReleased(
                goods=Goods(4),
                reservation=now.reservation,
                location=SHELF,
                why=Release.RELEASED,
                **now.moved,
            ),
        ),
    ),
    (
        lambda now: IssuePart(
            location=SHELF, ticket=str(now.ticket.id), quantity=1, reservation=now.reservation, **EARLIER
        ),
        lambda now: (
            ReservationReleased(
                goods=Goods(1), reservation=now.reservation, location=SHELF, why=Release.USED, **now.moved
            ),
            PartIssued(goods=Goods(1), location=SHELF, reservation=now.reservation, **now.moved),
        ),
    ),
    (
        lambda now: InstallPart(ticket=now.ticket.number, asset="WH-77", quantity=2, **EARLIER),
        lambda now: (PartInstalled(goods=Goods(2), asset="WH-77", **now.moved),),
    ),
    (
        lambda now: ReturnPart(
            ticket=now.ticket.number, location="VAN", quantity=3, condition=Condition.FAULTY, **EARLIER
        ),
        lambda now: (PartReturned(goods=Goods(3), location="VAN", condition=Condition.FAULTY, **now.moved),),
    ),
    (
        lambda now: TransferPart(from_location=SHELF, to_location="VAN", quantity=16, **EARLIER),
        lambda now: (PartTransferred(number=PART, goods=Goods(16), from_location=SHELF, to_location="VAN"),),
    ),
    (
        lambda now: TransferPart(
            from_location=SHELF, to_location="VAN", quantity=1, ticket=now.ticket.number, **EARLIER
        ),
        lambda now: (PartTransferred(goods=Goods(1), from_location=SHELF, to_location="VAN", **now.moved),),
    ),
    (
        lambda now: CountPart(location=SHELF, quantity=18, **EARLIER),
        lambda now: (PartCounted(number=PART, goods=Goods(18), location=SHELF, fewer=Goods(2)),),
    ),
    (
        lambda now: QuarantinePart(location=SHELF, quantity=1, **EARLIER),
        lambda now: (PartQuarantined(number=PART, goods=Goods(1), location=SHELF),),
    ),
    (
        lambda now: ReleaseQuarantine(location=SHELF, quantity=2, **EARLIER),
        lambda now: (QuarantineReleased(number=PART, goods=Goods(2), location=SHELF),),
    ),
    (
        lambda now: ScrapPart(bucket=Bucket.QUARANTINE, location=SHELF, quantity=1, **EARLIER),
        lambda now: (PartScrapped(number=PART, goods=Goods(1), bucket=Bucket.QUARANTINE, location=SHELF),),
    ),
    (
        lambda now: ScrapPart(bucket=Bucket.ISSUED, ticket=now.ticket.number, quantity=3, **EARLIER),
        lambda now: (PartScrapped(goods=Goods(3), bucket=Bucket.ISSUED, **now.moved),),
    ),
]
"""What is asked, two hours ago as it is told, and what follows."""

NOBODY = Standing(Receipt(id=uuid4(), number="T-1", version=1, position=1, recorded_at=NOW), uuid4())
COMMANDS = [ask(NOBODY) for ask, _ in EVERY]
