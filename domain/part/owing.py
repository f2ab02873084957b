"""What a service case still has of spare parts (R17)."""

from __future__ import annotations

from collections.abc import Iterable

from domain.event import Fact
from domain.part.movements import movements
from domain.part.words import Bucket


def owing(facts: Iterable[Fact]) -> dict[str, int]:
    """What was issued for a ticket less installed, returned and scrapped, by part number.

    Args:
        facts: of one service case, across its streams; in any order.
    """
    out: dict[str, int] = {}
    for fact in facts:
        for movement in movements(fact.event):
            if movement.bucket is Bucket.ISSUED:
                out[movement.number] = out.get(movement.number, 0) + movement.delta
    return {number: quantity for number, quantity in out.items() if quantity > 0}
