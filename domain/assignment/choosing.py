"""Which plan a ticket goes by, and why the others lost (SLA 13).

The first of these that there is: the plan that the command names; that of the asset's serial; that of the
contract that names the serial; that of the contract for all that the customer has; of the product; of the
customer's class; of everybody; and what the firm goes by. Of several assignments to one thing the one that
began last holds.
"""

from __future__ import annotations

from datetime import datetime

from domain.assignment.book import Assignments
from domain.assignment.events import Scope
from domain.assignment.offers import Offer, PassedOver, PlanChoice
from domain.contract.choice import Choice
from domain.contract.words import Level, Why

LEVELS = tuple(Level)


def choose_plan(
    book: Assignments,
    contract: Choice | None,
    *,
    asset: str | None,
    product: str | None,
    customer_class: str | None,
    moment: datetime,
    named: str | None,
    usual: str,
) -> PlanChoice:
    """The plan of a ticket that was reported at a moment.

    Args:
        book: the assignments.
        contract: which contract applies, and which do not.
        asset: its serial; the others likewise, where they are known.
        product: its product.
        customer_class: the class of the customer.
        moment: when the customer reported.
        named: the plan that the command names, if it names one.
        usual: the plan that the firm goes by.
    """
    offers = [Offer(level=Level.NAMED, plan=named)] if named else []
    if contract and (winner := contract.winner):
        offers.append(Offer(level=winner.level, plan=winner.plan, contract=winner.number))
    losers: list[PassedOver] = []
    asked = {Scope.ASSET: asset, Scope.PRODUCT: product, Scope.CUSTOMER_CLASS: customer_class}
    for scope, key in {**asked, Scope.DEFAULT: None}.items():
        found = book.of(scope, key) if key is not None or scope is Scope.DEFAULT else []
        found.sort(key=lambda each: (each.effective_from, each.assignment), reverse=True)
        holding = [each for each in found if each.holds(moment)]
        offers += [
            Offer(level=Level(scope.value), plan=each.plan, assignment=each.assignment)
            for each in holding[:1]
        ]
        losers += [
            PassedOver(
                level=Level(scope.value),
                plan=each.plan,
                assignment=each.assignment,
                why=Why.REPLACED if each.holds(moment) else Why.NOT_IN_EFFECT,
            )
            for each in found
            if each not in holding[:1]
        ]
    offers.sort(key=lambda offer: LEVELS.index(offer.level))
    if not offers:
        return PlanChoice(winner=Offer(level=Level.DEFAULT, plan=usual), losers=tuple(losers))
    first, *others = offers
    losers += [
        PassedOver(
            level=each.level,
            plan=each.plan,
            why=Why.OUTRANKED,
            assignment=each.assignment,
            contract=each.contract,
        )
        for each in others
    ]
    losers.sort(key=lambda lost: (LEVELS.index(lost.level), lost.why is not Why.OUTRANKED))
    return PlanChoice(winner=first, losers=tuple(losers))
