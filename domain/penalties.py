"""What being late costs, by the plan (SLA 14)."""

from __future__ import annotations

from domain.clock import Milestone
from domain.money import Money
from domain.plan import ServicePlan
from domain.reading import Reading
from domain.ticket.words import Priority

HOUR = 3600


def penalty(plan: ServicePlan, milestone: Milestone, read: Reading) -> Money | None:
    """What a clock's lateness costs so far: so much for every hour begun, up to the cap.

    Hours are those of the clock's own time and count from the moment at which the promise was broken, without
    its pauses: after a reclassification therefore only those that came after it (SLA 9).

    Args:
        plan: the one that the clock pins.
        milestone: what the clock measures.
        read: what it shows; its priority then says which penalty.

    Returns:
        The amount with as many decimals as the plan writes; ``None`` where it is not late or costs nothing.
    """
    return owed(plan, milestone, read.priority, read.late)


def owed(plan: ServicePlan, milestone: Milestone, priority: Priority, late: int) -> Money | None:
    """The same for so many seconds late."""
    costs = plan.penalty(milestone, priority)
    if costs is None or late == 0:
        return None
    amount = costs.per_hour.exact * -(-late // HOUR)
    if costs.cap is not None and costs.cap.exact < amount:
        return costs.cap
    return Money(f"{amount:f}", costs.per_hour.currency)
