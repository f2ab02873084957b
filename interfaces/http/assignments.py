"""Plans that are promised without a contract, and which plan a ticket would go by (SLA 13)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get
from litestar.datastructures import State
from litestar.params import PathParameter, QueryParameter

from application.assignment_commands import ACTIONS, AssignPlan
from domain.assignment.book import Assignment
from domain.assignment.choosing import PlanChoice
from domain.assignment.events import Scope
from domain.contract.choice import Choice
from domain.ticket.events import PlanPin
from interfaces.http.auth import READER
from interfaces.http.commanding import actions, beginning
from interfaces.http.openapi import ITEM_ANSWERS, READ_ANSWERS
from interfaces.http.params import Moment, Words, moment
from interfaces.http.service import service

AssignmentReference = Annotated[str, PathParameter(description="The assignment's number.", max_length=10)]

ScopeOf = Annotated[Scope | None, QueryParameter(name="scope", required=False)]


class AssignmentList(msgspec.Struct, frozen=True, kw_only=True):
    """Every assignment that there ever was, in the order in which they were made."""

    items: tuple[Assignment, ...]


class PlanChoiceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a ticket would go by.

    Attributes:
        moment: when the customer would have reported.
        pin: the plan and calendar with their versions.
        choice: what decided it, and what did not, and why.
        contract: which contract would apply, which would not, and why; ``None`` where there never was one.
    """

    moment: datetime
    pin: PlanPin
    choice: PlanChoice
    contract: Choice | None


@get(
    "/plan-assignments",
    operation_id="ListAssignments",
    summary="Plans that are promised without a contract",
    guards=READER,
    responses=READ_ANSWERS,
)
async def list_assignments(
    state: State, which: ScopeOf = None, key: Words = None, at: Moment = None
) -> AssignmentList:
    """Never older than the log. With `at` only those that a ticket reported then falls under."""
    then = moment(at, "at")
    book = service(state).desks.assignments.book
    await book.refresh()
    return AssignmentList(
        items=tuple(
            each
            for each in book.assignments.all
            if which in {None, each.scope} and key in {None, each.key} and (then is None or each.holds(then))
        )
    )


@get(
    "/plan-assignments/{assignment:str}",
    operation_id="GetAssignment",
    summary="Read an assignment",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def get_assignment(state: State, assignment: AssignmentReference) -> Assignment:
    """By its number."""
    return await service(state).desks.assignments.find(assignment)


@get(
    "/plan-choice",
    operation_id="ChoosePlan",
    summary="Which plan a ticket would go by, and why not the others",
    guards=READER,
    responses=READ_ANSWERS,
)
async def choose_plan(
    state: State,
    asset: Words = None,
    customer: Words = None,
    product: Words = None,
    customer_class: Words = None,
    at: Moment = None,
) -> PlanChoiceAnswer:
    """For a ticket that is reported `at`, by default now, as registering does; nothing is recorded."""
    known = service(state)
    then = moment(at, "at") or known.now()
    chosen = await known.desks.tickets.drafting.would_choose(
        asset=asset, customer=customer, product=product, customer_class=customer_class, moment=then
    )
    return PlanChoiceAnswer(moment=then, pin=chosen.pin, choice=chosen.choice, contract=chosen.contract)


commands = [
    beginning(
        "/plan-assignments",
        AssignPlan,
        lambda known, *asked: known.desks.assignments.assign(*asked),
        summary="Promise a plan without a contract",
        told="To an asset, a product, a class of customers or everybody. A plan for the serial goes before "
        "any contract, a contract for asset or customer before product, class and everybody.",
    ),
    *actions(
        "/plan-assignments", "assignment", AssignmentReference, ACTIONS, lambda known: known.desks.assignments
    ),
]
reading = [list_assignments, get_assignment, choose_plan]
