"""Which plan a ticket goes by, and why the others lost (SLA 13).

The first of these that is offered to whoever reports then: the plan that the command names; that of the
asset's serial; that of a contract that names the serial; that of a contract for all that the customer has;
of the product; of the customer's class; of everybody; and what the firm goes by. Of several assignments to
one thing the one that began last holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from domain.assignment.book import Assignment, Assignments
from domain.assignment.events import Scope
from domain.assignment.offers import Offer, PassedOver, PlanChoice
from domain.contract.choice import Winner
from domain.contract.words import Level, Why
from domain.promises import NotOffered, Promises, UnknownPlan, Withdrawn, WithoutCalendar
from domain.ticket.events import PlanPin

RANK = {level: rank for rank, level in enumerate(Level)}
SCOPES = tuple(Scope)
ENDED = frozenset({Why.REPLACED, Why.NOT_IN_EFFECT})
"""Why an assignment lost that would not have held in any case: those are told after the others."""

REFUSED: dict[type[Exception], Why] = {
    Withdrawn: Why.WITHDRAWN,
    WithoutCalendar: Why.CALENDAR_WITHDRAWN,
}


def choose_plan(
    book: Assignments,
    promises: Promises,
    contracts: Sequence[Winner],
    *,
    asset: str | None,
    product: str | None,
    customer_class: str | None,
    moment: datetime,
    named: str | None,
    usual: str,
) -> tuple[PlanChoice, PlanPin]:
    """The plan of a ticket that was reported at a moment, and the versions that the ticket pins.

    Args:
        book: the assignments.
        promises: the plans and calendars.
        contracts: those that apply, the best first.
        asset: its serial; the others likewise, where they are known.
        product: its product.
        customer_class: the class of the customer.
        moment: when the customer reported.
        named: the plan that the command names, if it names one.
        usual: the plan that the firm goes by.

    Raises:
        UnknownPlan, NotOffered: the plan that the command names is not offered then, or none of them is.
    """
    offers = [Offer(level=Level.NAMED, plan=named)] if named else []
    offers += [Offer(level=each.level, plan=each.plan, contract=each.number) for each in contracts]
    losers: list[PassedOver] = []
    keys = (asset, product, customer_class, None)
    for scope, key in zip(SCOPES, keys, strict=True):
        if assigned := book.of(scope, key):
            holding = next((each for each in reversed(assigned) if each.holds(moment)), None)
            offers += [_offer(holding)] if holding else []
            losers += _ended(assigned, holding, moment)
    offers.sort(key=lambda offer: RANK[offer.level])
    offers.append(Offer(level=Level.DEFAULT, plan=usual))
    lost, pin = _first(offers, promises, moment)
    winner = offers[len(lost)]
    losers += lost
    losers += [_passed(each, Why.OUTRANKED) for each in offers[len(lost) + 1 : -1]]
    losers.sort(key=lambda each: (RANK[each.level], each.why in ENDED))
    return PlanChoice(winner=winner, losers=tuple(losers)), pin


def _first(offers: Sequence[Offer], promises: Promises, moment: datetime) -> tuple[list[PassedOver], PlanPin]:
    """The pin of the first plan that is offered, and those before it that are not."""
    lost: list[PassedOver] = []
    refusals: list[str] = []
    for offer in offers:
        try:
            return lost, promises.pin(offer.plan, moment)
        except (UnknownPlan, NotOffered) as refused:
            if offer.level is Level.NAMED:
                raise
            lost.append(_passed(offer, REFUSED.get(type(refused), Why.NOT_OFFERED)))
            refusals.append(refused.message)
    raise NotOffered(f"nothing is left that this ticket could go by: {'; '.join(refusals)}", field="/plan")


def _offer(assignment: Assignment) -> Offer:
    level = Level(assignment.scope.value)
    return Offer(level=level, plan=assignment.plan, assignment=assignment.assignment)


def _ended(
    assigned: Sequence[Assignment], holding: Assignment | None, moment: datetime
) -> Iterator[PassedOver]:
    """The assignments to one thing that do not hold, the one that began last first."""
    for each in reversed(assigned):
        if each is not holding:
            yield _passed(_offer(each), Why.REPLACED if each.holds(moment) else Why.NOT_IN_EFFECT)


def _passed(offer: Offer, why: Why) -> PassedOver:
    return PassedOver(
        level=offer.level, plan=offer.plan, why=why, assignment=offer.assignment, contract=offer.contract
    )
